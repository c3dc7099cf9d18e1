"""chat as it is served: what the model writes is one of our actions, or none."""

from types import SimpleNamespace
from typing import Any, cast

from training.tiny import TINY
from walkiosk.modality.text import Vocabulary
from walkiosk.skill import Model
from walkiosk.skill.actions import Actions
from walkiosk.skill.chat import decide
from walkiosk.skill.conversation import Said, Shown
from walkiosk.skill.understanding import language_token

VOCABULARY = Vocabulary.load(TINY / "tokenizer.json")


def writing(tokens: list[int]) -> Model:
    """A model that writes these tokens, if it may."""

    def write(*asked: Any) -> SimpleNamespace:
        constraint = asked[3]
        for token in tokens:
            assert token in constraint.allowed()
            constraint.advance(token)
        return SimpleNamespace(tokens=tokens, confidence=-0.1)

    engine = SimpleNamespace(places=448, read=lambda *asked, **room: None, write=write)
    return cast(Model, SimpleNamespace(vocabulary=VOCABULARY, engine=engine))


def test_a_decision_has_numbers_whatever_a_thing_was_called_by() -> None:
    screen = [Shown("Night Platform"), Shown("Harbour Fog", "grey", "DVD"), Shown("Harbour Fog", "grey", "tape")]
    spelled = Actions(VOCABULARY, ["en"], screen, [], "A 4 DVD").spell("en", "choose 2 size=A 4 quantity=12", {2: 19})
    decision = decide(writing(spelled[:-1]), screen, [], [Said("customer", "A 4 DVD")])
    assert (decision.language, decision.action, decision.places) == ("en", "choose", (2,))
    assert decision.slots == {"size": "A 4", "quantity": "12"}
    assert decision.text == "choose 2 size=A 4 quantity=12"


def test_what_broke_off_is_no_action() -> None:
    engine = writing([language_token(VOCABULARY, "en")])
    assert decide(engine, [], [], [Said("customer", "hello")]).action == "not_understood"
