"""Scores of the skills in their fields' usual metrics, with 95% intervals: `walkiosk score SKILL --data FILE.jsonl`."""

from walkiosk.score.data import DataError
from walkiosk.score.forecasting import Backtest
from walkiosk.score.scoring import score
from walkiosk.score.summary import Score

__all__ = ["Backtest", "DataError", "Score", "score"]
