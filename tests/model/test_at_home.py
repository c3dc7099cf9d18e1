"""walkiosk train: a shop's own forecaster in a copy of the weights."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from tests.store.conftest import FILM_SHOP
from walkiosk.cli import app
from walkiosk.forecaster import ForecasterEngine
from walkiosk.modality.history import History
from walkiosk.model.forecaster import Forecaster, ForecasterConfig
from walkiosk.model.forecaster_export import export_forecaster

run = CliRunner().invoke


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    made = tmp_path / "weights"
    export_forecaster(Forecaster(ForecasterConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1)), made)
    (made / "model.json").write_text("{}")
    return made


def shop(folder: Path, days: int) -> Path:
    shutil.copytree(FILM_SHOP, folder)
    draw, today = np.random.default_rng(0), date.today()
    rows = [
        f"{sku},{(today - timedelta(back)).isoformat()},{1 + draw.poisson(3 + 9 * (back // 7 % 2))},,"
        for sku in ("OX-41", "OX-42")
        for back in range(days, 0, -1)
    ]
    (folder / "sales.csv").write_text("\n".join(["sku,date,units,price,promotion", *rows, ""]))
    return folder


def train(weights: Path, store: Path, out: Path, *more: str):
    command = ["train", "--weights", str(weights), "--store", str(store), "--out", str(out), "--database", "sqlite://"]
    return run(app, [*command, "--minutes", "0.1", "--horizon", "7", *more])


def test_the_copy_forecasts_and_shares_the_rest(weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "home"
    result = train(weights, shop(tmp_path / "shop", 90), out)
    assert result.exit_code == 0, result.output
    assert "loss of the last 7 days" in result.stdout
    assert (out / "model.json").read_text() == "{}"
    found = ForecasterEngine(out, threads=1).forecast([History(np.arange(1.0, 60.0), date(2026, 1, 1))], 7)
    assert found[0].shape == (7, 9)


def test_a_folder_that_is_there_is_left_alone(weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "home"
    out.mkdir()
    (out / "mine").write_text("kept")
    result = train(weights, shop(tmp_path / "shop", 90), out)
    assert result.exit_code == 2 and "is there already" in result.output
    assert [path.name for path in out.iterdir()] == ["mine"]


def test_too_little_history_is_said_and_nothing_is_written(weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "home"
    result = train(weights, shop(tmp_path / "shop", 20), out)
    assert result.exit_code == 2 and "no series has the 28 steps" in result.output
    assert not out.exists()


def test_another_skill_is_named(weights: Path, tmp_path: Path) -> None:
    result = train(weights, FILM_SHOP, tmp_path / "home", "--skills", "chat")
    assert result.exit_code == 2 and "'chat'" in result.output
