"""docs/pairs: what its pages show is run. Each example line becomes pairs of its form, each command fits them."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import typer
from typer.testing import CliRunner

from tests.sequence.material import COUNT, WORDS, make_values
from walkiosk.cli import app
from walkiosk.modality import MODALITIES
from walkiosk.pairs.baselines import obvious_of
from walkiosk.pairs.columns import ENDINGS
from walkiosk.pairs.metrics import METRICS
from walkiosk.pairs.metrics import WORDS as WRONG_WORDS
from walkiosk.pairs.pair import Sides

DOCS = Path(__file__).parents[2] / "docs" / "pairs"
FAST = ("--steps", "2", "--size", "tiny")
CLASSES = 24  # pairs, so that two classes come often enough to be ones
NAMES = {metric.name: aim for aim, metric in METRICS.items()} | {WRONG_WORDS.name: "text"}
EXAMPLE = re.compile(r"```(jsonl|csv)\n(.*?)```\n```sh\n(.*?)```\n(.*?)(?=\n## |\n```|\Z)", re.DOTALL)
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A line of a page with the commands behind it and what is said of them."""

    page: str
    form: str
    lines: str
    commands: list[list[str]]
    said: str

    @property
    def metric(self) -> str:
        """The first metric that is said to come out, "" where none is."""
        return next((name for name in re.findall(r"`([^`]+)`", self.said) if name in NAMES), "")

    @property
    def line(self) -> dict[str, Any]:
        if self.form == "jsonl":
            (line,) = self.lines.splitlines()
            found: dict[str, Any] = json.loads(line)
            return found
        mark = ";" if ";" in self.lines else ","
        head, row = csv.reader(self.lines.splitlines(), delimiter=mark)
        return dict(zip(head, map(_typed, row), strict=True))

    def __str__(self) -> str:
        return f"{self.page}-{self.commands[0][2]}"


def _typed(cell: str) -> Any:
    try:
        return json.loads(cell)
    except json.JSONDecodeError:
        return cell


def examples() -> list[Example]:
    found = []
    for page in sorted(DOCS.glob("*.md")):
        for form, lines, commands, said in EXAMPLE.findall(page.read_text("utf-8")):
            told = [shlex.split(command) for command in commands.strip().splitlines()]
            found.append(Example(page.stem, form, lines, told, said))
    return found


def kind_of(value: Any) -> str:
    if isinstance(value, list):
        return "trend"
    if isinstance(value, str):
        return ENDINGS.get(Path(value).suffix, "text")
    return "scalar"


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    torch.set_num_threads(1)
    return make_values(tmp_path_factory.mktemp("values"), CLASSES)


def like(value: Any, n: int, values: dict[str, list[Any]], folder: Path) -> Any:
    """The ``n``-th value that looks like that of an example; files lie where the example's lies."""
    if isinstance(value, dict):
        return {name: like(part, n, values, folder) for name, part in value.items()}
    if isinstance(value, list) and not all(isinstance(part, int) for part in value):
        return [like(part, n, values, folder) for part in value]
    if isinstance(value, list):
        return [part + n for part in value]
    kind = kind_of(value)
    if isinstance(value, str) and kind in ("image", "audio", "video", "trend"):
        made = Path(values[kind][n])
        place = folder / Path(value).parent / made.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, place)
        return place.relative_to(folder).as_posix()
    return values[kind][n] if kind == "text" else type(value)(value + n)


def like_class(value: Any, n: int) -> Any:
    """One of two targets that look like ``value``."""
    if isinstance(value, str):
        return f"{value} {WORDS[n % 2]}"
    return n % 2 == 0 if isinstance(value, bool) else value + n % 2


def write_pairs(example: Example, path: Path, values: dict[str, list[Any]]) -> None:
    classes = NAMES.get(example.metric) == "classes"
    rows = []
    for n in range(CLASSES if classes else COUNT):
        row = {key: like(value, n, values, path.parent) for key, value in example.line.items()}
        for key in row.keys() - {"input", "target"}:
            if not key.startswith("input_"):
                row[key] = f"group {n}"
        if classes:
            row["target"] = like_class(example.line["target"], n)
        rows.append(row)
    if example.form == "jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
        return
    mark = ";" if ";" in example.lines else ","
    with path.open("w", newline="", encoding="utf-8") as file:
        written = csv.DictWriter(file, list(rows[0]), delimiter=mark)
        written.writeheader()
        written.writerows(rows)


@pytest.mark.parametrize("example", examples(), ids=str)
def test_what_a_page_shows(
    example: Example, values: dict[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands run, and the metric and the baseline that the page names come out."""
    monkeypatch.chdir(tmp_path)
    write_pairs(example, Path(example.commands[0][2]), values)
    for program, command, *told in example.commands:
        assert (program, command in ("fit", "predict")) == ("walkiosk", True)
        more = (*FAST, "--json") if command == "fit" else ()
        ended = CliRunner().invoke(app, [command, *told, *more])
        assert ended.exit_code == 0, ended.output
        if command == "fit" and example.metric:
            found = json.loads(ended.stdout)
            assert found["metric"] == example.metric
            *inputs, target = re.split(r", | → ", found["sides"])
            named = re.findall(r"`([^`]+)`", example.said)[1]
            assert named == obvious_of(NAMES[example.metric], Sides(tuple(inputs), target))
            assert named in found["baselines"]


def test_each_pair_of_kinds_has_its_example() -> None:
    """Each family has a page, each of its targets an example with a metric, and the name of its set in the gallery."""
    for kind in MODALITIES:
        page = "number" if kind == "scalar" else kind
        shown = [example for example in examples() if example.page == page]
        assert [kind_of(example.line["target"]) for example in shown] == list(MODALITIES)
        assert all(example.metric for example in shown)
        text = (DOCS / f"{page}.md").read_text("utf-8")
        assert re.findall(r"\(`([a-z]+-[a-z]+)`\)", text) == [f"{kind}-{target}" for target in MODALITIES]


def test_three_lines(values: dict[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(Path(values["image"][0]).parent, "photos")
    lines = [{"input": f"photos/{n}.png", "target": f"a {WORDS[n % 2]} shoe"} for n in range(CLASSES)]
    Path("pairs.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    blocks = PYTHON.findall((DOCS / "index.md").read_text("utf-8"))
    told = "\n".join(blocks)
    assert len([line for line in blocks[0].splitlines() if line]) == 3 and told.count('.fit("pairs.jsonl")') == 1
    names: dict[str, Any] = {}
    exec(told.replace('.fit("pairs.jsonl")', '.fit("pairs.jsonl", steps=2, size="tiny")'), names)
    assert names["model"]("photos/2.png") in ("a red shoe", "a blue shoe") and Path("name.model").is_file()


def lies(place: Path, kind: str, values: dict[str, list[Any]]) -> None:
    """What a command of the page on generating is told that its result is like."""
    if kind == "text":
        place.write_text("\n".join(f"Call me {text}, and you will see." for text in values["text"] * 3), "utf-8")
    elif kind == "trend":
        weeks = [[f"2026-{month:02d}", *((month * n) % 17 for n in range(12))] for month in range(1, 13)]
        place.write_text("\n".join(",".join(map(str, row)) for row in [["month", *WORDS], *weeks]), "utf-8")
    else:
        place.mkdir(exist_ok=True)
        names = ("cat_face", "owl", "toys", "sports", "delivery_van", "rainbow")
        for made, name in zip(values[kind], names, strict=False):
            shutil.copy(made, place / f"{name}{Path(made).suffix}")


def test_what_the_page_on_generating_shows(
    values: dict[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WALKIOSK_CACHE", str(tmp_path / "cache"))
    text = (DOCS / "generating.md").read_text("utf-8")
    kinds = set()
    for line in "".join(SHELL.findall(text)).splitlines():
        program, *told = shlex.split(line)
        flags = dict(zip(told[1::2], told[2::2], strict=True))
        kinds.add(flags["--as"])
        if "--like" in flags:
            lies(Path(flags["--like"]), flags["--as"], values)
        ended = CliRunner().invoke(app, [*told, *(FAST[:2] if "--like" in flags else ())])
        assert program == "walkiosk" and ended.exit_code == 0, ended.output
        assert "--out" not in flags or Path(flags["--out"]).is_file()
    assert kinds == set(MODALITIES) - {"scalar"}
    Path("cat-owl.png").unlink()
    (block,) = PYTHON.findall(text)
    exec(block.replace("minutes=5", "steps=2"), {})
    assert Path("cat-owl.png").is_file()


def test_every_option_is_told() -> None:
    """The tables of options are those that the commands have."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, page in (("fit", "index"), ("predict", "index"), ("generate", "generating")):
        text = (DOCS / f"{page}.md").read_text("utf-8")
        table = text.split(f"| `walkiosk {name} ")[1].split("\n\n")[0]
        told = set(re.findall(r"--[a-z]+", table))
        has = {option for one in commands[name].params for option in one.opts if option.startswith("--")}
        assert told == has - {"--help"}
