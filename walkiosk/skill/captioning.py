"""captioning: a picture → its name in a language, held to the names of known things."""

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
from walkiosk.skill.names import NameConstraint, NameTree

if TYPE_CHECKING:
    from walkiosk.skill import Model

TASK = "<|captioning|>"
THINGS = "things.json.gz"  # beside the weights: language → names, in the same order in each
LONGEST = 64  # tokens of a name, the end included; Hindi has one for nearly each letter
UNSPACED = ("zh",)  # languages that Whisper writes without a space before the first word


@dataclass(frozen=True)
class Caption:
    text: str
    confidence: float  # mean log-probability of a choice


def prefix(vocabulary: Vocabulary, language: str) -> list[int]:
    """What is read before a name is written."""
    return [vocabulary.special(START), vocabulary.language(language), vocabulary.special(TASK)]


def tree_of(vocabulary: Vocabulary, language: str, names: Sequence[str]) -> tuple[list[list[int]], NameTree]:
    """The tokens of ``names``, and the tree of them."""
    rows = [vocabulary.encode(name if language in UNSPACED else f" {name}") for name in names]
    return rows, NameTree(rows, vocabulary.special(END))


def caption(model: Model, source: image.Pixels | Path, language: str, names: Sequence[str] = ()) -> Caption:
    """Name what a picture shows: one of ``names``, else one of those that came with the weights, else any words.

    Raises `BadValue` for what is no picture, ValueError for a language that is not ours.
    """
    vocabulary, state = model.vocabulary, _about_to_write(model, source, language)
    names = tuple(names) or known(model.folder, language)
    constraint = NameConstraint(_tree(vocabulary, language, names)) if names else None
    forbidden = range(vocabulary.special(START), vocabulary.size)
    written = model.engine.write(state, vocabulary.special(END), LONGEST, constraint, forbidden)
    return Caption(vocabulary.decode(written.tokens).strip(), written.confidence)


def likelihood(model: Model, source: image.Pixels | Path, language: str, names: Sequence[str]) -> NDArray[np.float64]:
    """The log-probability of each of ``names`` among them and those that came with the weights; raises as `caption`."""
    engine, vocabulary = model.engine, model.vocabulary
    live = _about_to_write(model, source, language).rows([0] * len(names))
    rows, _ = tree_of(vocabulary, language, names)
    tree = _tree(vocabulary, language, tuple(dict.fromkeys((*known(model.folder, language), *names))))
    summed = np.zeros(len(rows))
    walks = [NameConstraint(tree) for _ in rows]
    longest = max(map(len, rows)) + 1
    for place in range(longest):
        tokens = [([*row, tree.end] + [tree.end] * longest)[place] for row in rows]
        for number, (row, walk) in enumerate(zip(rows, walks, strict=True)):
            if place <= len(row):
                summed[number] += _among(live.logits[number], walk.allowed(), tokens[number])
                walk.advance(tokens[number])
        if place + 1 < longest:
            engine.extend(live, np.array(tokens)[:, None])
    return summed


def _among(logits: NDArray[np.float32], allowed: Sequence[int], token: int) -> float:
    """The log-probability of a token among those that may come."""
    shifted = logits[list(allowed)].astype(np.float64) - float(logits[token])
    most = shifted.max()
    return -float(most + np.log(np.exp(shifted - most).sum()))


def known(folder: Path | None, language: str) -> tuple[str, ...]:
    """Names of the things that the weights of ``folder`` know; none where it has no list of them."""
    if language not in LANGUAGES:
        raise ValueError(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    return _things(folder).get(language, ()) if folder else ()


@lru_cache(maxsize=2)
def _things(folder: Path) -> dict[str, tuple[str, ...]]:
    path = folder / THINGS
    if not path.is_file():
        return {}
    told = json.loads(gzip.decompress(path.read_bytes()))
    return {language: tuple(names) for language, names in told.items()}


@lru_cache(maxsize=2 * len(LANGUAGES))
def _tree(vocabulary: Vocabulary, language: str, names: tuple[str, ...]) -> NameTree:
    return tree_of(vocabulary, language, names)[1]


def _about_to_write(model: Model, source: image.Pixels | Path, language: str) -> State:
    if language not in LANGUAGES:
        raise ValueError(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    if not model.engine.perceives("image"):
        raise Untrained("captioning is not trained yet: these weights do not have it")
    perceived = model.engine.perceive([("image", image.to_sequence(image.read(source)))])
    return model.engine.read(prefix(model.vocabulary, language), perceived=perceived, room=LONGEST)
