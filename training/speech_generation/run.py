"""Train the speaker: `python -m training.speech_generation.run sound|pronounce NAME --minutes M [--from NAME]`.

`sound` moves timer and sounder on clips, `pronounce` moves the pronouncer on pairs; they share no weights, so that each
may run on a core of its own. A run goes on from its folder's checkpoint; its log is to be plotted.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn

from training.paths import CACHE
from training.speech_generation.clips import FOLDER, read
from training.speech_generation.sounds import INVENTORY, Inventory, batch, batches, sound, take_stock
from walkiosk.model.speaker import Speaker, SpeakerConfig

FRAMES = 9_000  # of a batch: a minute and a half
LETTERS = 3_600  # of a batch
HALF = torch.bfloat16
TIMES = {
    "hibari": 0.35,
    "human": 10.0,
    "de": 2.5,
    "pt": 2.5,
    "es": 0.3,
    "fr": 0.3,
    "it": 0.3,
    "ru": 0.7,
}  # of a file's clips; others once


def config(inventory: Inventory) -> SpeakerConfig:
    return SpeakerConfig(len(inventory.letters), len(inventory.languages), len(inventory.phones), len(inventory.voices))


def inventory_of(paths: list[Path]) -> Inventory:
    if not INVENTORY.is_file():
        take_stock([clip for path in paths for clip in read(path)]).save()
    return Inventory.load()


def sound_losses(speaker: Speaker, inventory: Inventory) -> Iterator[Callable[[], list[Tensor]]]:
    sounds = []
    draw = random.Random(time.time())
    for path in sorted(FOLDER.glob("*.npz")):
        if path.stem.startswith("asterisk"):
            continue  # not aligned
        times = TIMES.get(path.stem.partition("-")[0], 1.0)
        for clip in read(path):
            often = int(times) + (draw.random() < times % 1)
            if often and len(clip.samples) < 14 * 16_000:
                sounds += [sound(clip, inventory)] * often
    print(len(sounds), "sounds", round(sum(len(s.frames) for s in sounds) / 360_000, 1), "hours", flush=True)
    for group in batches(sounds, FRAMES, draw):
        made = batch(group)
        yield lambda made=made: list(speaker.sound_loss(made))  # type: ignore[misc]


def pronunciation_losses(speaker: Speaker, inventory: Inventory) -> Iterator[Callable[[], list[Tensor]]]:
    letters = {c: n for n, c in enumerate(inventory.letters)}
    spoken_of = lru_cache(None)(inventory.spoken)
    rows = []
    pairs = [
        (c.language, c.text, list(c.phones[1:-1])) for path in sorted(FOLDER.glob("hibari-*.npz")) for c in read(path)
    ]
    for path in sorted(FOLDER.glob("pairs-*.jsonl")):
        pairs += map(json.loads, path.read_text(encoding="utf-8").splitlines())
    for language, said, found in pairs:
        written = [letters[c] for c in said if c in letters]
        spoken = [number for phone in found if (number := spoken_of(phone)) is not None]
        if spoken and len(written) < 220:
            rows.append((inventory.languages.index(language), written, spoken))
    print(len(rows), "pairs", flush=True)
    draw = random.Random(time.time())
    while True:
        rows.sort(key=lambda r: len(r[1]) * draw.uniform(0.9, 1.1))
        groups: list[list[tuple[int, list[int], list[int]]]] = [[]]
        for row in rows:
            if groups[-1] and len(row[1]) * (len(groups[-1]) + 1) > LETTERS:
                groups.append([])
            groups[-1].append(row)
        draw.shuffle(groups)
        for group in groups:
            lengths = torch.tensor([len(w) for _, w, _ in group])
            counts = torch.tensor([len(s) for _, _, s in group])
            written_ = torch.zeros(len(group), int(lengths.max()), dtype=torch.long)
            spoken_ = torch.zeros(len(group), int(counts.max()), dtype=torch.long)
            for n, (_, w, s) in enumerate(group):
                written_[n, : len(w)], spoken_[n, : len(s)] = torch.tensor(w), torch.tensor(s)
            language_ = torch.tensor([language for language, _, _ in group])
            made = (written_, lengths, language_, spoken_, counts)
            yield lambda made=made: [speaker.pronunciation_loss(*made)]  # type: ignore[misc]


def train(
    part: nn.Module,
    losses: Iterator[Callable[[], list[Tensor]]],
    folder: Path,
    minutes: float,
    rate: float,
    start: Path | None,
) -> None:
    optimizer = torch.optim.AdamW(part.parameters(), rate, betas=(0.9, 0.98), eps=1e-7, weight_decay=0.01, fused=True)
    average = {name: p.detach().clone() for name, p in part.named_parameters()}
    step, seconds = 0, 0.0
    kept_at = folder / "checkpoint.pt"
    folder.mkdir(parents=True, exist_ok=True)
    if kept_at.is_file() or start:
        kept = torch.load(start or kept_at, weights_only=True)
        part.load_state_dict(kept["average"] if start else kept["model"])
        average = {k: v for k, v in kept["average"].items() if k in average}
        if not start:
            optimizer.load_state_dict(kept["optimizer"])
            step, seconds = kept["step"], kept["seconds"]
    saved, written = time.monotonic(), []
    with (folder / "log.csv").open("a", newline="") as file:
        log = csv.writer(file)
        while (done := seconds / 60 / minutes) < 1:
            began = time.monotonic()
            now = rate * min(1, (step + 1) / 300) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * done)))
            for group in optimizer.param_groups:
                group["lr"] = now
            with torch.autocast("cpu", HALF):
                found = next(losses)()
            weights = (1.0, 0.3, 0.1)
            total = sum(w * loss for w, loss in zip(weights, found, strict=False))
            assert isinstance(total, Tensor)
            total.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(part.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            share = 1 / min(step, 150)
            torch._foreach_lerp_(list(average.values()), [p.detach() for p in part.parameters()], share)
            seconds += time.monotonic() - began
            written.append([float(loss.detach()) for loss in found])
            if step % 20 == 0:
                row = [round(sum(column) / len(column), 4) for column in zip(*written, strict=True)]
                log.writerow([step, round(seconds), *row])
                file.flush()
                written = []
            if time.monotonic() - saved > 120 or (seconds / 60 / minutes) >= 1:
                kept = {"model": part.state_dict(), "average": average, "optimizer": optimizer.state_dict()}
                torch.save(kept | {"step": step, "seconds": seconds}, kept_at.with_suffix(".partial"))
                kept_at.with_suffix(".partial").rename(kept_at)
                saved = time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("sound", "pronounce"))
    parser.add_argument("name")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--from", dest="start", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    inventory = inventory_of([p for p in sorted(FOLDER.glob("*.npz")) if not p.stem.startswith("asterisk")])
    speaker = Speaker(config(inventory))
    folder = CACHE / "runs" / options.name
    if options.what == "sound":
        part: nn.Module = nn.ModuleDict({"timer": speaker.timer, "sounder": speaker.sounder})
        losses = sound_losses(speaker, inventory)
    else:
        part, losses = speaker.pronouncer, pronunciation_losses(speaker, inventory)
    train(part, losses, folder, options.minutes, options.rate, options.start)


if __name__ == "__main__":
    main()
