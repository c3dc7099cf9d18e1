"""The forecaster: torch and ONNX say the same, and a batch is nobody's business."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch

from walkiosk.forecaster import ForecasterEngine
from walkiosk.modality.history import History, encode
from walkiosk.model.forecaster import Forecaster, ForecasterConfig
from walkiosk.model.forecaster_export import export_forecaster, load_forecaster

SMALL = ForecasterConfig(width=32, heads=2, encoder_layers=2, decoder_layers=1)
DAY = date(2024, 3, 4)


@pytest.fixture(scope="module")
def model() -> Forecaster:
    torch.manual_seed(0)
    made = Forecaster(SMALL)
    torch.nn.init.normal_(made.out.weight, std=0.05)
    return made.eval()


@pytest.fixture(scope="module")
def folder(model: Forecaster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("forecaster")
    export_forecaster(model, made)
    return made


def histories() -> list[History]:
    draw = np.random.default_rng(0)
    return [History(draw.poisson(6, length).astype(float), DAY, country="ES") for length in (5, 30, 90, 91)]


def written(model: Forecaster, found: list[History], horizon: int) -> np.ndarray:
    encoded = encode(found, horizon)
    arrays = (encoded.past, encoded.there, encoded.item, encoded.ahead, encoded.base)
    with torch.no_grad():
        return model(*map(torch.from_numpy, arrays)).numpy()


def test_a_series_is_forecast_the_same_alone_and_in_a_batch(model: Forecaster) -> None:
    together = written(model, histories(), 20)
    for number, history in enumerate(histories()):
        assert np.allclose(written(model, [history], 20)[0], together[number], atol=1e-4)


def test_onnx_says_what_torch_says(model: Forecaster, folder: Path) -> None:
    engine = ForecasterEngine(folder, threads=1)
    encoded = encode(histories(), 20)
    expected = np.sort(written(model, histories(), 20)[:, :20], axis=2)
    found = np.stack(engine.forecast(histories(), 20))
    squeezed = np.arcsinh((found - encoded.loc[:, None, None]) / encoded.scale[:, None, None])
    least = np.arcsinh(-encoded.loc / encoded.scale)[:, None, None]
    assert np.abs(squeezed - np.maximum(expected, least)).max() < 0.1  # int8


def test_the_weights_come_back(model: Forecaster, folder: Path) -> None:
    back = load_forecaster(folder).eval()
    assert back.config == SMALL
    for (name, kept), (_, found) in zip(model.state_dict().items(), back.state_dict().items(), strict=True):
        assert (kept - found).abs().max() <= kept.abs().max() / 100 + 1e-3, name


def test_every_kind_of_series_at_once(folder: Path) -> None:
    engine = ForecasterEngine(folder, threads=1)
    mixed = [History(np.arange(1.0, 40.0), DAY, kind) for kind in "DWMQY"] + [History(np.array([-4.0, 2.0]), DAY)]
    found = engine.forecast(mixed, 30)
    assert [each.shape for each in found] == [(30, 9)] * 6
    assert all((np.diff(each, axis=1) >= 0).all() for each in found)
    assert all((each >= 0).all() for each in found[:5]) and (found[5] < 0).any()


def test_the_order_of_the_series_is_kept(folder: Path) -> None:
    engine = ForecasterEngine(folder, threads=1)
    forward, backward = engine.forecast(histories(), 7), engine.forecast(histories()[::-1], 7)
    for one, other in zip(forward, backward[::-1], strict=True):
        assert np.allclose(one, other, rtol=1e-4, atol=1e-4)


def test_nothing_in_nothing_out(folder: Path) -> None:
    assert ForecasterEngine(folder, threads=1).forecast([], 7) == []


def test_training_moves_it(model: Forecaster) -> None:
    torch.manual_seed(1)
    learner = Forecaster(SMALL)
    encoded = encode(histories(), 14)
    arrays = [torch.from_numpy(x) for x in (encoded.past, encoded.there, encoded.item, encoded.ahead, encoded.base)]
    wanted = torch.full((4, 14), torch.nan)
    wanted[:, :10] = 1.5
    optimizer = torch.optim.Adam(learner.parameters(), 1e-2)
    before = float(learner.loss(learner(*arrays)[:, :14], wanted).detach())
    for _ in range(30):
        optimizer.zero_grad()
        learner.loss(learner(*arrays)[:, :14], wanted).backward()
        optimizer.step()
    assert float(learner.loss(learner(*arrays)[:, :14], wanted).detach()) < before / 4
