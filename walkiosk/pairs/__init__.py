"""A user's pairs of input and target: read, split, judged beside a baseline, told in a report. Knows no model."""

from __future__ import annotations

from walkiosk.pairs.aims import Aim, aim_of, decide, label_of
from walkiosk.pairs.pair import AIMS, Fault, Pair, PairsError, Sides
from walkiosk.pairs.reading import PairFile, read_pairs, tolerated
from walkiosk.pairs.splitting import leaks, split

__all__ = [
    "AIMS",
    "Aim",
    "Fault",
    "Pair",
    "PairFile",
    "PairsError",
    "Sides",
    "aim_of",
    "decide",
    "label_of",
    "leaks",
    "read_pairs",
    "split",
    "tolerated",
]
