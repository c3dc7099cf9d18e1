"""A page of A4: headings, figures, tables and bars, from the top down. Knows letters and millimetres, no shop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fpdf import FPDF

from walkiosk.office.fonts import Fonts

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 15.0  # mm of A4
INNER = WIDTH - 2 * MARGIN
GAP = 8.0  # mm between two halves
ROW = 5.0  # mm of a line of a table
SIZE = 9.0  # points of its letters
Colour = tuple[int, int, int]
INK: Colour = (34, 34, 34)
GREY: Colour = (115, 115, 115)
LINE: Colour = (176, 84, 32)
FILL: Colour = (62, 112, 160)
RULE: Colour = (205, 205, 205)
CORE = "Helvetica"  # which every reader of PDF has
logging.getLogger("fontTools").setLevel(logging.ERROR)  # of what it leaves out of a font, nobody wants to hear


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart, below the line where it is negative."""

    label: str
    value: float


class Paper:
    """A document that is written from the top down; `latin` says whether letters had to be written as Latin ones."""

    def __init__(self, fonts: Fonts, title: str) -> None:
        self._fonts = fonts
        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margins(MARGIN, MARGIN)
        self._pdf.c_margin = 0
        self._pdf.set_title(title)
        for font in fonts.found:
            self._pdf.add_font(font.script, "", font.path, collection_font_number=font.number)
        self._pdf.set_font(fonts.found[0].script if fonts.found else CORE, size=SIZE)
        self._pdf.set_text_shaping(bool(fonts.found))
        self.latin = False
        self.turn()

    @property
    def y(self) -> float:
        """Millimetres from the top of the page."""
        return float(self._pdf.get_y())

    @y.setter
    def y(self, millimetres: float) -> None:
        self._pdf.set_y(millimetres)

    def turn(self) -> None:
        """Goes on on a new page."""
        self._pdf.add_page()
        self._colour(INK)

    def half(self, number: int) -> tuple[float, float]:
        """Left edge and width of the left half (0) or the right one (1)."""
        width = (INNER - GAP) / 2
        return MARGIN + number * (width + GAP), width

    def space(self, millimetres: float) -> None:
        """Leaves room."""
        self.y += millimetres

    def heading(self, text: str, size: float) -> None:
        """A line of larger letters."""
        self._write(text, MARGIN, INNER, size)
        self.y += size * 0.55

    def line(self, text: str, colour: Colour = INK) -> None:
        """A line of text, cut where the page ends."""
        if self.y > HEIGHT - 2 * MARGIN:
            return
        self._write(text, MARGIN, INNER, SIZE, colour=colour)
        self.y += ROW

    def foot(self, text: str) -> None:
        """A line at the foot of the page."""
        self.y = HEIGHT - MARGIN
        self._write(text, MARGIN, INNER, SIZE - 1, colour=GREY)

    def figures(self, figures: Sequence[tuple[str, str]]) -> None:
        """Large numbers beside each other, each under its name."""
        width = INNER / len(figures)
        top = self.y
        for place, (name, value) in enumerate(figures):
            self._write(name, MARGIN + place * width, width - 2, SIZE - 1, colour=GREY, y=top)
            self._write(value, MARGIN + place * width, width - 2, 15, y=top + 5)
        self.y = top + 15

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        shares: Sequence[float],
        place: tuple[float, float] | None = None,
    ) -> None:
        """Rows under a heading; the first column is to the left, the others to the right. `shares` are of the width."""
        left, width = place or (MARGIN, INNER)
        self._row(columns, shares, left, width, GREY)
        self._pdf.set_draw_color(*RULE)
        self._pdf.line(left, self.y, left + width, self.y)
        self.y += 0.8
        for row in rows:
            self._row(row, shares, left, width, INK)

    def _row(self, cells: Sequence[str], shares: Sequence[float], left: float, width: float, colour: Colour) -> None:
        x = left
        for place, (cell, share) in enumerate(zip(cells, shares, strict=True)):
            inner = share * width - 1.5
            if place == 0:
                self._write(cell, x, inner, SIZE, colour=colour)
            else:
                self._write(cell, x + 1.5, inner, SIZE, align="R", colour=colour)
            x += share * width
        self.y += ROW

    def bars(self, bars: Sequence[Bar], height: float, told: Callable[[float], str]) -> None:
        """A chart of bars over the whole width, with what the highest stands for, and as many labels as have room."""
        top, left = self.y + 4, MARGIN
        high, low = max([0.0, *(bar.value for bar in bars)]), min([0.0, *(bar.value for bar in bars)])
        scale = height / (high - low or 1)
        ground, width = top + high * scale, INNER / max(1, len(bars))
        self._write(told(high), left, INNER, SIZE - 2, colour=GREY, y=top - 4)
        self._pdf.set_fill_color(*FILL)
        for place, bar in enumerate(bars):
            tall = abs(bar.value) * scale
            if tall:
                y = ground - tall if bar.value > 0 else ground
                self._pdf.rect(left + place * width + 0.1 * width, y, 0.8 * width, tall, style="F")
        self._pdf.set_draw_color(*RULE)
        self._pdf.line(left, ground, left + INNER, ground)
        step = -(-len(bars) * 13 // int(INNER)) or 1  # a label has room on 13 mm
        for place in range(0, len(bars), step):
            self._write(bars[place].label, left + place * width, 14, SIZE - 2, colour=GREY, y=top + height + 1)
        self.y = top + height + 7

    def _write(
        self,
        text: str,
        x: float,
        width: float,
        size: float,
        *,
        align: str = "L",
        colour: Colour = INK,
        y: float | None = None,
    ) -> None:
        """One line of text; what has no room is cut."""
        self.latin = self.latin or self._fonts.lacks(text)
        top = self.y if y is None else y
        self._colour(colour)
        line = self._fitting(self._fonts.write(" ".join(text.split())), width, size)
        left = x + width - self._width(line, size) if align == "R" else x
        for font, piece in self._runs(line):
            self._pdf.set_font(font, size=size)
            self._pdf.set_xy(left, top)
            self._pdf.cell(0, ROW, piece)
            left += self._pdf.get_string_width(piece)
        self._pdf.set_y(top)

    def _runs(self, text: str) -> list[tuple[str, str]]:
        return self._fonts.runs(text) if self._fonts.found else [(CORE, text)]

    def _width(self, text: str, size: float) -> float:
        """Millimetres."""
        width = 0.0
        for font, piece in self._runs(text):
            self._pdf.set_font(font, size=size)
            width += self._pdf.get_string_width(piece)
        return width

    def _fitting(self, text: str, width: float, size: float) -> str:
        if self._width(text, size) <= width:
            return text
        cut = self._fonts.write("…")
        fits, beyond = 0, len(text)
        while beyond - fits > 1:
            middle = (fits + beyond) // 2
            short = self._width(text[:middle] + cut, size) <= width
            fits, beyond = (middle, beyond) if short else (fits, middle)
        return text[:fits].rstrip() + cut

    def _colour(self, colour: Colour) -> None:
        self._pdf.set_text_color(*colour)

    def finish(self) -> bytes:
        """The document."""
        return bytes(self._pdf.output())
