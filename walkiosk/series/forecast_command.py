"""`walkiosk forecast`: a long CSV → quantiles of what is to come, as a CSV and as a picture."""

from __future__ import annotations

import csv
import io
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from walkiosk.modality.value import QUANTILES
from walkiosk.series import picture
from walkiosk.series.fault import SeriesError
from walkiosk.series.forecasts import Forecast, forecasts
from walkiosk.series.opening import open_series
from walkiosk.series.rules import Rules
from walkiosk.series.spread import here, on_ray
from walkiosk.skill.forecasting import FARTHEST, load

HEADER = ("unique_id", "ds", *(f"q{round(100 * level)}" for level in QUANTILES))
NUMBERS = ",".join(["%.6g"] * len(QUANTILES))


@dataclass(frozen=True)
class Order:
    """What was typed: ``file``, how far ahead, where to, under which rules, and on which cluster."""

    file: Path
    horizon: int
    out: Path | None = None
    plot: Path | None = None
    rules: Rules = field(default_factory=Rules)
    ray: str | None = None
    weights: Path | None = None


@dataclass(frozen=True)
class Told:
    """What was done: ``series`` that were forecast and how many steps ahead, and what was put right."""

    series: int
    horizon: int
    frequencies: dict[str, int]
    out: str | None
    plot: str | None
    seconds: float
    repairs: list[dict[str, object]]
    lines: list[str]  # the repairs, as they are read out

    def plain(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if name != "lines"}


def run(order: Order) -> Told:
    """Forecast a file; what was written before an error is taken away again.

    Raises `SeriesError`, `NoPlot`, `NoCluster`, OSError and FileNotFoundError (no weights).
    """
    began = time.perf_counter()
    check(order)
    spread = on_ray(order.ray, order.weights) if order.ray else here(load(order.weights))
    shown: list[Forecast] = []
    frequencies: Counter[str] = Counter()
    with _bars(order.file) as bars, open_series(order.file, order.rules, bars.read) as opened, _into(order.out) as out:
        for made in forecasts(opened, order.horizon, spread):
            _write(made, out)
            shown += made[: picture.MOST - len(shown)]
            frequencies.update(one.series.history.frequency for one in made)
            bars.forecast(len(made), len(opened))
        if order.plot and shown:
            picture.draw(shown, order.plot)
        repairs = opened.repairs
        if not frequencies:
            raise SeriesError(f"{order.file}: no series has a value")
    out_path, plot_path = (str(path) if path else None for path in (order.out, order.plot))
    seconds = round(time.perf_counter() - began, 3)
    count = frequencies.total()
    return Told(count, order.horizon, dict(frequencies), out_path, plot_path, seconds, repairs.told(), repairs.lines())


def check(order: Order) -> None:
    """Raise what can be told before anything is loaded."""
    if order.out is None and order.plot is None:
        raise SeriesError("forecast: give --out FILE.csv, --plot FILE.png or both")
    if not 1 <= order.horizon <= FARTHEST:
        raise SeriesError(f"--horizon: {order.horizon} is not from 1 to {FARTHEST}")
    if order.plot is not None:
        picture.check(order.plot)
    for path in (order.out, order.plot):
        if path is not None and not path.absolute().parent.is_dir():
            raise FileNotFoundError(f"{path.parent}: no such folder")


def _write(made: Sequence[Forecast], out: TextIO | None) -> None:
    if out is None:
        return
    for one in made:
        name = _cell(one.series.id)
        for day, quantiles in zip(one.days, one.quantiles.tolist(), strict=True):
            out.write(f"{name},{day},{NUMBERS % tuple(quantiles)}\n")


def _cell(text: str) -> str:
    """A text as a cell of a CSV."""
    cell = io.StringIO()
    csv.writer(cell, lineterminator="").writerow([text])
    return cell.getvalue()


@contextmanager
def _into(path: Path | None) -> Iterator[TextIO | None]:
    """A file that is there when it is whole."""
    if path is None:
        yield None
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            out.write(",".join(HEADER) + "\n")
            yield out
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


class _Bars:
    """How much of the file is read, and how many of its series are forecast."""

    def __init__(self, bars: Progress, file: Path) -> None:
        self.bars, self.size = bars, file.stat().st_size
        self.reading = bars.add_task(f"reading {file.name}", total=self.size)
        self.forecasting = bars.add_task("forecasting", total=None, visible=False)

    def read(self, done: int) -> None:
        self.bars.update(self.reading, completed=done)

    def forecast(self, more: int, of: int) -> None:
        self.bars.update(self.reading, completed=self.size)
        self.bars.update(self.forecasting, advance=more, total=of, visible=True)


@contextmanager
def _bars(file: Path) -> Iterator[_Bars]:
    """Bars on the standard error, where somebody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        yield _Bars(bars, file)
