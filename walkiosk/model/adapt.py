"""A forecaster made at home in one shop: a few minutes on the shop's own series, kept only where it helps there.

The last horizon of every series is held back. The adapted weights are those that forecast it best while training went
on, and the ones we began with are among the candidates.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from walkiosk.modality.history import Encoded, History, encode
from walkiosk.model.forecaster import Forecaster

ROWS = 128  # series a step
LEAST = 14  # steps of a past to learn from
LOOK = 20  # steps between two looks at what was held back
PATIENCE = 8  # looks without a better one


@dataclass(frozen=True)
class Adaptation:
    """The forecaster, its quantile loss on what was held back before and after, and the steps that it took."""

    model: Forecaster
    before: float
    after: float
    steps: int


class TooLittle(ValueError):
    """Not enough history to learn from and to hold back."""


def adapt(
    model: Forecaster,
    histories: Sequence[History],
    horizon: int,
    minutes: float,
    on_step: Callable[[float], None] | None = None,
    rate: float = 1e-4,
    most_steps: int = 100_000,
) -> Adaptation:
    """Return ``model`` adapted to ``histories`` (whole series, all of one frequency); raises `TooLittle`.

    ``on_step`` gets the share of the time that has passed. It ends early when what was held back no longer gains.
    """
    known = [h for h in histories if len(h.values) >= LEAST + 2 * horizon and np.isfinite(h.values[-horizon:]).any()]
    if not known:
        raise TooLittle(f"no series has the {LEAST + 2 * horizon} steps that learning and holding back {horizon} take")
    parts = [known[at : at + ROWS] for at in range(0, min(len(known), 4 * ROWS), ROWS)]
    held_back = [_example(part, [len(h.values) - horizon for h in part], horizon) for part in parts]
    draw = np.random.default_rng(0)
    learner, best = copy.deepcopy(model), copy.deepcopy(model.state_dict())
    before = least = _looked(model, held_back)
    optimizer = torch.optim.AdamW(learner.parameters(), rate)
    ends, steps, worse = time.monotonic() + 60 * minutes, 0, 0
    while time.monotonic() < ends and worse < PATIENCE and steps < most_steps:
        rows = [known[n] for n in draw.integers(len(known), size=min(ROWS, 4 * len(known)))]
        todays = [int(draw.integers(LEAST, len(h.values) - 2 * horizon + 1)) for h in rows]
        learner.train()
        loss = _loss(learner, *_example(rows, todays, horizon))
        if torch.isfinite(loss):
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
            optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        steps += 1
        if on_step is not None:
            on_step(1 - max(0.0, ends - time.monotonic()) / (60 * minutes))
        if steps % LOOK == 0:
            found = _looked(learner, held_back)
            worse = worse + 1 if found >= least else 0
            if found < least:
                least, best = found, copy.deepcopy(learner.state_dict())
    if steps % LOOK and _looked(learner, held_back) < least:
        least, best = _looked(learner, held_back), copy.deepcopy(learner.state_dict())
    learner.load_state_dict(best)
    return Adaptation(learner.eval(), before, least, steps)


def _example(rows: Sequence[History], todays: Sequence[int], horizon: int) -> tuple[Encoded, Tensor]:
    """What was known on each row's day, and what came after it on the model's scale."""
    encoded = encode([h.until(today, horizon) for h, today in zip(rows, todays, strict=True)], horizon)
    wanted = np.full(encoded.base.shape, np.nan)
    wanted[:, :horizon] = [h.values[today : today + horizon] for h, today in zip(rows, todays, strict=True)]
    return encoded, torch.from_numpy(encoded.squeeze(wanted).astype(np.float32))


def _loss(model: Forecaster, encoded: Encoded, wanted: Tensor) -> Tensor:
    arrays = (encoded.past, encoded.there, encoded.item, encoded.ahead, encoded.base)
    found: Tensor = model(*map(torch.from_numpy, arrays))
    return model.loss(found, wanted)


def _looked(model: Forecaster, examples: Sequence[tuple[Encoded, Tensor]]) -> float:
    model.eval()
    with torch.no_grad():
        return sum(float(_loss(model, *example)) for example in examples) / len(examples)
