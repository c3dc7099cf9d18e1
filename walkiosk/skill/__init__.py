"""The contract of a skill, the table of them, and the model they share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from walkiosk.engine import Engine
from walkiosk.modality.text import Vocabulary
from walkiosk.weights_folder import weights_folder

__all__ = ["SKILLS", "Model", "Skill", "Untrained", "skill", "untrained", "weights_folder"]


@dataclass(frozen=True)
class Skill:
    """What goes in and what comes out."""

    name: str
    inputs: str
    output: str


class Untrained(RuntimeError):
    """A skill of the table that the weights do not have yet."""


SKILLS = {
    skill.name: skill
    for skill in (
        Skill("speech_recognition", "audio", "text"),
        Skill("translation", "text", "text"),
        Skill("entity_extraction", "text", "text"),
        Skill("relation_classification", "text", "text"),
        Skill("path_query", "text", "text"),
        Skill("chat", "text", "text"),
        Skill("speech_generation", "text", "audio"),
        Skill("summarization", "text", "text"),
        Skill("forecasting", "trend", "trend"),
        Skill("music", "text", "text"),  # a form's name → a tune in ABC notation
        Skill("captioning", "image", "text"),
    )
}


def untrained(folder: Path) -> frozenset[str]:
    """Names of the skills that the weights of ``folder`` were not trained for, as their model.json tells."""
    return frozenset(json.loads((folder / "model.json").read_text(encoding="utf-8")).get("untrained", ()))


def skill(name: str, weights: Path | None = None) -> Skill:
    """Return the skill of that name; raises KeyError for an unknown one, `Untrained` where the weights lack it."""
    if name not in SKILLS:
        raise KeyError(f"no skill {name!r}; there are {', '.join(SKILLS)}")
    if name in untrained(weights_folder(weights)):
        raise Untrained(f"{name} is not trained yet: these weights do not have it")
    return SKILLS[name]


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
