"""Trend ↔ patches: a series of numbers at equal distances, each instance on its own scale.

As in Chronos-Bolt (Ansari et al., 2024): patches of 16, instance normalisation, 9 quantiles of a whole patch at a
step. Behind the normalisation an inverse hyperbolic sine tames outliers, as in Chronos-2 (Ansari et al., 2025).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist

import numpy as np

from walkiosk.modality import scalar
from walkiosk.modality.scalar import FARTHEST
from walkiosk.modality.value import MEDIAN, QUANTILES, BadValue, Floats, Pick, Scale, Step, Values, is_number

PATCH = 16  # values an element
LONGEST = 2_048  # values perceived, the latest ones
# Values on their own scale, where there are any, the same on the scale of all, squeezed and straight, and where their
# own scale lies. Of two series that look alike the common scale tells which is the higher.
FEATURES = 4 * PATCH + 2 * scalar.PERCEIVED
GOES_ON = PATCH  # class of a full patch with more behind it; class c < PATCH says: c + 1 values, the last ones
WRITTEN = len(QUANTILES) * PATCH  # numbers of an element before its class
PLACES = np.linspace(-3.0, 3.0, 61)  # standard deviations off the median, where a drawn value may lie
STAYS = 0.7  # correlation of neighbours' places: a way that is drawn wanders, and does not leap at each value


@dataclass(frozen=True)
class Form:
    """How trends are laid: the scale that one is written on, and where levels and spreads of those perceived lie."""

    scale: Scale = field(default_factory=Scale)
    levels: Scale | None = None
    spreads: Scale | None = None

    @classmethod
    def behind(cls, past: Values) -> Form:
        """The form of what follows ``past``: its scale."""
        return cls(Scale.of(past))


def read(source: object, /) -> Values:
    """Return the values of a list, of an array, or of a CSV file's column ``y`` (else its last column)."""
    if isinstance(source, str | Path):
        return _checked(_column(Path(source)), str(source))
    try:
        values = np.asarray(source, np.float64)
    except (TypeError, ValueError) as error:
        raise BadValue(f"{source!r} is not a list of numbers") from error
    return _checked(values, "trend")


def fitting(values: Sequence[Values], /) -> Form:
    """The form that suits ``values``."""
    scales = [Scale.of(each) for each in values]
    levels, spreads = (np.array(numbers) for numbers in ([s.loc for s in scales], [s.scale for s in scales]))
    return Form(Scale.around(np.concatenate(list(values))), Scale.around(levels), Scale.around(spreads))


def to_sequence(values: Values, /, form: Form | None = None) -> Floats:
    """T × `FEATURES`: squeezed values, padded in front so that the last patch is full."""
    values = _checked(values, "trend")[-LONGEST:]
    form, scale = form or Form(), Scale.of(values)
    straight = np.zeros(len(values)) if form.levels is None else (values - form.scale.loc) / form.scale.scale
    told = (scale.squeeze(values), np.ones(len(values)), np.arcsinh(straight), np.clip(straight, -FARTHEST, FARTHEST))
    gap = (-len(values) % PATCH, 0)
    patches = [np.pad(each, gap).reshape(-1, PATCH) for each in told]
    level = [scalar.to_sequence(scale.loc, form.levels)[0], scalar.to_sequence(scale.scale, form.spreads)[0]]
    return np.concatenate([*patches, np.tile(np.concatenate(level), (len(patches[0]), 1))], axis=1).astype(np.float32)


def to_target(values: Values, /, form: Form | None = None) -> Floats:
    """T × (9 · 16 + 1): the quantiles of a patch (level-major, all alike) and the class of its end."""
    values = _checked(values, "trend")
    squeezed = (form or Form()).scale.squeeze(values)
    patches = np.pad(squeezed, (0, -len(values) % PATCH)).reshape(-1, PATCH)
    ends = np.full((len(patches), 1), GOES_ON)
    ends[-1] = (len(values) - 1) % PATCH
    return np.concatenate([np.tile(patches, (1, len(QUANTILES))), ends], axis=1).astype(np.float32)


def next(head: Floats, before: Sequence[Floats], /, form: Form | None = None, pick: Pick | None = None) -> Step:
    """9 · 16 numbers and 17 classes → quantiles in order and the likeliest class; any but `GOES_ON` is the last.

    With ``pick`` a way through the quantiles is drawn, and all nine are its values, as those of a known patch are.
    """
    quantiles = np.sort(head[:WRITTEN].reshape(-1, PATCH), axis=0)
    if pick is not None:
        quantiles = np.tile(_way(quantiles, pick), (len(QUANTILES), 1))
    end = int(head[WRITTEN:].argmax())
    return Step(np.append(quantiles.ravel(), np.float32(end)), end != GOES_ON)


def _way(quantiles: Floats, pick: Pick) -> Floats:
    """9 × 16 → 16 values of one way that a patch may go; straight on beyond the outermost quantiles."""
    scores = (-(PLACES**2) / 2).astype(np.float32)  # of a normal distribution
    fresh = np.array([PLACES[pick(scores)] for _ in range(PATCH)])
    places = fresh.copy()
    for at in range(1, PATCH):
        places[at] = STAYS * places[at - 1] + np.sqrt(1 - STAYS**2) * fresh[at]
    levels = _levels()
    below = np.clip(np.searchsorted(levels, places) - 1, 0, len(levels) - 2)
    share = (places - levels[below]) / (levels[below + 1] - levels[below])
    values = np.arange(PATCH)
    low, high = quantiles[below, values], quantiles[below + 1, values]
    return np.asarray(low + share * (high - low), np.float32)


@lru_cache(maxsize=1)
def _levels() -> Values:
    """How many standard deviations off the median the quantiles of a normal distribution lie."""
    return np.array([NormalDist().inv_cdf(level) for level in QUANTILES])


def from_sequence(elements: Sequence[Floats] | Floats, /, form: Form | None = None) -> Values:
    """Return N × 9 quantiles at the levels `QUANTILES`."""
    if len(elements) == 0:
        raise BadValue("no elements, no trend")
    rows = np.asarray(elements, np.float64)
    count = (len(rows) - 1) * PATCH + min(int(rows[-1, -1]) + 1, PATCH)
    apart = rows[:, :WRITTEN].reshape(len(rows), len(QUANTILES), PATCH)
    quantiles = apart.swapaxes(1, 2).reshape(-1, len(QUANTILES))[:count]  # T Q P → T·P Q
    return (form or Form()).scale.stretch(quantiles)


def write(values: Values, path: Path, /) -> None:
    """Write a CSV file with the column ``y``, and one column a level where there are quantiles (N × 9)."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        if values.ndim == 1:
            rows.writerow(["y"])
            rows.writerows([repr(float(x))] for x in values)
        else:
            rows.writerow(["y", *QUANTILES])
            rows.writerows([repr(float(x)) for x in (row[MEDIAN], *row)] for row in values)


def _column(path: Path) -> Values:
    try:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadValue(f"{path}: {error}") from error
    if not rows:
        raise BadValue(f"{path}: empty")
    at, start = len(rows[0]) - 1, 0
    if any(not is_number(cell) for cell in rows[0]):
        at, start = rows[0].index("y") if "y" in rows[0] else at, 1
    values = []
    for number, row in enumerate(rows[start:], start + 1):
        if len(row) <= at or not is_number(row[at]):
            raise BadValue(f"{path}, row {number}: {row[at] if len(row) > at else 'nothing'!r} is not a number")
        values.append(float(row[at]))
    return np.array(values)


def _checked(values: Values, name: str) -> Values:
    if values.ndim != 1 or not len(values):
        raise BadValue(f"{name}: {'empty' if not values.size else f'{values.ndim} dimensions, expected one'}")
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise BadValue(f"{name}: value {bad[0] + 1} of {len(values)} is {values[bad[0]]}")
    return values
