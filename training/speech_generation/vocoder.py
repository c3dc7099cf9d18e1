"""Train the vocoder: `python -m training.speech_generation.vocoder NAME --minutes M`; samples and frames of all voices.

With `--heard NAME`, the frames are those that a run of `sound` makes of the clips' phones, not the clips' own.
"""

from __future__ import annotations

import argparse
import random
import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from training.part import Losses, Schedule, averaged, train
from training.speech_generation.clips import FOLDER, Clip, read
from training.speech_generation.run import config
from training.speech_generation.sounds import Inventory, batch, sound
from walkiosk.modality import audio
from walkiosk.modality.source_filter import FLOOR
from walkiosk.model.speaker import Speaker
from walkiosk.model.vocoder import Vocoder, spectral_loss

CROP = 96  # frames of a piece
ROWS = 16
SHARES = {"hibari-*": 1.0, "human": 3.0, "de-0": 0.5, "pt-0": 0.5}  # how often a clip of a file is drawn


class Heard:
    """What a speaker's run makes of a clip's phones, lengths and pitch: what the vocoder will be given in serving."""

    def __init__(self, name: str) -> None:
        self._inventory = Inventory.load()
        self._speaker = Speaker(config(self._inventory))
        self._speaker.load_state_dict(averaged(name), strict=False)  # it has no pronouncer
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


def losses(vocoder: Vocoder, pieces: Pieces) -> Losses:
    while True:
        frames, samples, pitch = pieces.batch()
        yield lambda of=(frames, samples, pitch): _losses(vocoder, *of)  # type: ignore[misc]


def _losses(vocoder: Vocoder, frames: Tensor, samples: Tensor, pitch: Tensor) -> list[Tensor]:
    """Of the spectrum, the height of the voice, and whether there is one."""
    tone, parts = vocoder(frames)
    tone = tone.float()
    voiced = pitch > FLOOR
    odds = F.binary_cross_entropy_with_logits(tone[..., 1], voiced.float())
    height = (tone[..., 0] - (pitch.clamp(min=FLOOR) / 100).log()).abs()[voiced].mean()
    with torch.autocast("cpu", enabled=False):  # spectra want all their bits
        return [spectral_loss(vocoder.samples(parts, pitch), samples), height, odds]


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
    pieces = Pieces(SHARES, 450 if heard else 700, heard)
    vocoder = Vocoder()
    schedule = Schedule(options.minutes, options.rate, (1.0, 1.0, 0.2), start=options.start)
    train(vocoder, losses(vocoder, pieces), options.name, schedule)


if __name__ == "__main__":
    main()
