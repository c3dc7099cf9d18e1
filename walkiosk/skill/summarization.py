"""summarization: texts → text. What customers say in nine languages, in one sentence of the operator's; what to do
first; a long text in one line; and what a text says as a vector, by which remarks are grouped and put under categories.

Letters in shapes: N texts, C categories, D width of the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from walkiosk.engine import Floats
from walkiosk.modality.text import END, START, Vocabulary

if TYPE_CHECKING:
    from walkiosk.skill import Model

DIGEST, TODO, SHORT, SAYS, ABOUT, FEELING = (f"<|tag_{number}|>" for number in range(6))  # what is asked for
COMMON = "common.npz"  # beside the weights, D each: what remarks have in common, by what is asked for; and the middles
# of learned categories, by their names
FEELINGS = ("praise", "complaint", "wish")
SAME_THEME = 0.4  # cosine of two remarks from which on they are of one theme
SUPPORTS = 0.35  # cosine of a remark and a sentence from which on the sentence rests on it
REMARKS = 8  # that one sentence sums up
FILED = 50  # texts of a category that tell what it is about
LEARNED = 3.0  # names that a learned category's middle counts as
LONGEST_TEXT = 340  # tokens that are read; what a text has behind them is left out
LONGEST_WRITTEN = 90  # tokens
BEAMS = 4
LEAST_SURE = -0.7  # mean log-probability of a sentence's tokens; below it these weights ramble (as in `chat.word`)


def prefix(vocabulary: Vocabulary, asked: str, texts: Sequence[str], language: str | None = None) -> list[int]:
    """What is read before what is ``asked`` (a tag) is written in ``language``, or held as a vector without one.

    Every text is cut to its share of `LONGEST_TEXT`.
    """
    special = vocabulary.special
    share = LONGEST_TEXT // max(1, len(texts)) - 1
    tokens = [special("<|summarization|>"), special(asked), special("<|input|>")]
    for text in texts:
        tokens += [*vocabulary.encode(" " + " ".join(text.split()))[:share], special("<|next|>")]
    tokens[-1] = special("<|output|>")
    return tokens if language is None else [*tokens, vocabulary.language(language)]


def sentence(model: Model, remarks: Sequence[str], language: str, least_sure: float = -math.inf) -> str:
    """Return what ``remarks`` of one theme, in whatever languages, say together: a sentence of the operator's digest.

    At most `REMARKS` of them are read, those that stand first: put what is nearest to the theme's middle there.
    Nothing is returned where the model is less sure than ``least_sure``. Raises ValueError without any.
    """
    return _written(model, DIGEST, remarks, language, least_sure)


def first_step(model: Model, remarks: Sequence[str], language: str, least_sure: float = -math.inf) -> str:
    """Return what to do first about ``remarks`` of one theme; they are read as by `sentence`."""
    return _written(model, TODO, remarks, language, least_sure)


def summarise(model: Model, text: str, language: str) -> str:
    """Return ``text`` (what it has behind some 300 tokens is not read) as one short line in ``language``."""
    return _written(model, SHORT, [text], language)


def vectors(model: Model, texts: Sequence[str]) -> Floats:
    """Return what each text says, N D of length 1: texts that say the same in whatever language point the same way."""
    return directions(model, SAYS, texts)


def categorise(
    model: Model, texts: Sequence[str], categories: Sequence[str], filed: Sequence[tuple[str, str]] = ()
) -> list[str]:
    """Return for each text the one of ``categories`` (an operator's words, in any language) that it is about.

    The nearest by vectors: a category's is the mean of its name's, of what was learned to be under it, and of those
    texts' that people have ``filed`` under it, (text, category) each (as in Snell et al., 2017, "Prototypical
    networks"); of each category the last `FILED` count, and those of other categories do not. Raises ValueError for no
    categories.
    """
    if not categories:
        raise ValueError("no categories to choose from")
    middles = _middles(model, tuple(categories), tuple(filed))
    nearest = (directions(model, ABOUT, texts) @ middles.T).argmax(axis=1)
    return [categories[number] for number in nearest]


@lru_cache(maxsize=4)  # who has many texts asks for them in parts, with the same categories each time
def _middles(model: Model, categories: tuple[str, ...], filed: tuple[tuple[str, str], ...]) -> Floats:
    """The middles of categories, C D of length 1."""
    learned = _common(model.folder) if model.folder else {}
    middles = directions(model, ABOUT, categories)
    for category, middle in zip(categories, middles, strict=True):
        if category in learned:
            middle += LEARNED * learned[category]
        if own := [text for text, under in filed if under == category][-FILED:]:
            middle += directions(model, ABOUT, own).sum(axis=0)
    return unit(middles)


def feelings(model: Model, texts: Sequence[str]) -> list[str]:
    """Return for each text whether it is praise, a complaint or a wish: one of `FEELINGS`."""
    nearest = (directions(model, FEELING, texts) @ directions(model, FEELING, FEELINGS).T).argmax(axis=1)
    return [FEELINGS[number] for number in nearest]


def states(model: Model, asked: str, texts: Sequence[str]) -> Floats:
    """Return the reader's state behind each text, N D of length 1, as it stands."""
    return unit(model.engine.hold([prefix(model.vocabulary, asked, [text]) for text in texts]))


def directions(model: Model, asked: str, texts: Sequence[str]) -> Floats:
    """Return the states less what all remarks have in common, N D of length 1: what is left tells them apart."""
    common = _common(model.folder).get(asked) if model.folder else None
    found = states(model, asked, texts)
    return found if common is None else unit(found - common)


def unit(rows: Floats) -> Floats:
    """Return ``rows`` (N D), each of length 1."""
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    found: Floats = (rows / lengths).astype(np.float32)
    return found


@lru_cache(maxsize=4)
def _common(folder: Path) -> dict[str, Floats]:
    if not (folder / COMMON).is_file():  # weights of before
        return {}
    with np.load(folder / COMMON) as arrays:
        return {name: arrays[name].astype(np.float32) for name in arrays.files}


def _written(model: Model, asked: str, texts: Sequence[str], language: str, least_sure: float = -math.inf) -> str:
    if not texts:
        raise ValueError("nothing to sum up")
    vocabulary, engine = model.vocabulary, model.engine
    state = engine.read(prefix(vocabulary, asked, texts[:REMARKS], language), room=LONGEST_WRITTEN)
    forbidden = range(vocabulary.special(START), vocabulary.size)
    written = engine.search(state, vocabulary.special(END), LONGEST_WRITTEN, BEAMS, forbidden)
    return vocabulary.decode(written.tokens).strip() if written.confidence >= least_sure else ""
