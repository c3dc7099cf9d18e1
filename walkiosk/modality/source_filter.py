"""What a vocoder says of each frame → samples: a pulse train and noise, filtered, and an inverse Fourier transform.

Frames may come in parts; their samples join as if they had come at once.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.audio import HOP, SAMPLE_RATE

Floats = NDArray[np.float32]
FULL = 512  # samples of a window
BINS = FULL // 2 + 1
FLOOR = 50.0  # Hz: nothing lower is a voice
LOUDEST = 6.0  # of a log magnitude
PERIOD = 2 * math.pi
BAND = 0.47 * SAMPLE_RATE  # Hz: pulses have no harmonic above it


WINDOW = (0.5 - 0.5 * np.cos(PERIOD * np.arange(FULL) / FULL)).astype(np.float32)  # Hann's, periodic


class SourceFilter:
    """One utterance in the making; ``seed`` fixes its noise, so that the same frames sound the same."""

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._pitch = np.zeros(0, np.float32)
        self._parts: list[Floats] = []  # of frames whose source is not whole yet
        self._turns = 0.0  # of the pulses, at the end of the source
        self._source = np.zeros(FULL // 2, np.float32)  # begins half a window before the first sample
        self._done = 0  # frames that are laid into the sum
        self._sum = np.zeros(0, np.float32)  # begins where samples have not been given away
        self._weight = np.zeros(0, np.float32)
        self._given = -FULL // 2  # place of the sum's first sample

    def push(self, parts: Floats, pitch: Floats, last: bool = False) -> Floats:
        """Return the samples that are final once frames are added: ``parts`` T × 5·K, ``pitch`` T in Hz, 0 unvoiced."""
        self._parts += list(parts)
        self._lengthen_source(np.concatenate([self._pitch, pitch.astype(np.float32)]), last)
        total = self._done + len(self._parts)
        ready = total if last else min(total, (len(self._source) - FULL) // HOP + 1)
        if ready > self._done:
            self._lay(ready)
        final = total * HOP if last else self._done * HOP - FULL // 2
        start = max(0, -self._given)  # what lies before the first sample is not heard
        count = max(0, final - self._given)
        made = self._sum[start:count] / np.maximum(self._weight[start:count], 1e-3)
        self._sum, self._weight = self._sum[count:], self._weight[count:]
        self._given += count
        return np.clip(made, -1, 1).astype(np.float32)

    def _lengthen_source(self, pitch: Floats, last: bool) -> None:
        """Add the pulses of the samples whose pitch is known on both sides."""
        before, self._pitch = len(self._source) - FULL // 2, pitch
        if not len(pitch):
            return
        after = len(pitch) * HOP if last else max(before, len(pitch) * HOP - HOP // 2)
        at = (np.arange(before, after) + 0.5) / HOP - 0.5
        hertz = np.interp(at, np.arange(len(pitch)), pitch)
        voiced = hertz > FLOOR
        hertz = np.maximum(hertz, FLOOR)
        turns = self._turns + np.cumsum(hertz / SAMPLE_RATE)
        if len(turns):
            self._turns = float(turns[-1] % 1.0)
        angle = (turns % 1.0) * PERIOD
        harmonics = np.floor(BAND / hertz)
        half = np.sin(angle / 2)
        near = np.abs(half) < 1e-3
        summed = np.sin((harmonics + 0.5) * angle) / (2 * np.where(near, 1.0, half)) - 0.5
        made = np.where(voiced, np.where(near, harmonics, summed), 0.0).astype(np.float32)
        self._source = np.concatenate([self._source, made])
        if last:
            self._source = np.concatenate([self._source, np.zeros(FULL // 2, np.float32)])

    def _lay(self, ready: int) -> None:
        """Filter the frames up to ``ready`` and add them to the sum."""
        count = ready - self._done
        parts, self._parts = np.stack(self._parts[:count]), self._parts[count:]
        frames = np.lib.stride_tricks.sliding_window_view(self._source, FULL)[self._done * HOP : ready * HOP : HOP]
        source = np.fft.rfft(frames[:count] * WINDOW, axis=1) * (2 / WINDOW.sum())
        harmonic, noise, rest, turn, phase = np.split(parts, 5, axis=1)
        spectrum = source * np.exp(np.minimum(harmonic, LOUDEST) + 1j * math.pi * np.tanh(turn))
        draw = self._random.standard_normal((count, BINS, 2))
        spectrum += np.exp(np.minimum(noise, LOUDEST)) * (draw[..., 0] + 1j * draw[..., 1])
        spectrum += np.exp(np.minimum(rest, LOUDEST) + 1j * phase)
        made = np.fft.irfft(spectrum, FULL, axis=1) * WINDOW
        start = self._done * HOP - FULL // 2 - self._given
        wanted = start + (count - 1) * HOP + FULL
        if wanted > len(self._sum):
            self._sum = np.pad(self._sum, (0, wanted - len(self._sum)))
            self._weight = np.pad(self._weight, (0, wanted - len(self._weight)))
        for number, frame in enumerate(made):
            at = slice(start + number * HOP, start + number * HOP + FULL)
            self._sum[at] += frame.astype(np.float32)
            self._weight[at] += WINDOW**2
        self._done = ready
