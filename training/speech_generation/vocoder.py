"""Train the vocoder: `python -m training.speech_generation.vocoder NAME --minutes M`; samples and frames of all voices.

With `--heard NAME`, the frames are those that a run of `sound` makes of the clips' phones, not the clips' own.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from training.paths import CACHE
from training.speech_generation.clips import FOLDER, Clip, read
from training.speech_generation.run import config
from training.speech_generation.sounds import Inventory, batch, sound
from walkiosk.modality import audio
from walkiosk.model.speaker import Speaker
from walkiosk.model.vocoder import Vocoder, spectral_loss

CROP = 96  # frames of a piece
ROWS = 16
MARGIN = 0.1  # of a second


class Heard:
    """What a speaker's run makes of a clip's phones, lengths and pitch: what the vocoder will be given in serving."""

    def __init__(self, name: str) -> None:
        self._inventory = Inventory.load()
        self._speaker = Speaker(config(self._inventory))
        kept = torch.load(CACHE / "runs" / name / "checkpoint.pt", weights_only=True)
        self._speaker.load_state_dict({**kept["model"], **kept["average"]}, strict=False)
        self._speaker.eval()

    @torch.no_grad()
    def __call__(self, clip: Clip) -> NDArray[np.float32]:
        made = batch([sound(clip, self._inventory)])
        with torch.autocast("cpu", torch.bfloat16):
            frames = self._speaker.sounds(made)[0][0]
        return frames.float().numpy()


class Pieces:
    """Random pieces of clips: frames, samples, pitch. ``heard`` makes a clip's frames, else they are its own."""

    def __init__(self, names: dict[str, float], most: int, heard: Heard | None) -> None:
        self.draw = random.Random(time.time())
        self.frames, self.samples, self.pitch, self.weights = [], [], [], []
        for name, weight in names.items():
            for path in sorted(FOLDER.glob(f"{name}.npz")):
                clips = read(path)
                for clip in self.draw.sample(clips, min(most, len(clips))):
                    count = len(clip.samples) // audio.HOP
                    if CROP + 2 < count < 1_400:
                        frames = heard(clip) if heard else audio.to_sequence(clip.samples)
                        self.frames.append(frames[:count].astype(np.float16))
                        self.samples.append((clip.samples[: count * audio.HOP] * 32767).astype(np.int16))
                        self.pitch.append(np.pad(clip.pitch, (0, max(0, count - len(clip.pitch))))[:count])
                        self.weights.append(weight)
        print(len(self.frames), "clips", flush=True)

    def batch(self) -> tuple[Tensor, Tensor, Tensor]:
        found = []
        for index in self.draw.choices(range(len(self.frames)), self.weights, k=ROWS):
            start = self.draw.randint(0, len(self.frames[index]) - CROP)
            frames = self.frames[index][start : start + CROP].astype(np.float32)
            samples = self.samples[index][start * audio.HOP : (start + CROP) * audio.HOP].astype(np.float32) / 32767
            found.append((frames, samples, self.pitch[index][start : start + CROP].astype(np.float32)))
        return tuple(torch.from_numpy(np.stack(column)) for column in zip(*found, strict=True))  # type: ignore[return-value]


def losses(vocoder: Vocoder, frames: Tensor, samples: Tensor, pitch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    with torch.autocast("cpu", torch.bfloat16):
        tone, parts = vocoder(frames)
    tone = tone.float()
    voiced = pitch > 50
    odds = F.binary_cross_entropy_with_logits(tone[..., 1], voiced.float())
    height = (tone[..., 0] - (pitch.clamp(min=50) / 100).log()).abs()[voiced].mean()
    made = vocoder.samples(parts, pitch)
    return spectral_loss(made, samples), height, odds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--heard", metavar="NAME", help="a run of `sound`: learn from the frames that it makes")
    parser.add_argument("--from", dest="start", metavar="NAME", help="a run of the vocoder to begin at")
    options = parser.parse_args()
    torch.set_num_threads(1)
    heard = Heard(options.heard) if options.heard else None
    pieces = Pieces({"hibari-*": 1.0, "human": 3.0, "de-0": 0.5, "pt-0": 0.5}, 450 if heard else 700, heard)
    vocoder = Vocoder()
    if options.start:
        kept = torch.load(CACHE / "runs" / options.start / "checkpoint.pt", weights_only=True)
        vocoder.load_state_dict({**kept["model"], **kept["average"]})
    optimizer = torch.optim.AdamW(vocoder.parameters(), options.rate, betas=(0.8, 0.98), weight_decay=0.01)
    average = {name: p.detach().clone() for name, p in vocoder.named_parameters()}
    folder = CACHE / "runs" / options.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "checkpoint.pt"
    step, seconds = 0, 0.0
    if path.is_file():
        kept = torch.load(path, weights_only=True)
        vocoder.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        average, step, seconds = kept["average"], kept["step"], kept["seconds"]
    saved, written = time.monotonic(), []
    with (folder / "log.csv").open("a", newline="") as file:
        log = csv.writer(file)
        while (done := seconds / 60 / options.minutes) < 1:
            began = time.monotonic()
            now = options.rate * min(1, (step + 1) / 200) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * done)))
            for group in optimizer.param_groups:
                group["lr"] = now
            frames, samples, pitch = pieces.batch()
            spectral, height, odds = losses(vocoder, frames, samples, pitch)
            (spectral + height + 0.2 * odds).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(vocoder.parameters(), 2.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            torch._foreach_lerp_(list(average.values()), [p.detach() for p in vocoder.parameters()], 1 / min(step, 100))
            seconds += time.monotonic() - began
            written.append([float(x.detach()) for x in (spectral, height, odds)])
            if step % 20 == 0:
                log.writerow([step, round(seconds), *(round(sum(c) / len(c), 4) for c in zip(*written, strict=True))])
                file.flush()
                written = []
            if time.monotonic() - saved > 120 or seconds / 60 / options.minutes >= 1:
                kept = {"model": vocoder.state_dict(), "average": average, "optimizer": optimizer.state_dict()}
                torch.save(kept | {"step": step, "seconds": seconds}, path.with_suffix(".partial"))
                Path(path.with_suffix(".partial")).rename(path)
                saved = time.monotonic()


if __name__ == "__main__":
    main()
