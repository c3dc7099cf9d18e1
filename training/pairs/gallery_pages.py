"""The pages of `docs/gallery`: what each of the 36 models is for, how good it is, and three samples that it never saw.

Samples are drawn from the files that `training.pairs.gallery` kept. Sounds are put beside the drawing, to be heard.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.pairs.cells import CELLS, Cell
from walkiosk.modality import audio, image, video
from walkiosk.pairs.judging import shown

DOCS = Path(__file__).parents[2] / "docs" / "gallery"
COLUMNS = ("input", "wanted", "model", "baseline")
FRAMES = 6  # of a film that are drawn
LETTERS = 22  # of a line of text that is drawn
INCHES = 1.7  # a side of a sample
VERDICT, SECONDS = 5, 7  # columns of the table


def write_pages(results: Path, docs: Path = DOCS) -> None:
    """Write a page for each cell that has a result there, and the table; other cells' rows stay as the table has them.

    So a cell that was fitted on another machine is not forgotten.
    """
    docs.mkdir(parents=True, exist_ok=True)
    page = docs / "README.md"
    rows = rows_of(page.read_text(encoding="utf-8")) if page.is_file() else {}
    for cell in CELLS:
        path = results / cell.name / "result.json"
        if path.is_file():
            found = json.loads(path.read_text(encoding="utf-8"))
            rows[cell.name] = row(cell, found)
            write_page(cell, found, results / cell.name, docs)
    page.write_text(table(rows), encoding="utf-8")


def rows_of(page: str) -> dict[str, str]:
    """The rows of a table's cells by their names."""
    starts = {cell.name: f"| {_link(cell)} |" for cell in CELLS}
    lines = page.splitlines()
    return {name: line for name, start in starts.items() for line in lines if line.startswith(start)}


def table(rows: dict[str, str]) -> str:
    """All cells that have a row, one beneath the other."""
    told = [[part.strip() for part in row.strip("|").split("|")] for row in rows.values()]
    better = sum(parts[VERDICT] == "yes" for parts in told)
    minutes = sum(float(parts[SECONDS]) for parts in told) / 60
    head = [
        "# The gallery: 36 pairs of input and target, one code",
        "",
        "Written by `make gallery`: a small model from nothing for each, two at a time on two cores;",
        f"{minutes:.0f} minutes of training on one core in all.",
        *([f"{len(CELLS) - len(rows)} of them are not fitted yet."] if len(rows) < len(CELLS) else []),
        f"{better} of {len(rows)} are better than the strongest baseline on pairs held out, 95% intervals apart.",
        "The baseline is the strongest of all that need no model: the commonest, the mean or the median answer, the",
        "nearest example's, the five nearest examples', the input itself, for series the naive forecasts.",
        "",
        "| pair | for | metric | model (95%) | strongest baseline (95%) | better | n | training, s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(rows[cell.name] for cell in CELLS if cell.name in rows)]) + "\n"


def _link(cell: Cell) -> str:
    return f"[{cell.source} → {cell.target}]({cell.name}.md)"


def row(cell: Cell, result: dict[str, Any]) -> str:
    told = result["judgement"]
    arrow = "↑" if told["better"] == "higher" else "↓"
    own = f"**{shown(told['value'])}** ({shown(told['low'])} – {shown(told['high'])})"
    other = (
        f"{told['baseline_name']} {shown(told['baseline'])} "
        f"({shown(told['baseline_low'])} – {shown(told['baseline_high'])})"
    )
    verdict = "yes" if result["beats"] else "**no**"
    cells = (_link(cell), cell.use, f"{told['metric']} {arrow}", own, other, verdict, str(told["n"]))
    return f"| {' | '.join(cells)} | {result['seconds']['training']:.0f} |"


def write_page(cell: Cell, result: dict[str, Any], folder: Path, docs: Path) -> None:
    """One cell: its use, its data, its score, its samples where they may be shown."""
    told = result["judgement"]
    others = ", ".join(f"{name} {shown(value)}" for name, value in told["baselines"].items())
    more = ", ".join(f"{name} {shown(value)}" for name, value in told["others"].items())
    lines = [
        f"# {cell.source} → {cell.target}",
        "",
        cell.use,
        "",
        f"**Data.** {cell.data}. Licence: {cell.licence}.",
        "",
        f"**Score.** {told['metric']} {shown(told['value'])} (95% {shown(told['low'])} – {shown(told['high'])}, "
        f"{told['better']} is better, {told['n']} pairs held out); {more}. Baselines: {others}; declared before: "
        f"{told['obvious']}.",
        "",
        f"**Training.** {result['seconds']['training']:.0f} s, {result['steps']} steps, {result['weights'] / 1e6:.1f}M "
        f"weights; an answer takes {result['milliseconds']:.0f} ms.",
        "",
        "```sh",
        f"python -m training.pairs {cell.name}",
        f"walkiosk fit ~/.cache/walkiosk/pairs/{cell.name}/pairs.jsonl --out {cell.name}.model",
        "```",
    ]
    if result["problems"]:
        lines += [
            "",
            "**What is odd about the data.** " + " ".join(f"{problem}." for problem in result["problems"][:3]),
        ]
    if cell.shown:
        draw(cell, result, folder, docs / f"{cell.name}.png")
        lines += ["", f"![Three pairs held out: {', '.join(COLUMNS)}]({cell.name}.png)"]
        lines += ["", *sounds(cell, result, folder, docs)]
    (docs / f"{cell.name}.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def sounds(cell: Cell, result: dict[str, Any], folder: Path, docs: Path) -> list[str]:
    """Put what can be heard beside the page; returns the lines that lead to it."""
    lines = []
    for number, sample in enumerate(result["samples"], 1):
        links = []
        for name, value in _columns(sample):
            if isinstance(value, dict) and value["file"].endswith(".wav"):
                heard = f"{cell.name}-{number}-{name}.opus"
                audio.write(audio.read(folder / value["file"]), docs / heard)
                links.append(f"[{name}]({heard})")
        if links:
            lines.append(f"- Sample {number}: {', '.join(links)}")
    return lines


def draw(cell: Cell, result: dict[str, Any], folder: Path, path: Path) -> None:
    """Draw the samples side by side."""
    rows = [_columns(sample) for sample in result["samples"]]
    figure = Figure(figsize=(INCHES * len(rows[0]) * 1.15, INCHES * len(rows)), dpi=90)
    for number, columns in enumerate(rows):
        for place, (name, value) in enumerate(columns):
            axes = figure.add_subplot(len(rows), len(columns), number * len(columns) + place + 1)
            _put(axes, value, folder)
            if number == 0:
                axes.set_title(name, fontsize=9)
    figure.tight_layout(pad=0.6)
    figure.savefig(path)


def _columns(sample: dict[str, Any]) -> list[tuple[str, Any]]:
    inputs = sample["inputs"]
    first = inputs[0] if len(inputs) == 1 else ", ".join(str(value) for value in inputs)
    return [
        ("input", first),
        ("wanted", sample["wanted"]),
        ("model", sample["found"]),
        ("baseline", sample["baseline"]),
    ]


def _put(axes: Axes, value: Any, folder: Path) -> None:
    if not isinstance(value, dict):
        axes.axis("off")
        words = f"{value[len(value) // 2]:.4g}" if isinstance(value, list) else str("–" if value is None else value)
        axes.text(0.5, 0.5, fill(words, LETTERS), ha="center", va="center", fontsize=8, wrap=True)
        return
    file = folder / value["file"]
    if file.suffix == ".csv":
        _put_trend(axes, file)
        return
    axes.set_xticks([])
    axes.set_yticks([])
    if file.suffix == ".wav":
        axes.imshow(audio.to_sequence(audio.read(file)).T, origin="lower", aspect="auto", cmap="magma")
    elif file.suffix == ".png":
        axes.imshow(image.read(file))
    else:
        frames = video.read(file).frames
        at = np.linspace(0, len(frames) - 1, FRAMES).astype(int)
        rows = [np.concatenate(list(frames[at[first : first + FRAMES // 2]]), axis=1) for first in (0, FRAMES // 2)]
        axes.imshow(np.concatenate(rows))


def _put_trend(axes: Axes, file: Path) -> None:
    with file.open(newline="", encoding="utf-8") as opened:
        rows = np.array([[float(cell) for cell in row] for row in list(csv.reader(opened))[1:]])
    axes.plot(rows[:, 0], linewidth=1)
    if rows.shape[1] > 1:
        axes.fill_between(np.arange(len(rows)), rows[:, 1], rows[:, -1], alpha=0.25)
    axes.tick_params(labelsize=6)
