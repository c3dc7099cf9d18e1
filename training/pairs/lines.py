"""The lines of a cell: inputs and targets as JSON, pictures, sounds and films as files beside it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from walkiosk.modality import audio, video

Value = int | float | str | list[float]
Pixels = NDArray[np.uint8]
NAME = "pairs.jsonl"
DIGITS = 6  # behind the point


@dataclass(frozen=True)
class Line:
    """One pair. Lines of one ``group`` are not to be split between training and held out."""

    input: Value
    target: Value
    group: str | None = None

    def __str__(self) -> str:
        told = {"input": _written(self.input), "target": _written(self.target)}
        return json.dumps(told if self.group is None else {**told, "group": self.group}, ensure_ascii=False)


def write_lines(folder: Path, lines: Iterable[Line]) -> int:
    """Write `NAME` in an order drawn once and for all: any beginning of it is a fair sample. Return the count."""
    rows = list(lines)
    random.Random(0).shuffle(rows)
    (folder / NAME).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return len(rows)


@dataclass(frozen=True)
class Media:
    """Files of one side of a cell, numbered; each method returns what a line says: the path within the folder."""

    folder: Path
    side: str  # "input" or "target"

    def picture(self, name: str, pixels: Pixels) -> str:
        path = self._path(f"{name}.png")
        Image.fromarray(pixels).save(path)
        return self._said(path)

    def sound(self, name: str, samples: audio.Samples) -> str:
        path = self._path(f"{name}.wav")
        audio.write(samples, path)
        return self._said(path)

    def film(self, name: str, frames: Pixels, rate: float = video.RATE) -> str:
        """N × H × W × 3, ``rate`` a second."""
        path = self._path(f"{name}.mp4")
        video.write(video.Video(frames, rate), path)
        return self._said(path)

    def _path(self, name: str) -> Path:
        path = self.folder / self.side / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _said(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def drawn(count: int, size: int) -> Sequence[int]:
    """``size`` of the numbers below ``count``, in order, always the same; all of them where they are fewer."""
    return sorted(random.Random(0).sample(range(count), min(count, size)))


def _written(value: Value) -> Value:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return _rounded(value) if isinstance(value, float) else value


def _rounded(value: float) -> float:
    rounded = round(float(value), DIGITS)
    return int(rounded) if rounded == int(rounded) else rounded
