"""Fashion-MNIST (Xiao et al., 2017; MIT, Debian's dataset-fashion-mnist): 70,000 pictures of clothes in ten classes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.pairs import speech
from training.pairs.downloads import debian, gunzipped_in_debian
from training.pairs.lines import Line, Media, Pixels, drawn, write_lines

CLASSES = ("t-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz")
LAST_FILE = "t10k-labels-idx1-ubyte.gz"
SIDE = 28  # pixels
HEADER = {"images": 16, "labels": 8}  # bytes of an IDX file before its data


@cache
def clothes() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """70,000 × 28 × 28, dark on white as in a catalogue, and their classes."""
    package = debian("dataset-fashion-mnist")
    raw = gunzipped_in_debian(package, [*FILES, LAST_FILE])
    pictures = [np.frombuffer(each, np.uint8, offset=HEADER["images"]).reshape(-1, SIDE, SIDE) for each in raw[::2]]
    labels = [np.frombuffer(each, np.uint8, offset=HEADER["labels"]) for each in raw[1::2]]
    return 255 - np.concatenate(pictures), np.concatenate(labels)


def picture_to_class(folder: Path) -> None:
    pictures, labels = clothes()
    media = Media(folder, "input")
    rows = enumerate(zip(pictures, labels, strict=True))
    write_lines(folder, [Line(media.picture(f"{n:05}", shown), int(label)) for n, (shown, label) in rows])


def class_to_picture(folder: Path, size: int = 5_000) -> None:
    pictures, labels = clothes()
    media = Media(folder, "target")
    chosen = drawn(len(labels), size)
    write_lines(folder, [Line(int(labels[n]), media.picture(f"{n:05}", coloured(pictures[n]))) for n in chosen])


def picture_to_speech(folder: Path, size: int = 3_000) -> None:
    """Each picture and its class's name as one voice says it: ten recordings that the lines share."""
    pictures, labels = clothes()
    seen, heard = Media(folder, "input"), Media(folder, "target")
    said = [heard.sound(name.replace(" ", "-"), speech.say(name, speech.HOUSE_VOICE)) for name in CLASSES]
    chosen = drawn(len(labels), size)
    write_lines(folder, [Line(seen.picture(f"{n:05}", pictures[n]), said[labels[n]]) for n in chosen])


def speech_to_picture(folder: Path, pictures_each: int = 3) -> None:
    """A class's name in many voices and a few pictures of that class; a speaker is a group."""
    pictures, labels = clothes()
    heard, shown = Media(folder, "input"), Media(folder, "target")
    waiting = {kind: iter(np.flatnonzero(labels == kind).tolist()) for kind in range(len(CLASSES))}
    lines: list[Line] = []
    for voice in speech.voices():
        for kind, name in enumerate(CLASSES):
            said = heard.sound(f"{voice.name}-{kind}", speech.say(name, voice))
            for _ in range(pictures_each):
                n = next(waiting[kind])
                lines.append(Line(said, shown.picture(f"{n:05}", coloured(pictures[n])), voice.speaker))
    write_lines(folder, lines)


def coloured(grey: NDArray[np.uint8]) -> Pixels:
    """H × W → H × W × 3 on a margin that makes the sides multiples of 8, the size of a painted block."""
    return np.repeat(np.pad(grey, 2, constant_values=255)[..., None], 3, axis=-1)
