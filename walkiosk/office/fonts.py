"""Fonts of this machine for what a report has to write, and Latin letters where it has none.

A kiosk has no network to get fonts from, and fonts for Chinese alone are larger than all our weights. So they are
looked for where systems keep them; letters that none of them has are written as anyascii reads them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anyascii import anyascii
from fontTools.ttLib import TTCollection, TTFont

HOME = Path.home()
PLACES = (
    Path(os.environ.get("XDG_DATA_HOME") or HOME / ".local/share") / "fonts",
    HOME / ".fonts",
    Path("/usr/local/share/fonts"),
    Path("/usr/share/fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
    Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",
)
# By script, the best first; the first script is that of everything that no other one claims.
WANTED: dict[str, tuple[str, ...]] = {
    "base": (
        "NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf", "FreeSans.ttf", "Arial.ttf",
        "arial.ttf", "Roboto-Regular.ttf",
    ),
    "hindi": (
        "NotoSansDevanagari-Regular.ttf", "Lohit-Devanagari.ttf", "FreeSans.ttf", "Nirmala.ttf", "mangal.ttf",
        "DevanagariMT.ttc",
    ),
    "chinese": (
        "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf", "NotoSansSC-Regular.ttf",
        "wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf", "uming.ttc",
        "msyh.ttc", "simsun.ttc", "STHeiti Light.ttc",
    ),
}  # fmt: skip
JOINERS = "\u200c\u200d"  # which shape Hindi, and are no letters
CORE = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))  # letters that every reader of PDF has itself


@dataclass(frozen=True)
class Font:
    """A font's file, its place in a collection of several, and the letters it has."""

    script: str
    path: Path
    number: int
    letters: frozenset[int]


@dataclass(frozen=True)
class Fonts:
    """The fonts for one document, at most one a script; without any there are the letters of `CORE`."""

    found: tuple[Font, ...]

    @classmethod
    def for_texts(cls, texts: Iterable[str], places: Iterable[Path] = PLACES) -> Fonts:
        """Those that the texts need: a font with all of Chinese takes seconds to read."""
        letters = {letter for text in texts for letter in text}
        files = _files(tuple(places))
        scripts = ["base"]
        scripts += ["hindi"] if any("\u0900" <= letter <= "\u097f" for letter in letters) else []
        scripts += ["chinese"] if any("\u2e80" <= letter <= "\u9fff" for letter in letters) else []
        fonts = [_font(script, files) for script in scripts]
        return cls(tuple(font for font in fonts if font is not None) if fonts[0] is not None else ())

    def has(self, letter: str) -> bool:
        """Whether a letter can be written."""
        return any(ord(letter) in font.letters for font in self.found) if self.found else letter in CORE

    def write(self, text: str) -> str:
        """The text, in Latin letters where there are no others."""
        return "".join(
            letter if self.has(letter) or (self.found and letter in JOINERS) else self._latin(letter) for letter in text
        )

    def runs(self, text: str) -> list[tuple[str, str]]:
        """A text as pieces of one font each, by its script; what several fonts have stays with what is before it."""
        found: list[tuple[str, str]] = []
        by_script = {font.script: font.letters for font in self.found}
        for letter in text:
            last = found[-1][0] if found else ""
            if found and (letter in JOINERS or ord(letter) in by_script.get(last, ())):
                found[-1] = (last, found[-1][1] + letter)
            else:
                own = (script for script, letters in by_script.items() if ord(letter) in letters)
                found.append((next(own, self.found[0].script), letter))
        return found

    def lacks(self, text: str) -> bool:
        """Whether something of a text has to be written in Latin letters."""
        return any(letter.isalpha() and not self.has(letter) for letter in text)

    def _latin(self, letter: str) -> str:
        spaced = " " if "\u3400" <= letter <= "\u9fff" else ""  # a syllable, of which there is no telling where it ends
        return "".join(each for each in anyascii(letter) if self.has(each)) + spaced


@lru_cache(maxsize=4)
def _files(places: tuple[Path, ...]) -> dict[str, Path]:
    """The fonts that we know, by their file's name; those in a place that comes first count."""
    known = {name for names in WANTED.values() for name in names}
    found: dict[str, Path] = {}
    for place in places:
        for folder, _, files in os.walk(place):
            for name in known.intersection(files):
                found.setdefault(name, Path(folder) / name)
    return found


def _font(script: str, files: dict[str, Path]) -> Font | None:
    for name in WANTED[script]:
        if name in files:
            font = _read(script, files[name])
            if font is not None:
                return font
    return None


@lru_cache(maxsize=8)
def _read(script: str, path: Path) -> Font | None:
    """What is in a font's file; None where it is no font."""
    try:
        if path.suffix.lower() != ".ttc":
            with TTFont(path, lazy=True) as font:
                return Font(script, path, 0, frozenset(font.getBestCmap() or ()))
        with TTCollection(path, lazy=True) as collection:
            names = [str(each["name"].getDebugName(4)) for each in collection.fonts]
            number = next((place for place, name in enumerate(names) if name.endswith(" SC")), 0)
            return Font(script, path, number, frozenset(collection.fonts[number].getBestCmap() or ()))
    except Exception:  # whatever a font's reader makes of a broken file, the report is written without it
        return None
