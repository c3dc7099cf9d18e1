"""How actions are spelled: whatever the automaton lets a model write is an action that the shop can read."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.dialogues import fault_of
from training.tiny import TINY
from walkiosk.modality.text import END, LANGUAGES, Vocabulary
from walkiosk.skill.actions import ACTIONS, Actions, parse_action
from walkiosk.skill.conversation import Shown, label

VOCABULARY = Vocabulary.load(TINY / "tokenizer.json")
SCREEN = (
    Shown("Atlas", "silver", "L"), Shown("Atlas", "silver", "M"), Shown("Orbit", "black"), Shown("折叠伞", "蓝色"),
    Shown("Atlas", "silver", "L"), Shown("description pad"),
)  # fmt: skip
BASKET = (Shown("Atlas"), Shown("Atlas"))
SAID = "two azul claro ones, 70 m, no: red"


def written(tokens: list[int], screen: tuple[Shown, ...] = SCREEN, basket: tuple[Shown, ...] = BASKET) -> str:
    """What an automaton reads in tokens that it allows."""
    actions = Actions(VOCABULARY, LANGUAGES, screen, basket, SAID)
    for token in tokens[:-1]:
        allowed = actions.allowed()
        assert token in allowed
        actions.advance(token)
    allowed = actions.allowed()
    assert tokens[-1] in allowed
    return actions.text


@pytest.mark.parametrize(
    "action",
    [
        "answer", "show", "show back", "choose", "choose 5", "choose 1 2 3", "choose 2 quantity=12",
        "ask 6 description",
        "choose 4 size=70 m colour=azul claro quantity=2", "other 3 bigger", "remove 2 quantity=1", "compare 5 1",
        "feedback stars=4 words", "feedback words", "identify pin=2077", "language zh", "clerk human", "cheaper 1",
        "choose colour=red", "choose size=70.5", "choose size=XL quantity=4", "choose 1 size=M colour=azul",
    ],
)  # fmt: skip
@pytest.mark.parametrize("called", [{}, dict.fromkeys(range(1, 7), 0), {1: 15, 2: 15, 3: 7, 4: 1, 5: 7, 6: 12}])
def test_an_action_is_read_as_it_was_spelled(action: str, called: dict[int, int]) -> None:
    assert written(Actions(VOCABULARY, LANGUAGES, SCREEN, BASKET, SAID).spell("en", action, called)) == action


@pytest.mark.parametrize(
    "action", ["chose 2", "choose 7", "choose 1 2 3 4", "ask", "other red", "pay 1", "show quantity=1", "compare 1 1"]
)
def test_what_is_no_action_cannot_be_spelled(action: str) -> None:
    with pytest.raises(ValueError, match=f"'{action}' is no action"):
        Actions(VOCABULARY, LANGUAGES, SCREEN, BASKET, SAID).spell("en", action)


def test_an_opinion_may_come_before_its_stars() -> None:
    spelled = [*Actions(VOCABULARY, ["en"]).spell("en", "feedback words")[:-1], *VOCABULARY.encode(" stars=4")]
    assert parse_action(written([*spelled, VOCABULARY.special(END)])) == ("feedback", [], {"stars": "4"}, ("words",))


def test_a_thing_is_written_from_any_word_and_no_further_than_tells_it_from_the_rest() -> None:
    def spelled(called: dict[int, int], place: int) -> str:
        tokens = Actions(VOCABULARY, LANGUAGES, SCREEN).spell("en", f"choose {place}", called)
        return VOCABULARY.decode(tokens[1:-1])

    assert label(SCREEN[2]) == "Orbit, black"
    assert spelled({3: 0}, 3) == " choose O"
    assert spelled({3: 7}, 3) == " choose b"
    assert spelled({2: 7}, 2) == " choose silver, M"
    assert spelled({}, 3) == " choose 3"
    assert spelled({5: 0}, 5) == " choose Atlas, silver, L = 5"  # another is the same but for its number


things = st.lists(
    st.builds(
        Shown, st.text("ab 折é=,;1", min_size=1, max_size=6), st.sampled_from(["", "red"]), st.sampled_from(["", "a 1"])
    ),
    max_size=8,
)


@given(things, things, st.text("a é折,", max_size=9), st.integers(0, 2**32))
def test_whatever_may_be_written_is_an_action_before_those_things(
    screen: list[Shown], basket: list[Shown], said: str, seed: int
) -> None:
    draw = random.Random(seed)
    actions, end = Actions(VOCABULARY, LANGUAGES, screen, basket, said), VOCABULARY.special(END)
    for _ in range(300):
        allowed = actions.allowed()
        assert allowed
        if end in allowed and draw.random() < 0.3:
            break
        token = draw.choice([token for token in allowed if token != end] or [end])
        if token == end:
            break
        actions.advance(token)
    else:
        return  # an endless number
    text = actions.text
    assert parse_action(text)[0] in ACTIONS
    assert fault_of(text, len(screen), len(basket)) == ""
