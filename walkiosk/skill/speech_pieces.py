"""Sound → the pieces in which somebody speaks, cut at pauses, with their times; music and quiet are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.audio import SAMPLE_RATE, Samples
from walkiosk.modality.soundtrack import JUMP_SECONDS, Block

WINDOW = 512  # samples, 32 ms: what silero's detector takes at 16 kHz
WINDOWS_A_SECOND = SAMPLE_RATE / WINDOW
BEGINS, GOES_ON = 0.5, 0.35  # probability of speech that begins and that continues a piece, silero's own
ONSET = 2  # windows in a row that begin one: 64 ms
PAUSE = round(0.5 * WINDOWS_A_SECOND)  # quiet windows that end one
AROUND = round(0.2 * WINDOWS_A_SECOND)  # quiet windows kept before and behind: consonants are quiet
LEAST_VOICED = 6  # windows, 0.19 s: less is a knock
LONGEST = round(8 * WINDOWS_A_SECOND)  # windows of a piece
EARLIEST_CUT = round(3 * WINDOWS_A_SECOND)  # into a piece that is too long
NEAR = 5  # windows over which a place is judged as a cut, 0.16 s
QUIETEST = 0.001  # RMS of full scale, -60 dB: below it the detector is not asked

Voice = Callable[[bytes], float]  # a window of PCM s16le → probability of speech


@dataclass(frozen=True)
class Piece:
    """Samples at 16 kHz, the first at ``at`` seconds, and which windows of 32 ms are speech (at least one is)."""

    at: float
    samples: Samples
    voiced: NDArray[np.bool_]

    @property
    def seconds(self) -> float:
        """Of speech."""
        return float(self.voiced.sum() / WINDOWS_A_SECOND)

    def begin(self, share: float) -> float:
        """When what lies behind ``share`` of the speech begins, in seconds of the film."""
        spoken = np.flatnonzero(self.voiced)
        return self.at + float(spoken[min(len(spoken) - 1, int(share * len(spoken)))]) / WINDOWS_A_SECOND

    def end(self, share: float) -> float:
        """When ``share`` of the speech is over."""
        spoken = np.flatnonzero(self.voiced)
        place = max(0, min(len(spoken), int(np.ceil(share * len(spoken)))) - 1)
        return self.at + float(spoken[place] + 1) / WINDOWS_A_SECOND


def pieces(blocks: Iterable[Block], voice: Voice) -> Iterator[Piece]:
    """The spoken pieces of a sound, each of 8 s at most; no more than that is held."""
    cutter = _Cutter(voice)
    for block in blocks:
        yield from cutter.hear(block)
    yield from cutter.stop()


class _Cutter:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._rest = np.zeros(0, np.float32)  # less than a window
        self._begin_at(0.0)

    def _begin_at(self, at: float) -> None:
        self._at, self._windows, self._odds = at, list[Samples](), list[float]()
        self._speaking, self._unvoiced = False, 0

    def hear(self, block: Block) -> Iterator[Piece]:
        expected = self._at + len(self._windows) / WINDOWS_A_SECOND + len(self._rest) / SAMPLE_RATE
        if block.start > expected + JUMP_SECONDS / 2:  # the film is silent for a while
            yield from self.stop()
            self._begin_at(block.start)
        heard = np.concatenate([self._rest, block.samples])
        whole = len(heard) // WINDOW * WINDOW
        self._rest = heard[whole:]
        for start in range(0, whole, WINDOW):
            yield from self._window(heard[start : start + WINDOW])

    def stop(self) -> Iterator[Piece]:
        """What is left at the end of a sound."""
        if len(self._rest):
            rest, self._rest = self._rest, np.zeros(0, np.float32)
            yield from self._window(np.pad(rest, (0, WINDOW - len(rest))))
        if self._speaking:
            yield from self._cut(len(self._windows), len(self._windows))
        self._speaking = False

    def _window(self, samples: Samples) -> Iterator[Piece]:
        quiet = float(np.sqrt(np.mean(np.square(samples)))) < QUIETEST
        odds = 0.0 if quiet else self._voice((samples * 32767).astype("<i2").tobytes())
        self._windows.append(samples)
        self._odds.append(odds)
        if not self._speaking:
            if len(self._odds) >= ONSET and min(self._odds[-ONSET:]) >= BEGINS:
                self._speaking, self._unvoiced = True, 0
            else:
                self._forget(len(self._windows) - AROUND - ONSET)
            return
        self._unvoiced = 0 if odds >= GOES_ON else self._unvoiced + 1
        count = len(self._windows)
        if self._unvoiced >= PAUSE:
            yield from self._cut(count - PAUSE + AROUND, count - AROUND)
            self._speaking = False
        elif count >= LONGEST:
            place = self._calmest()
            yield from self._cut(place, place)
            self._unvoiced = min(self._unvoiced, len(self._windows))

    def _cut(self, end: int, kept_from: int) -> Iterator[Piece]:
        """The piece up to a window; those from ``kept_from`` on stay."""
        odds = np.array(self._odds[:end])
        piece = Piece(self._at, np.concatenate(self._windows[:end]), odds >= GOES_ON)
        self._forget(kept_from)
        if piece.voiced.sum() >= LEAST_VOICED:
            yield piece

    def _forget(self, count: int) -> None:
        """Leaves the first windows out."""
        if count > 0:
            del self._windows[:count], self._odds[:count]
            self._at += count / WINDOWS_A_SECOND

    def _calmest(self) -> int:
        """Where a piece that is too long is cut: among little sound and little speech."""
        loud = np.array([np.sqrt(np.mean(np.square(window))) for window in self._windows])
        noise = loud / max(float(loud.mean()), QUIETEST) + np.array(self._odds)
        smooth = np.convolve(noise, np.ones(NEAR) / NEAR, "same")
        return EARLIEST_CUT + int(smooth[EARLIEST_CUT : len(smooth) - NEAR].argmin())
