"""The gallery's table: cells that were fitted elsewhere keep their rows."""

import json
from pathlib import Path
from typing import Any

from training.pairs.cells import CELLS
from training.pairs.gallery_pages import rows_of, write_pages

FIRST, SECOND = CELLS[:2]


def result(beats: bool, seconds: float, value: float) -> dict[str, Any]:
    told = {
        "metric": "MAE",
        "better": "lower",
        "value": value,
        "low": value - 1,
        "high": value + 1,
        "baseline_name": "median",
        "baseline": 9.0,
        "baseline_low": 8.0,
        "baseline_high": 10.0,
        "n": 100,
        "others": {},
        "baselines": {"median": 9.0},
        "obvious": "median",
    }
    rest = {"steps": 10, "weights": 1_000, "milliseconds": 1.0, "problems": [], "samples": []}
    return {"judgement": told, "beats": beats, "seconds": {"training": seconds}, **rest}


def keep(folder: Path, name: str, found: dict[str, Any], monkeypatch: Any) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "result.json").write_text(json.dumps(found), encoding="utf-8")
    monkeypatch.setattr("training.pairs.gallery_pages.draw", lambda *_: None)


def test_a_cell_fitted_on_another_machine_keeps_its_row(tmp_path: Path, monkeypatch: Any) -> None:
    docs = tmp_path / "docs"
    keep(tmp_path / "there", SECOND.name, result(False, 60, 9.5), monkeypatch)
    keep(tmp_path / "here", FIRST.name, result(True, 120, 3.0), monkeypatch)
    write_pages(tmp_path / "there", docs)
    before = rows_of((docs / "README.md").read_text(encoding="utf-8"))
    write_pages(tmp_path / "here", docs)
    page = (docs / "README.md").read_text(encoding="utf-8")
    after = rows_of(page)
    assert list(after) == [FIRST.name, SECOND.name]
    assert after[SECOND.name] == before[SECOND.name]
    assert "1 of 2 are better" in page
    assert f"{len(CELLS) - 2} of them are not fitted yet" in page
    assert "\n3 minutes of training" in page
    assert (docs / f"{FIRST.name}.md").is_file() and (docs / f"{SECOND.name}.md").is_file()


def test_a_cell_fitted_again_has_its_new_row(tmp_path: Path, monkeypatch: Any) -> None:
    docs = tmp_path / "docs"
    keep(tmp_path / "there", FIRST.name, result(False, 60, 9.5), monkeypatch)
    keep(tmp_path / "here", FIRST.name, result(True, 60, 3.0), monkeypatch)
    write_pages(tmp_path / "there", docs)
    write_pages(tmp_path / "here", docs)
    page = (docs / "README.md").read_text(encoding="utf-8")
    assert "1 of 1 are better" in page and "**3.000**" in page and "9.500" not in page
