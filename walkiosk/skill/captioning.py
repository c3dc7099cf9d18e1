"""captioning: a picture → its name in a language, held to the names that things have in it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from walkiosk.engine import State
from walkiosk.modality import image
from walkiosk.modality.text import END, LANGUAGES, START, Vocabulary
from walkiosk.skill import Untrained
from walkiosk.skill.copying import Choice

if TYPE_CHECKING:
    from walkiosk.skill import Model

TASK = "<|captioning|>"
THINGS = "things.json.gz"  # beside the weights: language → names, in the same order in each
LONGEST = 64  # tokens of a name, the end included


@dataclass(frozen=True)
class Caption:
    text: str
    confidence: float  # mean log-probability of a choice


@lru_cache(maxsize=2)
def names_of(folder: Path | None) -> dict[str, tuple[str, ...]]:
    """What things are called, by language; raises `Untrained` where the weights of ``folder`` do not tell."""
    if folder is None or not (folder / THINGS).is_file():
        raise Untrained("captioning is not trained yet: these weights do not have it")
    told = json.loads(gzip.decompress((folder / THINGS).read_bytes()))
    return {language: tuple(names) for language, names in told.items()}


def prefix(vocabulary: Vocabulary, language: str) -> list[int]:
    """What is read before a name is written."""
    return [vocabulary.special(START), vocabulary.language(language), vocabulary.special(TASK)]


def spelled(vocabulary: Vocabulary, name: str) -> list[int]:
    """The tokens of a name, and the end."""
    return [*vocabulary.encode(f" {name}"), vocabulary.special(END)]


def caption(model: Model, source: image.Pixels | Path, language: str) -> Caption:
    """Name what a picture shows.

    Raises `BadValue` for what is no picture, ValueError for a language that is not ours, `Untrained`.
    """
    names, vocabulary = _known(model, language), model.vocabulary
    state = _about_to_write(model, source, language, LONGEST)
    choice = choice_of(vocabulary, names).anew()
    written = model.engine.write(state, vocabulary.special(END), LONGEST, choice)
    return Caption(vocabulary.decode(written.tokens).strip(), written.confidence)


def likelihood(model: Model, source: image.Pixels | Path, language: str, names: Sequence[str]) -> NDArray[np.float64]:
    """The log-probability of each of ``names`` among all things that are known and themselves; raises as `caption`."""
    choice = choice_of(model.vocabulary, tuple(dict.fromkeys((*_known(model, language), *names))))
    rows = [spelled(model.vocabulary, name) for name in names]
    longest = max(map(len, rows))
    padded = np.array([[*row, *row[-1:] * (longest - len(row))] for row in rows])
    live = _about_to_write(model, source, language, longest).rows([0] * len(rows))
    walks, summed = [choice.anew() for _ in rows], np.zeros(len(rows))
    for place in range(longest):
        for number, (row, walk) in enumerate(zip(rows, walks, strict=True)):
            if place < len(row):
                token = int(padded[number, place])
                summed[number] += _among(live.logits[number], walk.allowed(), token)
                walk.advance(token)
        if place + 1 < longest:
            model.engine.extend(live, padded[:, place : place + 1])
    return summed


def _among(logits: NDArray[np.float32], allowed: Sequence[int], token: int) -> float:
    """The log-probability of a token among those that may come."""
    shifted = logits[list(allowed)].astype(np.float64) - float(logits[token])
    most = shifted.max()
    return -float(most + np.log(np.exp(shifted - most).sum()))


@lru_cache(maxsize=2 * len(LANGUAGES))
def choice_of(vocabulary: Vocabulary, names: tuple[str, ...]) -> Choice:
    """The tree of ``names``; each walk over it is one `anew`."""
    return Choice({name: spelled(vocabulary, name) for name in names})


def _known(model: Model, language: str) -> tuple[str, ...]:
    if language not in LANGUAGES:
        raise ValueError(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    return names_of(model.folder)[language]


def _about_to_write(model: Model, source: image.Pixels | Path, language: str, room: int) -> State:
    perceived = model.engine.perceive([("image", image.to_sequence(image.read(source)))])
    return model.engine.read(prefix(model.vocabulary, language), perceived=perceived, room=room)
