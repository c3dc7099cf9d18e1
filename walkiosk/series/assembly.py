"""Rows of a series → its history on a grid of steps, and what is known ahead of it.

Letters in shapes: N rows of a series, T steps of its past, H of a horizon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from walkiosk.series.collecting import Collected
from walkiosk.series.fault import SeriesError
from walkiosk.series.grid import NAMES, Days, Grid, Mixed, infer
from walkiosk.series.shelf import Rows, beginnings
from walkiosk.series.table import Floats
from walkiosk.skill.forecasting import History

LONGEST_SPAN = 30_000  # steps, eighty years of days: beyond that a date is wrong


@dataclass(frozen=True)
class Series:
    """One series of a file. A history without a value (``T`` 0) is that of an article nobody has sold yet."""

    id: str
    history: History
    grid: Grid
    line: int  # of its first row

    def ahead(self, horizon: int) -> list[date]:
        """The days of the steps behind the history."""
        past = len(self.history.values)
        return [self.grid.day(step) for step in range(past, past + horizon)]


def assemble(collected: Collected, horizon: int | None) -> Iterator[list[Series]]:
    """All series, a thousand at a time; what is known ahead reaches ``horizon`` steps.

    Without a horizon all rows are of the past, as scoring wants it. Raises `SeriesError`.
    """
    usual: str | None = None
    names = list(collected.numbers)
    for rows in collected.shelf.take():
        parts = np.split(rows, beginnings(rows["code"])[1:])
        if usual is None:
            usual = collected.rules.frequency or _usual(parts)
        maker = _Maker(collected, usual, horizon)
        yield [maker.series(part, names[part["code"][0]]) for part in parts]


def _usual(parts: list[Rows]) -> str:
    """The frequency that most series have, of those that are long enough to be certain."""
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for part in parts:
        try:
            frequency, sure = infer(_days(part))
        except Mixed:  # told when its turn comes
            continue
        if frequency is not None:
            counts[sure][frequency] += 1
    found = counts[True] or counts[False]
    return found.most_common(1)[0][0] if found else "D"


def _days(rows: Rows) -> Days:
    """The days of sorted rows, each once."""
    return np.asarray(rows["day"][beginnings(rows["day"])].astype(np.int64))


@dataclass(frozen=True)
class _Maker:
    collected: Collected
    usual: str
    horizon: int | None

    def series(self, rows: Rows, name: str) -> Series:
        """One series of its rows (N, by day and line)."""
        rules, repairs = self.collected.rules, self.collected.repairs
        grid = self._grid(rows, name)
        steps = grid.steps(rows["day"].astype(np.int64))
        again = np.flatnonzero(steps[1:] == steps[:-1])
        if len(again):
            rows, steps = self._merged(rows, steps, int(again[0]), name, grid)
        known = np.flatnonzero(~np.isnan(rows["y"]))
        past = int(steps[known[-1]]) + 1 if len(known) else 0
        if past > LONGEST_SPAN:
            raise SeriesError(
                f"{self.collected.table.file}, line {rows['line'][0]}, column ds: series {name!r} would have {past:,} "
                f"{NAMES[grid.frequency]} steps, from {date.fromordinal(int(rows['day'][0]))} on"
            )
        line = int(rows["line"].min())
        self._note(grid, past, len(known), line, name)
        self._note_beyond(rows, steps, past, name)
        inside = steps < past
        missing = past - int(inside.sum())
        if missing:
            meaning = "filled with 0" if rules.gaps == "zero" else "taken as unknown (--gaps zero: nothing was sold)"
            at = np.flatnonzero(np.diff(steps) > 1)[0]
            repairs.add(f"{{count}} steps without a row, {meaning}", missing, int(rows["line"][at + 1]), name)
        values = np.full(past, 0.0 if rules.gaps == "zero" else np.nan)
        values[steps[inside]] = rows["y"][inside]
        price, promotion = (self._known(rows, steps, column, past) for column in ("price", "promotion"))
        code = int(rows["code"][0])
        category, title = (self.collected.facts[fact].get(code, "") for fact in ("category", "name"))
        history = History(values, grid.period, grid.frequency, price, promotion, category, title, rules.country)
        return Series(name, history, grid, line)

    def _grid(self, rows: Rows, name: str) -> Grid:
        days = _days(rows)
        if self.collected.rules.frequency is not None:
            return Grid.of(days, self.collected.rules.frequency)
        try:
            frequency, sure = infer(days)
        except Mixed as mixed:
            at = int(np.flatnonzero(rows["day"] == days[mixed.row])[0])
            raise SeriesError(
                f"{self.collected.table.file}, line {rows['line'][at]}, column ds: "
                f"'{date.fromordinal(int(days[mixed.row]))}' is not {NAMES[mixed.usual]}, as other rows of series "
                f"{name!r} are; --frequency tells how all are to be read"
            ) from mixed
        if frequency is None or (not sure and frequency != self.usual and self._fits(days)):
            what = f"{{count}} series have too few rows to tell: {NAMES[self.usual]}, as most of the file"
            self.collected.repairs.add(what, 1, int(rows["line"].min()), name)
            frequency = self.usual
        elif frequency != self.usual:
            what = f"{{count}} series are {NAMES[frequency]}, most of the file is {NAMES[self.usual]}"
            self.collected.repairs.add(what, 1, int(rows["line"].min()), name)
        return Grid.of(days, frequency)

    def _fits(self, days: Days) -> bool:
        """Whether each of a few days is a step of the file's usual frequency."""
        grid = Grid.of(days, self.usual)
        return all(grid.day(int(step)).toordinal() == day for step, day in zip(grid.steps(days), days, strict=True))

    def _merged(self, rows: Rows, steps: Days, at: int, name: str, grid: Grid) -> tuple[Rows, Days]:
        """Rows of one step added up; raises `SeriesError` where they may not be."""
        first, second = sorted((int(rows["line"][at]), int(rows["line"][at + 1])))
        when = f"{grid.day(int(steps[at]))}"
        if self.collected.rules.duplicates == "error":
            raise SeriesError(
                f"{self.collected.table.file}, lines {first} and {second}, column ds: series {name!r} has two values "
                f"of {when}; --duplicates sum adds them"
            )
        starts = beginnings(steps)
        added = len(rows) - len(starts)
        self.collected.repairs.add(
            "{count} rows of a step that had one already, added to it", added, second, f"{name} {when}"
        )
        found = rows[starts].copy()
        for column in ("y", "price", "promotion"):
            if column in (rows.dtype.names or ()):
                known = ~np.isnan(rows[column])
                count = np.add.reduceat(known.astype(np.int64), starts)
                total = np.add.reduceat(np.where(known, rows[column], 0.0), starts)
                of_step = total if column == "y" else total / np.maximum(count, 1)
                found[column] = np.where(count > 0, of_step, np.nan)
        return found, steps[starts]

    def _known(self, rows: Rows, steps: Days, column: str, past: int) -> Floats | None:
        """What is known ahead, T + H, NaN where it is not; None where the file does not tell."""
        if column not in (rows.dtype.names or ()):
            return None
        found = np.full(past + (self.horizon or 0), np.nan)
        inside = steps < len(found)
        found[steps[inside]] = rows[column][inside]
        return found if not np.isnan(found).all() else None

    def _note(self, grid: Grid, past: int, known: int, line: int, name: str) -> None:
        add = self.collected.repairs.add
        if known == 1:
            add("{count} series with one value, forecast from its level and what they are", 1, line, name)
        if known and grid.day(past).toordinal() <= self.collected.latest:
            add("{count} series end before others do: their forecast begins where they end", 1, line, name)

    def _note_beyond(self, rows: Rows, steps: Days, past: int, name: str) -> None:
        beyond = rows["line"][steps >= past + (self.horizon or 0)]
        if len(beyond):
            where = "beyond the horizon, not used" if self.horizon else "without a value behind the last one"
            what = f"{{count}} rows {where}"
            self.collected.repairs.add(what, len(beyond), int(beyond.min()), name)
