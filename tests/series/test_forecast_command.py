"""`walkiosk forecast` with a forecaster that repeats the last value: what is written, drawn and said."""

import csv
import json
import sys
import types
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.series.reading import MONDAY, rows, written
from walkiosk import cli
from walkiosk.series import forecast_command, forecasts, spread
from walkiosk.skill.forecasting import Forecaster, History, Values

TODAY = ["--today", "2026-04-30"]
SALES = rows("a", range(12)) + rows("b, c", [5] * 12).replace("b, c", '"b, c"')


def naive(histories: Sequence[History], horizon: int) -> list[Values]:
    """The last value, a tenth more a level."""
    levels = np.arange(1, 10) / 10
    return [np.tile(history.values[-1] + levels, (horizon, 1)) for history in histories]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs `walkiosk forecast` without weights."""

    def load(weights: Path | None = None, threads: int = 2) -> Forecaster:
        return naive

    monkeypatch.setattr(forecast_command, "load", load)
    monkeypatch.setattr(spread, "load", load)
    spread._forecaster.cache_clear()

    def run(*words: object) -> Any:
        return CliRunner().invoke(cli.app, ["forecast", *map(str, words), *TODAY])

    return run


def test_nine_quantiles_a_step_are_written(run: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "f.csv"
    done = run(written(tmp_path, SALES), "--horizon", 2, "--out", out)
    assert done.exit_code == 0 and done.stderr == "" and "2 series, 2 steps ahead" in done.stdout
    with out.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == ["unique_id", "ds", *(f"q{level}0" for level in range(1, 10))]
    assert [(row["unique_id"], row["ds"]) for row in found] == [
        ("a", "2026-03-14"), ("a", "2026-03-15"), ("b, c", "2026-03-14"), ("b, c", "2026-03-15"),
    ]  # fmt: skip
    assert (found[0]["q10"], found[3]["q90"]) == ("11.1", "5.9")


def test_json_prints_one_object_with_the_repairs(run: Callable[..., Any], tmp_path: Path) -> None:
    lines = SALES.splitlines(keepends=True)
    path = written(tmp_path, "".join(lines[:4] + lines[5:]))
    done = run(path, "--out", tmp_path / "f.csv", "--json")
    told = json.loads(done.stdout)
    assert (told["series"], told["horizon"], told["frequencies"]) == (2, 28, {"D": 2})
    assert [(one["count"], one["line"], one["first"]) for one in told["repairs"]] == [(1, 6, "a")]
    assert done.stderr.count("\n") == 1 and "1 steps without a row" in done.stderr


def test_a_picture_has_a_panel_a_series(run: Callable[..., Any], tmp_path: Path) -> None:
    sizes = []
    for count in (1, 5, 40):
        text = "".join(rows(f"series $_{number}$", range(40)) for number in range(count))
        assert run(written(tmp_path, text), "--plot", tmp_path / "f.png").exit_code == 0
        with Image.open(tmp_path / "f.png") as image:
            sizes.append(image.size)
    assert sizes[1] == (4 * sizes[0][0], 2 * sizes[0][1]) and sizes[2] == (4 * sizes[0][0], 4 * sizes[0][1])


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "give --out FILE.csv, --plot FILE.png or both"),
        (["--out", "f.csv", "--horizon", "999"], "--horizon: 999 is not from 1 to 364"),
        (["--plot", "f.xyz"], "--plot: 'f.xyz' ends in none of"),
        (["--out", "nowhere/f.csv"], "nowhere: no such folder"),
        (["--out", "f.csv"], "column y: 'x' is no number"),
    ],
)
def test_mistakes_are_told_in_a_line(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(written(tmp_path, rows("a", [1, "x"])), *words)
    assert done.exit_code == 2 and done.stdout == "" and line in done.stderr and done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["sales.csv"]


def test_a_missing_file_is_told(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run(tmp_path / "none.csv", "--out", tmp_path / "f.csv")
    assert done.exit_code == 2 and "none.csv" in done.stderr


def test_an_error_leaves_an_older_forecast_alone(run: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "f.csv"
    out.write_text("older", "utf-8")
    assert run(written(tmp_path, rows("a", [1, 2]) + rows("a", [1])), "--out", out).exit_code == 2
    assert out.read_text("utf-8") == "older"


def test_articles_that_nobody_has_sold_are_forecast_as_their_category(run: Callable[..., Any], tmp_path: Path) -> None:
    days = [MONDAY + timedelta(number) for number in range(14)]
    old = "".join(f"{name},{day},{level},tea\n" for name, level in (("a", 2), ("b", 4)) for day in days[:12])
    new = f"new,{days[12]},,tea\nlost,{days[12]},,hats\n"
    out = tmp_path / "f.csv"
    done = run(written(tmp_path, new + old, "unique_id,ds,y,category\n"), "--out", out, "--horizon", 2)
    found = [line.split(",")[:3] for line in out.read_text("utf-8").splitlines()[1:]]
    assert found[-2:] == [["new", "2026-03-14", "3.1"], ["new", "2026-03-15", "3.1"]] and len(found) == 6
    assert "1 series without a value, forecast as their category; the first in line 2, new" in done.stderr
    assert "1 series without a value and without others of their category: nothing is forecast" in done.stderr


def test_a_file_without_any_value_is_an_error(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run(written(tmp_path, "a,2026-03-02,\n"), "--out", tmp_path / "f.csv")
    assert done.exit_code == 2 and "no series has a value" in done.stderr and not (tmp_path / "f.csv").exists()


class FakeRay(types.ModuleType):
    """Ray in one process, two cores; what waits is worked off when it is asked for."""

    def __init__(self) -> None:
        super().__init__("ray")
        self.addresses: list[str] = []
        self.most_waiting = self.waiting = 0

    def init(self, address: str, **_: object) -> None:
        if address == "nowhere":
            raise ConnectionError("no cluster there\nat all")
        self.addresses.append(address)

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def remote(self, **_: object) -> Callable[[Callable[..., Any]], object]:
        def wrap(function: Callable[..., Any]) -> object:
            def submit(*arguments: object) -> Callable[[], Any]:
                self.waiting += 1
                self.most_waiting = max(self.most_waiting, self.waiting)
                return lambda: function(*arguments)

            return types.SimpleNamespace(remote=submit)

        return wrap

    def get(self, job: Callable[[], Any]) -> Any:
        self.waiting -= 1
        return job()

    def shutdown(self) -> None:
        self.addresses.append("shut down")


def test_a_cluster_writes_the_same_file(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(forecasts, "A_CALL", 2)
    path = written(tmp_path, "".join(rows(f"s{number}", [number] * 12) for number in range(21)))
    assert run(path, "--out", tmp_path / "here.csv").exit_code == 0
    assert run(path, "--out", tmp_path / "there.csv", "--ray", "auto").exit_code == 0
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert ray.addresses == ["auto", "shut down"] and ray.most_waiting == 4


def test_a_cluster_that_is_not_there_is_told(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (written(tmp_path, SALES), "--out", tmp_path / "f.csv", "--ray", "nowhere")
    monkeypatch.setitem(sys.modules, "ray", None)
    assert "--ray: Ray is not installed; pip install 'walkiosk[ray]'" in run(*words).stderr
    monkeypatch.setitem(sys.modules, "ray", FakeRay())
    done = run(*words)
    assert done.exit_code == 2 and done.stderr == "walkiosk: --ray: 'nowhere': no cluster there\n"


def test_a_missing_library_for_pictures_is_told(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    done = run(written(tmp_path, SALES), "--plot", tmp_path / "f.png")
    assert done.exit_code == 2 and "pip install 'walkiosk[plot]'" in done.stderr


def test_the_future_of_a_monthly_file_is_months(run: Callable[..., Any], tmp_path: Path) -> None:
    text = "".join(f"a,{date(2025, month, 1):%Y-%m},{month}\n" for month in range(1, 13))
    run(written(tmp_path, text), "--out", tmp_path / "f.csv", "--horizon", 2)
    assert [line.split(",")[1] for line in (tmp_path / "f.csv").read_text("utf-8").splitlines()[1:]] == [
        "2026-01-01",
        "2026-02-01",
    ]
