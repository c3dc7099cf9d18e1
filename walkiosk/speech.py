"""Speaking at the counter: a reply's sentences to PCM, piece by piece. Nothing here touches a disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from walkiosk.modality.audio import SAMPLE_RATE, Samples
from walkiosk.skill.speech_generation import Speaker, sentences

QUIETEST, LOUDEST = 0.1, 2.0  # factors of a voice's usual loudness
PIECE = SAMPLE_RATE // 4  # samples that go out at once, at most


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of a reply: its sentence (0-based), sample rate in Hz, mono PCM s16le, whether it ends the sentence."""

    sentence: int
    sample_rate: int
    pcm: bytes
    last: bool


class Speech:
    """A text being spoken: iterate for its pieces, `stop` from any thread to end it before the next one.

    A language without a voice yields nothing. Iterating raises `NoVoice` where only espeak-ng could, and is missing.
    `pace` and `loudness` are factors, 1.0 is usual.
    """

    def __init__(self, speaker: Speaker, text: str, language: str, pace: float = 1.0, loudness: float = 1.0) -> None:
        self.sentences = sentences(text)
        self._speaker, self._language, self._pace = speaker, language.partition("-")[0], pace
        self._loudness = min(max(loudness, QUIETEST), LOUDEST)
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[Spoken]:
        for number, sentence in enumerate(self.sentences):
            waiting: Samples | None = None
            for piece in self._pieces(sentence):
                if self._stopped.is_set():
                    return
                if waiting is not None:
                    yield Spoken(number, SAMPLE_RATE, self._pcm(waiting), False)
                waiting = piece
            if waiting is not None and not self._stopped.is_set():
                yield Spoken(number, SAMPLE_RATE, self._pcm(waiting), True)

    def stop(self) -> None:
        """Ends the speaking; what is not yet out stays unsaid."""
        self._stopped.set()

    def _pieces(self, sentence: str) -> Iterator[Samples]:
        for samples in self._speaker.sentence(sentence, self._language, self._pace):
            for start in range(0, len(samples), PIECE):
                yield samples[start : start + PIECE]

    def _pcm(self, samples: Samples) -> bytes:
        loud = np.clip(np.rint(samples * self._loudness * 32767), -32768, 32767)
        return bytes(loud.astype("<i2").tobytes())
