"""A lamp that shows which note sounds, for those who cannot hear it: melodies of the tune books as films, and back.

No package has films with their own sound under a licence that allows showing them (Tux Paint's sounds: GPL-2, 134 of
them). Here the relation is known: a note's height on the screen and its colour are its pitch.
"""

from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np

from training.pairs.lines import Line, Media, Pixels, write_lines
from training.pairs.tunes import melodies, sound

SIDE = 64  # pixels
LOWEST, HIGHEST = 52, 88  # MIDI pitches at the lower and the upper edge
RADIUS = 8  # pixels
OCTAVE = 12  # semitones: once around the colours


def film(played: tuple[int, ...]) -> Pixels:
    """A frame a note, N × 64 × 64 × 3: a disc on white that rises with the pitch and moves right with time."""
    return np.stack([frame(pitch, (place + 0.5) / len(played)) for place, pitch in enumerate(played)])


def frame(pitch: int, share: float) -> Pixels:
    """One note, ``share`` of the way from left to right."""
    height = (min(max(pitch, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    middle = np.array([SIDE - RADIUS - height * (SIDE - 2 * RADIUS), RADIUS + share * (SIDE - 2 * RADIUS)])
    down, across = np.mgrid[:SIDE, :SIDE] + 0.5
    away = np.hypot(down - middle[0], across - middle[1])
    ink = np.clip(RADIUS + 0.5 - away, 0, 1)[..., None]  # a soft edge of a pixel
    colour = np.array(colorsys.hsv_to_rgb(pitch % OCTAVE / OCTAVE, 1.0, 0.8)) * 255
    return np.asarray(255 * (1 - ink) + colour * ink, np.uint8)


def sound_to_film(folder: Path) -> None:
    heard, shown = Media(folder, "input"), Media(folder, "target")
    write_lines(
        folder,
        [
            Line(heard.sound(f"{n:04}", sound(one.pitches)), shown.film(f"{n:04}", film(one.pitches)), one.group)
            for n, one in enumerate(melodies())
        ],
    )


def film_to_sound(folder: Path) -> None:
    shown, heard = Media(folder, "input"), Media(folder, "target")
    write_lines(
        folder,
        [
            Line(shown.film(f"{n:04}", film(one.pitches)), heard.sound(f"{n:04}", sound(one.pitches)), one.group)
            for n, one in enumerate(melodies())
        ],
    )
