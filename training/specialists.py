"""The yardstick of the one model: specialists of the same code, by the same data and as many steps of their skill.

`python -m training.specialists train STEPS [ARM …]` goes on from `weights/` once with every skill in one mixture (the
arm `single`) and once with each family of skills by itself, which gets as many batches as the mixture draws of it, and
the same ones in the same order. `… score [ARM …]` exports each to int8 and measures its skills; `… tell`
writes the table into the model card, where the shipped weights' own scores stand, and draws the curves.

The skills that read a graph learn from the same sentences, so they are one family. Hearing, speaking, forecasting and
the pictures' codec share no moving weight with another skill: they are specialists already.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from training.paths import CACHE, PACKED
from walkiosk.model.export import export, load, stored_table
from walkiosk.model.train import Run, TrainConfig, averaged
from walkiosk.score.card import BEGIN, END, SETS, Set, number, write
from walkiosk.score.scoring import score
from walkiosk.skill import Model

MIXTURE = {  # folder of packed examples → batches of ten
    "understanding": 3.0,
    "store_demo_films": 0.6,
    "chat": 4.0,
    "wording": 0.4,
    "translation": 1.0,
    "music": 1.0,
}
FAMILIES = {  # arm → folders that it learns from, and skills that they teach
    "chat": (("chat", "wording"), ("chat",)),
    "graph": (
        ("understanding", "store_demo_films"),
        ("path_query", "entity_extraction", "relation_classification"),
    ),
    "translation": (("translation",), ("translation",)),
    "music": (("music",), ("music",)),
}
SINGLE = "single"
ARMS = (SINGLE, *FAMILIES)
RATE = 1.3e-4
BUDGET = 1_150  # positions a batch
BATCHES = 4  # a step of the mixture; of a specialist half as many, about what its family has in such a step
RUNS = CACHE / "runs" / "specialists"
WEIGHTS = Path("weights")
PLOT = Path("docs/specialists.svg")
ACTIONS = "action accuracy"
LOWER = ("perplexity",)  # metrics of which less is better; a share below 100% is worse in all
CARD_COLUMNS = 7
BY = re.compile(r"(.+?) (-?[\d.]+)(?:, |$)")  # a name may have a comma within
MARKERS = ("<!-- specialists: written by `python -m training.specialists tell` -->", "<!-- end of specialists -->")


@dataclass(frozen=True)
class Row:
    """A score as the tables tell it; ``by`` holds it by group, and the other metrics by their names."""

    metric: str
    value: float
    interval: tuple[float, float]
    by: dict[str, float]

    @property
    def told(self) -> str:
        low, high = map(number, self.interval)
        return f"{number(self.value)} ({low} – {high})"


def config_of(arm: str, steps: int) -> TrainConfig:
    """How an arm is trained when the single model takes ``steps`` steps: by as many batches of each of its folders."""
    folders = MIXTURE if arm == SINGLE else FAMILIES[arm][0]
    mixture = {folder: MIXTURE[folder] for folder in folders}
    batches = BATCHES if arm == SINGLE else BATCHES // 2
    drawn = steps * BATCHES * sum(mixture.values()) / sum(MIXTURE.values())
    count = max(1, round(drawn / batches))
    return TrainConfig(
        minutes=0,
        mixture=mixture,
        learning_rate=RATE,
        budget=BUDGET,
        batches_a_step=batches,
        steps=count,
        warmup_steps=max(1, count // 10),
        averaged_steps=max(1, count // 8),
    )


def train(arm: str, steps: int) -> None:
    """Train an arm from the committed weights, or go on with it."""
    run = Run(load(WEIGHTS), config_of(arm, steps), RUNS / arm)
    print(arm, "going on" if run.resume() else "starting", f"at step {run.step} of {run.config.steps}", flush=True)
    run.train(PACKED)


def exported(arm: str) -> Path:
    """The folder of an arm's int8 weights, written from its checkpoint where they are older; so are their scores.

    What an arm does not teach, voices and forecasts among it, is the shipped files.
    """
    folder, checkpoint = RUNS / arm / "weights", RUNS / arm / "checkpoint.pt"
    if not folder.is_dir() or folder.stat().st_mtime < checkpoint.stat().st_mtime:
        shutil.rmtree(folder, ignore_errors=True)
        _scores(arm).unlink(missing_ok=True)
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(WEIGHTS, partial, ignore=shutil.ignore_patterns("*.md"))
        untrained = json.loads((WEIGHTS / "model.json").read_text(encoding="utf-8"))["untrained"]
        model = averaged(torch.load(checkpoint, weights_only=True))
        model.text.stored = stored_table(WEIGHTS)
        export(model, partial, untrained=untrained)
        partial.rename(folder)
    return folder


def sets_of(arm: str) -> list[Set]:
    """The held-out sets of an arm's skills; of the single model's, all that a specialist has."""
    skills = FAMILIES[arm][1] if arm in FAMILIES else [skill for _, found in FAMILIES.values() for skill in found]
    return [each for each in SETS if each.skill in skills]


def measure(arm: str, lists: Path, threads: int) -> None:
    """Score an arm's skills into `scores.json` of its folder, set by set; what is there already is kept."""
    model = Model.load(exported(arm), threads)
    path = _scores(arm)
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for each in sets_of(arm):
        if each.title not in found:
            data = (lists if each.cached else Path("scores")) / each.file
            scored = score(each.skill, data, None, model)
            print(arm, each.title, scored, sep="\n", flush=True)
            found[each.title] = asdict(scored)
            path.write_text(json.dumps(found, indent=1), encoding="utf-8")


def table(shipped: dict[str, Row], scores: dict[str, dict[str, Row]], batches: Mapping[str, Counter[str]]) -> str:
    """The single models beside the specialists in Markdown, a row a held-out set; chat by its actions too.

    ``scores`` are those of each arm by title, ``batches`` how many each has seen of each folder.
    """
    lines = [
        "| set | metric | shipped | single model | specialist | single of specialist | batches of each |",
        "|---|---|---|---|---|---|---|",
    ]
    for family, (folders, _) in FAMILIES.items():
        drawn = ", ".join(str(sum(batches[arm][folder] for folder in folders)) for arm in (SINGLE, family))
        for each in sets_of(family):
            three = [shipped[each.title], scores[SINGLE][each.title], scores[family][each.title]]
            lines.append(
                _line(each.title, three[0].metric, [row.told for row in three], [row.value for row in three], drawn)
            )
            if each.skill == "chat":
                values = [row.by[ACTIONS] for row in three]
                lines.append(_line(each.title, ACTIONS, list(map(number, values)), values, drawn))
    return "\n".join(lines)


def _line(title: str, metric: str, told: Sequence[str], values: Sequence[float], drawn: str) -> str:
    single, alone = values[1:] if metric not in LOWER else values[:0:-1]
    share = f"{single / alone:.1%}" if alone else "–"
    return f"| {title} | {metric} | {' | '.join(told)} | {share} | {drawn} |"


def _scores(arm: str) -> Path:
    return RUNS / arm / "scores.json"


def read_scores(arm: str) -> dict[str, Row]:
    """What `score` kept of an arm."""
    kept = json.loads(_scores(arm).read_text(encoding="utf-8"))
    return {
        title: Row(one["metric"], one["value"], (one["low"], one["high"]), one["by"]) for title, one in kept.items()
    }


def read_card(text: str) -> dict[str, Row]:
    """The rows of a model card's table of scores, as `walkiosk.score.card` writes it between its markers."""
    found = {}
    for line in text.partition(BEGIN)[2].partition(END)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == CARD_COLUMNS and any(each.title == cells[0] for each in SETS) and cells[2]:
            low, high = map(float, cells[3].split(" – "))
            by = {name: float(value) for name, value in BY.findall(cells[5])}
            found[cells[0]] = Row(cells[1], float(cells[2]), (low, high), by)
    return found


def _log(arm: str) -> list[tuple[str, float]]:
    """(folder, loss) of each batch that an arm has seen."""
    with (RUNS / arm / "log.csv").open(newline="", encoding="utf-8") as file:
        return [(row[2], float(row[3])) for row in csv.reader(file)]


def _batches(arm: str) -> Counter[str]:
    return Counter(folder for folder, _ in _log(arm))


def plot(path: Path) -> None:
    """Draw the loss of each family by its own batches, for the single model and for its specialist, as an SVG."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "specialists"  # the same curves are the same bytes
    matplotlib.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    single = _log(SINGLE)
    figure, axes = pyplot.subplots(1, len(FAMILIES), figsize=(12, 3), layout="constrained")
    for axis, (family, (folders, _)) in zip(axes, FAMILIES.items(), strict=True):
        for arm, seen in ((SINGLE, single), (family, _log(family))):
            losses = smoothed([loss for folder, loss in seen if folder == folders[0]])
            axis.plot(losses, label="single model" if arm == SINGLE else "specialist")
        axis.set(title=family, xlabel="batches", ylabel="loss a judged token" if family == "chat" else None)
    axes[0].legend()
    figure.savefig(path, metadata={"Date": None})


def smoothed(values: Sequence[float], window: int = 25) -> list[float]:
    """Means of ``window`` neighbours each, where there are so many."""
    width = min(window, len(values))
    return list(np.convolve(values, np.ones(width) / width, mode="valid")) if width else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    trained = commands.add_parser("train")
    trained.add_argument("steps", type=int, help="of the single model")
    trained.add_argument("arms", nargs="*", metavar="ARM", help=", ".join(ARMS))
    scored = commands.add_parser("score")
    scored.add_argument("arms", nargs="*", metavar="ARM", help=", ".join(ARMS))
    scored.add_argument("--lists", type=Path, default=CACHE / "scores", help="the folder of music's held-out tunes")
    scored.add_argument("--threads", type=int, default=2, help="1 where two arms are scored at once")
    commands.add_parser("tell")
    options = parser.parse_args()
    if options.command == "tell":
        card = WEIGHTS / "README.md"
        shipped = read_card(card.read_text(encoding="utf-8"))
        told = table(shipped, {arm: read_scores(arm) for arm in ARMS}, {arm: _batches(arm) for arm in ARMS})
        write(card, told, MARKERS)
        plot(PLOT)
        return
    if unknown := set(options.arms) - set(ARMS):
        parser.error(f"{', '.join(sorted(unknown))}: none of {', '.join(ARMS)}")
    for arm in options.arms or ARMS:
        if options.command == "train":
            train(arm, options.steps)
        else:
            measure(arm, options.lists, options.threads)


if __name__ == "__main__":
    main()
