"""A dozen values of each kind, as files where people have files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from walkiosk.modality import audio, image, trend, video

COUNT = 12
WORDS = ("red", "blue", "green", "old", "new", "small", "large", "round", "flat", "warm", "cold", "light")


def make_values(folder: Path, count: int = COUNT) -> dict[str, list[Any]]:
    """Return ``count`` different values of each kind."""
    time = np.arange(3_200) / audio.SAMPLE_RATE
    y, x = np.mgrid[:24, :32]
    for n in range(count):
        picture = np.stack([x * 5, y * 7, np.full_like(x, 20 * n)], axis=-1).astype(np.uint8)
        image.write(picture, folder / f"{n}.png")
        moving = [np.roll(picture[:16, :16], n + step, axis=1) for step in range(3)]
        video.write(video.Video(np.stack(moving)), folder / f"{n}.mp4")
        audio.write((0.3 * np.sin(2 * np.pi * 200 * (n + 1) * time)).astype(np.float32), folder / f"{n}.wav")
        trend.write((n - 1) * np.arange(20.0) + np.sin(np.arange(20)), folder / f"{n}.csv")
    files = {"trend": "csv", "image": "png", "audio": "wav", "video": "mp4"}
    found: dict[str, list[Any]] = {
        name: [str(folder / f"{n}.{end}") for n in range(count)] for name, end in files.items()
    }
    return found | {
        "scalar": [1.5 * n for n in range(count)],
        "text": [f"{WORDS[n % 12]} shoes {n}" for n in range(count)],
    }
