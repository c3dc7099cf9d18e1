"""Mel power → samples without a trained vocoder: spread over the bins, then phases by iteration.

Griffin and Lim (1984), with the momentum of Perraudin, Balazs and Søndergaard (2013).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ITERATIONS = 32
MOMENTUM = 0.99  # Perraudin et al., 2013, figure 2


def magnitudes(mel_power: Array, filters: NDArray[np.float32], iterations: int = 40) -> Array:
    """Return time × bins magnitudes whose power is never negative and whose mel power is ``mel_power`` (time × mels).

    Multiplicative updates of Lee and Seung (2001).
    """
    weights = filters.astype(np.float64)
    wanted = mel_power @ weights
    gram = weights.T @ weights
    power = np.full_like(wanted, mel_power.mean() + 1e-10)
    for _ in range(iterations):
        power *= wanted / np.maximum(power @ gram, 1e-12)
    return np.sqrt(power)


def samples(magnitude: Array, window: NDArray[np.floating], hop: int) -> NDArray[np.float32]:
    """Return len(``magnitude``) · ``hop`` samples whose short-time spectra have about these magnitudes."""
    phase = np.exp(2j * np.pi * np.random.default_rng(0).random(magnitude.shape))
    before = np.zeros_like(phase)
    for _ in range(ITERATIONS):
        spectrum = _spectrum(_signal(magnitude * phase, window, hop), window, hop, len(magnitude))
        ahead = spectrum + MOMENTUM * (spectrum - before)
        phase, before = ahead / np.maximum(np.abs(ahead), 1e-12), spectrum
    half = len(window) // 2
    signal = _signal(magnitude * phase, window, hop)[half : half + len(magnitude) * hop]
    return np.clip(np.pad(signal, (0, max(0, len(magnitude) * hop - len(signal)))), -1, 1).astype(np.float32)


def _signal(spectrum: NDArray[np.complex128], window: NDArray[np.floating], hop: int) -> Array:
    frames = np.fft.irfft(spectrum, len(window), axis=1) * window
    out = np.zeros(hop * (len(frames) - 1) + len(window))
    weight = np.full_like(out, 1e-8)
    for number, frame in enumerate(frames):
        at = slice(number * hop, number * hop + len(window))
        out[at] += frame
        weight[at] += window**2
    return out / np.maximum(weight, 1e-2)  # the first and last hop are barely covered


def _spectrum(signal: Array, window: NDArray[np.floating], hop: int, count: int) -> NDArray[np.complex128]:
    windows = np.lib.stride_tricks.sliding_window_view(signal, len(window))[::hop][:count]
    return np.asarray(np.fft.rfft(windows * window, axis=1))
