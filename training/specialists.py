"""The yardstick of the one model: specialists of the same code, by the same data and as many steps of their skill.

`python -m training.specialists train STEPS [ARM …]` goes on from `weights/` once with every skill in one mixture (the
arm `single`) and once with each family of skills by itself, which gets as many batches as the mixture draws of it, and
the same ones in the same order. `… score [ARM …]` exports each to int8 and measures its skills, `shipped` being
`weights/` as they are; `… tell` writes the table into the model card and the curves beside it.

The skills that read a graph learn from the same sentences, so they are one family. Hearing, speaking, forecasting and
the pictures' codec share no moving weight with another skill: they are specialists already.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from training.paths import CACHE, PACKED, WHISPER
from walkiosk.modality.text import with_own_tokens
from walkiosk.model.export import export, load
from walkiosk.model.train import Run, TrainConfig, averaged
from walkiosk.score.card import SETS, Set, write
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
SINGLE, SHIPPED = "single", "shipped"
ARMS = (SINGLE, *FAMILIES)
RATE = 1.3e-4
BUDGET = 1_150  # positions a batch
BATCHES = 4  # a step of the mixture; of a specialist half as many, about what its family has in such a step
RUNS = CACHE / "runs" / "specialists"
PLOT = Path("docs/specialists.svg")
WEIGHTS = Path("weights")
PLOT = Path("docs/specialists.svg")
MARKERS = ("<!-- specialists: written by `python -m training.specialists tell` -->", "<!-- end of specialists -->")
# what the skills that the mixture does not teach are written with: the same bytes in every arm
OTHERS = ("pronouncer", "timer", "sounder", "vocoder", "forecaster", "picture_encoder", "picture_decoder")


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
    """The folder of an arm's int8 weights, written from its checkpoint where they are older."""
    if arm == SHIPPED:
        return WEIGHTS
    folder, checkpoint = RUNS / arm / "weights", RUNS / arm / "checkpoint.pt"
    if not (folder / "tokenizer.json").is_file() or folder.stat().st_mtime < checkpoint.stat().st_mtime:
        shutil.rmtree(folder, ignore_errors=True)
        export(averaged(torch.load(checkpoint, weights_only=True)), folder, untrained=("summarization", "captioning"))
        with_own_tokens(WHISPER / "tokenizer.json").save(folder / "tokenizer.json")
        for name in (*(f"{other}.onnx" for other in OTHERS), "speaker.json"):
            shutil.copy(WEIGHTS / name, folder / name)
    return folder


def sets_of(arm: str) -> list[Set]:
    """The held-out sets of an arm's skills; of the single model's, all that a specialist has."""
    skills = FAMILIES[arm][1] if arm in FAMILIES else [skill for _, found in FAMILIES.values() for skill in found]
    return [each for each in SETS if each.skill in skills]


def measure(arm: str, lists: Path) -> None:
    """Score an arm's skills into `scores.json` of its folder, set by set; what is there already is kept."""
    model = Model.load(exported(arm))
    path = RUNS / arm / "scores.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for each in sets_of(arm):
        if each.title not in found:
            data = (lists if each.cached else Path("scores")) / each.file
            scored = score(each.skill, data, None, model)
            print(arm, each.title, scored, sep="\n", flush=True)
            found[each.title] = asdict(scored)
            path.write_text(json.dumps(found, indent=1), encoding="utf-8")


def table() -> str:
    """The single models beside the specialists in Markdown, by held-out set; chat by its actions too."""
    arms = (SHIPPED, *ARMS)
    scores = {arm: json.loads((RUNS / arm / "scores.json").read_text(encoding="utf-8")) for arm in arms}
    counts = {arm: _batches(arm) for arm in ARMS}
    lines = [
        "| set | metric | shipped | single model | specialist | of the specialist's | batches of the family, both |",
        "|---|---|---|---|---|---|---|",
    ]
    for family, (folders, _) in FAMILIES.items():
        drawn = [sum(counts[arm].get(folder, 0) for folder in folders) for arm in (SINGLE, family)]
        for each in sets_of(family):
            three = [scores[arm][each.title] for arm in (SHIPPED, SINGLE, family)]
            told = [
                (
                    three[0]["metric"],
                    [f"{_short(one['value'])} ({_short(one['low'])} – {_short(one['high'])})" for one in three],
                    [one["value"] for one in three],
                )
            ]
            if each.skill == "chat":
                values = [one["by"]["action accuracy"] for one in three]
                told.append(("action accuracy", [_short(value) for value in values], values))
            for metric, shown, values in told:
                ratio = values[1] / values[2] if values[2] else float("nan")
                lines.append(
                    f"| {each.title} | {metric} | {' | '.join(shown)} | {ratio:.1%} | {drawn[0]}, {drawn[1]} |"
                )
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:.1f}" if value > 1.5 else f"{value:.3f}"


def _log(arm: str) -> list[tuple[str, float]]:
    """(folder, loss) of each batch that an arm has seen."""
    with (RUNS / arm / "log.csv").open(newline="", encoding="utf-8") as file:
        return [(row[2], float(row[3])) for row in csv.reader(file)]


def _batches(arm: str) -> dict[str, int]:
    seen = [folder for folder, _ in _log(arm)]
    return {folder: seen.count(folder) for folder in set(seen)}


def plot(path: Path) -> None:
    """Draw the loss of each family by its own batches, for the single model and for its specialist, as an SVG."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "specialists"  # the same curves are the same bytes
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
    scored.add_argument("arms", nargs="*", metavar="ARM", help=", ".join((SHIPPED, *ARMS)))
    scored.add_argument("--lists", type=Path, default=CACHE / "scores", help="the folder of music's held-out tunes")
    commands.add_parser("tell")
    options = parser.parse_args()
    if options.command == "tell":
        write(WEIGHTS / "README.md", table(), MARKERS)
        plot(PLOT)
        return
    known = ARMS if options.command == "train" else (SHIPPED, *ARMS)
    if unknown := set(options.arms) - set(known):
        parser.error(f"{', '.join(sorted(unknown))}: none of {', '.join(known)}")
    for arm in options.arms or known:
        if options.command == "train":
            train(arm, options.steps)
        else:
            measure(arm, options.lists)


if __name__ == "__main__":
    main()
