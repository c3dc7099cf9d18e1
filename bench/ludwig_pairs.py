"""`walkiosk fit` beside Ludwig, which also makes a model of pairs: the same pairs, minutes and metric, in one run.

    PYTHONPATH=. python bench/ludwig_pairs.py --peer PEER/bin/python [--minutes 2.5] [--half] [--tries 2] [--json]
        [--pairs text-text image-scalar trend-trend audio-text]

Pairs are read and split once by our code; both learn from the same part, may stop by the second, and are judged on the
third, by our metric, with its 95% interval. Only the seconds of steps count, for both: not preparation, nor looks at
what is held back. Ours is fitted as anybody's pairs are. Ludwig gets two configurations a pair, each for the whole
minutes, and what does better on the second part is judged. `--half` gives ours half the minutes. Exits with 1 if ours
is worse anywhere. PEER is Ludwig's own environment; its pins ask for CUDA and for what it does not import here:

    python3 -m venv PEER && PEER/bin/pip install torch==2.13.0
    PEER/bin/pip install --no-deps ludwig==0.11.0 torchvision==0.28.0
    PEER/bin/pip install numpy==2.4.6 pandas==2.3.3 transformers==4.57.6 marshmallow==3.26.2 rich==12.4.4 \\
        marshmallow-dataclass dataclasses-json jsonschema torchmetrics torchinfo tensorboard gpustat scipy \\
        scikit-learn h5py pyarrow tabulate psutil retry pillow
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.pairs.__main__ import build
from training.pairs.cells import CELLS, PAIRS, Cell
from training.pairs.lines import NAME
from walkiosk.modality.value import BadValue
from walkiosk.model.fit import Told
from walkiosk.pairs.aims import label_of
from walkiosk.pairs.judging import Judgement, judge, shown
from walkiosk.pairs.metrics import metric_of
from walkiosk.pairs.pair import Pair
from walkiosk.pairs.reading import read_pairs
from walkiosk.pairs.splitting import split
from walkiosk.sequence import Sequence as Model

COMPARED = ("text-text", "image-scalar", "trend-trend", "audio-text")
WORKER = Path(__file__).with_name("ludwig_worker.py")
PEER = "Ludwig"
SINGLY = 20  # answers that are timed one by one, as `ludwig serve` gives them
PREPARED_IN = 3_600  # seconds at most, beside those of training


@dataclass(frozen=True)
class Answers:
    """What one of the two said of the held-out pairs, and what it took."""

    found: list[Any]
    how: str  # the size of ours, the configuration of Ludwig's
    seconds: float  # of steps
    seconds_in_all: float  # of preparation, looks and steps
    steps: int
    weights: int
    version: str
    milliseconds: float  # an answer, one by one
    milliseconds_together: float | None = None  # an answer, all in batches


@dataclass(frozen=True)
class Compared:
    """A pair's judgement, in which Ludwig is the baseline, and the two that it is of."""

    pair: str
    judgement: Judgement
    ours: Answers
    theirs: Answers
    tried: dict[str, float]  # Ludwig's configurations by the metric on the validation part

    @property
    def worse(self) -> bool:
        told = self.judgement
        return told.value < told.baseline if told.better == "higher" else told.value > told.baseline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peer", type=Path, required=True, help="Python of the environment that has Ludwig")
    parser.add_argument("--minutes", type=float, default=2.5)
    parser.add_argument("--half", action="store_true", help="half the minutes for ours")
    parser.add_argument("--pairs", nargs="+", choices=COMPARED, default=COMPARED, metavar="PAIR")
    parser.add_argument("--tries", type=int, choices=(1, 2), default=2, help="configurations of Ludwig that are tried")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cells = {cell.name: cell for cell in CELLS}
    found = []
    for name in options.pairs:
        found.append(compared(cells[name], options.peer, options.minutes, options.half, options.tries))
        print(line(found[-1]), file=sys.stderr, flush=True)
    print(json.dumps(told(found, options.minutes, options.half)) if options.json else table(found))
    sys.exit(any(one.worse for one in found))


def compared(cell: Cell, peer: Path, minutes: float, half: bool, tries: int) -> Compared:
    """Fit ours, then Ludwig's configurations, one after the other, and judge both."""
    file = PAIRS / cell.name / NAME
    if not file.is_file():
        build(cell, PAIRS)
    parts = split(read_pairs(file, target=cell.target).pairs)
    model, ours = of_ours(cell, file, parts, minutes / 2 if half else minutes)
    pairing = model.pairing
    wanted = [[pairing.read_target(pair.target) for pair in part] for part in parts[1:]]
    metric = metric_of(pairing.aim, pairing.sides.inputs)
    each: list[Answers] = []
    tried: dict[str, float] = {}
    for number in range(tries):
        answers, validation = of_ludwig(cell, peer, number, parts, 60 * minutes)
        each.append(answers)
        counts = metric.count(wanted[0], validation)
        tried[answers.how] = float(metric.of(counts.sum(axis=0, keepdims=True))[0])
    theirs = (max if metric.better == "higher" else min)(each, key=lambda answers: tried[answers.how])
    pasts = [pair.inputs[0] for pair in parts[2]] if pairing.sides.inputs == ("trend",) else None
    judgement = judge(pairing.aim, pairing.sides, wanted[1], ours.found, {PEER: theirs.found}, pasts)
    return Compared(cell.name, judgement, ours, theirs, tried)


def of_ours(cell: Cell, file: Path, parts: Sequence[list[Pair]], minutes: float) -> tuple[Model, Answers]:
    """Our model, fitted as `walkiosk fit` does, and its answers."""
    told = Told()
    began = time.monotonic()
    model = Model(target=cell.target).fit(file, told=told, minutes=minutes)
    whole = time.monotonic() - began
    assert model.fitted is not None
    seen, held_out = ([pair.line for pair in part] for part in (model.fitted.training, model.fitted.held_out))
    if (seen, held_out) != ([pair.line for pair in parts[0]], [pair.line for pair in parts[2]]):
        raise SystemExit(f"{cell.name}: the fit left out or parted pairs in another way than Ludwig is given them")
    asked = [model.pairing.read(pair.inputs) for pair in parts[2]]
    began = time.monotonic()
    found = [_answer(model, values) for values in asked]
    each = 1_000 * (time.monotonic() - began) / len(asked)
    card = model.card
    how = f"{card['model']['encoder_layers']} + {card['model']['decoder_layers']} layers of {card['model']['width']}"
    fit, weights = card["training"], card["model"]["weights"]
    return model, Answers(found, how, fit["seconds"], whole, fit["steps"], weights, card["version"], each)


def _answer(model: Model, values: tuple[Any, ...]) -> Any:
    try:
        return model.found(values)
    except BadValue:  # what was written is no value, which counts as nothing found
        return None


def of_ludwig(
    cell: Cell, peer: Path, number: int, parts: Sequence[list[Pair]], seconds: float
) -> tuple[Answers, list[Any]]:
    """Ludwig's answers, by one of its configurations, for the held-out pairs, and those for the validation pairs."""
    with tempfile.TemporaryDirectory(prefix="ludwig-") as scratch:
        folder = Path(scratch)
        write_table(folder / "pairs.csv", parts)
        job = {
            "pairs": str(folder / "pairs.csv"),
            "pair": cell.name,
            "configuration": number,
            "seconds": seconds,
            "threads": torch.get_num_threads(),  # as many as ours
            "singly": SINGLY,
            "folder": str(folder / "results"),
            "answers": str(folder / "answers.json"),
        }
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        command = [str(peer), str(WORKER), str(folder / "job.json")]
        limit = seconds + PREPARED_IN
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=limit, check=False)
        if ended.returncode:
            raise SystemExit(f"{cell.name}: {PEER} ended with {ended.returncode}\n{ended.stderr[-3_000:]}")
        found = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    validation, held_out = ([_value(cell, x) for x in found.pop(name)] for name in ("validation", "held_out"))
    return Answers(held_out, **found), validation


def _value(cell: Cell, answer: Any) -> Any:
    """An answer of Ludwig's as ours are judged."""
    if cell.target == "trend":
        return np.asarray(answer, np.float64)
    return label_of(answer)


def write_table(file: Path, parts: Sequence[list[Pair]]) -> None:
    """All pairs as Ludwig reads them, with the number of their part as its `split` has it."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(("input", "target", "split"))
        for number, part in enumerate(parts):
            rows.writerows((_cell(pair.inputs[0]), _cell(pair.target), number) for pair in part)


def _cell(value: Any) -> str:
    """A series is numbers with spaces between them, a medium the name of its file, a number a class."""
    if isinstance(value, np.ndarray):
        return " ".join(map(repr, value.tolist()))
    return str(value) if isinstance(value, str | Path) else label_of(value)


def line(one: Compared) -> str:
    """A pair's result in a line."""
    told, theirs = one.judgement, one.theirs
    sign = "+" if told.beats else "-" if one.worse else "="
    return (
        f"{sign} {one.pair}: {told.metric} {shown(told.value)} ({shown(told.low)} to {shown(told.high)}), {PEER} "
        f"{shown(told.baseline)} ({shown(told.baseline_low)} to {shown(told.baseline_high)}) by {theirs.how!r}, "
        f"n {told.n:,}; {one.ours.seconds:.0f} s and {theirs.seconds:.0f} s of training"
    )


def table(found: Sequence[Compared]) -> str:
    """What was found, a row a pair."""
    head = ("pair", "metric", "ours (95%)", f"{PEER} (95%)", "n", "seconds", "ms an answer", f"{PEER}'s configuration")
    rows = [head]
    for one in found:
        told, ours, theirs = one.judgement, one.ours, one.theirs
        rows.append(
            (
                one.pair,
                f"{told.metric} {'↑' if told.better == 'higher' else '↓'}",
                f"{shown(told.value)} ({shown(told.low)} to {shown(told.high)})",
                f"{shown(told.baseline)} ({shown(told.baseline_low)} to {shown(told.baseline_high)})",
                f"{told.n:,}",
                f"{ours.seconds:.0f}, {theirs.seconds:.0f}",
                f"{ours.milliseconds:.1f}, {theirs.milliseconds:.1f} (in batches {theirs.milliseconds_together:.2f})",
                theirs.how,
            )
        )
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return "\n".join("  ".join(f"{x:{width}}" for x, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def told(found: Sequence[Compared], minutes: float, half: bool) -> dict[str, Any]:
    """The same as JSON has it, without the answers."""

    def plain(one: Answers) -> dict[str, Any]:
        return {name: value for name, value in asdict(one).items() if name != "found"}

    pairs = [
        {
            "pair": one.pair,
            "worse": one.worse,
            "better": one.judgement.beats,
            "judgement": asdict(one.judgement),
            "ours": plain(one.ours),
            PEER.lower(): {**plain(one.theirs), "validation": one.tried},
        }
        for one in found
    ]
    return {"minutes": minutes, "half": half, "threads": torch.get_num_threads(), "pairs": pairs}


if __name__ == "__main__":
    main()
