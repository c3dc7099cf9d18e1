"""Train the speaker: `python -m training.speech_generation.run sound|pronounce NAME --minutes M [--from NAME]`.

`sound` moves timer and sounder on clips, `pronounce` moves the pronouncer on pairs; they share no weights, so that each
may run on a core of its own. A run goes on from its folder's checkpoint; its log is to be plotted.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn

from training.part import Losses, Schedule, train
from training.speech_generation.clips import FOLDER, RATE, read
from training.speech_generation.ear import Ear
from training.speech_generation.sounds import INVENTORY, Inventory, Sound, batch, batches, sound, spliced, take_stock
from walkiosk.model.export import load
from walkiosk.model.speaker import SoundBatch, Speaker, SpeakerConfig

WEIGHTS = Path("weights")  # whose encoder hears
FRAMES = 9_000  # of a batch: a minute and a half
LETTERS = 3_600  # of a batch
LONGEST = 14 * RATE  # samples of a clip
Pair = tuple[str, str, list[str]]  # language, text, phones
TIMES = {  # that a file's clips are read, beside others
    "hibari": 0.35, "human": 5.0, "de": 2.0, "pt": 2.0, "es": 0.3, "fr": 0.3, "it": 0.3, "ru": 0.7,
}  # fmt: skip


def config(known: Inventory) -> SpeakerConfig:
    return SpeakerConfig(len(known.letters), len(known.languages), len(known.phones), len(known.voices))


def clip_files() -> list[Path]:
    """Those whose ends are known."""
    return [path for path in sorted(FOLDER.glob("*.npz")) if not path.stem.startswith("asterisk")]


def pairs() -> Iterator[Pair]:
    """Texts and their phones: those written for it, and what hibari-tts's clips say."""
    for path in sorted(FOLDER.glob("pairs-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            language, said, phones = json.loads(line)
            yield language, said, phones
    for path in sorted(FOLDER.glob("hibari-*.npz")):
        for clip in read(path):
            yield clip.language, clip.text, list(clip.phones[1:-1])


def inventory() -> Inventory:
    """The inventory of this cache's data, taken with the first run: clips and pairs have to be there by then."""
    if not INVENTORY.is_file():
        clips = [clip for path in clip_files() for clip in read(path)]
        take_stock(clips, (said for _, said, _ in pairs())).save()
    return Inventory.load()


def sound_losses(speaker: Speaker, known: Inventory) -> Losses:
    ear = Ear(load(WEIGHTS))
    sounds: list[Sound] = []
    draw = random.Random(time.time())
    for path in clip_files():
        times, begun = TIMES.get(path.stem.partition("-")[0], 1.0), len(sounds)
        for clip in read(path):
            often = int(times) + (draw.random() < times % 1)
            if often and len(clip.samples) < LONGEST:
                sounds += [sound(clip, known)] * often
        if times > 1:  # what is read often is read in another order half of the times
            mine: dict[int, list[Sound]] = {}
            for each in sounds[begun:]:
                mine.setdefault(each.voice, []).append(each)
            for of_voice in mine.values():
                sounds += [spliced(of_voice, draw) for _ in of_voice]
    print(len(sounds), "sounds", round(sum(len(s.frames) for s in sounds) / 360_000, 1), "hours", flush=True)
    for group in batches(sounds, lambda s: len(s.frames), FRAMES, draw):
        made = batch(group)
        yield lambda made=made: _sound_losses(speaker, ear, made)  # type: ignore[misc]


def _sound_losses(speaker: Speaker, ear: Ear, made: SoundBatch) -> list[Tensor]:
    """Of frames, of what the ear makes of them, of lengths, of pitch."""
    frames, error, length, pitch = speaker.sound_loss(made)
    return [error, ear(frames, made.frames.float(), made.is_frame), length, pitch]


def pronunciation_losses(speaker: Speaker, known: Inventory) -> Losses:
    letters = {c: n for n, c in enumerate(known.letters)}
    spoken_of = lru_cache(None)(known.spoken)
    rows: list[tuple[int, list[int], list[int]]] = []
    for language, said, phones in pairs():
        written = [letters[c] for c in said if c in letters]
        spoken = [number for phone in phones if (number := spoken_of(phone)) is not None]
        if spoken and len(written) < 220:
            rows.append((known.languages.index(language), written, spoken))
    print(len(rows), "pairs", flush=True)
    for group in batches(rows, lambda row: len(row[1]), LETTERS, random.Random(time.time())):
        languages, written_, spoken_ = zip(*group, strict=True)
        made = (*padded(written_), torch.tensor(languages), *padded(spoken_))
        yield lambda made=made: [speaker.pronunciation_loss(*made)]  # type: ignore[misc]


def padded(rows: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Rows together, and how long each is."""
    made = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    return made, torch.tensor([len(row) for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("sound", "pronounce"))
    parser.add_argument("name")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--from", dest="start", metavar="NAME", help="a run of the same kind to begin at")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    known = inventory()
    speaker = Speaker(config(known))
    if options.what == "sound":
        part: nn.Module = nn.ModuleDict({"timer": speaker.timer, "sounder": speaker.sounder})
        losses, weights = sound_losses(speaker, known), (1.0, 1.0, 0.3, 0.1)
        train(part, losses, options.name, Schedule(options.minutes, options.rate, weights, start=options.start))
    else:
        losses = pronunciation_losses(speaker, known)
        schedule = Schedule(options.minutes, options.rate, (1.0,), start=options.start)
        train(speaker.pronouncer, losses, options.name, schedule)


if __name__ == "__main__":
    main()
