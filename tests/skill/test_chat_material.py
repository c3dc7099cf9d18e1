"""What the chat skill learns from: every token is one that serving lets it choose, the screen one that it suits."""

import json
import random
from pathlib import Path

import pytest

from training.called import as_written, called
from training.chat import UTTERANCES, acted, from_bank, from_dialogue, from_text, positions
from training.dialogue_lines import line
from training.dialogues import FOLDER, dialogues, fault_of, is_development
from training.dialogues import read as read_dialogues
from training.tiny import TINY
from walkiosk.modality.text import LANGUAGES, Vocabulary
from walkiosk.skill.actions import ACTIONS, parse_action
from walkiosk.skill.conversation import Shown
from walkiosk.skill.understanding import language_token

SCORES = Path(__file__).parents[2] / "scores"
VOCABULARY = Vocabulary.load(TINY / "tokenizer.json")


def read(tokens: list[int]) -> list[int]:
    return [token if token >= 0 else ~token for token in tokens]


def test_an_action_and_all_behind_it_is_chosen_among_what_there_is() -> None:
    screen = [Shown("Harbour Fog"), Shown("Tea at Seven")]
    example = acted(VOCABULARY, [1], "es", "choose 2 size=42", (screen, []), ["Tea at Seven?", "ese, cuarenta y dos"])
    target, choices = list(example.target), example.choices
    languages = {language_token(VOCABULARY, code) for code in LANGUAGES}
    assert languages < set(choices[0]) and read(target)[0] in languages
    spelled = {token for action in ACTIONS for token in VOCABULARY.encode(" " + action)}
    assert any(len(among) > 1 and set(among) <= spelled for among in choices[1:])  # where the names part
    assert len(choices[-1]) > 1 and target[-1] >= 0  # the end may come or not
    assert VOCABULARY.decode(read(target)[1:-1]).strip() == "choose T size=42"
    with pytest.raises(ValueError, match="'chose 2' is no action"):
        acted(VOCABULARY, [1], "es", "chose 2")


def test_a_thing_is_called_by_the_word_that_fewest_of_the_others_have() -> None:
    things = [Shown("Striker 300", "red"), Shown("Striker 200", "red"), Shown("Junior bat", "", "6")]
    assert called(things, ["which one?", "the striker, 200 I think"]) == {1: 0, 2: 8}
    assert called(things, ["", "the second one"]) == {}
    assert called(things, ["Shall I add the junior bat?", "yes, two"]) == {3: 0}
    assert called(things, ["Striker or junior?", "yes"]) == {}
    assert called([Shown("折叠伞", "黑色"), Shown("长柄伞")], ["", "要柄伞"]) == {2: 1}


def test_a_value_is_learned_as_it_can_be_written() -> None:
    screen = [Shown("Scarf", "verde"), Shown("Scarf", "azul claro", "70 cm")]
    for language, said, action, written in (
        ("es", "la amarilla", "choose colour=amarillo", "choose colour=amarilla"),
        ("es", "la verde", "choose colour=verde quantity=2", "choose colour=verde quantity=2"),
        ("en", "that", "choose 1 colour=rojo quantity=2", "choose 1 quantity=2"),
        ("en", "eighty", "choose size=80 cm", "choose size=80 cm"),
        ("zh", "要墨绿的", "choose colour=墨绿色", "choose colour=墨绿"),
    ):
        assert as_written(VOCABULARY, language, action, screen, said) == written


def test_utterances_share_a_screen_that_suits_them() -> None:
    for seed in range(6):
        examples = from_bank(VOCABULARY, random.Random(seed))
        assert len(examples) == UTTERANCES and len({example.shared for example in examples}) == 1
        before = VOCABULARY.decode(list(examples[0].shared))
        for example in examples:
            action = VOCABULARY.decode(read(list(example.target))[1:-1]).strip()
            name, *_ = parse_action(action)
            assert name in ACTIONS
            if name == "choose" and (places := positions(action)):
                assert f"= {max(places)}" in before


def test_a_dialogue_gives_an_example_a_turn_with_what_serving_would_choose_from() -> None:
    examples = from_dialogue("en", VOCABULARY, random.Random(3))
    assert len(examples) > 1
    for example in examples:
        for token, among in zip(example.target, example.choices, strict=True):
            assert not among or token in among


def test_every_written_dialogue_says_what_serving_can_choose() -> None:
    kept = list(dialogues())
    assert len({dialogue.language for dialogue in kept}) >= 8 and len(kept) > 1200
    for language in {path.stem.split("-")[0] for path in FOLDER.glob("*-b.txt")}:
        said = {turn.action.split()[0] for each in kept if each.language == language for turn in each.turns}
        assert said == set(ACTIONS), language
    assert 0.02 < sum(map(is_development, kept)) / len(kept) < 0.07
    for dialogue in kept[::25]:
        for example in from_text(dialogue, VOCABULARY, None):
            for token, among in zip(example.target, example.choices, strict=True):
                assert not among or token in among


def test_no_two_dialogues_begin_alike() -> None:
    begun: dict[tuple[str, ...], str] = {}
    for dialogue in dialogues():
        opening = tuple(turn.text for turn in dialogue.turns[:3])
        assert opening not in begun, opening
        begun[opening] = dialogue.kind


@pytest.mark.parametrize(
    ("action", "fault"),
    [
        ("choose 2 quantity=2", ""),
        ("choose 1 2 3", ""),
        ("choose size=70 m colour=red", ""),
        ("feedback stars=4 words", ""),
        ("show back", ""),
        ("remove 2", "there are 1 things"),
        ("choose 4", "there are 3 things"),
        ("choose 1 2 3 1", "takes 3 numbers"),
        ("choose quantity=two", "a number expected"),
        ("buy 1", "is no action"),
        ("ask weather", "takes no 'weather'"),
        ("help", "wants one of"),
        ("pay pin=1", "takes no pin=1"),
    ],
)
def test_an_action_that_cannot_be_is_named(action: str, fault: str) -> None:
    found = fault_of(action, screen=3, basket=1)
    assert fault in found and bool(found) == bool(fault)


def test_what_stands_on_the_screen_is_read_field_by_field(tmp_path: Path) -> None:
    file = tmp_path / "de-x.txt"
    file.write_text("--- shoes\ns: Boot / / 42 | Shoe / red\nb: Boot x2\nk: Two.\nc(en): hello => smalltalk\n")
    (dialogue,) = read_dialogues(file)
    (turn,) = dialogue.turns
    assert [(each.name, each.colour, each.size) for each in turn.screen] == [("Boot", "", "42"), ("Shoe", "red", "")]
    assert (turn.basket[0].name, turn.kiosk, turn.language, dialogue.language) == ("Boot", "Two.", "en", "de")
    file.write_text("--- shoes\nc: hello => greet\n")
    with pytest.raises(ValueError, match=r"de-x.txt:2: .* 'greet' is no action"):
        read_dialogues(file)


def test_a_written_dialogue_becomes_a_line_of_the_score(tmp_path: Path) -> None:
    file = tmp_path / "de-x.txt"
    file.write_text(
        "--- unseen: boots\ns: Boot / / 42 | Shoe / red\nc: zwei Boots => choose 1 quantity=2\n"
        "b: Boot x2 | Cap\nk: Two.\nc: und beide => choose 2 1\nc(en): the old ones => show back\n"
        "b: -\nc: eins gegen zwei => compare 1 2\nc: was kostet der rote => ask 2 price\n"
        "c: vier, prima => feedback stars=4 words\n"
    )
    (dialogue,) = read_dialogues(file)
    told = line(dialogue)
    first, second, third, *others = told["turns"]
    assert (told["language"], told["kind"], told["unseen"]) == ("de", "boots", True)
    assert first == {
        "screen": [["Boot", "", "42"], ["Shoe", "red", ""]],
        "customer": "zwei Boots",
        "expect": {"action": "choose", "slots": {"position": 1, "quantity": 2}},
    }
    assert (second["basket"], second["kiosk"]) == ([["Boot", 2], ["Cap", 1]], "Two.") and "screen" not in second
    assert second["expect"]["slots"] == {"positions": [2, 1]}
    assert third["language"] == "en" and third["expect"] == {"action": "show", "slots": {"which": "back"}}
    assert [turn["expect"]["slots"] for turn in others] == [
        {"position": 1, "second": 2},
        {"position": 2, "what": "price"},
        {"stars": 4, "words": True},
    ]
    assert others[0]["basket"] == []


def test_held_out_dialogues_name_what_is_there() -> None:
    lines = [json.loads(text) for text in (SCORES / "chat.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {each["language"] for each in lines} == set(LANGUAGES)
    assert sum(each.get("unseen", False) for each in lines) > 30
    for each in lines:
        screen, basket = list[list[str]](), list[list[str]]()
        for turn in each["turns"]:
            screen, basket = turn.get("screen", screen), turn.get("basket", basket)
            action, slots = turn["expect"]["action"], turn["expect"]["slots"]
            places = [*slots.get("positions", ()), *(slots[key] for key in ("position", "second") if key in slots)]
            there = basket if action == "remove" else screen
            assert action in ACTIONS and max(places, default=0) <= len(there), turn["customer"]


@pytest.mark.parametrize(
    ("text", "slots", "words"),
    [
        ("feedback stars=4 words", {"stars": "4"}, ("words",)),
        ("choose 1 size=70 m quantity=2", {"size": "70 m", "quantity": "2"}, ()),
        ("identify pin=12 34", {"pin": "12 34"}, ()),
    ],
)
def test_a_value_that_is_a_number_holds_no_word(text: str, slots: dict[str, str], words: tuple[str, ...]) -> None:
    assert parse_action(text)[2:] == (slots, words)
