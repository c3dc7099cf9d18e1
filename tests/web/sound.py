"""Sound for the tests, spoken by espeak-ng: what a customer says into a microphone of 16 kHz."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from walkiosk.espeak import speak
from walkiosk.listening import SAMPLE_RATE

FRAME = 1024  # bytes, 32 ms


def silence(seconds: float) -> NDArray[np.int16]:
    """Digital silence."""
    return np.zeros(int(seconds * SAMPLE_RATE), np.int16)


def said(text: str, language: str = "en") -> NDArray[np.int16]:
    """A text as 16 kHz samples."""
    return (speak(text, language) * 32767).astype(np.int16)


def frames(*parts: NDArray[np.int16]) -> list[bytes]:
    """The parts one after the other, as a page sends them."""
    stream = np.concatenate(parts).tobytes()
    return [stream[start : start + FRAME] for start in range(0, len(stream), FRAME)]


def write_wav(path: Path, samples: NDArray[np.int16]) -> Path:
    """A WAV file for Chromium's pretended microphone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.tobytes())
    return path
