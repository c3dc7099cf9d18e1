"""A fitted model's honest score: the served file, asked about pairs that it never saw, beside what needs no model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from walkiosk.modality.value import BadValue
from walkiosk.pairs.baselines import baselines, obvious_of
from walkiosk.pairs.judging import Judgement, judge
from walkiosk.pairs.pair import Pair
from walkiosk.pairs.report import Sample
from walkiosk.sequence import Sequence as Model

MOST_JUDGED = {"classes": 10_000, "quantiles": 10_000, "trend": 1_000, "text": 1_000, "image": 400}
FEW_JUDGED = 200  # sounds and films, which take long to write
MOST_KNOWN = {"classes": 60_000, "quantiles": 60_000, "trend": 20_000, "text": 20_000}  # training pairs of baselines
FEW_KNOWN = 2_000


@dataclass(frozen=True)
class Scored:
    """The judgement, the pairs that it rests on in an order drawn by chance, and the time of an answer."""

    judgement: Judgement
    shown: list[Sample]
    milliseconds: float  # a pair, mean


def score_model(
    model: Model,
    training: Sequence[Pair],
    held_out: Sequence[Pair],
    on_pair: Callable[[int, int], None] = lambda done, of: None,
) -> Scored:
    """Judge ``model`` on pairs of ``held_out`` beside baselines that know ``training``.

    Raises `BadValue` for a pair that cannot be read, ValueError where there is none.
    """
    pairing = model.pairing
    aim = pairing.aim
    chosen = _evenly(held_out, MOST_JUDGED.get(aim, FEW_JUDGED))
    asked, known = _read(model, chosen), _read(model, _evenly(training, MOST_KNOWN.get(aim, FEW_KNOWN)))
    inputs = [values for values, _ in asked]
    found: list[Any] = []
    began = time.monotonic()
    for number, values in enumerate(inputs):
        found.append(_answer(model, values))
        on_pair(number + 1, len(inputs))
    taken = 1_000 * (time.monotonic() - began) / len(inputs)
    other = baselines(aim, pairing.sides, known, inputs)
    pasts = [values[0] for values in inputs] if aim == "trend" and pairing.sides.inputs[0] == "trend" else None
    wanted = [target for _, target in asked]
    judgement = judge(aim, pairing.sides, wanted, found, other, pasts, obvious_of(aim, pairing.sides))
    beside = other.get(judgement.baseline_name, [None] * len(wanted))
    rows = list(zip([pair.line for pair in chosen], inputs, wanted, found, beside, strict=True))
    order = np.random.default_rng(0).permutation(len(rows))  # what is shown is drawn by chance
    return Scored(judgement, [Sample(*rows[at]) for at in order], taken)


def _answer(model: Model, values: tuple[Any, ...]) -> Any:
    """The model's answer as it is judged; where it wrote what is no value, none."""
    try:
        return model.found(values)
    except BadValue:
        return None


def _read(model: Model, pairs: Sequence[Pair]) -> list[tuple[tuple[Any, ...], Any]]:
    return [(model.pairing.read(pair.inputs), model.pairing.read_target(pair.target)) for pair in pairs]


def _evenly(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """No more than ``most`` of ``pairs``, evenly spread over them."""
    return [pairs[at * len(pairs) // most] for at in range(most)] if len(pairs) > most else list(pairs)
