"""A file of pairs → a fitted model with its honest score: read, settle, pack, train, export, judge.

`fit_pairs` tells the whole story; each step's seconds are kept for the report.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from walkiosk.modality.picture_codec import DECODER, ENCODER
from walkiosk.modality.text import of_bytes
from walkiosk.modality.value import BadValue
from walkiosk.model.codec_fit import CodecFit, fit_codec
from walkiosk.model.fit_export import parts_of
from walkiosk.model.fit_sizes import MOST_PLACES, MOST_READ, SIZES, config_of, size_name
from walkiosk.model.fit_start import LONGEST_READ, shipped_model, shipped_places, shipped_vocabulary
from walkiosk.model.fitting import LOOKED_AT, Fit, FitConfig, Look, usual_rows
from walkiosk.model.packing import Pack, pack, unreadable
from walkiosk.model.ports.image import ImagePort
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.vocabulary import vocabulary_of
from walkiosk.model.workers import Workers
from walkiosk.pairing import Pairing
from walkiosk.pairs.aims import decide
from walkiosk.pairs.content import digest
from walkiosk.pairs.pair import Fault, Pair, PairsError, Sides
from walkiosk.pairs.reading import PairFile, read_pairs, tolerated
from walkiosk.pairs.splitting import leaks, split
from walkiosk.weights_folder import weights_folder

SETTLED_ON = 500  # training pairs whose values say sizes and scales
START = "walkiosk"  # what a fit may begin with beside nothing
ENOUGH_ROWS = 117  # pairs of a batch, as of pictures of 32 pixels, that the rates of `SIZES` suit; fewer learn slower
BY_HEART = 5_000  # pairs of a picture and a class that are soon learned by heart: pictures are moved about a little
SHIFTS = 3  # pixels


@dataclass(frozen=True)
class Settings:
    """What a user may say beside the pairs; the rest follows from the data."""

    minutes: float = 10.0
    steps: int | None = None
    group: str | None = None
    size: str | None = None  # of `SIZES`
    start: str | None = None  # "walkiosk": from the shipped weights
    seed: int = 0
    hold_back: bool = True  # pairs to be judged on; else all are learned from, and some of them are stopped by
    checkpoint_seconds: float = 60.0


@dataclass
class Told:
    """What is said while a fit goes on, and how long each step took."""

    on_said: Callable[[str], None] = lambda line: None
    on_step: Callable[[Fit], None] = lambda fit: None
    on_pair: Callable[[int], None] = lambda count: None
    on_judged: Callable[[int, int], None] = lambda done, of: None
    seconds: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.said.append(line)
        self.on_said(line)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.monotonic() - began


@dataclass(frozen=True)
class Fitted:
    """The parts of the model's file, the pairs of each part, and what the report tells."""

    parts: dict[str, bytes]
    pairing: Pairing
    training: list[Pair]
    held_out: list[Pair]
    looks: list[Look]
    faults: list[Fault]
    problems: list[str]
    card: dict[str, Any]


def fit_pairs(
    source: Path | Iterable[Any], inputs: Sequence[str], target: str, folder: Path, settings: Settings, told: Told
) -> Fitted:
    """Fit a model to the pairs of ``source``, working in ``folder``, which a fit that was stopped goes on in.

    Raises `PairsError` for what the user must put right.
    """
    if settings.start not in (None, START):
        raise PairsError(f"from {settings.start!r}: a fit begins with nothing, or with {START!r}")
    if settings.size not in (None, *SIZES):
        raise PairsError(f"size {settings.size!r}: there are {', '.join(SIZES)}")
    workers = Workers.join()
    with told.timed("reading the pairs"):
        found = read_pairs(source, None, inputs, target, settings.group)
        for line in found.said:
            told.say(line)
        divided = split(found.pairs) if settings.hold_back else _all_learned(found.pairs)
        training, validation, held_out = divided
    with told.timed("looking at the data"):
        pairing, said = settle(found.sides, training, settings.start is not None)
        told.say(said)
        problems = leaks(divided, found.sides, pairing.aim) if settings.hold_back else []
    if pairing.labels:  # one that was never shown says nothing of when to stop; held out it counts as wrong
        validation = [pair for pair in validation if _known(pair, pairing)] or training[-1:]
    fingerprint = fingerprint_of(found, pairing, settings)
    codec: CodecFit | None = None
    if pairing.paints:
        with told.timed("fitting the picture codec"):
            minutes, steps = settings.minutes, settings.steps
            codec = fit_codec(folder / "codec", fingerprint, pairing, training, minutes, steps, workers)
        told.say(codec.said)
        pairing = pairing.with_codec(codec.codec)
    with told.timed("laying the pairs"):
        places = shipped_places() if settings.start else MOST_PLACES
        laid = _packed(folder, fingerprint, pairing, places, (training, validation, held_out), workers, told)
        faults = list(dict.fromkeys([*found.faults, *laid]))  # one that stands in two parts is one
        tolerated(faults, found.lines, found.name)
    bad = {fault.line for fault in faults}
    sound = [[pair for pair in part if pair.line not in bad] for part in (training, validation, held_out)]
    training, validation, held_out = sound
    pairing = replace(pairing, longest=Pack(folder / "training").longest_text)
    left = settings.minutes - (codec.seconds / 60 if codec else 0.0)  # a slow machine gives both a half
    model, config = begin(pairing, folder, replace(settings, minutes=max(left, settings.minutes / 2)))
    told.say(_size_told(model, training, validation, held_out))
    # sizes follow from the machine too: a checkpoint of another size is not gone on from
    fit = Fit(model, pairing, config, folder, f"{fingerprint} {model.config} {config.budget} {config.rate}", workers)
    if fit.resume():
        told.say(f"going on at step {fit.step}")
    with told.timed("training"):
        fit.run(told.on_step)
    with told.timed("writing the model"):
        card = _card(found, pairing, settings, fit, (training, validation, held_out))
        parts = parts_of(model.cpu().float(), pairing, card)
        if codec:
            parts |= {ENCODER: codec.encoder, DECODER: codec.decoder}
    return Fitted(parts, pairing, training, held_out, fit.looks, faults, problems, card)


def _all_learned(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """All pairs to learn from, some of them, evenly spread, to stop by, and none to be judged on."""
    step = -(-len(pairs) // LOOKED_AT)
    return list(pairs), list(pairs[::step]), []


def settle(sides: Sides, training: Sequence[Pair], shipped: bool = False) -> tuple[Pairing, str]:
    """Choose what the target is written as, the forms of values and the vocabulary, from the training pairs alone."""
    aim = decide(sides.target, [pair.target for pair in training])
    first = Pairing(sides, aim.name, of_bytes(), (None,) * len(sides.inputs), None, aim.labels)
    step = max(1, len(training) // SETTLED_ON)
    sample: list[tuple[tuple[Any, ...], Any]] = []
    last: BadValue | None = None
    for pair in training[::step]:
        try:
            sample.append((first.read(pair.inputs), first.read_target(pair.target)))
        except BadValue as error:
            last = error
    if not sample:
        raise PairsError(f"none of {len(training[::step])} pairs can be read; the last: {last}")
    columns = list(zip(*(values for values, _ in sample), strict=True))
    forms = tuple(first.side(name).fitting(list(values)) for name, values in zip(sides.inputs, columns, strict=True))
    if aim.examples:
        first = first.of(list(_read_targets(first, aim.examples)))
    wanted = [value for _, value in sample]
    form = None if first.labels else first.side(sides.target).fitting(wanted)
    texts = [text for pair in training for text in _texts(pair, sides, aim.name != "classes")]
    count = len(first.labels)
    vocabulary = shipped_vocabulary(count) if shipped else vocabulary_of(texts, count)
    longest = LONGEST_READ if shipped else MOST_READ
    found = replace(first, vocabulary=vocabulary, forms=forms, target_form=form, longest=longest)
    return found.telling(), aim.said


def _read_targets(pairing: Pairing, targets: Sequence[Any]) -> Iterator[Any]:
    """The values of those that can be read: the others' pairs are faults."""
    for target in targets:
        with suppress(BadValue):
            yield pairing.read_target(target)


def _known(pair: Pair, pairing: Pairing) -> bool:
    """Whether a pair's target is one of those that are chosen from, or cannot be read, which is told later."""
    try:
        return pairing.label(pairing.read_target(pair.target)) in pairing.labels
    except BadValue:
        return True


def begin(pairing: Pairing, folder: Path, settings: Settings) -> tuple[SequenceModel, FitConfig]:
    """Return the model that a fit starts from, and how it goes."""
    packs = [Pack(folder / name) for name in ("training", "validation")]
    decoded = max(int(pack.decoded.max()) for pack in packs) + 1
    heard = max(int(pack.heard.max()) for pack in packs)
    torch.manual_seed(settings.seed)
    config = FitConfig(
        minutes=settings.minutes,
        steps=settings.steps,
        seed=settings.seed,
        checkpoint_seconds=settings.checkpoint_seconds,
    )
    if settings.start:
        model, fresh = shipped_model(pairing, heard)
        return model, replace(config, rate=1e-4, fresh=fresh, budget=1_500)
    positions = int((packs[0].decoded + packs[0].heard).sum())
    size = SIZES[settings.size or size_name(len(packs[0]), positions, settings.minutes)]
    model = SequenceModel(config_of(size, pairing, heard, decoded))
    if "image" in model.ports and pairing.labels and len(packs[0]) <= BY_HEART:
        port = model.port("image")
        assert isinstance(port, ImagePort)
        port.shifts = SHIFTS
    return model, replace(config, rate=size.rate * _calmer(pairing, usual_rows(packs[0], config)))


def _calmer(pairing: Pairing, rows: int) -> float:
    """The share of the usual rate that suits batches of ``rows`` pairs: of few, as of films, a step is noisy.

    Linear where a pair is judged by one element (Goyal et al., 2017); by the root where pictures or films are seen and
    many elements written, of which each teaches something (Krizhevsky, 2014). Other pairs learn at the usual rate.
    """
    share = min(1.0, rows / ENOUGH_ROWS)
    if pairing.labels or pairing.aim == "quantiles":
        return share
    return math.sqrt(share) if {"image", "video"} & set(pairing.sides.inputs) else 1.0


def _texts(pair: Pair, sides: Sides, of_target: bool) -> Iterator[str]:
    sided = [*zip(sides.inputs, pair.inputs, strict=True), *([(sides.target, pair.target)] if of_target else [])]
    for name, value in sided:
        if name == "text":
            yield value.read_text("utf-8", "replace") if isinstance(value, Path) else value


def fingerprint_of(found: PairFile, pairing: Pairing, settings: Settings) -> str:
    """A digest of all that a fit depends on."""
    made = hashlib.sha256()
    for pair in found.pairs:
        values = (*pair.inputs, pair.target)
        made.update(digest([str(pair.line), str(pair.group), *values]))
        made.update(repr([_changed(value) for value in values if isinstance(value, Path)]).encode())
    told = {name: value for name, value in asdict(settings).items() if name != "checkpoint_seconds"}
    made.update(json.dumps([pairing.to_json(), told, version("walkiosk")], sort_keys=True).encode())
    made.update(pairing.vocabulary.to_bytes())
    shipped = ("trunk.bin",) if settings.start else ()
    for name in (*shipped, *((ENCODER, DECODER) if pairing.paints else ())):
        made.update((weights_folder() / name).read_bytes())
    return made.hexdigest()


def _changed(path: Path) -> tuple[int, int]:
    """What tells that a file is no longer the same: its length and when it was written; zeros where it has gone."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _packed(
    folder: Path,
    fingerprint: str,
    pairing: Pairing,
    places: int,
    parts: tuple[list[Pair], list[Pair], list[Pair]],
    workers: Workers,
    told: Told,
) -> list[Fault]:
    """Lay what is learned from and stopped by, unless that was done for the same data.

    Returns the faults of values that cannot be read, of what is held out too: it is known before the training.
    """
    mark = folder / "packed.json"
    faults: list[Fault] = []
    known = json.loads(mark.read_text()) if workers.first and mark.is_file() else {}
    if known.get("fingerprint") == fingerprint:
        faults = [Fault(*fault) for fault in known["faults"]]
    elif workers.first:
        count = 0

        def one_more() -> None:
            nonlocal count
            count += 1
            told.on_pair(count)

        for name, pairs in zip(("training", "validation"), parts[:2], strict=True):
            faults += pack(folder / name, pairing, pairs, places, one_more)
        faults += unreadable(pairing, parts[2], one_more)
        mark.write_text(json.dumps({"fingerprint": fingerprint, "faults": [[f.line, f.said] for f in faults]}))
    found: list[Fault] = workers.gathered(faults)[0]
    return found


def weights_of(model: SequenceModel) -> int:
    return sum(p.numel() for p in model.parameters())


def _size_told(model: SequenceModel, *parts: Sequence[Pair]) -> str:
    weights = weights_of(model)
    counts = ", ".join(f"{len(part):,}" for part in parts)
    config = model.config
    layers = f"{config.encoder_layers} + {config.decoder_layers} layers of {config.width}"
    return f"{counts} pairs to learn from, to stop by and to be judged on; {weights / 1e6:.1f}M weights, {layers}"


def _card(
    found: PairFile, pairing: Pairing, settings: Settings, fit: Fit, parts: tuple[list[Pair], list[Pair], list[Pair]]
) -> dict[str, Any]:
    """The data card of the model's file."""
    return {
        "data": {
            "file": Path(found.name).name,
            "lines": found.lines,
            "training": len(parts[0]),
            "validation": len(parts[1]),
            "held_out": len(parts[2]),
            "parts": list(found.parts),
        },
        "sides": str(pairing.sides),
        "aim": pairing.aim,
        "model": {**asdict(fit.model.config), "weights": weights_of(fit.model)},
        "settings": asdict(settings),
        "training": {
            "steps": fit.step,
            "of": fit.total,
            "seconds": round(fit.seconds, 1),
            "gave_up": fit.gave_up,
        },
        "version": version("walkiosk"),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "least_validation_loss": min((look.validation for look in fit.looks), default=None),
    }
