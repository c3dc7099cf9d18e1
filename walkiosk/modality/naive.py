"""What naive forecasts say of each step ahead: the mean of the last same phases, levels, the year before.

Letters in shapes: B series, T steps of a past, H of a horizon, N any last axis.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality import season

Values = NDArray[np.float64]
AGAIN = {"D": (4, 12), "W": (2, 4), "M": (2, 4), "Q": (2, 4), "Y": (2, 4)}  # cycles whose same phase is averaged
YEAR = {"D": 364, "W": 52, "M": 12, "Q": 4, "Y": 1}  # steps back to the same time a year ago
NEAR = {"D": 14, "W": 4, "M": 2, "Q": 1, "Y": 1}  # steps that a level is the mean of
SAY = 10  # forecasts of a step


def mean(values: Values, fallback: Values | float = np.nan) -> Values:
    """Return the mean over the last axis of what is known; ``fallback`` where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), fallback)


def naive(values: Values, ahead: int, frequency: str) -> tuple[Values, NDArray[np.bool_]]:
    """Return what they say behind ``values`` (B T, NaN where nobody knows), B H `SAY`, and where they say anything."""
    rows, past = values.shape
    cycle = season.CYCLE[frequency]
    few, many = AGAIN[frequency]
    year, near = YEAR[frequency], NEAR[frequency]
    room = max(many * cycle, year + 2 * near + cycle, 8 * near)
    wide = np.concatenate([np.full((rows, max(0, room - past)), np.nan), values], axis=1)
    end = wide.shape[1]
    phase = np.arange(ahead) % cycle

    def same_phase(cycles: int) -> Values:
        return mean(wide[:, end - cycles * cycle :].reshape(rows, cycles, cycle).swapaxes(1, 2))[:, phase]

    def level(steps: int) -> Values:
        return np.repeat(mean(wide[:, end - steps :])[:, None], ahead, axis=1)

    everything = np.repeat(mean(values)[:, None], ahead, axis=1)
    # a year ago: the same weekday, and the level around it and around today's date then
    index = end - year + np.arange(ahead) % year
    ago = wide[:, index]
    padded = np.concatenate([np.zeros((rows, 1)), np.cumsum(np.nan_to_num(wide), axis=1)], axis=1)
    counted = np.concatenate([np.zeros((rows, 1)), np.cumsum(np.isfinite(wide), axis=1)], axis=1)
    low, high = np.maximum(index - near, 0), np.minimum(index + near + 1, end)
    count = counted[:, high] - counted[:, low]
    around = np.where(count > 0, (padded[:, high] - padded[:, low]) / np.maximum(count, 1), np.nan)
    then = np.repeat(mean(wide[:, max(0, end - year - near) : end - year + near])[:, None], ahead, axis=1)
    first = same_phase(few)
    for instead in (same_phase(many), level(2 * near), everything):  # where nobody knows of the latest steps
        first = np.where(np.isfinite(first), first, instead)
    found = np.stack(
        [
            first,
            same_phase(many),
            same_phase(1),
            level(near),
            level(2 * near),
            level(8 * near),
            everything,
            ago,
            around,
            then,
        ],
        axis=-1,
    )
    return found, np.isfinite(found)
