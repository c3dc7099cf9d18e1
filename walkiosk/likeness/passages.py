"""Texts: the words so far → a passage that goes on in their manner, and so on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from walkiosk.likeness.files import read_each
from walkiosk.likeness.laid import Going, Laid, check_groups, stretches
from walkiosk.modality.text import Vocabulary
from walkiosk.modality.value import BadValue
from walkiosk.sequence import Sequence as Model

SYLLABIC = "぀-ヿ㐀-䶿一-鿿豈-﫿"  # letters that are counted as words: those who write them set no spaces
WORD = re.compile(rf"\s*(?:[{SYLLABIC}]|[^\s{SYLLABIC}]+)")  # a word with the space before it
GOING = Going(read=40, written=60, opening=5)  # words; 60 are 60 to 120 tokens
EVERY = 15  # words from one passage to the next: they overlap, so that any place may be gone on from
ENDED = re.compile(r"[.!?…。！？][\"'”’»)]*$")
LENGTH = 120  # words that are written where nobody says how many
MOST_OPENINGS = 500
MOST_EMPTY = 8  # passages without a word, one after another
SEEDS = 2**32


def lay(place: Path, kind: str, files: Sequence[Path]) -> Laid:
    """Passages of all texts, each behind the words before it."""
    texts = [words_of(text.lstrip()) for _, text in read_each(place, files, _read)]
    pairs = []
    for number, before, behind, group in stretches(list(map(len, texts)), GOING, EVERY):
        words = texts[number]
        pairs.append(("".join(words[before]).lstrip(), "".join(words[behind]), group))
    count = sum(map(len, texts))
    check_groups(str(place), pairs, f"{count} words, where some thousands are the least")
    openings = [opening for words in texts for opening in _openings(words)]
    step = -(-len(openings) // MOST_OPENINGS)
    return Laid([pair[:2] for pair in pairs], {"asks": openings[::step]}, hold_back=False)


def make(model: Model, told: dict[str, Any], dice: np.random.Generator, of: str, length: int | None) -> tuple[Any, str]:
    """Words that go on from those asked for, else from the first ones of a sentence, drawn; and those."""
    asked = str(dice.choice(told["asks"]))
    if of:
        asked = of.strip()
    words, empty = words_of(asked), 0
    count = length or LENGTH
    while len(words) < count and empty < MOST_EMPTY:
        read = "".join(_readable(model, words[-GOING.read :])).lstrip()
        written = words_of(model.draw(read, seed=int(dice.integers(SEEDS))))
        words += written
        empty = 0 if written else empty + 1
    return "".join(words[:count]), asked


def check(files: Sequence[Path], of: str) -> None:
    """A text goes on from any words."""


def words_of(text: str) -> list[str]:
    """The words with the space before each, no more of it than one space or one empty line."""
    return [WORD.sub(_spaced, word) for word in WORD.findall(text)]


def _spaced(found: re.Match[str]) -> str:
    word = found[0].lstrip()
    lines = found[0].count("\n")
    return ("\n\n" if lines > 1 else "\n" if lines else " " if word != found[0] else "") + word


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadValue(f"{path}: not UTF-8 at byte {error.start}") from error
    except OSError as error:
        raise BadValue(f"{path}: {error.strerror or error}") from error
    if not text.strip():
        raise BadValue(f"{path}: no words in it")
    return text


def _openings(words: Sequence[str]) -> list[str]:
    """The first words of each sentence."""
    begins = [at for at, word in enumerate(words) if not at or word.startswith("\n\n") or ENDED.search(words[at - 1])]
    return ["".join(words[at : at + GOING.opening]).lstrip() for at in begins if at + GOING.opening <= len(words)]


def _readable(model: Model, words: list[str]) -> list[str]:
    """The last of the words that are no longer together than the longest that was learned: the first are forgotten."""
    vocabulary: Vocabulary = model.pairing.vocabulary
    while len(words) > 1 and len(vocabulary.encode("".join(words).lstrip())) > model.pairing.longest:
        words = words[1:]
    return words
