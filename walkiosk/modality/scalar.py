"""Scalar ↔ one element: a number whose sign and magnitude survive over many orders.

Perceived as signed logarithms at several units (symlog, Hafner et al., 2023) beside the phases of the number in decimal
periods, which tell its digits (Zhou et al., 2025), and where it stands among those that a model was fitted to. Written
as 9 quantiles, on the scale of those or of its signed logarithm.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.value import QUANTILES, BadValue, Floats, Pick, Scale, Step

UNITS = 10.0 ** np.arange(-6, 10, 3)  # where each logarithm turns linear
PERIODS = 10.0 ** np.arange(-2, 8)  # a phase in 10^i tells the digits below 10^i
FEATURES = len(UNITS) + 2 * len(PERIODS) + 1
PERCEIVED = FEATURES + 2  # and its place among others, squeezed and straight
FARTHEST = 5.0  # spreads from the level, of a place that is told straight
WRITTEN_UNIT = 1e-3  # finer than a cent; below it numbers are written linearly
WRITTEN_SPAN = 10.0  # a logarithm of ±20 is ±10⁵; keeps what is predicted near ±2

Quantiles = NDArray[np.float64]


def read(source: object, /) -> float:
    """Return a finite number given as such, as text, or in a file that holds nothing else."""
    if isinstance(source, Path):
        source = _file(source)
    if isinstance(source, bool) or not isinstance(source, int | float | str | np.floating | np.integer):
        raise BadValue(f"{source!r} is not a number")
    try:
        return _finite(float(source))
    except (ValueError, OverflowError) as error:
        raise BadValue(f"{source!r} is not a finite number") from error


def features(value: float) -> Floats:
    """Return the `FEATURES` numbers that stand for ``value``."""
    logs = np.arcsinh(value / UNITS) / 20
    turns = 2 * np.pi * np.remainder(value, PERIODS) / PERIODS
    return np.concatenate([logs, np.sin(turns), np.cos(turns), [np.sign(value)]]).astype(np.float32)


def fitting(values: Sequence[float], /) -> Scale:
    """The scale that ``values`` are on."""
    return Scale.around(np.asarray(values, np.float64))


def to_sequence(value: float, /, form: Scale | None = None) -> Floats:
    """1 × `PERCEIVED`; without a scale the place among others is left zero."""
    place = np.zeros(2)
    if form is not None:
        straight = (_finite(value) - form.loc) / form.scale
        place = np.array([np.arcsinh(straight), np.clip(straight, -FARTHEST, FARTHEST)])
    return np.concatenate([features(_finite(value)), place]).astype(np.float32)[None]


def to_target(value: float, /, form: Scale | None = None) -> Floats:
    """1 × 9: a number that is known has nine equal quantiles."""
    squeezed = (
        np.arcsinh(_finite(value) / WRITTEN_UNIT) / WRITTEN_SPAN if form is None else form.squeeze(_floats(value))
    )
    return np.full((1, len(QUANTILES)), squeezed, np.float32)


def next(head: Floats, before: Sequence[Floats], /, form: Scale | None = None, pick: Pick | None = None) -> Step:
    """9 outputs → 9 quantiles in order; one element is all there is."""
    return Step(np.sort(head), True)


def from_sequence(elements: Sequence[Floats] | Floats, /, form: Scale | None = None) -> Quantiles:
    """Return the 9 quantiles at the levels `QUANTILES`."""
    if len(elements) != 1:
        raise BadValue(f"{len(elements)} elements are not one number")
    found = np.asarray(elements[0], np.float64)
    return form.stretch(found) if form else np.asarray(np.sinh(found * WRITTEN_SPAN) * WRITTEN_UNIT)


def write(value: float | Quantiles, path: Path, /) -> None:
    """Write the number, or its median under the name ``median`` with all levels beside it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        if isinstance(value, np.ndarray):
            rows.writerow(["median", *QUANTILES])
            rows.writerow([repr(float(x)) for x in (np.median(value), *value)])
        else:
            rows.writerow([repr(_finite(value))])


def _file(path: Path) -> str:
    try:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8").splitlines()) if row]
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(f"{path}: {error}") from error
    if len(rows) == 2 and rows[0][0] == "median":
        rows = rows[1:]
    elif len(rows) != 1 or len(rows[0]) != 1:
        raise BadValue(f"{path}: does not hold one number")
    return rows[0][0]


def _floats(value: float) -> NDArray[np.float64]:
    return np.asarray(_finite(value), np.float64)


def _finite(value: float) -> float:
    if not np.isfinite(value):
        raise BadValue(f"{value!r} is not a finite number")
    return float(value)
