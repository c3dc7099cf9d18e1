"""What the chat skill learns from: every token is one that serving lets it choose, the screen one that it suits."""

import random

import pytest

from training.chat import UTTERANCES, acted, from_bank, from_dialogue, positions
from training.tiny import TINY
from walkiosk.modality.text import LANGUAGES, Vocabulary
from walkiosk.skill.chat import parse_action
from walkiosk.skill.conversation import ACTIONS
from walkiosk.skill.understanding import language_token

VOCABULARY = Vocabulary.load(TINY / "tokenizer.json")


def read(tokens: list[int]) -> list[int]:
    return [token if token >= 0 else ~token for token in tokens]


def test_an_action_is_chosen_among_actions_and_its_slots_among_all_tokens() -> None:
    example = acted(VOCABULARY, [1], "es", "choose 2 size=42", ())
    target, choices = list(example.target), example.choices
    languages = {language_token(VOCABULARY, code) for code in LANGUAGES}
    assert languages < set(choices[0]) and read(target)[0] in languages
    spelled = {token for action in ACTIONS for token in VOCABULARY.encode(" " + action)}
    assert any(len(among) > 1 and set(among) <= spelled for among in choices[1:])  # where the names part
    assert choices[-1] == () and target[-1] >= 0  # the end may come or not
    assert VOCABULARY.decode(read(target)[1:-1]).strip() == "choose 2 size=42"
    with pytest.raises(ValueError, match="'chose 2' begins with no action"):
        acted(VOCABULARY, [1], "es", "chose 2", ())


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
                assert f" {max(places)} " in before


def test_a_dialogue_gives_an_example_a_turn_with_what_serving_would_choose_from() -> None:
    examples = from_dialogue("en", VOCABULARY, random.Random(3))
    assert len(examples) > 1
    for example in examples:
        for token, among in zip(example.target, example.choices, strict=True):
            assert not among or token in among
