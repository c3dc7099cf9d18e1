"""Clips → what the speaker's timer and sounder learn from, in memory."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from training.paths import CACHE
from training.speech_generation.clips import FRAMES, Clip
from training.speech_generation.phones import BEGIN, END, STRESSES, VOICES
from walkiosk.modality import audio
from walkiosk.model.speaker import SoundBatch
from walkiosk.speaker import laid

T = TypeVar("T")
KNOWN = 5  # times that a letter must have been seen
INVENTORY = CACHE / "speech" / "inventory.json"


@dataclass(frozen=True)
class Inventory:
    """What the speaker reads and writes, by number: letters, languages, phones (stress apart), voices."""

    letters: tuple[str, ...]
    languages: tuple[str, ...]
    phones: tuple[str, ...]
    voices: tuple[str, ...]
    pitches: dict[str, tuple[float, float]]  # voice → mean and standard deviation of log pitch

    @classmethod
    def load(cls, path: Path = INVENTORY) -> Inventory:
        kept = json.loads(path.read_text(encoding="utf-8"))
        pitches = {voice: (pair[0], pair[1]) for voice, pair in kept["pitches"].items()}
        letters, languages, phones, voices = (tuple(kept[k]) for k in ("letters", "languages", "phones", "voices"))
        return cls(letters, languages, phones, voices, pitches)

    def save(self, path: Path = INVENTORY) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.__dict__, ensure_ascii=False), encoding="utf-8")

    def spoken(self, phone: str) -> int | None:
        """The number of a phone with its stress; one that no voice has said is what it is without its marks."""
        bare = phone.lstrip(STRESSES)
        for kind in (bare, bare[0]):
            if kind in self.phones:
                return self.phones.index(kind) * 3 + stress(phone)
        return None


def stress(phone: str) -> int:
    return 1 + STRESSES.index(phone[0]) if phone[0] in STRESSES else 0


@dataclass(frozen=True)
class Sound:
    """A clip as numbers; ``frames`` time × 80."""

    phones: NDArray[np.int64]
    stresses: NDArray[np.int64]
    voice: int
    frames_of: NDArray[np.int64]
    pitch: NDArray[np.float32]
    voiced: NDArray[np.bool_]
    is_gap: NDArray[np.bool_]  # between words
    frames: NDArray[np.float16]

    def part(self, first: int, end: int) -> Sound:
        """From phone ``first`` up to ``end``."""
        before = self.frames_of[:first].sum()
        frames = self.frames[before : before + self.frames_of[first:end].sum()]
        return replace(self, frames=frames, **{name: getattr(self, name)[first:end] for name in OF_PHONES})


OF_PHONES = ("phones", "stresses", "frames_of", "pitch", "voiced", "is_gap")


def sound(clip: Clip, inventory: Inventory) -> Sound:
    frames = audio.to_sequence(clip.samples).astype(np.float16)
    ends = np.minimum(np.rint(np.maximum.accumulate(clip.ends) * FRAMES).astype(int), len(frames))
    ends[-1] = len(frames)
    begins = np.concatenate([[0], ends[:-1]])
    mean, deviation = inventory.pitches[clip.voice]
    pitch, voiced = np.zeros(len(ends), np.float32), np.zeros(len(ends), bool)
    for number, (a, b) in enumerate(zip(begins, ends, strict=True)):
        part = clip.pitch[a:b]
        part = part[part > 50]
        if len(part) and 2 * len(part) >= b - a:
            voiced[number], pitch[number] = True, (np.log(part).mean() - mean) / deviation
    if voiced.any():  # between voiced phones the pitch goes on in a line
        at = np.flatnonzero(voiced)
        pitch = np.interp(np.arange(len(pitch)), at, pitch[at]).astype(np.float32)
    index = {phone: number for number, phone in enumerate(inventory.phones)}
    return Sound(
        np.array([index[p.lstrip(STRESSES)] for p in clip.phones]),
        np.array([stress(p) for p in clip.phones]),
        inventory.voices.index(clip.voice),
        ends - begins,
        np.clip(pitch, -4, 4),
        voiced,
        np.array([p == " " for p in clip.phones]),
        frames,
    )


def spliced(sounds: Sequence[Sound], draw: random.Random, pieces: int = 3) -> Sound:
    """Some words of one of a voice's sounds, of another and of a third, end to end.

    Half an hour of a voice is soon known by heart, sentence by sentence; spliced, a word has to be said without knowing
    what comes far behind it.
    """
    found = []
    for one in draw.sample(sounds, min(pieces, len(sounds))):
        gaps = [0, *(np.flatnonzero(one.is_gap) + 1), len(one.phones)]
        first = draw.randrange(len(gaps) - 1)
        last = draw.randint(first + 1, len(gaps) - 1)
        found.append(one.part(int(gaps[first]), int(gaps[last])))
    whole: dict[str, Any] = {
        name: np.concatenate([getattr(each, name) for each in found]) for name in (*OF_PHONES, "frames")
    }
    return replace(found[0], **whole)


def take_stock(clips: Sequence[Clip], texts: Iterable[str]) -> Inventory:
    """The inventory of ``clips`` and of ``texts`` whose pronunciation is known; take it once for a set of weights."""
    counted = Counter(letter for text in texts for letter in text)
    known = {letter for letter, count in counted.items() if count >= KNOWN}
    letters = sorted({letter for clip in clips for letter in clip.text} | known)
    found = sorted({p.lstrip(STRESSES) for clip in clips for p in clip.phones} | {BEGIN, END, " "})
    voices = sorted({clip.voice for clip in clips})
    pitches = {}
    for voice in voices:
        logs = np.log(np.concatenate([c.pitch[c.pitch > 50] for c in clips if c.voice == voice]))
        pitches[voice] = (float(logs.mean()), max(0.05, float(logs.std())))
    return Inventory(tuple(letters), tuple(VOICES), tuple(found), tuple(voices), pitches)


def batch(sounds: Sequence[Sound]) -> SoundBatch:
    rows, phones = len(sounds), max(len(s.phones) for s in sounds)
    longest = max(len(s.frames) for s in sounds)
    longest += -longest % audio.FRAMES_A_STEP
    numbers = torch.zeros(3, rows, phones, dtype=torch.long)
    pitch, is_phone = torch.zeros(rows, phones), torch.zeros(rows, phones, dtype=torch.bool)
    is_voiced = is_phone.clone()
    owner, inside = torch.zeros(rows, longest, dtype=torch.long), torch.zeros(rows, longest, 2)
    frames = torch.zeros(rows, longest, audio.MELS, dtype=torch.float16)
    is_frame = torch.zeros(rows, longest, dtype=torch.bool)
    for row, s in enumerate(sounds):
        n, f = len(s.phones), len(s.frames)
        numbers[0, row, :n], numbers[1, row, :n] = torch.from_numpy(s.phones), torch.from_numpy(s.stresses)
        numbers[2, row, :n] = torch.from_numpy(s.frames_of)
        pitch[row, :n], is_voiced[row, :n] = torch.from_numpy(s.pitch), torch.from_numpy(s.voiced)
        is_phone[row, :n] = True
        of, far = laid(s.frames_of)
        owner[row, :f], inside[row, :f] = torch.from_numpy(of), torch.from_numpy(far)
        owner[row, f:], inside[row, f:] = n - 1, 1.0
        frames[row, :f], is_frame[row, :f] = torch.from_numpy(s.frames), True
    elements = is_frame[:, :: audio.FRAMES_A_STEP]
    lengths = torch.log1p(numbers[2].float())
    voice = torch.tensor([s.voice for s in sounds])
    return SoundBatch(
        numbers[0], numbers[1], voice, lengths, pitch, is_phone, is_voiced, owner, inside, frames, is_frame, elements
    )


def batches(items: Sequence[T], size: Callable[[T], int], budget: int, draw: random.Random) -> Iterator[list[T]]:
    """Endless batches, items of like size together, about ``budget`` in all once padded."""
    while True:
        found: list[list[T]] = [[]]
        for item in sorted(items, key=lambda item: size(item) * draw.uniform(0.9, 1.1)):
            if found[-1] and size(item) * (len(found[-1]) + 1) > budget:
                found.append([])
            found[-1].append(item)
        draw.shuffle(found)
        yield from found
