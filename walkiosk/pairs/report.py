"""What came of a fit, as one page that needs no network and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from walkiosk.metrics.bootstrap import RESAMPLES
from walkiosk.pairs import svg
from walkiosk.pairs.cells import Cell, cell
from walkiosk.pairs.judging import Judgement, shown
from walkiosk.pairs.pair import Fault, Sides

TEMPLATE = "report.html.jinja"
MOST_SAMPLES = 24
MOST_FAULTS = 50
MOST_STEPS = 40  # rows of the table behind the curves
CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\ufffd")  # what no page may hold


@dataclass(frozen=True)
class Curves:
    """Losses by step; ``best`` is the step whose weights were kept."""

    training: Sequence[tuple[int, float]] = ()
    validation: Sequence[tuple[int, float]] = ()
    best: int | None = None


@dataclass(frozen=True)
class Sample:
    """One held-out pair as `Modality.read` gives it, what the model found, and what the strongest baseline did."""

    line: int
    inputs: tuple[Any, ...]
    wanted: Any
    found: Any
    baseline: Any = None


@dataclass(frozen=True)
class Report:
    """All that the page tells; ``said`` is what was guessed, ``card`` what the model and its data are, by name."""

    name: str  # of the file of pairs
    sides: Sides
    aim: str  # one of `AIMS`
    judgement: Judgement
    curves: Curves = field(default_factory=Curves)
    samples: Sequence[Sample] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)  # by step
    problems: Sequence[str] = ()
    faults: Sequence[Fault] = ()
    said: Sequence[str] = ()
    card: Mapping[str, str | int | float] = field(default_factory=dict)


def write_report(path: Path, told: Report) -> None:
    """Write ``told`` as HTML in UTF-8; raises OSError where that cannot be."""
    path.write_text(page(told), "utf-8")


def page(told: Report) -> str:
    """The HTML of a report."""
    room = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = room.from_string(files("walkiosk.pairs").joinpath(TEMPLATE).read_text("utf-8"))
    made = template.render(
        told=told,
        name=told.name,
        resamples=f"{RESAMPLES:,}",
        verdict=verdict(told.judgement),
        scores=_scores(told.judgement),
        bars=_bars(told.judgement),
        curves=_curves(told.curves),
        losses=_losses(told.curves),
        samples=[(sample.line, _rows(told, sample)) for sample in told.samples[:MOST_SAMPLES]],
        times=_times(told.seconds),
        slowest=slowest(told.seconds),
        faults=[(fault.line, fault.said) for fault in told.faults[:MOST_FAULTS]],
        card=[(name, f"{value:,}" if isinstance(value, int) else value) for name, value in told.card.items()],
    )
    return made.translate(CONTROLS).encode("utf-8", "replace").decode()  # halves of surrogate pairs are no UTF-8


def verdict(told: Judgement) -> str:
    """The score beside the strongest baseline's, in one sentence."""
    pairs = f"{told.n:,} held-out pair{'' if told.n == 1 else 's'}"
    own = f"On {pairs} the model's {told.metric} is {shown(told.value)} (95%: {shown(told.low)} to {shown(told.high)})"
    if not told.baseline_name:
        return f"{own}; there is no baseline to compare it with."
    interval = f"{shown(told.baseline_low)} to {shown(told.baseline_high)}"
    other = f"the strongest baseline, “{told.baseline_name}”, has {shown(told.baseline)} ({interval})"
    ahead = told.value > told.baseline if told.better == "higher" else told.value < told.baseline
    if told.beats:
        return f"{own}; {other}. The model is better, beyond what chance explains."
    if ahead:
        return f"{own}; {other}. The model is ahead, but the intervals overlap: more held-out pairs would tell."
    return f"{own}; {other}. The model is not better than that baseline."


def slowest(seconds: Mapping[str, float]) -> str:
    """The step that took longest, as a sentence; "" where none was timed."""
    if not seconds:
        return ""
    name = max(seconds, key=lambda step: seconds[step])
    return f"Slowest step: {name}, {_seconds(seconds[name])} of {_seconds(sum(seconds.values()))}."


def _scores(told: Judgement) -> list[tuple[str, list[str]]]:
    """Rows of the table: the metric, then the others, of the model and of the strongest baseline."""
    rows = [(f"{told.metric} ({told.better} is better)", [shown(told.value), shown(told.baseline)])]
    for name, value in told.others.items():
        beside = told.baseline_others.get(name)
        rows.append((name, [shown(value), "–" if beside is None else shown(beside)]))
    return rows if told.baseline_name else [(name, values[:1]) for name, values in rows]


def _bars(told: Judgement) -> Markup:
    """The model first, then the baselines, the strongest first."""
    sign = -1 if told.better == "higher" else 1
    own = svg.Bar("the model", told.value, "found", (told.low, told.high))
    others = [
        svg.Bar(name, value, "base", (told.baseline_low, told.baseline_high) if name == told.baseline_name else None)
        for name, value in sorted(told.baselines.items(), key=lambda pair: sign * pair[1])
    ]
    said = ", ".join(f"{bar.name} {shown(bar.value)}" for bar in (own, *others))
    return svg.bars(f"{told.metric}, {told.better} is better: {said}", [own, *others])


def _curves(told: Curves) -> Markup:
    drawn = [
        svg.Line(name, kind, [step for step, _ in points], [loss for _, loss in points])
        for name, kind, points in (("training", "base", told.training), ("validation", "found", told.validation))
        if points
    ]
    ends = [f"{line.name} from {shown(line.y[0])} to {shown(line.y[-1])}" for line in drawn]
    return svg.lines(f"Loss by step: {', '.join(ends)}", drawn, mark=told.best)


def _losses(told: Curves) -> list[tuple[int, str, str]]:
    """The curves as rows of step, training and validation loss: those steps that were validated, or all."""
    training, validation = dict(told.training), dict(told.validation)
    steps = sorted(validation or training)
    kept = steps if len(steps) <= MOST_STEPS else [steps[round(n)] for n in np.linspace(0, len(steps) - 1, MOST_STEPS)]
    known = sorted(training)
    rows = []
    for step in kept:
        at = int(np.searchsorted(known, step, side="right")) - 1  # the latest that was noted by then
        noted = shown(training[known[at]]) if at >= 0 else "–"
        rows.append((step, noted, shown(validation[step]) if step in validation else "–"))
    return rows


def _rows(told: Report, sample: Sample) -> list[list[Cell]]:
    """Input, wanted, found and the baseline's in a row, several parts of an input in one of their own.

    Trends of the target are on one scale.
    """
    target = told.aim
    answers = [value for value in (sample.wanted, sample.found, sample.baseline) if value is not None]
    limits = svg.limits_of([np.asarray(value, np.float64) for value in answers]) if target == "trend" else (0.0, 1.0)
    inputs = []
    for place, (kind, value) in enumerate(zip(told.sides.inputs, sample.inputs, strict=True), 1):
        name = "input" if len(sample.inputs) == 1 else f"input {place}"
        own = svg.limits_of([value]) if kind == "trend" else limits
        inputs.append(cell(name, kind, value, own))
    beside = sample.wanted if target in ("trend", "classes") else None
    cells = [cell("wanted", target, sample.wanted, limits), cell("found", target, sample.found, limits, beside)]
    if sample.baseline is not None:
        name = told.judgement.baseline_name
        cells.append(cell(f"baseline “{name}”", target, sample.baseline, limits, beside))
    return [inputs + cells] if len(inputs) == 1 else [inputs, cells]


def _times(seconds: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """Step, time and its share of all in percent, in the order of the steps."""
    total = sum(seconds.values()) or 1.0
    return [(name, _seconds(value), 100 * value / total) for name, value in seconds.items()]


def _seconds(value: float) -> str:
    if value < 100:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    return f"{value:,.0f} s" if value < 3_600 else f"{value / 3_600:.1f} h"
