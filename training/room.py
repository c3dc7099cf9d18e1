"""A simulated room: reverberation and noise that a kiosk's microphone hears."""

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.audio import SAMPLE_RATE

Samples = NDArray[np.float32]


def in_room(
    samples: Samples,
    random: np.random.Generator,
    echo_seconds: tuple[float, float] = (0.1, 0.4),
    noise_decibels: tuple[float, float] = (12.0, 30.0),
) -> Samples:
    """Return ``samples`` with an exponentially decaying echo and pink-ish noise below the speech by so many dB."""
    seconds = random.uniform(*echo_seconds)  # until the echo has fallen by 60 dB
    count = int(seconds * SAMPLE_RATE)
    tail = random.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count) * random.uniform(0.02, 0.06)
    tail[0] = 1.0
    size = len(samples) + count
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples) + count // 2]
    spectrum = np.fft.rfft(random.standard_normal(len(wet)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20))
    noise = np.fft.irfft(spectrum, len(wet))
    loud, quiet = float(np.mean(samples**2)), float(np.mean(noise**2))
    level = 10 ** (-random.uniform(*noise_decibels) / 20) * (loud / max(1e-12, quiet)) ** 0.5
    mixed = wet + noise * level
    heard: Samples = (mixed / max(1.0, float(np.abs(mixed).max()))).astype(np.float32)
    return heard
