"""Video ↔ frames, each an image: seen at 4 frames a second and 64 pixels a side, written as codes frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from walkiosk.modality import blocks, image
from walkiosk.modality.value import BadValue, Floats, Step

RATE = 4  # frames a second
SIDE = 64  # pixels
MOST_FRAMES = 60  # 15 s; 16 patches a frame stay well within the encoder's 1,500 places
MOST_WRITTEN = 6  # frames of 8 × 8 blocks that the decoder's 448 places hold

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Video:
    """``frames`` are N × H × W × 3, ``rate`` of them a second."""

    frames: Frames
    rate: float = RATE


def read(source: object, /) -> Video:
    """Return the first 15 s of a file or its bytes at `RATE` frames a second; a `Video` is taken as it is."""
    if isinstance(source, Video):
        return _checked(source)
    if not isinstance(source, str | Path | bytes):
        raise BadValue(f"{type(source).__name__} is not a video")
    name = "video" if isinstance(source, bytes) else str(source)
    frames: list[Frames] = []
    try:
        with av.open(BytesIO(source) if isinstance(source, bytes) else str(source), "r") as container:
            if not container.streams.video:
                raise BadValue(f"{name}: no pictures in it")
            for number, frame in enumerate(container.decode(video=0)):
                seconds = frame.time if frame.time is not None else number / 25
                while len(frames) <= seconds * RATE + 1e-6 and len(frames) < MOST_FRAMES:
                    frames.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
                if len(frames) == MOST_FRAMES:
                    break
    except (av.error.FFmpegError, OSError) as error:
        raise BadValue(f"{name}: {error}") from error
    if not frames:
        raise BadValue(f"{name}: no pictures in it")
    return Video(np.stack(frames))


def to_sequence(video: Video, /) -> Floats:
    """T × `image.FEATURES`: the patches of frame after frame, each with its time."""
    parts = [image.to_sequence(frame, seconds, SIDE) for frame, seconds in _sampled(video, MOST_FRAMES)]
    return np.concatenate(parts)


def to_target(video: Video, /, like: Video | None = None) -> list[blocks.Element]:
    """Size, the codes of at most `MOST_WRITTEN` frames, end."""
    coded = [blocks.encode(image.fitted(frame, blocks.BLOCK, SIDE)) for frame, _ in _sampled(video, MOST_WRITTEN)]
    return [coded[0][0], *(code for frame in coded for code in frame[1:]), blocks.LAST]


def next(head: Floats, before: Sequence[blocks.Element], /) -> Step:
    """Scores of the three codes → the likeliest that may follow; an end may follow a full frame."""
    return blocks.step(head, list(before), MOST_WRITTEN)


def from_sequence(elements: Sequence[blocks.Element], /, like: Video | None = None) -> Video:
    """Return the frames at `RATE`; raises `BadValue` when there is none."""
    frames = blocks.frames_of([(int(a), int(b), int(p)) for a, b, p in elements])
    if not frames:
        raise BadValue(f"{len(elements)} codes do not fill one frame")
    return Video(np.stack(frames))


def write(video: Video, path: Path, /) -> None:
    """Write MPEG-4 (``.mp4``) or what the name ends in; sides are made even."""
    frames = _checked(video).frames
    height, width = (side // 2 * 2 for side in frames.shape[1:3])
    try:
        with av.open(str(path), "w") as container:
            codec = "libvpx" if path.suffix == ".webm" else "mpeg4"
            stream = container.add_stream(codec, rate=Fraction(video.rate).limit_denominator(1001))
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", 4_000_000
            for frame in frames:
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]), format="rgb24")
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise BadValue(f"{path}: {error}") from error


def _sampled(video: Video, most: int) -> list[tuple[Frames, float]]:
    """(frame, seconds) at `RATE`, the first ``most``."""
    count = max(1, min(most, int(len(_checked(video).frames) / video.rate * RATE + 0.5)))
    at = np.minimum((np.arange(count) * video.rate / RATE).astype(int), len(video.frames) - 1)
    return [(video.frames[index], number / RATE) for number, index in enumerate(at)]


def _checked(video: Video) -> Video:
    frames = video.frames
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not frames.size:
        raise BadValue(f"a video is N × H × W × 3 bytes, not {frames.shape} of {frames.dtype}")
    if min(frames.shape[1:3]) < 2 or not (np.isfinite(video.rate) and video.rate > 0):
        raise BadValue(f"a video of {frames.shape[2]} × {frames.shape[1]} pixels at {video.rate} frames a second")
    return video
