"""Find when each phone of a human's clips ends: `python -m training.speech_generation.align [MINUTES]`.

A small network learns from the teachers' clips, whose ends are known, which phone a frame is of; their voices are bent
in pitch and colour, so that it does not learn the teachers. Its scores over how common a phone is are likelihoods
(Bourlard and Morgan, 1994), and the likeliest path through a clip's phones, none shorter than a sound can be, is its
alignment. Then it learns from the humans' clips too, and aligns again. Writes `CACHE/speech/human.npz`; the unlikeliest
clips are left out.
"""

from __future__ import annotations

import random
import sys
import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from training.speech_generation.clips import FOLDER, FRAMES, Clip, read, trimmed, write
from training.speech_generation.phones import PAUSES, STRESSES, VOWELS
from walkiosk.modality import audio

TEACHERS = ("hibari-0", "de-0", "pt-0", "es-0", "fr-0", "it-0", "ru-0")
KEPT = 0.9  # of a language's clips
LEAST = {True: 3, False: 2}  # frames of a vowel, of another sound


class FrameClassifier(nn.Module):
    def __init__(self, phones: int, width: int = 192) -> None:
        super().__init__()
        self.first = nn.Conv1d(audio.MELS, width, 5, padding=2)
        self.rest = nn.ModuleList(nn.Conv1d(width, width, 5, padding=2) for _ in range(4))
        self.out = nn.Conv1d(width, phones, 1)

    def forward(self, x: Tensor) -> Tensor:
        """B F 80 → B F P."""
        x = F.relu(self.first(x.transpose(1, 2)))
        for conv in self.rest:
            x = x + F.relu(conv(F.layer_norm(x.transpose(1, 2), x.shape[1:2]).transpose(1, 2)))
        scores: Tensor = self.out(x).transpose(1, 2)
        return scores


def frames_of(clip: Clip) -> NDArray[np.float32]:
    """Log-mel frames, each band of zero mean and unit deviation over the loud half of the clip."""
    frames = audio.to_sequence(clip.samples)
    loud = frames[frames.mean(1) >= np.median(frames.mean(1))]
    made: NDArray[np.float32] = (frames - loud.mean(0)) / (loud.std(0) + 0.05)
    found: NDArray[np.float32] = np.clip(made, -4, 4)
    return found


def bent(frames: NDArray[np.float32], draw: random.Random) -> NDArray[np.float32]:
    """Another throat: bands moved up or down by up to a sixth, coloured, and not as loud or louder."""
    factor = draw.uniform(0.85, 1.18)
    at = np.clip(np.arange(audio.MELS) * factor, 0, audio.MELS - 1)
    low = at.astype(int)
    high = np.minimum(low + 1, audio.MELS - 1)
    share = (at - low).astype(np.float32)
    moved = frames[:, low] * (1 - share) + frames[:, high] * share
    colour = np.interp(np.arange(audio.MELS), [0, 20, 40, 60, 79], [draw.gauss(0, 0.25) for _ in range(5)])
    made: NDArray[np.float32] = (moved * draw.uniform(0.8, 1.2) + colour).astype(np.float32)
    return made


def kind(phone: str) -> str:
    """What a phone sounds like: stress and length make no other sound, and all silence is alike."""
    bare = phone.strip(STRESSES).rstrip("ː")
    return "^" if bare in ("^", "$", " ") or bare in PAUSES else bare


def labels(clip: Clip, kinds: dict[str, int], length: int) -> NDArray[np.int64]:
    ends = np.rint(clip.ends * FRAMES).astype(int)
    found = np.zeros(length, np.int64)
    start = 0
    for phone, end in zip(clip.phones, ends, strict=True):
        found[start:end] = kinds[kind(phone)]
        start = max(start, end)
    return found


def path(scores: NDArray[np.float32], states: list[int], least: list[int]) -> tuple[list[int], float]:
    """The frame at which each of ``states`` ends on the likeliest path (frames × kinds), and its mean score.

    A state lasts for at least ``least`` frames; one whose least is none may be passed over.
    """
    rows = [n for n, count in enumerate(least) for _ in range(max(1, count))]
    first = np.array([n == 0 or rows[n - 1] != row for n, row in enumerate(rows)])
    final = np.append(first[1:], True)
    count, frames = len(rows), len(scores)
    if frames < sum(least):
        return [], -np.inf
    at = scores[:, [states[row] for row in rows]]
    over = np.array([first[n] and n >= 1 and least[rows[n - 1]] == 0 and n >= 2 for n in range(count)])
    best = np.full(count, -np.inf)
    best[0] = at[0, 0]
    if count > 1 and least[0] == 0:
        best[1] = at[0, 1]
    back = np.zeros((frames, count), np.int8)
    for frame in range(1, frames):
        stay = np.where(final, best, -np.inf)  # a sound that has lasted long enough may go on
        one, two = np.full(count, -np.inf), np.full(count, -np.inf)
        one[1:] = best[:-1]
        two[2:] = np.where(over[2:], best[:-2], -np.inf)
        choice = np.stack([stay, one, two])
        back[frame] = choice.argmax(0)
        best = choice.max(0) + at[frame]
    row = count - 1
    if least[-1] == 0 and best[count - 2] > best[row]:
        row = count - 2
    score = float(best[row]) / frames
    owner = np.zeros(frames, int)
    for frame in range(frames - 1, -1, -1):
        owner[frame] = rows[row]
        row -= int(back[frame, row])
    ends = np.searchsorted(owner, np.arange(len(states)), side="right")
    return ends.tolist(), score


def train(model: FrameClassifier, data: list[tuple[NDArray[np.float32], NDArray[np.int64]]], minutes: float) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), 2e-3)
    draw = random.Random(0)
    began, step = time.time(), 0
    while (done := (time.time() - began) / 60 / minutes) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - done) + 1e-5
        x, y = [], []
        for features, target in draw.sample(data, 24):
            start = draw.randint(0, max(0, len(features) - 200))
            x.append(torch.from_numpy(bent(features[start : start + 200], draw)))
            y.append(torch.from_numpy(target[start : start + 200]))
        longest = max(map(len, x))
        inputs = torch.stack([F.pad(each, (0, 0, 0, longest - len(each))) for each in x])
        targets = torch.stack([F.pad(each, (0, longest - len(each)), value=-1) for each in y])
        loss = F.cross_entropy(model(inputs).reshape(-1, model.out.out_channels), targets.reshape(-1), ignore_index=-1)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        if step % 50 == 0:
            print(step, round(float(loss.detach()), 3), flush=True)


def aligned(model: FrameClassifier, clip: Clip, kinds: dict[str, int], prior: Tensor) -> tuple[float, Clip] | None:
    with torch.no_grad():
        scores = (model(torch.from_numpy(frames_of(clip))[None])[0].log_softmax(-1) - prior).numpy()
    states = [kinds[kind(phone)] for phone in clip.phones]
    least = [0 if kind(p) == "^" else LEAST[p.strip(STRESSES)[0] in VOWELS] for p in clip.phones]
    ends, score = path(scores, states, least)
    if not ends:
        return None
    seconds = (np.array(ends) / FRAMES).astype(np.float32)
    return score, Clip(clip.voice, clip.language, clip.text, clip.phones, seconds, clip.samples, clip.pitch)


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    torch.set_num_threads(1)
    human = read(FOLDER / "asterisk-0.npz")
    teachers = [clip for name in TEACHERS for clip in read(FOLDER / f"{name}.npz")[:500]]
    kinds = {name: n for n, name in enumerate(sorted({kind(p) for clip in teachers + human for p in clip.phones}))}
    known = [(frames, labels(clip, kinds, len(frames))) for clip in teachers if (frames := frames_of(clip)) is not None]
    counts = np.bincount(np.concatenate([target for _, target in known]), minlength=len(kinds)) + 50
    prior = torch.from_numpy(np.log(counts / counts.sum()).astype(np.float32)) * 0.8
    model = FrameClassifier(len(kinds))
    print(len(known), "clips", len(kinds), "kinds", flush=True)
    train(model, known, minutes)
    for again in range(2):
        found = [kept for clip in human if (kept := aligned(model, clip, kinds, prior)) is not None]
        print(len(found), "of", len(human), "aligned, mean", np.mean([score for score, _ in found]), flush=True)
        chosen = []
        for language in sorted({clip.language for _, clip in found}):
            mine = sorted((pair for pair in found if pair[1].language == language), key=lambda pair: -pair[0])
            chosen += [clip for _, clip in mine[: round(KEPT * len(mine))]]
        if again == 0:
            own = [(frames_of(clip), labels(clip, kinds, len(clip.samples) // audio.HOP)) for clip in chosen]
            train(model, own + random.Random(1).sample(known, len(own)), minutes / 2)
    write([trimmed(clip) for clip in chosen], FOLDER / "human.npz")


if __name__ == "__main__":
    main()
