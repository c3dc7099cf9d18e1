"""Video ↔ frames, each an image of 64 pixels a side; painted frame by frame, and what stays as it was is said in one.

The first frame is painted block by block. Behind it an element is a block's new code, or says how many blocks stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from walkiosk.modality import image
from walkiosk.modality.image import Element
from walkiosk.modality.picture_codec import CODES, PictureCodec
from walkiosk.modality.value import BadValue, Floats, Pick, Step

RATE = 4  # frames a second
SIDE = image.LEAST_PAINTED  # pixels
MOST_FRAMES = 60  # 15 s
MOST_WRITTEN = 32  # frames of a form

NOTHING = CODES  # what stood there before a film began

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Video:
    """``frames`` are N × H × W × 3, ``rate`` of them a second."""

    frames: Frames
    rate: float = RATE


@dataclass(frozen=True)
class Form:
    """How many frames are seen or painted, how fast they come, and the size that they come back to.

    A film that is painted ``after`` a picture or a film is told what is seen there, as by an `image.Form`: `seen`,
    frames × blocks. Where it is told what ``stood``, each element also has the code of the frame before at the place
    that comes next.
    """

    frames: int = 8
    rate: float = RATE
    height: int = SIDE
    width: int = SIDE
    after: bool = False
    stood: bool = False
    codec: PictureCodec | None = field(default=None, compare=False, repr=False)
    seen: NDArray[np.int64] | None = field(default=None, compare=False, repr=False)

    @property
    def codes_told(self) -> int:
        """How many codes an element tells beside its own."""
        return self.stood + self.after

    @property
    def picture(self) -> image.Form:
        """The form of a frame."""
        return image.Form(SIDE, self.height, self.width, codec=self.codec)

    def behind(self, frames: Sequence[Frames]) -> Form:
        """The form of a film that is painted after ``frames``: each of its own after the one at its time."""
        if not self.after:
            return self
        return replace(self, seen=self.picture.codes(image.evenly(frames, self.frames)))

    def told(self, codes: Sequence[int], painted: int) -> tuple[int, ...]:
        """What is told of the place behind so many painted blocks, ``codes`` of them or more.

        Behind the last of all it is the first place of the last frame.
        """
        blocks, found = self.picture.blocks, list[int]()
        if self.stood:
            found.append(codes[painted - blocks] if painted >= blocks else NOTHING)
        if self.after:
            if self.seen is None:
                raise ValueError("a film after what is seen, and nothing is given")
            frame, place = divmod(painted, blocks)
            found.append(int(self.seen[min(frame, self.frames - 1), place]))
        return tuple(found)


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


def fitting(values: Sequence[Video], /, most: int = MOST_WRITTEN) -> Form:
    """As many frames as half of ``values`` have, no more than ``most``, and their commonest size."""
    count = int(np.median([len(_checked(video).frames) for video in values]))
    rate = float(np.median([video.rate for video in values]))
    (height, width), _ = Counter(video.frames.shape[1:3] for video in values).most_common(1)[0]
    shrink = min(1.0, SIDE / max(height, width))
    return Form(min(count, most), rate, max(2, round(height * shrink)), max(2, round(width * shrink)))


def to_sequence(video: Video, /, form: Form | None = None) -> Frames:
    """T × `image.FEATURES` bytes: the tiles of frame after frame."""
    return np.concatenate([image.tiles(image.squared(frame, SIDE)) for frame in sampled(video, form)])


def to_target(video: Video, /, form: Form | None = None) -> NDArray[np.int64]:
    """T × 2 and more: a code or how many blocks stay, the place within a frame that comes next, what is told of it."""
    form = form or Form()
    frames = form.picture.codes(sampled(video, form))
    blocks, flat = frames.shape[1], frames.ravel().tolist()
    elements = [(int(code), place % blocks, *form.told(flat, place)) for place, code in enumerate(frames[0], 1)]
    for number, (last, frame) in enumerate(pairwise(frames), 1):
        place = 0
        while place < blocks:
            changed = np.flatnonzero(frame[place:] != last[place:])
            still = int(changed[0]) if len(changed) else blocks - place
            place += still or 1
            code = CODES + still - 1 if still else int(frame[place - 1])
            elements.append((code, place % blocks, *form.told(flat, number * blocks + place)))
    return np.array(elements, np.int64)


def next(
    head: Floats,
    before: Sequence[Element],
    /,
    form: Form | None = None,
    pick: Pick | None = None,
) -> Step:
    """A score for each code and each number of blocks that stay → the one that ``pick`` takes of those that fit.

    Without it the likeliest number that stays where that some do is likelier than not, else the central code.
    """
    form = form or Form()
    blocks = form.picture.blocks
    codes = _painted(before, blocks)
    left = blocks - len(codes) % blocks
    code = (pick or _likely)(head[: CODES + left] if len(codes) >= blocks else head[:CODES])
    codes += _painted_by(code, codes, blocks)
    return Step((code, len(codes) % blocks, *form.told(codes, len(codes))), len(codes) >= blocks * form.frames)


def _likely(scores: Floats) -> int:
    shares = np.exp(scores.astype(np.float64) - scores.max())
    stays = shares[CODES:]
    if stays.sum() > shares[:CODES].sum():
        return CODES + int(stays.argmax())
    return image.central(scores[:CODES])


def from_sequence(elements: Sequence[Element], /, form: Form | None = None) -> Video:
    """Return the frames at the form's rate; what is missing of the last stays as it was.

    Raises `BadValue` when not one frame is full.
    """
    form = form or Form()
    blocks = form.picture.blocks
    flat = _painted(elements, blocks)
    if len(flat) < blocks:
        raise BadValue(f"{len(flat)} codes do not fill one frame of {blocks}")
    missing = -len(flat) % blocks
    flat += flat[-blocks:][:missing]
    return Video(np.stack(form.picture.pictures(np.array(flat).reshape(-1, blocks))), form.rate)


def _painted(elements: Sequence[Element], blocks: int) -> list[int]:
    """The codes of all blocks that ``elements`` paint; raises `BadValue` when something stays in the first frame."""
    codes = list[int]()
    for code, *_ in elements:
        codes += _painted_by(int(code), codes, blocks)
    return codes


def _painted_by(code: int, codes: Sequence[int], blocks: int) -> Sequence[int]:
    """What one element paints behind ``codes``."""
    if code < CODES:
        return (code,)
    if len(codes) < blocks:
        raise BadValue("in the first frame nothing stays as it was")
    return codes[-blocks:][: code - CODES + 1]


def write(video: Video, path: Path, /) -> None:
    """Write VP8 (``.webm``) or H.264, which every browser and telephone plays; sides are made even."""
    frames = _checked(video).frames
    height, width = (side // 2 * 2 for side in frames.shape[1:3])
    try:
        with av.open(str(path), "w") as container:
            codec = "libvpx" if path.suffix.lower() == ".webm" else _mpeg4()
            stream = container.add_stream(codec, rate=Fraction(video.rate).limit_denominator(1001))
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", 4_000_000
            for frame in frames:
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]), format="rgb24")
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise BadValue(f"{path}: {error}") from error


def _mpeg4() -> str:
    """The encoder of H.264, or of its forerunner where FFmpeg was built without."""
    return "libx264" if "libx264" in av.codecs_available else "mpeg4"


def sampled(video: Video, form: Form | None) -> list[Frames]:
    """As many frames as the form has, evenly over the video."""
    return image.evenly(list(_checked(video).frames), (form or Form()).frames)


def _checked(video: Video) -> Video:
    frames = video.frames
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not frames.size:
        raise BadValue(f"a video is N × H × W × 3 bytes, not {frames.shape} of {frames.dtype}")
    if min(frames.shape[1:3]) < 2 or not (np.isfinite(video.rate) and video.rate > 0):
        raise BadValue(f"a video of {frames.shape[2]} × {frames.shape[1]} pixels at {video.rate} frames a second")
    return video
