"""Pictures as somebody might show them: moved, sized, tilted, lit, on white or on a colour, now and then coarse.

Letters in shapes: B pictures, S pixels a side.
"""

from __future__ import annotations

import numpy as np
import torch
from einops import rearrange
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from training.caption_pictures import SIDE
from walkiosk.modality.picture_codec import BLOCK

Bytes = NDArray[np.uint8]
COARSE = 0.15  # of the pictures, which have half as many pixels a side as they should


def views(cut_out: Bytes, may_turn: NDArray[np.bool_], dice: np.random.Generator) -> Tensor:
    """B S S 4 with how opaque they are → B T `FEATURES` bytes."""
    count = len(cut_out)
    layers = rearrange(torch.from_numpy(cut_out).float() / 255, "B r c k -> B k r c")
    layers = torch.cat([layers[:, :3] * layers[:, 3:], layers[:, 3:]], dim=1)

    def drawn(low: float, high: float, *shape: int) -> Tensor:
        return torch.from_numpy(dice.uniform(low, high, (count, *shape)).astype(np.float32))

    def normal(spread: float, *shape: int) -> Tensor:
        return torch.from_numpy(dice.normal(0, spread, (count, *shape)).astype(np.float32))

    scale, tilt, moved = drawn(0.7, 1.1), normal(0.08), drawn(-0.16, 0.16, 2)
    turn = torch.from_numpy(np.where(may_turn & (dice.random(count) < 0.5), -1.0, 1.0).astype(np.float32))
    cos, sin = tilt.cos() / scale, tilt.sin() / scale
    rows = torch.stack(
        [torch.stack([turn * cos, turn * sin, moved[:, 0]], 1), torch.stack([-sin, cos, moved[:, 1]], 1)], 1
    )
    grid = F.affine_grid(rows, [count, 4, SIDE, SIDE], align_corners=False)
    layers = F.grid_sample(layers, grid, align_corners=False)
    plain = drawn(0, 1, 1)
    light = torch.where(plain < 0.75, drawn(0.8, 1, 1), drawn(0, 1, 3))
    behind = torch.where(plain < 0.5, torch.ones(3), light)
    whole = layers[:, :3] + (1 - layers[:, 3:]) * behind[:, :, None, None]
    lit, shade = drawn(0.8, 1.15, 1), normal(0.04, 1) + normal(0.025, 3)
    whole = (whole - 0.5) * lit[:, :, None, None] + 0.5 + shade[:, :, None, None]
    grey = (drawn(0, 1) < 0.08)[:, None, None, None]
    whole = torch.where(grey, whole.mean(dim=1, keepdim=True), whole)
    halved = F.interpolate(F.avg_pool2d(whole, 2), scale_factor=2, mode="bilinear")
    whole = torch.where((drawn(0, 1) < COARSE)[:, None, None, None], halved, whole)
    shown = (255 * whole).clamp(0, 255).to(torch.uint8)
    return rearrange(shown, "B k (r h) (c w) -> B (r c) (h w k)", h=BLOCK, w=BLOCK)


def worn(grey: Bytes, dice: np.random.Generator) -> Bytes:
    """A garment, H × W dark on white, in some colour: S × S × 4."""
    ink = (255 - grey.astype(np.float32))[..., None] / 255
    colour = dice.random(3) if dice.random() < 0.6 else np.zeros(3)
    light = colour + (1 - colour) * (1 - ink if dice.random() < 0.5 else ink)
    small = 255 * np.concatenate([light, np.clip(ink * 6, 0, 1)], axis=-1)
    return np.asarray(Image.fromarray(small.astype(np.uint8)).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
