"""Series: the values so far → the next ones, drawn one after another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from walkiosk.likeness.files import read_each
from walkiosk.likeness.laid import Going, Laid, check_groups, stretches
from walkiosk.likeness.tables import series_of
from walkiosk.modality import trend
from walkiosk.modality.value import BadValue, Values
from walkiosk.pairs.pair import PairsError
from walkiosk.sequence import Sequence as Model

READ = 4 * trend.PATCH  # values, at most
OPENING = 4  # values that a new series has of one that lies there
MOST_LENGTH = 200  # values that are written where nobody says how many
FEW = 10  # series; of fewer any place is a beginning, of more only their own
MOST_OPENINGS = 500
SEEDS = 2**32


def lay(place: Path, kind: str, files: Sequence[Path]) -> Laid:
    """What comes next in all series, each stretch behind the values before it."""
    every = [series for _, several in read_each(place, files, series_of) for series in several]
    long = [series for series in every if len(series) > OPENING]
    if not long:
        raise PairsError(f"{place}: no series in it has more than {OPENING} values")
    going = Going(READ, trend.PATCH, OPENING)
    cuts = stretches(list(map(len, long)), going, 1)
    pairs = [(long[number][before], long[number][behind], group) for number, before, behind, group in cuts]
    check_groups(str(place), pairs, f"{sum(map(len, long))} values, where some hundreds are the least")
    values = np.concatenate(long)
    return Laid(
        pairs,
        {
            "asks": _openings(long),
            "length": min(MOST_LENGTH, int(np.median(list(map(len, long))))),
            "whole": bool((values == np.rint(values)).all()),
            "least": float(values.min()),
            "most": float(values.max()),
        },
    )


def make(model: Model, told: dict[str, Any], dice: np.random.Generator, of: str, length: int | None) -> tuple[Any, str]:
    """A series that begins as asked, else as one that lies there, drawn; and those first values.

    One value is taken of each answer, and the next answer knows it: so neighbours hang together as they do in what was
    learned, however that is. None lies outside what lies there.
    """
    begin = told["asks"][int(dice.integers(len(told["asks"])))]
    if of:
        begin = trend.read(_numbers(of)).tolist()
    values, count = list(begin), length or told["length"]
    while len(values) < count:
        value = float(model.draw(values[-READ:], seed=int(dice.integers(SEEDS)))[0])
        value = min(max(value, told["least"]), told["most"])
        values.append(float(round(value)) if told["whole"] else value)
    return np.array(values[:count]), " ".join(f"{value:g}" for value in begin)


def check(files: Sequence[Path], of: str) -> None:
    """Raise `BadValue` where a series could not begin so."""
    trend.read(_numbers(of))


def _numbers(typed: str) -> list[float]:
    try:
        return [float(cell) for cell in typed.replace(",", " ").split()]
    except ValueError as error:
        raise BadValue(f'{typed!r}: a series begins with numbers, such as "3 5 4"') from error


def _openings(long: Sequence[Values]) -> list[list[float]]:
    if len(long) < FEW:
        places = [(series, at) for series in long for at in range(len(series) - OPENING)]
    else:
        places = [(series, 0) for series in long]
    step = -(-len(places) // MOST_OPENINGS)
    return [series[at : at + OPENING].tolist() for series, at in places[::step]]
