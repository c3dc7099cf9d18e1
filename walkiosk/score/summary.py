"""Counts of examples → metrics, their groups, and a 95% interval by bootstrap over the examples.

Letters in shapes: N examples, K counts of an example, R resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from walkiosk.metrics.bootstrap import EDGES, resamples

Counts = NDArray[np.float64]
SIX = ("en", "es", "fr", "de", "it", "pt")


@dataclass(frozen=True)
class Judged:
    """What counts of one example: its row of K numbers, and the groups that it belongs to."""

    counts: tuple[float, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """A metric by name: from summed counts, R K, to R values."""

    name: str
    of: Callable[[Counts], Counts]


@dataclass(frozen=True)
class Score:
    """A skill's metric on ``n`` examples; ``by`` holds it by group, and the other metrics by their names."""

    skill: str
    metric: str
    value: float
    low: float  # of the 95% interval
    high: float
    n: int
    by: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        head = f"{self.skill}: {self.metric} {self.value:.3f} (95% {self.low:.3f} to {self.high:.3f}), n {self.n}"
        return "\n".join((head, *(f"  {group:24} {value:.3f}" for group, value in self.by.items())))


def ratio(above: int, below: int) -> Callable[[Counts], Counts]:
    """The metric that divides one count by another; 0 where there is nothing to divide by."""
    return lambda sums: np.divide(sums[:, above], np.maximum(sums[:, below], 1e-12))


def summarise(skill: str, judged: Sequence[Judged], measures: Sequence[Measure]) -> Score:
    """The first measure with its interval and groups, the others over all."""
    counts = np.array([example.counts for example in judged], np.float64)
    first, *others = measures
    low, high = interval(counts, first)
    by: dict[str, float] = {}
    for group in _groups(judged):
        kept = [number for number, example in enumerate(judged) if _belongs(example, group)]
        by[group] = _value(counts[kept], first)
    by |= {measure.name: _value(counts, measure) for measure in (others and measures)}
    return Score(skill, first.name, _value(counts, first), low, high, len(judged), by)


def interval(counts: Counts, measure: Measure) -> tuple[float, float]:
    """The middle 95% of the measure over resamples of the examples (N K), drawn with a fixed seed."""
    values = [measure.of(weights @ counts) for weights in resamples(len(counts))]
    low, high = np.quantile(np.concatenate(values), EDGES)
    return round(float(low), 4), round(float(high), 4)


def _value(counts: Counts, measure: Measure) -> float:
    return round(float(measure.of(counts.sum(axis=0, keepdims=True))[0]), 4)


def _groups(judged: Sequence[Judged]) -> list[str]:
    """Every group by its name, and the six languages together where there are others beside them."""
    found = sorted({group for example in judged for group in example.groups})
    others = [group for group in found if len(group) == 2 and group not in SIX]
    return [*found, "the six"] if others and set(SIX) & set(found) else found


def _belongs(example: Judged, group: str) -> bool:
    return bool(set(SIX) & set(example.groups)) if group == "the six" else group in example.groups
