"""Rows of a receipt as pictures, for printers that lack their letters; with fonts that this machine has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from walkiosk.store.receipt_text import INDENT, Row, clusters, pieces

DOTS = 12  # of the printer's usual letter
LETTERS = 24  # dots, the height of ours
LINE = 32  # dots from one line to the next
MODULE = 6  # dots of a QR code's square, where there is room
HOME = Path.home()
PLACES = (
    Path(os.environ.get("XDG_DATA_HOME") or HOME / ".local/share") / "fonts",
    HOME / ".fonts",
    Path("/usr/local/share/fonts"),
    Path("/usr/share/fonts"),
)
# The best first; the second number is a face within a collection: simplified Chinese.
FILES = (
    ("NotoSans-Regular.ttf", 0),
    ("NotoSansDevanagari-Regular.ttf", 0),
    ("NotoSansCJK-Regular.ttc", 2),
    ("NotoSansSC-Regular.otf", 0),
    ("DejaVuSans.ttf", 0),
    ("Lohit-Devanagari.ttf", 0),
    ("wqy-microhei.ttc", 0),
    ("DroidSansFallbackFull.ttf", 0),
)
NOBODYS = "\U0010fffe"  # a letter that no font has
JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Brush:
    """Writes with the first of the fonts that has a letter; letters that none has it cannot write."""

    fonts: tuple[ImageFont.FreeTypeFont, ...]

    @classmethod
    def of_machine(cls, places: tuple[Path, ...] = PLACES) -> Brush:
        """With the fonts of `FILES` that there are."""
        return cls(tuple(_open(file, face) for file, face in _files(places)))

    def knows(self, text: str) -> bool:
        """Whether every letter of a text can be written."""
        return all(self._font(cluster) is not None for cluster in clusters(text.replace(" ", "")))

    def row(self, row: Row, columns: int) -> Image.Image:
        """A row, black on white, as wide as so many of the printer's letters."""
        room = columns * DOTS
        indent = self.length(INDENT) if row.kind == "detail" else 0
        right = self.length(row.right)
        lines = self._broken(row.left, int(room - indent - (right + DOTS if right else 0)))
        drawn = Image.new("1", (room, LINE * len(lines)), 1)
        draw = ImageDraw.Draw(drawn)
        for place, line in enumerate(lines):
            x = (room - self.length(line)) / 2 if row.kind == "head" else indent
            self._write(draw, x, place * LINE, line)
        self._write(draw, room - right, (len(lines) - 1) * LINE, row.right)
        return drawn

    def length(self, text: str) -> float:
        """Dots that a text takes."""
        return sum(font.getlength(run) for font, run in self._runs(text))

    def _write(self, draw: ImageDraw.ImageDraw, x: float, y: int, text: str) -> None:
        for font, run in self._runs(text):
            draw.text((x, y + LETTERS), run, font=font, fill=0, anchor="ls")
            x += font.getlength(run)

    def _broken(self, text: str, room: int) -> list[str]:
        lines = [""]
        for piece in pieces(text):
            if self.length(lines[-1] + piece) > room and lines[-1].strip():
                lines.append("")
                piece = piece.lstrip(" ")
            for part in clusters(piece) if self.length(lines[-1] + piece) > room else (piece,):
                if self.length(lines[-1] + part) > room and lines[-1]:
                    lines.append("")
                lines[-1] += part
        return [line.strip(" ") for line in lines]

    def _runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """A text as pieces of one font each; a space stays with what is before it."""
        font: ImageFont.FreeTypeFont | None = None
        run = ""
        for cluster in clusters(text):
            own = font if font is not None and cluster.isspace() else self._font(cluster) or self.fonts[0]
            if own is not font and font is not None:
                yield font, run
                run = ""
            font, run = own, run + cluster
        if font is not None and run:
            yield font, run

    def _font(self, cluster: str) -> ImageFont.FreeTypeFont | None:
        return next((font for font in self.fonts if all(_has(font, letter) for letter in cluster)), None)


def code_picture(text: str, columns: int) -> Image.Image:
    """A QR code of a text, black on white with its quiet zone, in the middle of so many of the printer's letters."""
    room = columns * DOTS
    code = segno.make(text, error="m", encoding="utf-8", micro=False)
    scale = max(1, min(MODULE, room // code.symbol_size(border=4)[0]))
    squares = [bytes(row) for row in code.matrix_iter(scale=scale, border=4)]
    drawn = Image.frombytes("L", (len(squares[0]), len(squares)), b"".join(squares))
    whole = Image.new("1", (room, drawn.height), 1)
    whole.paste(drawn.point(lambda dark: 0 if dark else 255).convert("1"), ((room - drawn.width) // 2, 0))
    return whole


@lru_cache(maxsize=4)
def _files(places: tuple[Path, ...]) -> tuple[tuple[Path, int], ...]:
    """The fonts of `FILES` that there are, in that order; those in a place that comes first count."""
    wanted = dict(FILES)
    found: dict[str, Path] = {}
    for place in places:
        for folder, _, files in os.walk(place):
            for name in wanted.keys() & set(files):
                found.setdefault(name, Path(folder) / name)
    return tuple((found[name], face) for name, face in FILES if name in found)


@lru_cache(maxsize=16)
def _open(file: Path, face: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), LETTERS, index=face)


@lru_cache(maxsize=4096)
def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    """Whether a font has a letter: one that it has not is drawn as the box for those."""
    if letter in JOINERS or letter.isspace():
        return True
    mask, box = font.getmask(letter), font.getmask(NOBODYS)
    return (mask.size, bytes(mask)) != (box.size, bytes(box))
