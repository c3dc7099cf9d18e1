"""Scalar ↔ one element: a number whose sign and magnitude survive over many orders.

Perceived as signed logarithms at several units (symlog, Hafner et al., 2023) beside the phases of the number in decimal
periods, which tell its digits (Zhou et al., 2025). Written as 9 quantiles of its signed logarithm.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.value import QUANTILES, BadValue, Floats, Step

UNITS = 10.0 ** np.arange(-6, 10, 3)  # where each logarithm turns linear
PERIODS = 10.0 ** np.arange(-2, 8)  # a phase in 10^i tells the digits below 10^i
FEATURES = len(UNITS) + 2 * len(PERIODS) + 1
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


def to_sequence(value: float, /) -> Floats:
    """1 × `FEATURES`."""
    return features(_finite(value))[None]


def to_target(value: float, /, like: float | None = None) -> Floats:
    """1 × 9: a number that is known has nine equal quantiles."""
    return np.full((1, len(QUANTILES)), np.arcsinh(_finite(value) / WRITTEN_UNIT) / WRITTEN_SPAN, np.float32)


def next(head: Floats, before: Sequence[Floats], /) -> Step:
    """9 outputs → 9 quantiles in order; one element is all there is."""
    return Step(np.sort(head), True)


def from_sequence(elements: Sequence[Floats] | Floats, /, like: float | None = None) -> Quantiles:
    """Return the 9 quantiles at the levels `QUANTILES`."""
    if len(elements) != 1:
        raise BadValue(f"{len(elements)} elements are not one number")
    return np.asarray(np.sinh(np.asarray(elements[0], np.float64) * WRITTEN_SPAN) * WRITTEN_UNIT)


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


def _finite(value: float) -> float:
    if not np.isfinite(value):
        raise BadValue(f"{value!r} is not a finite number")
    return float(value)
