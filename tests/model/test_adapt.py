"""A forecaster learns what one shop does, and never comes out worse on what was held back."""

from datetime import date

import numpy as np
import pytest
import torch

from walkiosk.modality.history import History
from walkiosk.model.adapt import TooLittle, adapt
from walkiosk.model.forecaster import Forecaster, ForecasterConfig

DAY = date(2024, 1, 1)


def start() -> Forecaster:
    torch.manual_seed(0)
    return Forecaster(ForecasterConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1))


def shop() -> list[History]:
    """Every second week sells ten times the other, which no weekday's mean tells."""
    draw = np.random.default_rng(0)
    weeks = np.repeat(np.tile([4.0, 40.0], 12), 7)
    return [History(draw.poisson(weeks).astype(float), DAY) for _ in range(12)]


def test_it_learns_the_shops_own_ways() -> None:
    told: list[float] = []
    found = adapt(start(), shop(), 14, 60, told.append, rate=1e-2, most_steps=100)
    assert found.after < found.before * 0.8
    assert found.steps == len(told) and told == sorted(told)


def test_it_is_never_worse_than_before() -> None:
    found = adapt(start(), shop(), 14, 60, rate=10.0, most_steps=40)  # a rate that breaks everything
    assert found.after <= found.before
    assert all(torch.isfinite(p).all() for p in found.model.parameters())


def test_too_little_is_said() -> None:
    with pytest.raises(TooLittle, match="42 steps"):
        adapt(start(), [History(np.ones(41), DAY)], 14, 0.01)
