"""A model beside its baselines on held-out pairs: the metric of the aim, with 95% intervals by bootstrap.

Letters in shapes: N examples, K counts of an example, R resamples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkiosk.metrics.bootstrap import EDGES, resamples
from walkiosk.modality.audio import SAMPLE_RATE
from walkiosk.modality.video import Video
from walkiosk.pairs.metrics import Counts, Metric, metric_of
from walkiosk.pairs.pair import Sides

FEWEST = 10  # pairs; the interval of one is a point

Value = tuple[float, float, float]  # the metric and its interval


@dataclass(frozen=True)
class Judgement:
    """A metric on ``n`` held-out examples beside the strongest of the baselines.

    ``baseline_name`` is the strongest by this metric on the same examples, ``obvious`` the one that was declared
    before; ``baselines`` has the metric of each, ``others`` the model's other metrics, ``baseline_others`` that
    baseline's.
    """

    metric: str
    value: float
    low: float  # of the 95% interval
    high: float
    better: str  # "lower" or "higher"
    n: int
    baseline_name: str  # "" where there is none to compare with
    baseline: float
    baseline_low: float
    baseline_high: float
    obvious: str = ""
    others: dict[str, float] = field(default_factory=dict)
    baselines: dict[str, float] = field(default_factory=dict)
    baseline_others: dict[str, float] = field(default_factory=dict)

    @property
    def beats(self) -> bool:
        """Better than the strongest baseline, their intervals apart, on pairs enough to have some."""
        return self.n >= FEWEST and bool(
            self.low > self.baseline_high if self.better == "higher" else self.high < self.baseline_low
        )

    def __str__(self) -> str:
        head = f"{self.metric} {shown(self.value)} (95% {shown(self.low)} to {shown(self.high)}, {self.n:,} held out)"
        if not self.baseline_name:
            return head
        verdict = "better than" if self.beats else "not better than"
        interval = f"{shown(self.baseline_low)} to {shown(self.baseline_high)}"
        return f"{head}: {verdict} the baseline {self.baseline_name!r}, {shown(self.baseline)} ({interval})"


def judge(
    aim: str,
    sides: Sides,
    wanted: Sequence[Any],
    found: Sequence[Any],
    baselines: Mapping[str, Sequence[Any]],
    pasts: Sequence[Any] | None = None,
    obvious: str = "",
) -> Judgement:
    """Judge N ``found`` values, and as many of each baseline, against N ``wanted`` ones.

    Values are as `Modality.read` gives them; classes as labels; quantiles N × 9 or points; None counts as nothing
    found (an empty text, 0, silence, black). ``pasts`` are the inputs of trends, for MASE. Raises ValueError where
    there is nothing to judge or the numbers of values differ.
    """
    if not wanted or any(len(values) != len(wanted) for values in (found, *baselines.values())):
        lengths = [len(found), *map(len, baselines.values())]
        raise ValueError(f"{len(wanted)} wanted values beside {lengths} found ones")
    metric = metric_of(aim, sides.inputs)
    every = {"": found, **baselines}
    filled = {name: _filled(aim, wanted, values) for name, values in every.items()}
    counts = {name: metric.count(wanted, values) for name, values in filled.items()}
    values = dict(zip(counts, intervals(metric, list(counts.values())), strict=True))
    sign = 1 if metric.better == "higher" else -1
    best = max(baselines, key=lambda name: sign * values[name][0], default="")
    none = (float("nan"),) * 3
    others = {name: metric.others(counts[name], wanted, filled[name], pasts) for name in dict.fromkeys(("", best))}
    return Judgement(
        metric.name,
        *values[""],
        metric.better,
        len(wanted),
        best,
        *(values[best] if best else none),
        obvious,
        others[""],
        {name: values[name][0] for name in baselines},
        others[best] if best else {},
    )


def intervals(metric: Metric, counts: Sequence[Counts]) -> list[Value]:
    """The metric of each of some N × K counts, with the middle 95% over the same resamples of the examples."""
    found: list[list[NDArray[np.float64]]] = [[] for _ in counts]
    for weights in resamples(len(counts[0])):
        for values, one in zip(found, counts, strict=True):
            values.append(metric.of(weights @ one))
    told = []
    for values, one in zip(found, counts, strict=True):
        low, high = np.quantile(np.concatenate(values), EDGES)
        told.append((float(metric.of(one.sum(axis=0, keepdims=True))[0]), float(low), float(high)))
    return told


def shown(value: float) -> str:
    """A metric with the digits that one reads: 0.123, 12.3, 1,234."""
    size = abs(value)
    if size >= 1_000 or size == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.3f}" if size >= 0.01 else f"{value:.2g}"


def _filled(aim: str, wanted: Sequence[Any], found: Sequence[Any]) -> list[Any]:
    """What was found, with nothing that looks like the wanted value in place of None."""
    return [_nothing(aim, a) if b is None else b for a, b in zip(wanted, found, strict=True)]


def _nothing(aim: str, wanted: Any) -> Any:
    if aim in ("classes", "text"):
        return ""
    if aim == "quantiles":
        return 0.0
    if aim == "audio":
        return np.zeros(max(1, min(len(wanted), SAMPLE_RATE)), np.float32)
    if aim == "video":
        return Video(np.zeros_like(wanted.frames), wanted.rate)
    return np.zeros_like(wanted)
