"""chat as it is served: what the model writes is one of our actions, or none."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from training.tiny import TINY
from walkiosk.modality.text import Vocabulary
from walkiosk.skill import Model
from walkiosk.skill.chat import decide
from walkiosk.skill.conversation import Said
from walkiosk.skill.understanding import language_token

VOCABULARY = Vocabulary.load(TINY / "tokenizer.json")


def writing(text: str) -> Model:
    """A model that writes this, in English."""
    tokens = [language_token(VOCABULARY, "en"), *VOCABULARY.encode(f" {text}")]

    def write(*asked: Any) -> SimpleNamespace:
        return SimpleNamespace(tokens=tokens, confidence=-0.1)

    engine = SimpleNamespace(places=448, read=lambda *asked, **room: None, write=write)
    return cast(Model, SimpleNamespace(vocabulary=VOCABULARY, engine=engine))


@pytest.mark.parametrize(
    ("written", "action", "slots"),
    [
        ("choose 2 size=42", "choose", {"size": "42"}),
        ("pay_status=captured", "not_understood", {}),
        ("answerrentelle", "not_understood", {}),
        ("", "not_understood", {}),
    ],
)
def test_what_is_no_action_is_none(written: str, action: str, slots: dict[str, str]) -> None:
    decision = decide(writing(written), [], [], [Said("customer", "hello")])
    assert (decision.language, decision.action, decision.slots, decision.text) == ("en", action, slots, written)
