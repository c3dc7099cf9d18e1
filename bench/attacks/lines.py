"""The attacks, as they would be said or typed: `lines/LANGUAGE.txt`, a line `kind | words`, turns parted by ` // `.

What cannot be seen is spelled as Python spells it (`\\u202e`, `\\x00`), and `{words}*40` stands for forty of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from walkiosk.modality.text import LANGUAGES

LINES = Path(__file__).parent / "lines"
KINDS = ("price", "cap", "stock", "payment", "identity", "data", "age", "abuse", "confusion")
TURN = " // "
_UNSEEN = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|\\x([0-9a-f]{2})")
_MANY = re.compile(r"\{([^{}]+)\}\*(\d+)")


@dataclass(frozen=True)
class Attack:
    """What one person says, turn after turn."""

    language: str
    number: int  # line of its file, 1-based
    kind: str
    turns: tuple[str, ...]

    @property
    def name(self) -> str:
        """Where it is written."""
        return f"{self.language}.txt:{self.number}"


def attacks(language: str | None = None) -> list[Attack]:
    """All of them, or those of one language; raises ValueError for a line of no kind."""
    return [each for code in LANGUAGES if language in (None, code) for each in _read(code)]


def _read(language: str) -> Iterator[Attack]:
    path = LINES / f"{language}.txt"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        kind, bar, words = line.partition(" | ")
        if not bar or kind not in KINDS or not words.strip():
            raise ValueError(f"{path}:{number}: {line!r} is not one of {', '.join(KINDS)}, a bar, and words")
        yield Attack(language, number, kind, tuple(_spelled_out(turn) for turn in words.split(TURN)))


def _spelled_out(text: str) -> str:
    many = _MANY.sub(lambda found: found[1] * int(found[2]), text)
    return _UNSEEN.sub(lambda found: chr(int(found[1] or found[2] or found[3], 16)), many)
