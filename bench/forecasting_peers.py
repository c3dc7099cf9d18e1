"""Who forecasts beside us: the season before, means of weekdays, statsforecast, LightGBM and Fracast-0.

A peer takes the pasts of all series (N of T each), a horizon H and the steps of a season, and gives N H 9; one that
tells no quantiles gives its one forecast nine times.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from walkiosk.modality.value import QUANTILES
from walkiosk.skill.forecasting import Values

Peer = Callable[[Sequence[Values], int, int], Values]
THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))
LEVELS = (20, 40, 60, 80)  # of intervals: their ends are the quantiles 0.4, 0.6; 0.3, 0.7; …
LAGS, MEANS = (*range(1, 15), 21, 28, 35), (7, 14, 28, 56)  # days that LightGBM sees


def certain(points: Values) -> Values:
    """N H → N H 9."""
    return np.repeat(points[..., None], len(QUANTILES), axis=-1)


def seasonal_naive(pasts: Sequence[Values], horizon: int, season: int) -> Values:
    rounds = -(-horizon // season)
    return certain(np.array([np.tile(past[-season:], rounds)[:horizon] for past in pasts]))


def mean_of_four(pasts: Sequence[Values], horizon: int, season: int) -> Values:
    """The mean of the last four of the same weekday (month, …)."""
    rounds = -(-horizon // season)
    means = [past[-4 * season :].reshape(-1, season).mean(axis=0) for past in pasts]
    return certain(np.array([np.tile(mean, rounds)[:horizon] for mean in means]))


def statsforecast(name: str) -> Peer:
    """A model of statsforecast on two processes, with its intervals."""

    def forecast(pasts: Sequence[Values], horizon: int, season: int) -> Values:
        import pandas as pd
        from statsforecast import StatsForecast, models

        lengths = [len(past) for past in pasts]
        frame = pd.DataFrame(
            {
                "unique_id": np.repeat(np.arange(len(pasts)), lengths),
                "ds": np.concatenate([np.arange(length) for length in lengths]),
                "y": np.concatenate(pasts),
            }
        )
        model = getattr(models, name)(season_length=season, alias="it")
        told: Any = StatsForecast([model], freq=1, n_jobs=THREADS).forecast(df=frame, h=horizon, level=list(LEVELS))
        lows = [f"it-lo-{level}" for level in reversed(LEVELS)]
        highs = [f"it-hi-{level}" for level in LEVELS]
        return told[[*lows, "it", *highs]].to_numpy().reshape(len(pasts), horizon, len(QUANTILES))

    return forecast


def lightgbm(objective: str) -> Peer:
    """One untuned model for all series, trained on the past alone, which forecasts a day from the days before it.

    It sees lags, means of the latest weeks, the weekday and which series it is; horizons are made day by day.
    """

    def forecast(pasts: Sequence[Values], horizon: int, season: int) -> Values:
        import lightgbm as gbm

        table = np.array(pasts)
        length = table.shape[1]
        rows = np.concatenate([_features(table, at) for at in range(MEANS[-1], length)])
        data = gbm.Dataset(rows, table[:, MEANS[-1] :].T.ravel(), categorical_feature=[0, 1])
        model = gbm.train({"verbose": -1, "num_threads": THREADS, "seed": 0, "objective": objective}, data)
        table = np.concatenate([table, np.zeros((len(table), horizon))], axis=1)
        for at in range(length, length + horizon):
            table[:, at] = np.maximum(model.predict(_features(table, at)), 0)
        return certain(table[:, length:])

    return forecast


def _features(table: Values, at: int) -> Values:
    """What is known of day ``at`` of each series, N F."""
    weekday, number = np.full(len(table), at % 7), np.arange(len(table))
    lags = [table[:, at - lag] for lag in LAGS]
    means = [table[:, at - days : at].mean(axis=1) for days in MEANS]
    same = table[:, [at - 7, at - 14, at - 21, at - 28]].mean(axis=1)
    return np.column_stack((weekday, number, *lags, *means, same))


@cache
def _fracast(weights: str) -> Any:
    from fracast.inference import FracastModel

    return FracastModel.from_pretrained(weights=weights)


def fracast(weights: str) -> Peer:
    """Fracast-0 with its bundled weights, "w8" or "fp32"; pasts of one length go together."""

    def forecast(pasts: Sequence[Values], horizon: int, season: int) -> Values:
        model, found = _fracast(weights), np.zeros((len(pasts), horizon, len(QUANTILES)))
        by_length: dict[int, list[int]] = {}
        for number, past in enumerate(pasts):
            by_length.setdefault(min(len(past), model.context_length), []).append(number)
        for length, numbers in by_length.items():
            rows = np.array([pasts[number][-length:] for number in numbers])
            found[numbers] = np.sort(model.forecast_batch(rows, horizon=horizon), axis=-1)
        return found

    return forecast


PEERS: dict[str, Peer] = {
    "seasonal naive": seasonal_naive,
    "mean of the last 4": mean_of_four,
    "AutoTheta": statsforecast("AutoTheta"),
    "AutoETS": statsforecast("AutoETS"),
    "LightGBM": lightgbm("regression"),
    "LightGBM, absolute error": lightgbm("regression_l1"),
    "Fracast-0 int8": fracast("w8"),
    "Fracast-0 fp32": fracast("fp32"),
}
CERTAIN = ("seasonal naive", "mean of the last 4", "LightGBM", "LightGBM, absolute error")  # tell no quantiles
DAILY = ("LightGBM", "LightGBM, absolute error")  # written for days
SLOW = ("AutoTheta", "AutoETS", "Fracast-0 fp32")  # timed once
