"""What anybody would answer without a model: the commonest, the mean, the nearest example's, the input itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.value import QUANTILES
from walkiosk.modality.video import Video
from walkiosk.pairs.aims import label_of
from walkiosk.pairs.nearness import nearest
from walkiosk.pairs.pair import Sides
from walkiosk.pairs.ssim import size_of, sized

MOST = 60_000  # training examples that are looked through for the nearest, evenly spread over them
FEW = 5  # nearest ones whose targets are put together
TRIED = 200  # training pairs by which a season is found
LONGEST_SEASON = 400  # values
COUNTED = 2_000_000  # pixels whose commonest colour is found
FILM_SIDE = 64  # pixels a side of the mean film

# Declared before any result: the baseline that is obvious for an aim, where an input is of the target's kind and
# where none is. A model is compared with the strongest of all baselines, which may be another one.
OBVIOUS = {
    "classes": ("majority", "majority"),
    "quantiles": ("nearest", "median"),
    "trend": ("seasonal naive", "mean curve"),
    "text": ("nearest", "nearest"),
    "image": ("copy", "nearest"),
    "audio": ("copy", "nearest"),
    "video": ("copy", "nearest"),
}

Example = tuple[tuple[Any, ...], Any]  # an input's parts and the target, as `Modality.read` gives them
Values = NDArray[np.float64]


def obvious_of(aim: str, sides: Sides) -> str:
    """The baseline of `OBVIOUS` for a pair."""
    same, other = OBVIOUS[aim]
    return same if sides.target in sides.inputs else other


def baselines(
    aim: str,
    sides: Sides,
    training: Sequence[Example],
    inputs: Sequence[tuple[Any, ...]],
    pasts: Sequence[Any] | None = None,
) -> dict[str, list[Any]]:
    """Return what each baseline answers to the N ``inputs``, by name; they know no more than ``training``.

    ``pasts`` are the trends that a trend goes on from, else the first part of an input that is a trend. Classes come
    as labels; "median" as 9 quantiles.
    """
    count = len(inputs)
    targets = [target for _, target in training]
    found = {name: [value] * count for name, value in _constant(aim, targets).items()}
    found |= _nearest(aim, sides, training, inputs)
    if aim != "classes" and sides.target in sides.inputs:
        place = sides.inputs.index(sides.target)
        copied = list(pasts) if pasts is not None else [parts[place] for parts in inputs]
        found["copy"] = copied
        if aim == "trend":
            found |= _naive([parts[place] for parts, _ in training], targets, copied)
    return found


def _constant(aim: str, targets: Sequence[Any]) -> dict[str, Any]:
    """The same answer to everything."""
    if aim == "classes":
        return {"majority": _commonest([label_of(target) for target in targets])}
    if aim == "quantiles":
        return {"median": np.quantile(np.asarray(targets, np.float64), QUANTILES)}
    if aim == "text":
        return {"most frequent": _commonest(targets)}
    if aim == "trend":
        return {"mean curve": _mean_curve(targets)}
    if aim == "image":
        return _middle_pictures(targets)
    return _middle_videos(targets) if aim == "video" else {}  # the mean of sounds is none


def _nearest(
    aim: str, sides: Sides, training: Sequence[Example], inputs: Sequence[tuple[Any, ...]]
) -> dict[str, list[Any]]:
    """The target of the nearest training example, and where targets can be put together, of the five nearest."""
    places = np.unique(np.linspace(0, len(training) - 1, min(MOST, len(training))).astype(int))
    several = aim in ("classes", "quantiles")
    near = places[nearest(sides.inputs, [training[n][0] for n in places], inputs, FEW if several else 1)]
    targets = [[training[n][1] for n in row] for row in near]
    if aim == "classes":
        labels = [[label_of(target) for target in row] for row in targets]
        return {"nearest": [row[0] for row in labels], "five nearest": [_commonest(row) for row in labels]}
    found = {"nearest": [row[0] for row in targets]}
    if aim == "quantiles":
        found["five nearest"] = [float(np.median(row)) for row in targets]
    return found


def _commonest(values: Sequence[Any]) -> Any:
    """The commonest, the first met of those that are equally common."""
    return Counter(values).most_common(1)[0][0]


def _mean_curve(targets: Sequence[Values]) -> Values:
    """The mean over the training targets, those of another length stretched to the commonest."""
    length = _commonest([len(target) for target in targets])
    total = np.zeros(length)
    for values in targets:
        if len(values) != length:
            values = np.interp(np.linspace(0, len(values) - 1, length), np.arange(len(values)), values)
        total += values
    return total / len(targets)


def _middle_pictures(targets: Sequence[NDArray[np.uint8]]) -> dict[str, NDArray[np.uint8]]:
    """The mean of each pixel, the median, and the bare ground, which is alike to many pictures."""
    size = _commonest([size_of(target) for target in targets])
    every = np.stack([sized(pixels, *size) for pixels in targets])
    return {f"{name} picture": pixels for name, pixels in _middles(every).items()}


def _middle_videos(targets: Sequence[Video]) -> dict[str, Video]:
    """Frame by frame; the last frame of a shorter film stays."""
    kinds = [(len(film.frames), film.rate, size_of(film.frames[0], FILM_SIDE)) for film in targets]
    count, rate, size = _commonest(kinds)
    every = np.zeros((len(targets), count, *size, 3), np.uint8)
    for number, film in enumerate(targets):
        at = np.minimum((np.arange(count) / rate * film.rate + 1e-6).astype(int), len(film.frames) - 1)
        every[number] = [sized(film.frames[place], *size) for place in at]
    return {f"{name} video": Video(frames, rate) for name, frames in _middles(every).items()}


def _middles(every: NDArray[np.uint8]) -> dict[str, NDArray[np.uint8]]:
    """The mean and the median over the first axis, row by row: as many bytes more as a row has; and bare ground."""
    total = sum((one.astype(np.int64) for one in every), np.zeros(every.shape[1:], np.int64))
    flat = every.reshape(len(every), -1)
    middle = np.concatenate([np.median(part, axis=0) for part in np.array_split(flat, 64, axis=1)])
    return {
        "mean": np.rint(total / len(every)).astype(np.uint8),
        "median": middle.reshape(every.shape[1:]).astype(np.uint8),
        "bare": np.broadcast_to(_ground(every), every.shape[1:]).copy(),
    }


def _ground(every: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The commonest colour, of no more pixels than `COUNTED`, evenly spread."""
    pixels = every.reshape(-1, 3)
    colours = pixels[:: -(-len(pixels) // COUNTED)].astype(np.uint32)
    packed = colours[:, 0] << 16 | colours[:, 1] << 8 | colours[:, 2]
    shades, counts = np.unique(packed, return_counts=True)
    commonest = int(shades[counts.argmax()])
    return np.array([commonest >> 16, commonest >> 8 & 255, commonest & 255], np.uint8)


def _naive(known: Sequence[Values], targets: Sequence[Values], pasts: Sequence[Values]) -> dict[str, list[Values]]:
    """The last value, and the last season, as far ahead as any training target goes."""
    ahead = max(len(target) for target in targets)
    season = season_of(known, targets)
    return {
        "last value": [np.full(ahead, past[-1]) for past in pasts],
        "seasonal naive": [_again(past, season, ahead) for past in pasts],
    }


def season_of(pasts: Sequence[Values], targets: Sequence[Values]) -> int:
    """The season that repeated goes on best from the training inputs to their targets; 1 is the last value."""
    places = np.unique(np.linspace(0, len(pasts) - 1, min(TRIED, len(pasts))).astype(int))
    tried = [(pasts[n], targets[n], float(np.abs(targets[n]).mean()) or 1.0) for n in places]
    longest = min(LONGEST_SEASON, int(np.median([len(past) for past, _, _ in tried])))
    errors = [
        sum(float(np.abs(_again(past, season, len(target)) - target).mean()) / size for past, target, size in tried)
        for season in range(1, longest + 1)
    ]
    return int(np.argmin(errors)) + 1


def _again(past: Values, season: int, ahead: int) -> Values:
    """The last ``season`` values of ``past``, again and again."""
    season = season if season <= len(past) else 1
    return np.asarray(past[len(past) - season :][np.arange(ahead) % season])
