"""Image ↔ tiles of 8 × 8 pixels to see by, a code for each such tile to paint with; a square of up to 128 pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from walkiosk.modality.picture_codec import BLOCK, CODES, LEVELS, WEIGHTS, PictureCodec, levels_of
from walkiosk.modality.value import BadValue, Floats, Pick, Step
from walkiosk.weights_folder import weights_folder

SIDES = (32, 64, 128)  # pixels of the square that a picture is laid in
FEATURES = 3 * BLOCK * BLOCK  # bytes of an element: the colours of its pixels
LEAST_PAINTED = 64  # pixels a side: what is smaller is painted enlarged, or a code would hold too much of it
STAYS = (LEAST_PAINTED // BLOCK) ** 2  # classes behind the codes, for films: so many blocks stay as they were
CHOICES = CODES + STAYS
PLACES = (max(SIDES) // BLOCK) ** 2  # of a block within its square
MOST_PIXELS = 50_000_000  # of a file: more is refused before it is decoded

Pixels = NDArray[np.uint8]
Element = tuple[int, ...]  # what was painted, the place that comes next, and what is seen there, if anything is


@lru_cache(maxsize=1)
def shipped_codec() -> PictureCodec:
    """The codec of the weights that are installed."""
    return PictureCodec.load(weights_folder())


@dataclass(frozen=True)
class Form:
    """The square that pictures are seen and painted in, and the size that they come back to.

    What is painted ``after`` other pictures, so many of them, is told with each element what they show at the place
    that comes next, in the codes that it is painted in: `seen`, blocks × pictures.
    """

    side: int = LEAST_PAINTED
    height: int = LEAST_PAINTED
    width: int = LEAST_PAINTED
    after: int = 0
    codec: PictureCodec | None = field(default=None, compare=False, repr=False)
    seen: NDArray[np.int64] | None = field(default=None, compare=False, repr=False)

    @property
    def painted(self) -> int:
        """Pixels a side of what is painted."""
        return max(self.side, LEAST_PAINTED)

    @property
    def codes_told(self) -> int:
        """How many codes an element tells beside its own."""
        return self.after

    @property
    def blocks(self) -> int:
        return (self.painted // BLOCK) ** 2

    def squares(self, pictures: Sequence[Pixels]) -> Pixels:
        """The squares that are painted of ``pictures``, N S S 3."""
        return np.stack([squared(pixels, self.painted) for pixels in pictures])

    def behind(self, frames: Sequence[Pixels]) -> Form:
        """The form of what is painted after ``frames``, of which it sees as many as it is told, evenly."""
        return replace(self, seen=self.codes(evenly(frames, self.after)).T) if self.after else self

    def told(self, place: int) -> tuple[int, ...]:
        """What is seen at a place; nothing for a picture after none."""
        if not self.after:
            return ()
        if self.seen is None:
            raise ValueError(f"a picture after {self.after} others, and none is given")
        return tuple(self.seen[place].tolist())

    def codes(self, pictures: Sequence[Pixels]) -> NDArray[np.int64]:
        """The codes of ``pictures``, N × blocks."""
        return (self.codec or shipped_codec()).encode(self.squares(pictures)).reshape(len(pictures), -1)

    def pictures(self, codes: NDArray[np.int64]) -> list[Pixels]:
        """N × blocks → pictures of this form's size."""
        across = self.painted // BLOCK
        painted = (self.codec or shipped_codec()).decode(codes.reshape(-1, across, across))
        return [unsquared(square, self.height, self.width) for square in painted]


def read(source: object, /) -> Pixels:
    """Return H × W × 3 of a file, of its bytes or of an array; turned upright, laid on white where transparent."""
    if isinstance(source, np.ndarray):
        return _checked(source)
    if not isinstance(source, str | Path | bytes):
        raise BadValue(f"{type(source).__name__} is not an image")
    name = "image" if isinstance(source, bytes) else str(source)
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadValue(f"{name}: {opened.width} × {opened.height} pixels are too many")
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadValue(f"{name}: {error}") from error
    white = Image.new("RGBA", upright.size, "white")
    return np.asarray(Image.alpha_composite(white, upright).convert("RGB"))


def squared(pixels: Pixels, side: int) -> Pixels:
    """Lay a picture in the middle of a square of ``side`` pixels, its border's colour around it."""
    height, width = _checked(pixels).shape[:2]
    if height != width:
        longest = max(height, width)
        border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        square = np.tile(np.median(border, axis=0).astype(np.uint8), (longest, longest, 1))
        down, across = (longest - height) // 2, (longest - width) // 2
        square[down : down + height, across : across + width] = pixels
        pixels = square
    return _resized(pixels, side, side)


def evenly(frames: Sequence[Pixels], count: int) -> list[Pixels]:
    """As many of ``frames``, evenly over all of them; of fewer some come more than once."""
    return [frames[at * len(frames) // count] for at in range(count)]


def unsquared(square: Pixels, height: int, width: int) -> Pixels:
    """Take the middle of a square that has the shape of ``height`` × ``width``, in that size."""
    side, longest = len(square), max(height, width)
    tall, wide = (max(1, round(side * length / longest)) for length in (height, width))
    down, across = (side - tall) // 2, (side - wide) // 2
    return _resized(square[down : down + tall, across : across + wide], height, width)


def fitting(values: Sequence[Pixels], /, most: int = LEAST_PAINTED) -> Form:
    """The smallest square, no larger than ``most``, that holds half of ``values``, and their commonest size in it."""
    longest = float(np.median([max(pixels.shape[:2]) for pixels in values]))
    side = next_side(longest, most)
    (height, width), _ = Counter(pixels.shape[:2] for pixels in values).most_common(1)[0]
    shrink = min(1.0, side / max(height, width))
    return Form(side, max(1, round(height * shrink)), max(1, round(width * shrink)))


def next_side(pixels: float, most: int) -> int:
    return min([side for side in SIDES if pixels <= side <= most], default=most)


def to_sequence(pixels: Pixels, /, form: Form | None = None) -> Pixels:
    """T × `FEATURES` bytes, row by row."""
    return tiles(squared(pixels, (form or Form()).side))


def tiles(square: Pixels) -> Pixels:
    """S × S × 3 → (S/8)² × `FEATURES`."""
    across = len(square) // BLOCK
    return square.reshape(across, BLOCK, across, BLOCK, 3).swapaxes(1, 2).reshape(across * across, FEATURES)


def to_target(pixels: Pixels, /, form: Form | None = None) -> NDArray[np.int64]:
    """T × 2 and more: a code for each block, the place that comes next, and what is seen there."""
    form = form or replace(fitting([pixels], max(SIDES)), side=next_side(max(pixels.shape[:2]), max(SIDES)))
    codes = form.codes([pixels])[0]
    nexts = [number % len(codes) for number in range(1, len(codes) + 1)]
    return np.array([(code, place, *form.told(place)) for code, place in zip(codes, nexts, strict=True)], np.int64)


def next(
    head: Floats,
    before: Sequence[Element],
    /,
    form: Form | None = None,
    pick: Pick | None = None,
) -> Step:
    """A score for each code → the one that ``pick`` takes, else the `central` one; a picture ends when it is full."""
    form = form or Form()
    painted, place = len(before) + 1, (len(before) + 1) % form.blocks
    return Step(((pick or central)(head[:CODES]), place, *form.told(place)), painted == form.blocks)


def central(scores: Floats) -> int:
    """The code in the middle of the likely ones: of each of its numbers the median.

    The likeliest code is often the ground's, because what is drawn on it is spread over many that look alike.
    """
    shares = np.exp(scores.astype(np.float64) - scores.max())
    digits = _digits()
    middle = []
    for number, count in enumerate(LEVELS):
        summed = np.cumsum(np.bincount(digits[:, number], weights=shares, minlength=count))
        middle.append(int(np.searchsorted(summed, summed[-1] / 2)))
    return int(np.array(middle) @ WEIGHTS)


@lru_cache(maxsize=1)
def _digits() -> NDArray[np.int64]:
    return levels_of(np.arange(CODES))


def from_sequence(elements: Sequence[Element], /, form: Form | None = None) -> Pixels:
    """Return H × W × 3; raises `BadValue` when the codes do not fill a square."""
    across = round(len(elements) ** 0.5)
    if across * BLOCK not in SIDES or across * across != len(elements) or across * BLOCK < LEAST_PAINTED:
        raise BadValue(f"{len(elements)} codes do not fill a square")
    side = across * BLOCK
    form = form or Form(side, side, side)
    return form.pictures(np.asarray(elements, np.int64)[None, :, 0])[0]


def write(pixels: Pixels, path: Path, /) -> None:
    """Write in the format that the name ends in."""
    try:
        Image.fromarray(_checked(pixels)).save(path)
    except (ValueError, OSError) as error:
        raise BadValue(f"{path}: {error}") from error


def _resized(pixels: Pixels, height: int, width: int) -> Pixels:
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = height * width < pixels.shape[0] * pixels.shape[1]
    how = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize((width, height), how))


def _checked(pixels: Pixels) -> Pixels:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise BadValue(f"an image is H × W × 3 bytes, not {pixels.shape} of {pixels.dtype}")
    return pixels
