"""Of several answers the one that the others agree with most: minimum Bayes risk (Kumar and Byrne, 2004).

Where a target is one of many that would do, the likeliest element after element leads to what none of them looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from walkiosk.modality.value import Pick, drawn
from walkiosk.modality.video import Video
from walkiosk.pairs.ssim import size_of, sized

DRAWS = {"image": 16, "video": 8}  # answers that are drawn beside the likeliest one
COLD = 0.5  # the temperature: what is unlikely is agreed with by nobody
SIDE = 32  # pixels at which they are compared
FAINT = 4.0  # of 255: what differs from its mean by less is hardly drawn


def ways_to_pick(aim: str) -> list[Pick | None]:
    """How each of the answers is written that `most_alike` compares, always the same; one way where there is one."""
    return [None, *(drawn(seed, COLD) for seed in range(DRAWS.get(aim, 0)))]


def most_alike(aim: str, values: Sequence[Any]) -> Any:
    """Return the picture or film of ``values`` that correlates best with the others: in what is drawn.

    By structural similarity it would be bare ground wherever they differ, which is a little like all of them. Films
    have as many frames as each other. The only one is taken as it is; raises ValueError for others that are neither.
    """
    if len(values) == 1:
        return values[0]
    if aim not in DRAWS:
        raise ValueError(f"{aim}: its answers are not compared")
    frames = [value.frames if isinstance(value, Video) else value[None] for value in values]
    size = size_of(frames[0][0], SIDE)
    small = np.stack([[sized(frame, *size) for frame in each] for each in frames]).reshape(len(values), -1)
    apart = small - small.mean(axis=1, keepdims=True)
    apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), FAINT * apart.shape[1] ** 0.5)
    return values[int((apart @ apart.T).sum(axis=1).argmax())]
