"""Image ↔ patches of 16 × 16 pixels to see by, codes of 8 × 8 blocks to paint with; at most 128 pixels a side."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from walkiosk.modality import blocks
from walkiosk.modality.value import BadValue, Floats, Step

PATCH = 16  # pixels a side of what is seen at once
LONGEST = 128  # pixels a side
GRID = LONGEST // PATCH
CLOCK = 4  # numbers that tell the time of a frame
FEATURES = 3 * PATCH * PATCH + 2 * GRID + CLOCK  # colours, row and column as one of 8, time
MOST_PIXELS = 50_000_000  # of a file: more is refused before it is decoded

Pixels = blocks.Pixels


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


def fitted(pixels: Pixels, multiple: int, longest: int = LONGEST) -> Pixels:
    """Scale down to ``longest`` and to whole multiples of ``multiple`` pixels a side, never up by more than that."""
    height, width = _checked(pixels).shape[:2]
    shrink = min(1.0, longest / max(height, width))
    sides = [max(multiple, min(longest, round(side * shrink / multiple) * multiple)) for side in (width, height)]
    if sides == [width, height]:
        return pixels
    return np.asarray(
        Image.fromarray(pixels).resize((sides[0], sides[1]), Image.Resampling.BOX if shrink < 1 else None)
    )


def to_sequence(pixels: Pixels, /, seconds: float = 0.0, longest: int = LONGEST) -> Floats:
    """T × `FEATURES`, row by row: colours in [-1, 1], the place, and the time of the frame."""
    patches = blocks.tiles(fitted(pixels, PATCH, longest), PATCH)
    rows, columns = patches.shape[:2]
    places = np.eye(GRID)
    down, across = np.repeat(places[:rows], columns, axis=0), np.tile(places[:columns], (rows, 1))
    clock = np.array([seconds / 10, np.sin(seconds * np.pi), np.cos(seconds * np.pi), np.sin(seconds * np.pi / 4)])
    flat = patches.reshape(rows * columns, -1) / 127.5 - 1
    return np.concatenate([flat, down, across, np.tile(clock, (rows * columns, 1))], axis=1).astype(np.float32)


def to_target(pixels: Pixels, /, like: Pixels | None = None) -> list[blocks.Element]:
    """Size, codes, end (see `blocks`)."""
    return [*blocks.encode(fitted(pixels, blocks.BLOCK)), blocks.LAST]


def next(head: Floats, before: Sequence[blocks.Element], /) -> Step:
    """Scores of the three codes → the likeliest that may follow; an image ends when it is full."""
    return blocks.step(head, list(before), frames=1)


def from_sequence(elements: Sequence[blocks.Element], /, like: Pixels | None = None) -> Pixels:
    """Return H × W × 3; raises `BadValue` when the codes do not fill it."""
    frames = blocks.frames_of([(int(a), int(b), int(p)) for a, b, p in elements])
    if len(frames) != 1:
        raise BadValue(f"{len(elements)} codes paint {len(frames)} images, not one")
    return frames[0]


def write(pixels: Pixels, path: Path, /) -> None:
    """Write in the format that the name ends in."""
    try:
        Image.fromarray(_checked(pixels)).save(path)
    except (ValueError, OSError) as error:
        raise BadValue(f"{path}: {error}") from error


def _checked(pixels: Pixels) -> Pixels:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise BadValue(f"an image is H × W × 3 bytes, not {pixels.shape} of {pixels.dtype}")
    return pixels
