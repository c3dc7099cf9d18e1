"""Forecasts judged window by window: the measures by hand, and what is cut where."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.series.reading import rows, written
from walkiosk.modality.value import QUANTILES
from walkiosk.score import DataError
from walkiosk.score.forecasting import MEASURES, Backtest, counts, judge, read_series
from walkiosk.score.summary import summarise
from walkiosk.skill.forecasting import History, Values


def flat(histories: Sequence[History], horizon: int) -> list[Values]:
    """Nine quantiles around the last value: -4 to 4."""
    return [np.tile(history.values[-1] + np.arange(-4.0, 5.0), (horizon, 1)) for history in histories]


def test_the_counts_of_a_window_by_hand() -> None:
    quantiles = np.tile(np.arange(1.0, 10.0), (3, 1))  # median 5
    wrong, came, scaled, windows, pinball, inside, known = counts(
        np.array([5.0, np.nan, 11.0]), quantiles, np.array([0.0, 2.0, 4.0, 6.0]), 1
    )
    assert (wrong, came, windows, inside, known) == (6.0, 16.0, 1.0, 1.0, 2.0)
    assert scaled == pytest.approx(3.0 / 2.0)  # the mean error is 3, the season before is wrong by 2
    by_hand = [
        2 * np.mean([max(q * (y - v), (q - 1) * (y - v)) for q, v in zip(QUANTILES, range(1, 10), strict=True)])
        for y in (5.0, 11.0)
    ]
    assert pinball == pytest.approx(sum(by_hand))


def test_a_past_that_never_changes_has_no_mase() -> None:
    assert counts(np.ones(2), np.ones((2, 9)), np.ones(9), 7)[2:4] == (0.0, 0.0)


def test_quantiles_that_are_certain_have_wape_for_their_loss() -> None:
    came, told = np.array([3.0, 8.0]), np.tile([[4.0], [5.0]], 9)
    found = counts(came, told, np.arange(9.0), 1)
    assert found[4] == pytest.approx(found[0])


def test_windows_are_cut_from_the_end_and_see_their_past_only(tmp_path: Path) -> None:
    seen: list[tuple[int, float]] = []

    def spying(histories: Sequence[History], horizon: int) -> list[Values]:
        seen.extend((len(one.values), float(one.values[-1])) for one in histories)
        return flat(histories, horizon)

    backtest = Backtest(horizon=3, windows=2, season=2)
    found = read_series(written(tmp_path, rows("a", range(20)) + rows("b", range(30, 55))), backtest)
    judged = judge(found, spying)
    assert seen == [(14, 13.0), (19, 48.0), (17, 16.0), (22, 51.0)]
    score = summarise("forecasting", judged, MEASURES)
    assert score.metric == "WAPE" and score.n == 2
    assert score.value == pytest.approx(24 / (sum(range(14, 20)) + sum(range(49, 55))), abs=1e-4)
    assert (score.by["MASE"], score.by["coverage 10-90"]) == (1.0, 1.0)


def test_what_is_known_ahead_goes_on_for_the_horizon() -> None:
    history = History(np.arange(9.0), date(2026, 1, 1), price=np.arange(9.0), promotion=None)
    cut = history.until(5, 2)
    assert cut.price is not None and (len(cut.values), len(cut.price)) == (5, 7)


def test_frequencies_are_groups_where_there_are_several(tmp_path: Path) -> None:
    text = rows("a", range(20), date(2025, 1, 6)) + rows("b", range(20), date(2025, 1, 6), 7)
    judged = judge(read_series(written(tmp_path, text), Backtest(2, 1, 1)), flat)
    assert [one.groups for one in judged] == [("D",), ("W",)]


def test_series_that_are_too_short_and_files_that_are_wrong_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"line 2, field ds: series 'a' is too short: 20 steps; 4 windows of 28 want 120"
    ):
        read_series(written(tmp_path, rows("a", range(20))), Backtest())
    with pytest.raises(DataError, match=r"line 2, column y: 'x' is no number"):
        read_series(written(tmp_path, rows("a", ["x"])), Backtest())


def test_a_limit_draws_the_same_series_each_time(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(rows(f"s{n}", range(9)) for n in range(10)))
    found = [[row.fields["unique_id"] for row in read_series(path, Backtest(2, 1, 1), 4)] for _ in range(2)]
    assert found[0] == found[1] and len(found[0]) == 4
