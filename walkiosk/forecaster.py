"""Serving of the forecaster: histories → quantiles, on ONNX Runtime. Knows no skill and no shop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from walkiosk.graphs import sessions
from walkiosk.modality.history import PATCH, History, Values, check, decode, encode

AT_ONCE = 4_096  # patches, so that what is between the layers stays in the cache


class ForecasterEngine:
    """The forecaster of one folder."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        if not (folder / "forecaster.onnx").is_file():
            raise FileNotFoundError(f"{folder}: no forecaster there (forecaster.onnx is missing)")
        self._session = sessions(folder, ("forecaster",), threads)["forecaster"]

    def forecast(self, histories: Sequence[History], horizon: int) -> list[Values]:
        """Return H × 9 quantiles of each history, in order, not below zero where the past never was; raises `BadValue`.

        Series of like length go through together, the shortest first.
        """
        for history in histories:
            check(history, horizon)
        order = sorted(range(len(histories)), key=lambda n: (histories[n].frequency, len(histories[n].values)))
        found: list[Values] = [np.empty(0)] * len(histories)
        ahead = -(-horizon // PATCH)
        batch: list[int] = []
        for number in order:
            longest = -(-len(histories[number].values) // PATCH) + ahead + 1
            new_kind = batch and histories[batch[0]].frequency != histories[number].frequency
            if new_kind or (batch and (len(batch) + 1) * longest > AT_ONCE):
                self._together(histories, batch, horizon, found)
                batch = []
            batch.append(number)
        if batch:
            self._together(histories, batch, horizon, found)
        return found

    def _together(self, histories: Sequence[History], rows: list[int], horizon: int, found: list[Values]) -> None:
        chosen = [histories[row] for row in rows]
        encoded = encode(chosen, horizon)
        feed = {
            "past": encoded.past,
            "hidden": np.concatenate([np.zeros((len(rows), 1), bool), ~encoded.there], axis=1),
            "item": encoded.item,
            "ahead": encoded.ahead,
            "base": encoded.base,
        }
        written = self._session.run(["quantiles"], feed)[0]
        least = np.array([0.0 if np.nanmin(history.values) >= 0 else -np.inf for history in chosen])
        for row, quantiles in zip(rows, decode(written, encoded, horizon, least), strict=True):
            found[row] = quantiles
