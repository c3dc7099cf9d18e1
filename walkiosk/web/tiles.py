"""Drawn tiles: a picture for goods that have none, and a ground for drawings, made from name and category alone.

The category gives colours and pattern, the name gives the pattern's turn and shift: the same goods look the same on
every kiosk, and goods of one shelf look related. SVG without style, script or text from outside, 480 x 320 units.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 480, 320
SERIF = "Noto Serif Display, Georgia, Noto Serif, Noto Serif CJK SC, Noto Serif Devanagari, serif"
# ground, two colours of the pattern, and the ink of the initial, which stands on the ground: at least 4.5 to 1
PALETTES = (
    ("#f4e3cf", "#e6b98a", "#c9804a", "#5b2c0c"),
    ("#dfe9df", "#a9c7b2", "#5f9480", "#123f35"),
    ("#e3e6f1", "#aeb8dc", "#6a7bb8", "#1f2a5c"),
    ("#f6dfdb", "#e3a59b", "#bd6558", "#5f1a12"),
    ("#f3ecc9", "#dcc878", "#b0973a", "#4a3c05"),
    ("#e9def0", "#c3a6d4", "#8b62a8", "#3d1a56"),
    ("#d9ebee", "#98c6cf", "#4d909d", "#0c414a"),
    ("#ece5dc", "#c9b8a3", "#92795b", "#3f2d17"),
    ("#e6edcf", "#bacb86", "#82994a", "#33420c"),
    ("#f5dde8", "#dfa0bd", "#b36088", "#5a1638"),
)


@dataclass(frozen=True)
class Pen:
    """Colours, and numbers in [0, 1) that depend on the name alone."""

    light: str
    strong: str
    chances: bytes

    def chance(self, place: int) -> float:
        """The number at a place."""
        return self.chances[place % len(self.chances)] / 256


def tile(name: str, category: str, initial: bool = True) -> str:
    """A tile as SVG text; with `initial` the name's first letter stands on it."""
    kind = _digest(category.casefold())
    ground, light, strong, ink = PALETTES[kind[0] % len(PALETTES)]
    pattern = PATTERNS[kind[1] % len(PATTERNS)](Pen(light, strong, _digest(name.casefold())))
    letter = next((each for each in name if each.isalnum()), "·").upper()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
    body = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{ground}"/>{pattern}'
    return f"{head}{body}{_initial(letter, ground, ink) if initial else ''}</svg>"


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=24).digest()


def _initial(letter: str, ground: str, ink: str) -> str:
    return (
        f'<circle cx="{WIDTH // 2}" cy="{HEIGHT // 2}" r="92" fill="{ground}"/>'
        f'<text x="{WIDTH // 2}" y="{HEIGHT // 2}" dy="0.35em" text-anchor="middle" font-family="{SERIF}" '
        f'font-size="124" fill="{ink}">{escape(letter)}</text>'
    )


def _circle(x: float, y: float, radius: float, fill: str, opacity: float = 1.0) -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{fill}" fill-opacity="{opacity:g}"/>'


def _hills(pen: Pen) -> str:
    sun = _circle(90 + 300 * pen.chance(0), 90, 46 + 26 * pen.chance(1), pen.strong)
    hills = []
    for number, (fill, top) in enumerate(((pen.light, 150), (pen.strong, 205), (pen.light, 255))):
        left, right = top + 70 * pen.chance(2 + number) - 20, top + 70 * pen.chance(5 + number) - 20
        bend = f"C160 {left - 80:.0f} 320 {right + 60:.0f} {WIDTH} {right:.0f}"
        hills.append(f'<path d="M0 {left:.0f}{bend}V{HEIGHT}H0z" fill="{fill}"/>')
    return sun + "".join(hills)


def _stripes(pen: Pen) -> str:
    turn, wide = round(180 * pen.chance(0)), 26 + 30 * pen.chance(1)
    bars = []
    for number, x in enumerate(range(-120, 600, round(2.2 * wide))):
        fill = pen.strong if number % 3 == 0 else pen.light
        bars.append(f'<rect x="{x}" y="-160" width="{wide:.0f}" height="640" fill="{fill}"/>')
    return f'<g transform="rotate({turn} 240 160)">{"".join(bars)}</g>'


def _dots(pen: Pen) -> str:
    dots = []
    for row in range(5):
        for column in range(7):
            number = 7 * row + column
            size = 9 + 22 * pen.chance(number)
            fill = pen.strong if pen.chance(number + 5) < 0.3 else pen.light
            dots.append(_circle(40 + 66.7 * column + (33 if row % 2 else 0) - 16, 32 + 64 * row, size, fill))
    return "".join(dots)


def _waves(pen: Pen) -> str:
    rise, shift = 14 + 20 * pen.chance(0), 120 * pen.chance(1)
    lines = []
    for number, y in enumerate(range(20, 340, 40)):
        start = -120 - shift + 30 * (number % 2)
        path = f"M{start:.0f} {y}q30 {-rise:.0f} 60 0" + "t60 0" * 12
        colour = pen.strong if number % 3 == 1 else pen.light
        lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="15" stroke-linecap="round"/>')
    return "".join(lines)


def _quarters(pen: Pen) -> str:
    shapes = []
    for row in range(4):
        for column in range(6):
            x, y, number = 80 * column, 80 * row, 6 * row + column
            turn = 90 * int(4 * pen.chance(number))
            fill = pen.strong if pen.chance(number + 7) < 0.35 else pen.light
            place = f'transform="rotate({turn} {x + 40} {y + 40})"'
            shapes.append(f'<path d="M{x} {y}h80a80 80 0 0 1 -80 80z" fill="{fill}" {place}/>')
    return "".join(shapes)


def _rings(pen: Pen) -> str:
    x, y = 120 + 240 * pen.chance(0), 90 + 140 * pen.chance(1)
    rings = []
    for number in range(7):
        colour = pen.strong if number % 3 == 0 else pen.light
        place = f'cx="{x:.0f}" cy="{y:.0f}" r="{28 + 52 * number}"'
        rings.append(f'<circle {place} fill="none" stroke="{colour}" stroke-width="22"/>')
    return "".join(rings)


def _petals(pen: Pen) -> str:
    petals, count = [], 5 + int(4 * pen.chance(0))
    for place, (x, y, size) in enumerate(((120, 80, 74), (372, 98, 62), (246, 250, 82), (36, 268, 50), (456, 268, 54))):
        first = 360 * pen.chance(place + 1)
        for number in range(count):
            angle = math.radians(first + 360 * number / count)
            fill = pen.strong if place % 2 else pen.light
            petals.append(
                _circle(x + 0.62 * size * math.cos(angle), y + 0.62 * size * math.sin(angle), 0.36 * size, fill)
            )
        petals.append(_circle(x, y, 0.24 * size, pen.light if place % 2 else pen.strong))
    return "".join(petals)


def _arches(pen: Pen) -> str:
    arches = []
    for column in range(4):
        x, top = 120 * column + 60, 120 + 110 * pen.chance(column)
        for number, radius in enumerate((58, 40, 22)):
            fill = (pen.light, pen.strong, pen.light)[(number + (pen.chance(column + 4) < 0.5)) % 2]
            arch = f"M{x - radius} {HEIGHT}V{top:.0f}a{radius} {radius} 0 0 1 {2 * radius} 0V{HEIGHT}z"
            arches.append(f'<path d="{arch}" fill="{fill}"/>')
    return "".join(arches)


PATTERNS: tuple[Callable[[Pen], str], ...] = (_hills, _stripes, _dots, _waves, _quarters, _rings, _petals, _arches)
