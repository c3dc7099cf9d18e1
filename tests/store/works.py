"""What `walkiosk generate` writes, as small as it can be, into a shop's folder for the attract screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from walkiosk.modality import audio, image, trend, video

WORDS = "Call me the whale of the morning."
VALUES = (3.0, 5.0, 4.0, 7.5)


def generate(path: Path) -> Path:
    """Writes the kind that the name ends in, by what `walkiosk generate --out` writes it by, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".txt":
        path.write_text(WORDS, encoding="utf-8")
    elif path.suffix == ".csv":
        trend.write(np.array(VALUES), path)
    elif path.suffix in audio.FORMS:
        audio.write(np.full(8_000, 0.1, np.float32), path)
    elif path.suffix in (".webm", ".mp4"):
        frames = np.zeros((8, 64, 64, 3), np.uint8)
        frames[:, :, :32] = np.arange(8, dtype=np.uint8)[:, None, None, None] * 32
        video.write(video.Video(frames, 8.0), path)
    else:
        image.write(np.full((64, 64, 3), 200, np.uint8), path)
    return path
