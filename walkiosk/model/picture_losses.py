"""How far painted pictures are from the true ones: what the picture codec is trained by.

Letters in shapes: N pictures, C colours, H × W pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from walkiosk.model.picture_codec import PictureCodec

WEIGHTS = (1.0, 1.0, 0.5, 0.1)  # of the losses: colours, colours from afar, edges, structure
WINDOW = 7  # pixels a side
STABLE = (0.01**2, 0.03**2)  # times the range, squared (Wang et al., 2004)


def codec_losses(codec: PictureCodec, true: Tensor, half: bool) -> list[Tensor]:
    """Of N 3 H W in [-1, 1] through the codes: the colours, those from afar, edges at two sizes, the structure.

    With ``half`` what is multiplied is multiplied in 16 bits. Without the second, only grey is learned for the first
    thousand steps.
    """
    true = true.contiguous(memory_format=torch.channels_last)
    with torch.autocast(true.device.type, torch.bfloat16, enabled=half):
        made = codec(true).float()
    with torch.autocast(true.device.type, enabled=False):
        error = made - true
        edges = torch.stack([_steps(error), _steps(F.avg_pool2d(error, 2))]).mean()
        grey = [x.mean(dim=1, keepdim=True) / 2 + 0.5 for x in (made, true)]
        return [error.abs().mean(), _afar(F.avg_pool2d(error, 4)), edges, 1 - ssim(grey[0], grey[1]).mean()]


def ssim(made: Tensor, true: Tensor) -> Tensor:
    """Structural similarity of N C H W in [0, 1], one for each (Wang et al., 2004; even windows of 7 × 7)."""
    window = min(WINDOW, made.shape[-1], made.shape[-2])
    stacked = torch.cat([made, true, made * made, true * true, made * true], dim=1)
    a, b, aa, bb, ab = F.avg_pool2d(stacked, window, 1).chunk(5, dim=1)
    vary, together = aa - a * a + bb - b * b, ab - a * b
    same = (2 * a * b + STABLE[0]) / (a * a + b * b + STABLE[0]) * (2 * together + STABLE[1]) / (vary + STABLE[1])
    return same.mean(dim=(1, 2, 3))


def _afar(error: Tensor) -> Tensor:
    """Of the means of 4 × 4 pixels: squares, and what is not grey in them."""
    return 2 * error.square().mean() + 0.5 * (error - error.mean(dim=1, keepdim=True)).abs().mean()


def _steps(x: Tensor) -> Tensor:
    """How much it changes from pixel to pixel: the error of a picture's gradient."""
    return (x[..., 1:] - x[..., :-1]).abs().mean() + (x[..., 1:, :] - x[..., :-1, :]).abs().mean()
