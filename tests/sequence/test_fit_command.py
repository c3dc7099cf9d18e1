"""`walkiosk fit` and `walkiosk predict`: what they print, and what they say to pairs that cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner, Result

from tests.sequence.material import make_values
from walkiosk.cli import app

FAST = ("--steps", "3", "--size", "tiny")


def run(*told: object) -> Result:
    torch.set_num_threads(1)
    return CliRunner().invoke(app, [str(each) for each in told])


def write(path: Path, lines: list[Any]) -> Path:
    told = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(told) + "\n", "utf-8")
    return path


def numbers(count: int = 40) -> list[Any]:
    return [{"input": n, "target": 2.5 * n} for n in range(count)]


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    return make_values(tmp_path_factory.mktemp("values"), 30)


def test_one_object_at_the_end(tmp_path: Path) -> None:
    pairs = write(tmp_path / "pairs.jsonl", numbers())
    ended = run("fit", pairs, "--out", tmp_path / "my.model", "--json", *FAST)
    assert ended.exit_code == 0, ended.output
    told = json.loads(ended.stdout)
    assert {"metric", "value", "baseline", "better", "n"} <= told.keys()
    assert told["metric"] == "MAE" and told["better"] == "lower" and told["n"] == 4
    assert set(told["seconds"]) >= {"reading the pairs", "laying the pairs", "training", "judging"}
    page = (tmp_path / "my.html").read_text("utf-8")
    assert "MAE" in page and "slowest step" in page.lower()
    assert not (tmp_path / "my.model.fit").exists()
    asked = run("predict", tmp_path / "my.model", "7", "--json")
    found = json.loads(asked.stdout)
    assert len(found["spread"]) == 9 and found["answer"] == found["spread"][4]


def test_what_is_guessed_is_said(tmp_path: Path, values: dict[str, list[Any]]) -> None:
    lines = [
        {"input": [a, b], "target": c}
        for a, b, c in zip(*(values[kind] for kind in ("image", "text", "trend")), strict=True)
    ]
    pairs = write(tmp_path / "pairs.jsonl", lines)
    ended = run("fit", pairs, "--out", tmp_path / "my.model", *FAST)
    assert ended.exit_code == 0, ended.output
    assert "image" in ended.stderr and "text" in ended.stderr and "trend" in ended.stderr
    assert "WAPE" in ended.stdout
    asked = run("predict", tmp_path / "my.model", values["image"][0], "red shoes", "--out", tmp_path / "curve.csv")
    assert asked.exit_code == 0 and (tmp_path / "curve.csv").read_text().startswith("y")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 7"),
        ("[1, 2]", "line 7"),
        ({"input": 3}, "target"),
        ({"input": float("nan"), "target": 1.0}, "line 7"),
        ({"input": "many", "target": 1.0}, "many"),
        ({"input": None, "target": 1.0}, "line 7"),
        ({"input": 1, "target": 1.0, "wieght": 2}, "wieght"),
    ],
)
def test_a_bad_line_in_few_is_named(line: Any, said: str, tmp_path: Path) -> None:
    lines = numbers()
    lines[6] = line
    ended = run("fit", write(tmp_path / "pairs.jsonl", lines), "--out", tmp_path / "my.model", *FAST)
    assert ended.exit_code == 2 and said in ended.stderr and "pairs.jsonl" in ended.stderr
    assert not (tmp_path / "my.model").exists()


def test_under_one_in_a_hundred_is_left_out(tmp_path: Path) -> None:
    lines = numbers(400)
    lines[6] = {"input": "many", "target": 1.0}
    ended = run("fit", write(tmp_path / "pairs.jsonl", lines), "--out", tmp_path / "my.model", *FAST)
    assert ended.exit_code == 0, ended.output
    page = (tmp_path / "my.html").read_text("utf-8")
    assert "many" in page and ">7<" in page


@pytest.mark.parametrize("kind", ["image", "audio", "video"])
@pytest.mark.parametrize("broken", ["missing", "empty", "truncated"])
def test_media_that_cannot_be_read(kind: str, broken: str, tmp_path: Path, values: dict[str, list[Any]]) -> None:
    lines = [{"input": path, "target": n} for n, path in enumerate(values[kind])]
    bad = tmp_path / f"bad{Path(values[kind][0]).suffix}"
    whole = Path(values[kind][0]).read_bytes()
    if broken != "missing":
        bad.write_bytes(b"" if broken == "empty" else whole[: len(whole) // 3])
    lines[4] = {"input": str(bad), "target": 4}
    told = ["fit", write(tmp_path / "pairs.jsonl", lines), "--out", tmp_path / "my.model", *FAST]
    ended = run(*told, "--input", kind, "--target", "scalar")
    if ended.exit_code == 0:  # a wave file that was cut is a shorter sound
        assert (kind, broken) == ("audio", "truncated")
        return
    assert ended.exit_code == 2 and "line 5" in ended.stderr and bad.name in ended.stderr


def test_mistakes_of_the_command_line(tmp_path: Path) -> None:
    pairs = write(tmp_path / "pairs.jsonl", numbers())
    out = tmp_path / "my.model"
    for told, said in (
        ((tmp_path / "none.jsonl", "--out", out), "none.jsonl"),
        ((pairs, "--out", tmp_path / "no" / "my.model"), "no folder"),
        ((pairs, "--out", out, "--input", "smell"), "smell"),
        ((pairs, "--out", out, "--size", "huge"), "huge"),
        ((pairs, "--out", out, "--from", "elsewhere"), "elsewhere"),
        ((pairs, "--out", out, "--group", "shop"), "shop"),
        ((write(tmp_path / "few.jsonl", numbers(5)), "--out", out), "10"),
    ):
        ended = run("fit", *told, *(FAST if "--size" not in told else FAST[:2]))
        assert ended.exit_code == 2 and said in ended.stderr, (told, ended.output)
        assert "Traceback" not in ended.stderr
    (tmp_path / "no.model").write_bytes(b"PK no archive")
    assert "no.model" in run("predict", tmp_path / "no.model", "1").stderr


def test_answers_to_bad_parts(tmp_path: Path) -> None:
    pairs = write(tmp_path / "pairs.jsonl", numbers())
    assert run("fit", pairs, "--out", tmp_path / "my.model", *FAST).exit_code == 0
    for parts, said in ((("seven",), "seven"), (("1", "2"), "2 parts")):
        ended = run("predict", tmp_path / "my.model", *parts)
        assert ended.exit_code == 2 and said in ended.stderr


def test_classes_come_back_as_they_were(tmp_path: Path) -> None:
    lines = [{"input": f"{'red' if n % 2 else 'blue'} shoes {n}", "target": n % 2 == 0} for n in range(60)]
    ended = run("fit", write(tmp_path / "pairs.jsonl", lines), "--out", tmp_path / "my.model", "--json", *FAST)
    told = json.loads(ended.stdout)
    assert told["metric"] == "accuracy" and told["better"] == "higher"
    found = json.loads(run("predict", tmp_path / "my.model", "red shoes", "--json").stdout)
    assert found["answer"] in (True, False) and sum(found["spread"].values()) == pytest.approx(1)


def test_what_is_too_long_to_be_written_is_named(tmp_path: Path) -> None:
    lines = [{"input": f"shoe {n}", "target": f"a red shoe of size {n}"} for n in range(120)]
    lines[30]["target"] = "".join(chr(0x4E00 + n % 2_000) for n in range(5_000))
    ended = run("fit", write(tmp_path / "pairs.jsonl", lines), "--out", tmp_path / "my.model", *FAST)
    assert ended.exit_code == 0, ended.output
    page = (tmp_path / "my.html").read_text("utf-8")
    assert ">31<" in page and "there is room for 4096" in page


def test_a_number_that_is_true(tmp_path: Path) -> None:
    lines = [{"input": n % 2 == 0, "target": float(n)} for n in range(60)]
    assert run("fit", write(tmp_path / "pairs.jsonl", lines), "--out", tmp_path / "my.model", *FAST).exit_code == 0
    assert run("predict", tmp_path / "my.model", "true").exit_code == 0
