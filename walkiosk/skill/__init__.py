"""The contract of a skill, the table of them, and the model they share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from walkiosk.engine import Engine
from walkiosk.modality.text import Vocabulary


@dataclass(frozen=True)
class Skill:
    """What goes in, what comes out, and whether the shipped weights were trained for it."""

    name: str
    inputs: str
    output: str
    trained: bool


class Untrained(RuntimeError):
    """A skill of the table that the weights do not have yet."""


SKILLS = {
    skill.name: skill
    for skill in (
        Skill("speech_recognition", "audio", "text", True),
        Skill("translation", "text", "text", True),
        Skill("entity_extraction", "text", "text", True),
        Skill("relation_classification", "text", "text", True),
        Skill("path_query", "text", "text", True),
        Skill("chat", "text", "text", True),
        Skill("speech_generation", "text", "audio", True),
        Skill("summarization", "text", "text", False),
        Skill("forecasting", "trend", "trend", True),
        Skill("music", "text", "text", True),  # a form's name → a tune in ABC notation
    )
}


def skill(name: str) -> Skill:
    """Return the trained skill of that name; raises KeyError for an unknown one and `Untrained`."""
    if name not in SKILLS:
        raise KeyError(f"no skill {name!r}; there are {', '.join(SKILLS)}")
    if not SKILLS[name].trained:
        raise Untrained(f"{name} is not trained yet: these weights do not have it")
    return SKILLS[name]


def weights_folder(folder: Path | None = None) -> Path:
    """Where the weights are: the flag, WALKIOSK_WEIGHTS, the package, a checkout; raises FileNotFoundError."""
    here = Path(__file__).resolve().parents[1]
    told = os.environ.get("WALKIOSK_WEIGHTS")
    places = [folder] if folder else [Path(told)] if told else [here / "weights", here.parent / "weights"]
    for place in places:
        if (place / "model.json").is_file():
            return place
    raise FileNotFoundError(f"no weights at {' or '.join(map(str, places))}: model.json is missing")


@dataclass(frozen=True)
class Model:
    """What serving loads: the engine and its vocabulary, and the folder they came from, where the speaker lies too."""

    engine: Engine
    vocabulary: Vocabulary
    folder: Path | None = None

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 2) -> Model:
        place = weights_folder(folder)
        return cls(Engine(place, threads), Vocabulary.load(place / "tokenizer.json"), place)
