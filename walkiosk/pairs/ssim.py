"""How alike two pictures look: structural similarity (Wang et al., 2004), and the mean squared difference.

Letters in shapes: N pictures, H rows, W columns, C colours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Planes = NDArray[np.float64]

WINDOW, SIGMA = 11, 1.5  # pixels of the Gaussian window, as in the paper
STEADY = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)  # C1 and C2 of the paper
LONGEST = 256  # pixels a side: what is larger is scaled down first, as the paper's authors advise


def sized(pixels: Pixels, height: int, width: int) -> Pixels:
    """The picture in this size, smaller by areas, larger by bicubic interpolation."""
    if pixels.shape[:2] == (height, width):
        return pixels
    smaller = pixels.shape[0] * pixels.shape[1] > height * width
    how = Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize((width, height), how))


def size_of(pixels: Pixels, longest: int = LONGEST) -> tuple[int, int]:
    """Height and width at which a picture is compared."""
    height, width = pixels.shape[:2]
    shrink = min(1.0, longest / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink))


def ssim(first: Pixels, second: Pixels) -> NDArray[np.float64]:
    """N H W C and N H W C → N in [-1, 1], the mean over window places and colours; 1 is the same.

    The window is smaller where a picture is smaller than `WINDOW`.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    mean_a, mean_b = _blurred(a), _blurred(b)
    var_a, var_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    both = _blurred(a * b) - mean_a * mean_b
    c1, c2 = STEADY
    alike = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    found: NDArray[np.float64] = alike / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return np.asarray(found.mean(axis=(1, 2, 3)))


def squared(first: Pixels, second: Pixels) -> NDArray[np.float64]:
    """N H W C and N H W C → N mean squared differences."""
    apart = first.astype(np.float64) - second.astype(np.float64)
    return np.asarray((apart * apart).mean(axis=(1, 2, 3)))


def psnr(mean_squared: float) -> float:
    """Peak signal-to-noise ratio in dB; that of a difference below a thousandth of a step is cut off."""
    return float(10 * np.log10(255.0**2 / max(mean_squared, 1e-6)))


def _blurred(planes: Planes) -> Planes:
    """The weighted mean around each place where the window fits: N H W C → N H' W' C."""
    for axis in (1, 2):
        length = min(WINDOW, planes.shape[axis])
        length -= 1 - length % 2  # odd
        weights = np.exp(-0.5 * ((np.arange(length) - length // 2) / SIGMA) ** 2)
        places = planes.shape[axis] - length + 1
        pieces = (np.take(planes, range(at, at + places), axis) * w for at, w in enumerate(weights / weights.sum()))
        planes = np.add.reduce(list(pieces))
    return planes
