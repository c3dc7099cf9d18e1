"""Two of a kind made into one, so that a model learns what to do with two names that it is asked for together.

Of two pictures and films each has a part, and the seam is soft; as CutMix (Yun et al., 2019), but for what is written.
Of two sounds both are heard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from walkiosk.modality import audio, image, video
from walkiosk.pairs.ssim import size_of, sized

SEAMS = (3 / 8, 4 / 8, 5 / 8)  # where one ends and the other begins, as a share of the side
SOFT = 1 / 8  # of the side, over which one becomes the other
ACROSS = 1 / 3  # how often the two stand side by side, and not one above the other
LONGEST = image.LEAST_PAINTED  # pixels a side: no more is painted


def small(kind: str, value: Any) -> Any:
    """Return ``value`` no larger than it is written."""
    if kind == "image":
        return sized(value, *size_of(value, LONGEST))
    if kind == "video":
        frames = value.frames[: video.MOST_WRITTEN]
        return video.Video(np.stack([sized(frame, *size_of(frame, LONGEST)) for frame in frames]), value.rate)
    return value[: audio.LONGEST]


def crossed(kind: str, first: Any, second: Any, dice: np.random.Generator) -> Any:
    """Return what is made of two: of pictures and films in the first one's size, of films as long as the shorter."""
    return CROSSED[kind](first, second, dice)


def _pictures(first: image.Pixels, second: image.Pixels, dice: np.random.Generator) -> image.Pixels:
    made: image.Pixels = _frames(first[None], second[None], dice)[0]
    return made


def _films(first: video.Video, second: video.Video, dice: np.random.Generator) -> video.Video:
    count = min(len(first.frames), len(second.frames))
    return video.Video(_frames(first.frames[:count], second.frames[:count], dice), first.rate)


def _sounds(first: audio.Samples, second: audio.Samples, dice: np.random.Generator) -> audio.Samples:
    both = np.zeros(max(len(first), len(second)), np.float32)
    for each in (first, second):
        both[: len(each)] += each / np.float32(np.sqrt(2))  # together as loud as one of them
    return both


CROSSED: dict[str, Callable[[Any, Any, np.random.Generator], Any]] = {
    "image": _pictures,
    "video": _films,
    "audio": _sounds,
}


def _frames(first: video.Frames, second: video.Frames, dice: np.random.Generator) -> video.Frames:
    """N H W 3 of both, the same seam through all; either may be above or left."""
    height, width = first.shape[1:3]
    second = np.stack([sized(frame, height, width) for frame in second])
    across = dice.random() < ACROSS
    side = width if across else height
    ramp = np.clip(((np.arange(side) + 0.5) / side - dice.choice(SEAMS)) / SOFT + 0.5, 0, 1)
    share = ramp[None, :, None] if across else ramp[:, None, None]
    share = share if dice.random() < 0.5 else 1 - share
    return np.asarray(np.rint(first * (1 - share) + second * share), np.uint8)
