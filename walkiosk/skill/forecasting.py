"""forecasting: the history of a series, what is known ahead, and facts of its item → quantiles of the steps to come.

One step of the decoder writes nine quantiles of the whole horizon. `History` says what goes in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from walkiosk.forecaster import ForecasterEngine
from walkiosk.modality.history import FARTHEST, FREQUENCIES, LONGEST, History, Values

__all__ = ["FARTHEST", "FREQUENCIES", "LONGEST", "Forecaster", "History", "Values", "load"]

Forecaster = Callable[[Sequence[History], int], list[Values]]  # histories and horizon → H × 9 each, levels `QUANTILES`


def load(weights: Path | None = None, threads: int = 2) -> Forecaster:
    """Return the forecaster of a folder of weights; raises FileNotFoundError."""
    from walkiosk.skill import weights_folder

    return ForecasterEngine(weights_folder(weights), threads).forecast
