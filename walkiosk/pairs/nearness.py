"""Which training inputs are nearest to others: plain features of each kind, and distances block by block.

Letters in shapes: N training inputs, M others, F features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality import audio
from walkiosk.modality.audio import MELS
from walkiosk.modality.video import Video
from walkiosk.pairs.ssim import Pixels, sized

Floats = NDArray[np.floating[Any]]

POINTS = 32  # of a trend's curve
LONGEST_TEXT = 4_000  # letters
GRAM, GRAMS, TERMS = 3, 1 << 20, 1_024  # letters; their hashes; places that hashes are folded into
MIX = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D], np.uint64)  # odd numbers that scatter letters (xxHash's primes)
SLICES, BANDS = 8, 20  # of a sound
FRAMES, FRAME_SIDE = 4, 8  # of a film
SIDE, COLOUR_SIDE = 16, 4  # of a picture
BLOCK = 256  # others that are compared at once


def nearest(
    kinds: Sequence[str], training: Sequence[tuple[Any, ...]], others: Sequence[tuple[Any, ...]], count: int
) -> NDArray[np.int64]:
    """M × ``count`` places of the nearest training inputs, the nearest first; parts of an input weigh the same."""
    known, asked = features(kinds, training, others)
    count = min(count, len(known))
    squares = (known * known).sum(axis=1)
    found = np.empty((len(asked), count), np.int64)
    for start in range(0, len(asked), BLOCK):
        apart = asked[start : start + BLOCK] @ known.T
        apart *= -2
        apart += squares  # but for what is the same in a row
        rows = np.arange(len(apart))
        for rank in range(count):  # of equally near ones the first, and faster than sorting for so few
            found[start : start + BLOCK, rank] = best = apart.argmin(axis=1)
            apart[rows, best] = np.inf
    return found


def features(
    kinds: Sequence[str], training: Sequence[tuple[Any, ...]], others: Sequence[tuple[Any, ...]]
) -> tuple[Floats, Floats]:
    """N F and M F: each part centred, and scaled so that its features together have a variance of 1."""
    columns = []
    for place, kind in enumerate(kinds):
        both = [row[place] for row in training], [row[place] for row in others]
        raw = _texts(*both) if kind == "text" else tuple(np.stack([ROWS[kind](x) for x in side]) for side in both)
        middle = raw[0].mean(axis=0)
        spread = float(np.sqrt(((raw[0] - middle) ** 2).sum(axis=1).mean())) or 1.0
        columns.append(tuple(((side - middle) / spread).astype(np.float32) for side in raw))
    return np.hstack([one for one, _ in columns]), np.hstack([other for _, other in columns])


def _of_scalar(value: float) -> Floats:
    return np.array([value], np.float64)  # 10⁹ and 10⁹ + 1 are two


def _of_trend(values: NDArray[np.float64]) -> Floats:
    """The curve at `POINTS` places by its own mean and deviation, and these two and its length as logarithms."""
    level, spread = float(values.mean()), float(values.std())
    curve = np.interp(np.linspace(0, len(values) - 1, POINTS), np.arange(len(values)), values)
    scale = np.array([np.arcsinh(level), np.log1p(spread), np.log(len(values))])
    return np.concatenate([(curve - level) / (spread or 1.0), scale]).astype(np.float32)


def _of_image(pixels: Pixels) -> Floats:
    """16 × 16 greys and 4 × 4 colours."""
    small = sized(pixels, SIDE, SIDE).astype(np.float32) / 255
    step = SIDE // COLOUR_SIDE
    colours = small.reshape(COLOUR_SIDE, step, COLOUR_SIDE, step, 3).mean(axis=(1, 3))
    return np.concatenate([small.mean(axis=2).ravel(), colours.ravel()])


def _of_audio(samples: audio.Samples) -> Floats:
    """Mean and deviation of 20 bands in 8 slices of the time."""
    frames = audio.to_sequence(samples).reshape(-1, BANDS, MELS // BANDS).mean(axis=2)
    edges = np.linspace(0, len(frames), SLICES + 1).astype(int)
    slices = [frames[min(a, len(frames) - 1) : max(b, a + 1)] for a, b in pairwise(edges)]
    return np.concatenate([statistic for x in slices for statistic in (x.mean(axis=0), x.std(axis=0))])


def _of_video(film: Video) -> Floats:
    """4 frames of 8 × 8 colours."""
    at = np.linspace(0, len(film.frames) - 1, FRAMES).round().astype(int)
    small = [sized(film.frames[place], FRAME_SIDE, FRAME_SIDE) for place in at]
    return np.stack(small).astype(np.float32).ravel() / 255


def _texts(training: Sequence[str], others: Sequence[str]) -> tuple[Floats, Floats]:
    """Term frequency by inverse document frequency of letter trigrams, of length 1, folded into `TERMS` places."""
    seen = np.ones(GRAMS)
    for text in training:
        seen[np.unique(_grams(text))] += 1
    rarity = np.log((len(training) + 1) / seen) + 1

    def row(text: str) -> Floats:
        grams, counts = np.unique(_grams(text), return_counts=True)
        weights = (1 + np.log(counts)) * rarity[grams] * np.where(grams & TERMS, 1.0, -1.0)  # signs: folds cancel out
        folded = np.bincount(grams % TERMS, weights, TERMS)
        return (folded / (np.linalg.norm(folded) or 1.0)).astype(np.float32)

    return np.stack([row(text) for text in training]), np.stack([row(text) for text in others])


def _grams(text: str) -> NDArray[np.int64]:
    letters = f"  {text[:LONGEST_TEXT].lower()} ".encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(letters, np.uint32).astype(np.uint64)
    mixed = sum(codes[at : len(codes) - GRAM + 1 + at] * MIX[at] for at in range(GRAM))
    return np.asarray(((mixed ^ (mixed >> np.uint64(15))) % np.uint64(GRAMS)).astype(np.int64))


ROWS: dict[str, Callable[[Any], Floats]] = {
    "scalar": _of_scalar,
    "trend": _of_trend,
    "image": _of_image,
    "audio": _of_audio,
    "video": _of_video,
}
