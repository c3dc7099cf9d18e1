"""Serving of the speaker: letters → phones → frames → samples, on ONNX Runtime. Knows no skill and no shop.

Letters in shapes: L letters, N phones, F frames of 10 ms, K bins of a spectrum.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from walkiosk.engine import Floats
from walkiosk.graphs import sessions
from walkiosk.modality.audio import FRAMES_A_STEP
from walkiosk.modality.source_filter import SourceFilter

FIRST, LATER = 24, 96  # frames of the first piece of samples, and of each that follows


@dataclass(frozen=True)
class Pronunciation:
    """Phones with their stress; of each, the letter that it came from and how sure (0 to 1) the model is of it."""

    phones: tuple[int, ...]
    stresses: tuple[int, ...]
    letters: tuple[int, ...]
    certainty: tuple[float, ...]


def laid(frames_of: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """Each frame's phone (F), and how far it has gone (0 to 1) with the logarithm of the phone's frames (F × 2)."""
    owner = np.repeat(np.arange(len(frames_of)), frames_of)
    begins = np.cumsum(frames_of) - frames_of
    far = (np.arange(len(owner)) - begins[owner] + 0.5) / frames_of[owner]
    return owner, np.stack([far, np.log1p(frames_of[owner])], 1).astype(np.float32)


class SpeakerEngine:
    """The speaker's networks in one folder; its names of letters, languages, phones and voices are `speaker.json`'s."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        if not (folder / "speaker.json").is_file():
            raise FileNotFoundError(f"{folder}: no speaker there (speaker.json is missing)")
        about = json.loads((folder / "speaker.json").read_text(encoding="utf-8"))
        self.languages: list[str] = about["languages"]
        self.phones: list[str] = about["phones"]
        self.voices: list[str] = about["voices"]
        self.voice_of: dict[str, str] = about["voice_of"]  # language → the voice that speaks it
        self._reach: int = about["reach"]
        self._stresses: int = about["speaker"]["stresses"]
        self._letters = {letter: number for number, letter in enumerate(about["letters"])}
        # by its first letter: the mark behind a nasal vowel is none
        self._silent = {number for number, phone in enumerate(self.phones) if not phone[0].isalpha()}
        self._sessions = sessions(folder, ("pronouncer", "timer", "sounder", "vocoder"), threads)

    def is_sound(self, phone: int) -> bool:
        """Whether a phone is heard: pauses and what parts words are not."""
        return phone not in self._silent

    def spelled(self, text: str) -> str:
        """The text in letters that the model knows: others are written in ASCII, or left out."""
        known = self._letters
        found = "".join(c if c in known else anyascii(c) for c in text)
        return " ".join("".join(c for c in found if c in known).split())

    def pronounce(self, spelled: str, language: str) -> Pronunciation:
        """Return the phones of a text in known letters; raises ValueError for another language."""
        if not spelled:
            return Pronunciation((), (), (), ())
        letters = np.array([[self._letters[c] for c in spelled]], np.int64)
        feed = {"letters": letters, "language": np.array([[self.languages.index(language)]], np.int64)}
        blank = len(self.phones) * self._stresses  # behind every phone with every stress
        scores = self._sessions["pronouncer"].run(["scores"], feed)[0].reshape(-1, blank + 1)
        slots = len(scores) // len(spelled)  # of a letter
        best = scores.argmax(1)
        heard = np.flatnonzero((best != blank) & (best != np.concatenate([[blank], best[:-1]])))
        chosen = scores[heard]
        sure = 1 / np.exp(chosen - chosen.max(1, keepdims=True)).sum(1)
        phones, stresses = np.divmod(best[heard], self._stresses)
        return Pronunciation(
            tuple(phones.tolist()), tuple(stresses.tolist()), tuple((heard // slots).tolist()), tuple(sure.tolist())
        )

    def speak(self, phones: Sequence[int], stresses: Sequence[int], voice: str, pace: float = 1.0) -> Floats:
        """Return the log-mel frames (F × 80) of phones between silences; ``pace`` is a factor of the voice's usual."""
        begin, end = self.phones.index("^"), self.phones.index("$")
        kinds = np.array([[begin, *phones, end]], np.int64)
        stressed = np.array([[0, *stresses, 0]], np.int64)
        who = np.array([[self.voices.index(voice)]], np.int64)
        states, timing = self._sessions["timer"].run(
            ["states", "timing"], {"phones": kinds, "stresses": stressed, "voice": who}
        )
        owner, inside = laid(self._lengths(kinds[0], np.expm1(timing[0, :, 0]) / pace))
        feed = {"states": states, "pitch": timing[:, :, 1:], "owner": owner, "inside": inside[None], "voice": who}
        frames: Floats = self._sessions["sounder"].run(["frames"], feed)[0][0]
        return frames

    def _lengths(self, kinds: NDArray[np.int64], wanted: Floats) -> NDArray[np.int64]:
        """Whole frames, at least two of each sound, their sum near the wanted one and a multiple of a step."""
        sounds = np.array([self.is_sound(kind) for kind in kinds.tolist()])
        least = np.where(sounds, 2.0, 0.0)
        ends = np.rint(np.cumsum(np.maximum(wanted, least))).astype(np.int64)
        found: NDArray[np.int64] = np.diff(ends, prepend=0)
        found[-1] += max(1 - found[-1], 0)
        found[-1] += -found.sum() % FRAMES_A_STEP
        return found

    def samples(self, frames: Floats) -> Iterator[Floats]:
        """Yield the samples of frames, a short piece first; joined, they are what one piece would have been."""
        synthesis = SourceFilter()
        at, step = 0, FIRST
        while at < len(frames):
            to = min(len(frames), at + step)
            first = max(0, at - self._reach)
            around = frames[first : to + self._reach][None]
            parts, tone = self._sessions["vocoder"].run(["parts", "tone"], {"frames": around})
            here = slice(at - first, to - first)
            pitch = np.where(tone[0, here, 1] > 0, 100 * np.exp(np.clip(tone[0, here, 0], -1, 2)), 0)
            made = synthesis.push(parts[0, here], pitch.astype(np.float32), to == len(frames))
            if len(made):
                yield made
            at, step = to, LATER
