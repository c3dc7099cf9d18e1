"""The sound of a film or a recording of any length, a moment after the other: never more than a frame is held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from walkiosk.modality.audio import SAMPLE_RATE, Samples, Unreadable

JUMP_SECONDS = 0.1  # a gap between two frames from which on a film's own times count, not what was decoded
PAST_END_SECONDS = 1.0  # a frame's time that lies further behind the film's end is a broken one


@dataclass(frozen=True)
class Block:
    """Mono samples in [-1, 1] at 16 kHz and when the first is heard, in seconds from the film's start."""

    start: float
    samples: Samples


def seconds(path: Path) -> float | None:
    """How long a film or a recording is, where the file tells; raises `Unreadable` when there is no sound to decode."""
    with _opened(path) as container:
        return None if container.duration is None else float(container.duration / av.time_base)


def blocks(path: Path) -> Iterator[Block]:
    """Decode the file's main sound; a packet that is damaged is left out.

    Where the sound stops for a while, the next block starts later than the last one ended. Raises `Unreadable` when
    nothing can be decoded.
    """
    with _opened(path) as container:
        begins = (container.start_time or 0) / av.time_base
        last = None if container.duration is None else container.duration / av.time_base + PAST_END_SECONDS
        origin, heard = 0.0, 0  # where counting began, in seconds, and samples since
        resampler = _Resampler()
        nothing = True
        for frame in _frames(container):
            expected = origin + heard / SAMPLE_RATE
            time = expected if frame is None or frame.time is None else frame.time - begins
            if time > expected + JUMP_SECONDS and (last is None or time < last):
                origin, heard = time, 0
            for samples in resampler.resample(frame):
                yield Block(origin + heard / SAMPLE_RATE, samples)
                heard += len(samples)
                nothing = False
    if nothing:
        raise Unreadable(f"{path}: no sound in it that can be decoded")


class _Resampler:
    """To 16 kHz mono, also where a stream changes its rate or its channels on the way."""

    def __init__(self) -> None:
        self._form: tuple[str, str, int] | None = None
        self._resampler = _fresh()

    def resample(self, frame: av.AudioFrame | None) -> list[Samples]:
        """What a frame brings; None asks for the rest."""
        made: list[av.AudioFrame] = []
        if frame is not None:
            form = (frame.format.name, frame.layout.name, frame.sample_rate)
            if self._form not in (None, form):
                made += self._resampler.resample(None)
                self._resampler = _fresh()
            self._form = form
            frame.pts = None  # times are counted here
        if self._form is not None:
            made += self._resampler.resample(frame)
        arrays = (each.to_ndarray().reshape(-1) for each in made)
        return [np.nan_to_num(each).clip(-1, 1).astype(np.float32) for each in arrays if each.size]


def _fresh() -> av.AudioResampler:
    return av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    """The file, with sound in it."""
    if path.is_dir():
        raise Unreadable(f"{path}: a folder, not a film")
    if not path.is_file():
        raise Unreadable(f"{path}: no such file")
    try:
        # absolute: `a:b.mp4` is a file, not a protocol; titles in another encoding than UTF-8 are common
        container = av.open(str(path.absolute()), "r", metadata_errors="replace")
    except PermissionError as error:
        raise Unreadable(f"{path}: may not be read") from error
    except (av.error.FFmpegError, EOFError, OSError) as error:
        raise Unreadable(f"{path}: not a film or a recording") from error
    with container:
        if not container.streams.audio:
            raise Unreadable(f"{path}: no sound in it")
        yield container


def _frames(container: av.container.InputContainer) -> Iterator[av.AudioFrame | None]:
    """Frames of the main sound, and None at their end."""
    stream = container.streams.best("audio") or container.streams.audio[0]
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.error.FFmpegError, EOFError):
            packet = None  # a file cut short: what came before counts
        if packet is None:
            break
        try:
            for frame in packet.decode():
                assert isinstance(frame, av.AudioFrame)
                yield frame
        except (av.error.FFmpegError, EOFError):
            continue
    yield None
