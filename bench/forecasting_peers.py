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
SHIPS = 28  # LightGBM's youngest lag is the horizon, so that one model forecasts all of it


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


def lightgbm(pasts: Sequence[Values], horizon: int, season: int) -> Values:
    """One untuned model for all, trained on the past alone: lags and means that are old enough, weekday, series."""
    import lightgbm as gbm

    values = np.array(pasts)
    scale = np.maximum(values.mean(axis=1, keepdims=True), 1e-9)
    table, length = values / scale, values.shape[1]
    rows = [_features(table, at, season) for at in range(56 + SHIPS, length + horizon)]
    known = np.concatenate(rows[:-horizon])
    data = gbm.Dataset(known, table[:, 56 + SHIPS :].T.ravel(), categorical_feature=[0, 1])
    model = gbm.train({"verbose": -1, "num_threads": THREADS, "seed": 0}, data)
    told = model.predict(np.concatenate(rows[-horizon:])).reshape(horizon, len(values)).T
    return certain(np.maximum(told, 0) * scale)


def _features(table: Values, at: int, season: int) -> Values:
    """What is known of step ``at`` of each series, N F."""
    end = at - SHIPS + 1  # the youngest step that counts is at - SHIPS
    lags = [table[:, end - 1 - lag] for lag in (0, 7, 14, 21, 28)]
    means = [table[:, end - days : end].mean(axis=1) for days in (7, 28, 56)]
    same = [np.full(len(table), at % season), np.arange(len(table))]
    weekday = table[:, [end - 1 - lag for lag in (0, 7, 14, 21)]].mean(axis=1)
    return np.column_stack((*same, *lags, *means, weekday))


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
    "LightGBM": lightgbm,
    "Fracast-0 int8": fracast("w8"),
    "Fracast-0 fp32": fracast("fp32"),
}
CERTAIN = ("seasonal naive", "mean of the last 4", "LightGBM")  # tell no quantiles
DAILY = ("LightGBM",)  # written for days
SLOW = ("AutoTheta", "AutoETS", "Fracast-0 fp32")  # timed once
