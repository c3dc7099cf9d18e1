"""How far two sounds are apart: the difference of their log-mel frames in dB, one warped in time to fit the other.

Letters in shapes: T frames of the wanted sound, S of the found one, M bands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality import audio

DECIBELS = 40.0  # of a step of `audio.to_sequence`: 4 powers of ten
BAND, LEAST_BAND = 0.1, 30  # how far warping goes from the diagonal: a share of the longer sound, and frames
AT_ONCE = 4_000_000  # numbers that a piece of the differences may have

Frames = NDArray[np.float32]


def frames_of(samples: audio.Samples) -> Frames:
    """Samples at 16 kHz → T M in dB, at most 30 s of them."""
    return audio.to_sequence(samples) * np.float32(DECIBELS)


def warped(wanted: Frames, found: Frames) -> float:
    """The mean absolute difference in dB along the best path (dynamic time warping within a band)."""
    costs, first, last = _costs(wanted, found)
    return _best(costs, first, last)


def straight(wanted: Frames, found: Frames) -> float:
    """The same without warping, over the wanted length; quiet fills what was not found."""
    length = len(wanted)
    fitted = np.full_like(wanted, found.min())
    fitted[: len(found)] = found[:length]
    return float(np.abs(wanted - fitted).mean())


def _costs(wanted: Frames, found: Frames) -> tuple[Frames, NDArray[np.int64], NDArray[np.int64]]:
    """Differences of frames t and s in row t + s, column t (infinite outside the band), and the columns of each row."""
    rows, columns = len(wanted), len(found)
    band = max(LEAST_BAND, int(BAND * max(rows, columns)))
    width = min(columns, 2 * band + 1)
    middle = np.arange(rows) * (columns - 1) / max(rows - 1, 1)
    start = np.clip(np.rint(middle).astype(np.int64) - band, 0, columns - width)
    costs = np.full((rows + columns - 1, rows), np.inf, np.float32)
    piece = max(1, AT_ONCE // (width * wanted.shape[1]))
    for at in range(0, rows, piece):
        t = np.arange(at, min(at + piece, rows))
        s = start[t, None] + np.arange(width)
        costs[t[:, None] + s, t[:, None]] = np.abs(wanted[t, None] - found[s]).mean(axis=2)
    diagonals = np.arange(rows + columns - 1)
    # t + s grows with t on both edges of the band
    first = np.searchsorted(np.arange(rows) + start + width - 1, diagonals)
    last = np.searchsorted(np.arange(rows) + start, diagonals, side="right")
    return costs, first, last


def _best(costs: Frames, first: NDArray[np.int64], last: NDArray[np.int64]) -> float:
    """Sum over the cheapest path, diagonal by diagonal, divided by the path's steps."""
    rows = costs.shape[1]
    # column t + 1 stands for frame t, so that there is one before the first; sums in row 0, steps in row 1
    before, ahead = np.full((2, rows + 1), np.inf), np.full((2, rows + 1), np.inf)
    before[:, 1] = costs[0, 0], 1
    for number in range(1, len(costs)):
        now = np.full((2, rows + 1), np.inf)
        low, high = first[number], last[number]
        options = np.stack([ahead[:, low:high], before[:, low:high], before[:, low + 1 : high + 1]])
        pick = options[:, 0].argmin(axis=0)
        now[:, low + 1 : high + 1] = options[pick, :, np.arange(high - low)].T
        now[0, low + 1 : high + 1] += costs[number, low:high]
        now[1, low + 1 : high + 1] += 1
        ahead, before = before, now
    total, steps = before[:, rows]
    return float(total / steps)
