"""Frequencies read from dates, and the days of the steps that follow."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.series.reading import MONDAY, read, rows, written
from walkiosk.series.fault import SeriesError
from walkiosk.series.grid import Days, Grid, infer


def days(*steps: int, first: date = MONDAY) -> Days:
    return first.toordinal() + np.array(steps, np.int64)


def months(count: int, every: int, day: int) -> Days:
    found = [Grid("M", date(2020, 1, 1)).day(every * number) for number in range(count)]
    return np.array([one.toordinal() + day - 1 for one in found], np.int64)


@pytest.mark.parametrize(
    ("given", "frequency", "sure"),
    [
        (days(*range(10)), "D", True),
        (days(0, 3, 12, 45, 46), "D", False),
        (days(*range(0, 70, 7)), "W", True),
        (days(0, 7, 28), "W", False),
        (months(12, 1, 1), "M", True),
        (months(12, 1, 15), "M", True),
        (months(10, 3, 1), "Q", True),
        (months(10, 12, 1), "Y", True),
        (days(0, 1), None, False),
        (days(0), None, False),
    ],
)
def test_frequencies_are_read_from_dates(given: Days, frequency: str | None, sure: bool) -> None:
    assert infer(given) == (frequency, sure)


def test_month_ends_are_months_and_go_on_as_month_ends() -> None:
    ends = months(13, 1, 1)[1:] - 1
    assert infer(ends) == ("M", True)
    grid = Grid.of(ends, "M")
    assert [grid.day(step) for step in (0, 1, 13)] == [date(2020, 1, 31), date(2020, 2, 29), date(2021, 2, 28)]
    assert grid.steps(ends).tolist() == list(range(12)) and grid.period == date(2020, 1, 1)


@pytest.mark.parametrize(
    ("frequency", "first", "third"),
    [
        ("D", date(2024, 2, 28), date(2024, 3, 1)),
        ("W", date(2024, 12, 24), date(2025, 1, 7)),
        ("Q", date(2024, 10, 1), date(2025, 4, 1)),
        ("Y", date(2024, 2, 29), date(2026, 2, 28)),
    ],
)
def test_steps_and_days_agree(frequency: str, first: date, third: date) -> None:
    grid = Grid(frequency, first)
    assert grid.day(2) == third
    ahead = np.array([grid.day(step).toordinal() for step in range(30)], np.int64)
    assert grid.steps(ahead).tolist() == list(range(30))


def test_weeks_may_begin_on_another_day_in_another_series(tmp_path: Path) -> None:
    sunday = MONDAY - timedelta(1)
    text = rows("a", range(8), MONDAY, 7) + rows("b", range(8), sunday, 7)
    found = read(written(tmp_path, text.replace("2026", "2025"))).series
    assert [one.history.frequency for one in found.values()] == ["W", "W"]
    assert found["b"].history.first.isoweekday() != found["a"].history.first.isoweekday()


def test_a_week_that_is_told_by_another_day_is_named(tmp_path: Path) -> None:
    lines = rows("a", range(14), date(2025, 1, 6), 7).splitlines(keepends=True)
    lines[5] = lines[5].replace("2025-02-10", "2025-02-11")
    with pytest.raises(
        SeriesError, match=r"line 7, column ds: '2025-02-11' is not weekly, as other rows of series 'a'"
    ):
        read(written(tmp_path, "".join(lines)))


def test_two_frequencies_in_one_series_are_named_where_the_second_begins(tmp_path: Path) -> None:
    text = rows("a", range(20), date(2025, 1, 6)) + rows("a", range(9), date(2025, 2, 1), 7)
    with pytest.raises(SeriesError, match=r"line 22, column ds: '2025-02-01' is not daily"):
        read(written(tmp_path, text))


def test_a_month_on_another_day_is_named(tmp_path: Path) -> None:
    text = "".join(f"a,2025-{month:02}-{2 if month == 8 else 1:02},1\n" for month in range(1, 13))
    with pytest.raises(SeriesError, match=r"line 9, column ds: '2025-08-02' is not monthly"):
        read(written(tmp_path, text))


def test_few_rows_are_read_as_most_of_the_file(tmp_path: Path) -> None:
    found = read(written(tmp_path, rows("a", range(30)) + rows("b", [1, 2, 3], step=7)))
    assert found.series["b"].history.frequency == "D" and len(found.series["b"].history.values) == 15
    assert any("1 series have too few rows to tell: daily" in line for line in found.repairs)


def test_few_rows_keep_their_own_frequency_where_the_usual_does_not_fit(tmp_path: Path) -> None:
    found = read(written(tmp_path, rows("a", range(12), date(2025, 1, 6), 7) + rows("b", [1, 2, 3, 4])))
    assert [one.history.frequency for one in found.series.values()] == ["W", "D"]
    assert any(
        "1 series are daily, most of the file is weekly; the first in line 14, b" in line for line in found.repairs
    )
