"""Images as discrete codes: each block of 8 × 8 pixels is two colours of a palette and the pattern that mixes them.

Block truncation coding (Delp and Mitchell, 1979) with a fixed palette and fixed patterns: nothing is trained, so a
decoder is three look-ups. An element is (first colour, second colour, pattern); pattern `SIZE` starts an image and
carries rows − 1 and columns − 1 in place of the colours, pattern `END` ends it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.value import BadValue, Floats, Step

BLOCK = 8  # pixels a side
MOST = 16  # blocks a side: 128 pixels
LEVELS = 6  # of each of red, green, blue
COLOURS = LEVELS**3
PATTERNS = 64
SIZE, END = PATTERNS, PATTERNS + 1
CODES = (COLOURS, COLOURS, PATTERNS + 2)  # choices of each of the three codes

Pixels = NDArray[np.uint8]
Element = tuple[int, int, int]
LAST: Element = (0, 0, END)


@lru_cache(maxsize=1)
def palette() -> NDArray[np.float64]:
    """`COLOURS` × 3, evenly laid over the cube."""
    steps = np.linspace(0, 255, LEVELS)
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)


@lru_cache(maxsize=1)
def patterns() -> NDArray[np.float64]:
    """`PATTERNS` × 64 shares of the second colour: flat, edges at 16 angles and some places, 7 gradients."""
    y, x = np.mgrid[:BLOCK, :BLOCK] - (BLOCK - 1) / 2
    found = [np.zeros(BLOCK * BLOCK)]
    for number, angle in enumerate(np.arange(16) * np.pi / 8):
        along = (np.cos(angle) * x + np.sin(angle) * y).ravel()
        found += [(along > place).astype(np.float64) for place in (1.2, 2.0, 2.8)]
        if number < 8:  # half a turn on they are the same with the colours exchanged
            found += [(along > 0).astype(np.float64)]
        if number < 7:
            found += [(along - along.min()) / np.ptp(along)]
    return np.array(found)


def tiles(pixels: Pixels, side: int) -> Pixels:
    """H × W × 3 → H/``side`` × W/``side`` × ``side`` × ``side`` × 3."""
    height, width, _ = pixels.shape
    return pixels.reshape(height // side, side, width // side, side, 3).swapaxes(1, 2)


def encode(pixels: Pixels) -> list[Element]:
    """Return the codes of an image (H × W × 3, both multiples of 8, at most 128), size first, no end."""
    height, width, _ = pixels.shape
    if height % BLOCK or width % BLOCK or not (0 < height <= MOST * BLOCK and 0 < width <= MOST * BLOCK):
        raise BadValue(f"an image of {width} × {height} pixels has no codes")
    blocks = tiles(pixels, BLOCK).reshape(-1, BLOCK * BLOCK, 3).astype(np.float64)
    codes = np.zeros((len(blocks), 3), np.int64)
    least = np.full(len(blocks), np.inf)
    for number, share in enumerate(patterns()):
        basis = np.stack([1 - share, share], axis=1)
        colours = _nearest(np.clip(np.linalg.pinv(basis) @ blocks, 0, 255))
        error = ((basis @ palette()[colours] - blocks) ** 2).sum(axis=(1, 2))
        better = error < least - 1e-9
        codes[better] = np.column_stack([colours[better], np.full(int(better.sum()), number)])
        least = np.minimum(least, error)
    flat: list[Element] = [(int(a), int(b), int(p)) for a, b, p in codes]
    return [(height // BLOCK - 1, width // BLOCK - 1, SIZE), *flat]


def decode(codes: list[Element], rows: int, columns: int) -> Pixels:
    """Return the image of ``rows`` × ``columns`` blocks; raises `BadValue` for a code that paints nothing."""
    table = np.array(codes, np.int64).reshape(-1, 3)
    if len(table) != rows * columns:
        raise BadValue(f"{len(table)} codes do not fill {rows} × {columns} blocks")
    if (table < 0).any() or (table >= (COLOURS, COLOURS, PATTERNS)).any():
        raise BadValue(f"code {table[((table < 0) | (table >= (COLOURS, COLOURS, PATTERNS))).any(1)][0].tolist()}")
    share = patterns()[table[:, 2]][..., None]
    first, second = (palette()[table[:, i]][:, None] for i in (0, 1))
    mixed = np.rint(first * (1 - share) + second * share).astype(np.uint8)
    apart = mixed.reshape(rows, columns, BLOCK, BLOCK, 3).swapaxes(1, 2)
    return apart.reshape(rows * BLOCK, columns * BLOCK, 3)


def step(head: Floats, before: list[Element], frames: int) -> Step:
    """Return the likeliest element that may follow: a size, then blocks; an end only behind a full frame.

    The end comes by itself behind ``frames`` of them.
    """
    first, second, pattern = np.split(head, np.cumsum(CODES)[:2])
    if not before:
        return Step((int(first[:MOST].argmax()), int(second[:MOST].argmax()), SIZE), False)
    grid = (before[0][0] + 1) * (before[0][1] + 1)
    full, over = divmod(len(before) - 1, grid)
    if over == 0 and full and (full >= frames or pattern[END] > pattern[:PATTERNS].max()):
        return Step(LAST, True)
    return Step((int(first.argmax()), int(second.argmax()), int(pattern[:PATTERNS].argmax())), False)


def frames_of(elements: list[Element]) -> list[Pixels]:
    """Return the frames that ``elements`` paint; a last one that was cut off is left out."""
    if not elements or elements[0][2] != SIZE or not all(0 <= n < MOST for n in elements[0][:2]):
        raise BadValue(f"an image starts with its size, not with {elements[0] if elements else 'nothing'}")
    rows, columns = elements[0][0] + 1, elements[0][1] + 1
    body = elements[1:-1] if elements[-1][2] == END else elements[1:]
    grid = rows * columns
    return [decode(body[at : at + grid], rows, columns) for at in range(0, len(body) - grid + 1, grid)]


def _nearest(colours: NDArray[np.float64]) -> NDArray[np.int64]:
    levels = np.rint(colours / 255 * (LEVELS - 1)).astype(np.int64)
    return np.asarray(levels @ np.array([LEVELS * LEVELS, LEVELS, 1]))
