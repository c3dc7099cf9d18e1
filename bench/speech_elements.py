"""What an element of speech should be: four log-mel frames, or codes of a small codec of ours (FSQ).

    PYTHONPATH=. python bench/speech_elements.py [--minutes 6] [--whisper DIR] [--vocoder NAME]

Both write 40 ms an element from the same stacks, on the same English clips, in the same minutes on one core; the codec
(finite scalar quantisation, Mentzer et al., 2023: 12 numbers of 8 levels, 900 bits a second) is trained before, and its
minutes are its own. On clips that neither was trained on, lengths and pitch given: absolute error of the frames, and
the word error rate of unmodified Whisper base on what the vocoder makes of them.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jiwer
import numpy as np
import torch
from einops import rearrange
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from training.part import averaged
from training.paths import WHISPER
from training.speech_generation.clips import FOLDER, Clip, read
from training.speech_generation.run import config
from training.speech_generation.sounds import Inventory, Sound, batch, batches, sound
from walkiosk.metrics.words import plain
from walkiosk.modality.audio import FRAMES_A_STEP, WRITTEN
from walkiosk.model.speaker import SoundBatch, Speaker
from walkiosk.model.vocoder import Vocoder
from walkiosk.score.speaking import whisper

DIMENSIONS, LEVELS = 12, 8
HELD_OUT = 60


class Codec(nn.Module):
    """Four frames and their neighbours ↔ twelve numbers of eight levels."""

    def __init__(self, width: int = 384) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv1d(WRITTEN, width, 3, padding=1), nn.GELU(),
            nn.Conv1d(width, width, 1), nn.GELU(), nn.Conv1d(width, DIMENSIONS, 1),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Conv1d(DIMENSIONS, width, 3, padding=1), nn.GELU(),
            nn.Conv1d(width, width, 3, padding=1), nn.GELU(), nn.Conv1d(width, WRITTEN, 1),
        )  # fmt: skip

    def codes(self, frames: Tensor) -> Tensor:
        """B F 80 → B T 12, in 0 … 7 (not rounded)."""
        x = rearrange(frames, "B (T W) M -> B (W M) T", W=FRAMES_A_STEP)
        return (torch.tanh(self.encoder(x)) + 1).transpose(1, 2) * (LEVELS - 1) / 2

    def frames(self, codes: Tensor) -> Tensor:
        x = self.decoder((codes * 2 / (LEVELS - 1) - 1).transpose(1, 2))
        return rearrange(x, "B (W M) T -> B (T W) M", W=FRAMES_A_STEP)

    def forward(self, frames: Tensor) -> Tensor:
        exact = self.codes(frames)
        return self.frames(exact + (exact.round() - exact).detach())


def timed(parameters: list[nn.Parameter], loss: Callable[[], Tensor], minutes: float) -> int:
    optimizer = torch.optim.AdamW(parameters, 1e-3, betas=(0.9, 0.98), fused=True)
    spent, step = 0.0, 0
    while (done := spent / 60 / minutes) < 1:
        began = time.process_time()
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * min(1, (step + 1) / 100) * (1 - done) + 1e-6
        with torch.autocast("cpu", torch.bfloat16):
            value = loss()
        value.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        spent, step = spent + time.process_time() - began, step + 1
    return step


def states_of(speaker: Speaker, made: SoundBatch) -> Tensor:
    """The sounder's states before its head, B T D."""
    kept: list[Tensor] = []
    hook = speaker.sounder.stack.register_forward_hook(lambda _, __, out: kept.append(out))
    speaker.sounds(made)
    hook.remove()
    return kept[0]


@dataclass(frozen=True)
class Judge:
    """Frames of held-out clips: their error, and what is understood of them."""

    clips: Sequence[Clip]
    sounds: Sequence[Sound]
    vocoder: Vocoder
    hear: Callable[[NDArray[np.float32]], str]

    def __call__(self, name: str, steps: int, frames: Callable[[SoundBatch], Tensor]) -> dict[str, object]:
        errors, heard = [], []
        for one in self.sounds:
            made = batch([one])
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                found = frames(made).float()[:, : len(one.frames)]
            errors.append(float((found[0] - made.frames[0, : len(one.frames)].float()).abs().mean()))
            heard.append(plain(self.hear(self.samples(found))))
        return {
            "element": name,
            "steps": steps,
            "frame error": round(float(np.mean(errors)), 4),
            "WER": round(jiwer.wer([plain(clip.text) for clip in self.clips], heard), 3),
        }

    @torch.no_grad()
    def samples(self, frames: Tensor) -> NDArray[np.float32]:
        tone, parts = self.vocoder(frames)
        pitch = torch.where(tone[..., 1] > 0, 100 * tone[..., 0].exp(), torch.zeros(()))
        return self.vocoder.samples(parts, pitch)[0].numpy()


def with_frames(judge: Judge, inventory: Inventory, feed: Iterator[SoundBatch], minutes: float) -> dict[str, object]:
    torch.manual_seed(0)
    ours = Speaker(config(inventory))
    moving = [*ours.timer.parameters(), *ours.sounder.parameters()]
    steps = timed(moving, lambda: ours.sound_loss(next(feed))[1], minutes)
    return judge("four log-mel frames", steps, lambda made: ours.eval().sounds(made)[0])


def with_codes(
    judge: Judge, inventory: Inventory, feed: Iterator[SoundBatch], minutes: float
) -> Iterator[dict[str, object]]:
    """What the codec alone costs, and codes that are predicted."""
    codec = Codec()

    def codec_loss() -> Tensor:
        made = next(feed)
        wrong = (codec(made.frames.float()) - made.frames.float())[made.is_frame]
        return wrong.abs().mean() + wrong.square().mean()

    steps = timed(list(codec.parameters()), codec_loss, minutes / 2)
    yield judge("the codec, nothing predicted", steps, lambda made: codec(made.frames.float()))
    torch.manual_seed(0)
    theirs, head = Speaker(config(inventory)), nn.Linear(256, DIMENSIONS * LEVELS)
    moving = [*theirs.timer.parameters(), *theirs.sounder.parameters(), *head.parameters()]

    def scores(made: SoundBatch) -> Tensor:
        return rearrange(head(states_of(theirs, made)), "B T (D L) -> B T D L", L=LEVELS)

    def code_loss() -> Tensor:
        made = next(feed)
        with torch.no_grad():
            wanted = codec.codes(made.frames.float()).round().long()[made.is_element]
        return F.cross_entropy(scores(made)[made.is_element].reshape(-1, LEVELS).float(), wanted.reshape(-1))

    steps = timed(moving, code_loss, minutes)
    theirs.eval()
    yield judge("FSQ codes", steps, lambda made: codec.frames(scores(made).argmax(-1).float()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--whisper", type=Path, default=WHISPER)
    parser.add_argument("--vocoder", default="vocoder1", help="a run of training.speech_generation.vocoder")
    options = parser.parse_args()
    torch.set_num_threads(1)
    inventory = Inventory.load()
    clips = read(FOLDER / "hibari-0.npz")
    sounds = [sound(clip, inventory) for clip in clips]
    vocoder = Vocoder()
    vocoder.load_state_dict(averaged(options.vocoder))
    hear = whisper(options.whisper)
    judge = Judge(clips[:HELD_OUT], sounds[:HELD_OUT], vocoder, lambda samples: hear(samples, "en"))
    feed = map(batch, batches(sounds[HELD_OUT:], lambda s: len(s.frames), 9_000, random.Random(0)))
    print(json.dumps(judge("the clips' own frames", 0, lambda made: made.frames.float())), flush=True)
    print(json.dumps(with_frames(judge, inventory, feed, options.minutes)), flush=True)
    for row in with_codes(judge, inventory, feed, options.minutes):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
