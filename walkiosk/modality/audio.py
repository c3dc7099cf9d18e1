"""Audio ↔ log-mel frames: 16 kHz mono in, 80 mel bands every 10 ms, as Whisper hears them; written four at a step."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from walkiosk.modality import griffin_lim
from walkiosk.modality.value import BadValue, Pick, Step

SAMPLE_RATE = 16_000  # Hz
HOP = SAMPLE_RATE // 100  # 10 ms
WINDOW = SAMPLE_RATE // 40  # 25 ms
MELS = 80
LONGEST = 30 * SAMPLE_RATE  # samples Whisper's encoder has places for
FRAMES_A_STEP = 4  # 40 ms: 448 places of the decoder hold 17 s
WRITTEN = FRAMES_A_STEP * MELS  # numbers of an element before the one that says stop
QUIET_PAD = 2 * SAMPLE_RATE  # silence laid behind a clip at its true length: without it the decoder loops (see bench/)

Samples = NDArray[np.float32]
Frames = NDArray[np.float32]


FORMS = {".wav": "wav", ".opus": "opus", ".ogg": "opus"}  # by a file's ending
OPUS_RATE = 24_000  # bits a second: speech at 16 kHz needs no more


class Unwritable(BadValue):
    """A file whose name says no form of audio that is written here."""


class Unreadable(BadValue):
    """The bytes hold no audio that can be decoded."""


def read(source: str | Path | BinaryIO | Samples, longest_seconds: float = 600.0) -> Samples:
    """Decode any audio file to mono samples in [-1, 1] at 16 kHz; reads no more than ``longest_seconds``.

    Samples are taken as they are. Raises `Unreadable` when nothing can be decoded. Raw G.722 files are known by their
    ending.
    """
    if isinstance(source, np.ndarray):
        return _checked(source.astype(np.float32))
    if not isinstance(source, str | Path) and not hasattr(source, "read"):
        raise Unreadable(f"{source!r} is not a sound")
    name = str(source) if isinstance(source, str | Path) else ""
    pieces: list[Samples] = []
    total, limit = 0, int(longest_seconds * SAMPLE_RATE)
    try:
        form = "g722" if name.endswith(".g722") else None
        with av.open(name if isinstance(source, Path) else source, "r", format=form) as container:
            if not container.streams.audio:
                raise Unreadable(f"{name or 'audio'}: no sound in it")
            resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    pieces.append(piece.to_ndarray().reshape(-1).astype(np.float32))
                    total += len(pieces[-1])
                if total >= limit:
                    break
            else:
                pieces += [piece.to_ndarray().reshape(-1).astype(np.float32) for piece in resampler.resample(None)]
    except (av.error.FFmpegError, EOFError) as error:
        raise Unreadable(f"{name or 'audio'}: {error}") from error
    if not pieces:
        raise Unreadable(f"{name or 'audio'}: no sound in it")
    return np.concatenate(pieces)[:limit]


@lru_cache(maxsize=1)
def mel_filters() -> NDArray[np.float32]:
    """Return 80 × 201 triangular filters on Slaney's mel scale, each of unit area (as librosa's default)."""
    linear_step, log_from, log_step = 200 / 3, 1000.0, float(np.log(6.4)) / 27

    def to_mel(hertz: float) -> float:
        if hertz < log_from:
            return hertz / linear_step
        return log_from / linear_step + float(np.log(hertz / log_from)) / log_step

    def to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
        knee = log_from / linear_step
        return np.where(mel < knee, mel * linear_step, log_from * np.exp(log_step * (mel - knee)))

    edges = to_hertz(np.linspace(to_mel(0.0), to_mel(SAMPLE_RATE / 2), MELS + 2))
    bins = np.linspace(0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    rising = (bins[None, :] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None, :]) / (edges[2:] - edges[1:-1])[:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


@lru_cache(maxsize=1)
def _hann() -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def fitting(values: Sequence[Samples], /) -> None:
    """Sounds have one form."""


def to_sequence(samples: Samples, padded_to: int | None = None, form: None = None) -> Frames:
    """Return log-mel frames, time × 80, of ``samples`` laid into ``padded_to`` samples of silence.

    At most 30 s are taken. Scaling as Whisper's: log10, floor 8 below the loudest, (x + 4) / 4.
    """
    samples = _checked(samples)[:LONGEST]
    wanted = max(padded_to or len(samples), 2 * HOP)
    samples = np.pad(samples, (0, max(0, wanted - len(samples)))).astype(np.float32)
    around = np.pad(samples, WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(around, WINDOW)[::HOP][: len(samples) // HOP]
    power = np.abs(np.fft.rfft(windows * _hann(), axis=1)).astype(np.float32) ** 2
    mel = np.log10(np.maximum(power @ mel_filters().T, 1e-10))
    mel = np.maximum(mel, mel.max() - 8.0)
    return np.asarray((mel + 4.0) / 4.0, np.float32)


def to_target(samples: Samples, /, form: None = None) -> Frames:
    """Return T × (4 · 80 + 2): four frames, 1 in the last element and 0 in the others, the place that comes next.

    Quiet fills the last element's frames.
    """
    frames = to_sequence(samples)
    quiet = np.full((-len(frames) % FRAMES_A_STEP, MELS), frames.min(), np.float32)
    steps = np.concatenate([frames, quiet]).reshape(-1, WRITTEN)
    ends = np.zeros((len(steps), 1), np.float32)
    ends[-1] = 1
    places = np.arange(1, len(steps) + 1, dtype=np.float32)[:, None]
    return np.concatenate([steps, ends, places], axis=1)


def next(head: Frames, before: Sequence[Frames], /, form: None = None, pick: Pick | None = None) -> Step:
    """4 · 80 numbers and the log-odds of a stop → four frames, whether they are the last, the place that comes next."""
    last = bool(head[-1] > 0)
    return Step(np.append(head[:-1], np.array([last, len(before) + 1], np.float32)), last)


def from_sequence(elements: Sequence[Frames] | Frames, /, form: None = None) -> Samples:
    """Return the samples that sound like the frames, their phases found by Griffin and Lim's iterations."""
    if len(elements) == 0:
        raise BadValue("no elements, no sound")
    frames = np.asarray(elements, np.float32)[:, :WRITTEN].reshape(-1, MELS)
    power = 10.0 ** np.clip(frames.astype(np.float64) * 4 - 4, -10, 6)
    return griffin_lim.samples(griffin_lim.magnitudes(power, mel_filters()), _hann(), HOP)


def write(samples: Samples, path: Path, /) -> None:
    """Write mono 16-bit WAV at 16 kHz, or Opus where the file's name ends so; louder than 1 is cut off.

    Raises `Unwritable` for another ending.
    """
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise Unwritable(f"{path}: the ending is none of {', '.join(FORMS)}")
    if form == "wav":
        path.write_bytes(wav(samples))
        return
    loud = _loud(samples)
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = OPUS_RATE
        frame = av.AudioFrame.from_ndarray(loud[None], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def wav(samples: Samples) -> bytes:
    """Return a mono 16-bit WAV file at 16 kHz; louder than 1 is cut off."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(_loud(samples).tobytes())
    return made.getvalue()


def _loud(samples: Samples) -> NDArray[np.int16]:
    found: NDArray[np.int16] = np.clip(np.rint(_checked(samples) * 32767.0), -32768, 32767).astype("<i2")
    return found


def _checked(samples: Samples) -> Samples:
    if samples.ndim != 1 or not len(samples):
        raise Unreadable(f"audio: {'empty' if not samples.size else f'{samples.ndim} dimensions, expected one'}")
    if not np.isfinite(samples).all():
        at = int(np.flatnonzero(~np.isfinite(samples))[0])
        raise Unreadable(f"audio: sample {at} of {len(samples)} is {samples[at]}")
    return samples
