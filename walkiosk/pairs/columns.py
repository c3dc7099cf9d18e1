"""What one part of the pairs holds: its modality, told or guessed from the first lines, and the check of each value."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from stat import S_ISDIR
from typing import Any

import numpy as np

from walkiosk.modality import MODALITIES
from walkiosk.modality.video import Video
from walkiosk.pairs.pair import PairsError

MEDIA = ("image", "audio", "video")  # kinds that are files
ENDINGS = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm"), "image"),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".g722"), "audio"),
    **dict.fromkeys((".mp4", ".webm", ".mkv", ".mov", ".avi", ".m4v", ".mpg", ".mpeg"), "video"),
    ".csv": "trend",
    ".txt": "text",
}
SAID = {"image": "a picture", "audio": "a sound", "video": "a video", "trend": "a trend", "text": "a text"}
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
LINK = re.compile(r"[a-z][a-z0-9+.-]+://")
MOSTLY = 0.9  # of the first lines: what the others are is a fault, not another reading
LONGEST_NAME = 1_024  # letters; a longer text names no file
LONGEST_SHOWN = 40  # letters of a value in a message
TOLD_NAME = 200  # letters of a file's name in a message


class BadPart(ValueError):
    """A value that is none of its column's; the message says what it is instead."""


@dataclass(frozen=True)
class Column:
    """One part of the pairs: what it is called in messages, and how its values are read."""

    name: str
    kind: str
    files: bool = False  # its texts are names of files
    labels: bool = False  # words that stand for classes, where numbers were told


def check_kind(name: str, kind: str) -> None:
    """Raise `PairsError` naming the six for a modality that there is not."""
    if kind not in MODALITIES:
        near = get_close_matches(kind, MODALITIES, 1, 0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PairsError(f"{name}: no modality {kind!r}; there are {', '.join(MODALITIES)}{hint}")


def column_of(name: str, values: Sequence[Any], kind: str, folder: Path) -> tuple[Column, str]:
    """Return how the part ``name`` is read, and the sentence that says so, "" where all was told.

    ``values`` are those of the first lines, ``kind`` what was told of it or "". Raises `PairsError`.
    """
    if kind:
        check_kind(name, kind)
    seen = Counter(_looks(value, folder) for value in values)
    seen.pop("nothing", None)
    texts = sum(count for look, count in seen.items() if look in ("words", "digits") or look.startswith("file:"))
    best = seen.most_common(1)[0][0] if seen else "words"
    if not kind:
        kind, files = _guess(seen, texts)
        shown = next((value for value in values if _looks(value, folder) == best), "")
        return Column(name, kind, files), f"{name}: {kind}, because {_why(kind, files, shown, best)}"
    if kind == "text":
        files = seen["file:text"] > MOSTLY * sum(seen.values())
        return Column(name, kind, files), f"{name}: its texts are those of the files it names" if files else ""
    if kind == "scalar" and name == "target" and seen["words"] > (1 - MOSTLY) * sum(seen.values()) and texts:
        return Column(name, kind, labels=True), f"{name}: classes, because its values are words, not numbers"
    return Column(name, kind, True), ""


def _guess(seen: Counter[str], texts: int) -> tuple[str, bool]:
    """The kind, and whether texts are names of files."""
    every = sum(seen.values())
    for kind in ("image", "audio", "video", "trend", "text"):
        if seen[f"file:{kind}"] >= MOSTLY * every and texts:
            return kind, True
    for kind in ("trend", *MEDIA):
        if seen[kind] > every / 2:
            return kind, False
    numbers = seen["scalar"] + seen["digits"]
    if seen["scalar"] > every / 2 or (numbers and numbers >= MOSTLY * every):
        return "scalar", False
    return "text", False


def _why(kind: str, files: bool, shown: Any, best: str) -> str:
    value = brief(shown)
    if files:
        return f"{value} names {SAID[kind]}"
    why = {"scalar": "is a number", "trend": "is a list of numbers", "text": "is words and names no file"}
    if kind == "text" and best == "digits":
        return "not all of its values are numbers"
    return f"{value} {why.get(kind, f'is {SAID.get(kind, kind)}')}"


def _looks(value: Any, folder: Path) -> str:
    """scalar, trend, digits, words, file:KIND, image, audio, video or nothing, by the value alone."""
    if isinstance(value, str | Path):
        text = str(value)
        if not text.strip():
            return "nothing"
        kind = ENDINGS.get(os.path.splitext(text)[1].lower()) if len(text) <= LONGEST_NAME else None
        spaced = any(letter.isspace() for letter in text)
        if kind and (not spaced or os.path.exists(os.path.join(folder, text))):
            return f"file:{kind}"
        return "digits" if NUMBER.fullmatch(text) else "words"
    if isinstance(value, bool | int | float | np.number | np.bool_):
        return "scalar"
    if isinstance(value, list | tuple):
        return "trend"
    if isinstance(value, Video):
        return "video"
    if isinstance(value, np.ndarray):
        return {1: "trend", 3: "image", 4: "video"}.get(value.ndim, "nothing")
    return "nothing"


def checker(column: Column, folder: Path) -> Callable[[Any], Any]:
    """Return what makes a pair's value of a line's, raising `BadPart`."""
    base = str(folder)
    if column.labels:
        return _label
    if column.kind == "scalar":
        return _truth if column.name == "target" else _number
    if column.kind == "trend":
        return lambda value: _file(value, base, "trend") if isinstance(value, str | Path) else _numbers(value)
    if column.kind == "text":
        return (lambda value: _file(value, base, "text")) if column.files else _text
    return lambda value: _file(value, base, column.kind)


def _number(value: Any) -> float:
    if type(value) is float or type(value) is int:
        pass  # the usual case, first
    elif isinstance(value, str):
        if not NUMBER.fullmatch(value):
            raise BadPart("an empty text where numbers are" if not value.strip() else f"{brief(value)} is no number")
    elif not isinstance(value, bool | int | float | np.number | np.bool_):
        raise BadPart(f"{what(value)} where numbers are")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise BadPart(f"{value if isinstance(value, float) else brief(value)} is not a finite number")
    return number


def _truth(value: Any) -> float | bool:
    return bool(value) if isinstance(value, bool | np.bool_) else _number(value)


def _label(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise BadPart(f"{what(value)} where the names of classes are")


def _numbers(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    if isinstance(value, list | tuple):
        if not set(map(type, value)) <= {int, float}:
            odd = next(x for x in value if type(x) not in (int, float))
            if not isinstance(odd, np.number):
                raise BadPart(f"{what(odd)} in a list of numbers")
        if not value:
            raise BadPart("an empty list")
    elif not (isinstance(value, np.ndarray) and value.ndim == 1 and len(value)):
        raise BadPart(f"{what(value)} where lists of numbers are")
    try:
        found = np.array(value, np.float64)
    except (OverflowError, TypeError, ValueError) as error:
        raise BadPart(f"no list of numbers: {error}") from error
    if not np.isfinite(found).all():
        raise BadPart(f"value {int(np.flatnonzero(~np.isfinite(found))[0]) + 1} of {len(found)} is not a finite number")
    return found


def _text(value: Any) -> str | Path:
    if isinstance(value, str | Path):
        return value
    raise BadPart(f"{what(value)} where texts are")


def _file(value: Any, base: str, kind: str) -> Any:
    """The path of a file that is there; a value of an iterable that is none is taken as it is."""
    if not isinstance(value, str | Path):
        if isinstance(value, bytes | np.ndarray | Video) and kind in MEDIA:
            return value
        raise BadPart(f"{what(value)} where names of files are")
    name = os.path.join(base, value)
    try:
        mode = os.stat(name).st_mode
    except (OSError, ValueError):
        if isinstance(value, str) and LINK.match(value):
            raise BadPart(f"{named(value)}: nothing is fetched from the network; name a file") from None
        raise BadPart(f"{named(value)}: no such file") from None
    if S_ISDIR(mode):
        raise BadPart(f"{named(value)}: a folder, not a file")
    return Path(name)


def named(path: object) -> str:
    """A file's name as a message shows it: in full, or else its end, which tells it from others."""
    text = str(path)
    return repr(text if len(text) <= TOLD_NAME else f"…{text[1 - TOLD_NAME :]}")


def cut(text: str, letters: int) -> str:
    """As much of a text as ``letters`` hold."""
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def brief(value: Any) -> str:
    """The value as a message shows it."""
    if isinstance(value, list | tuple):
        shown = ", ".join(map(str, value[:3]))
        return f"[{shown}{', …' if len(value) > 3 else ''}]"
    text = cut(str(value), LONGEST_SHOWN)
    return repr(text) if isinstance(value, str) else text


def what(value: Any) -> str:
    """What kind of thing a value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"the text {brief(value)}" if value.strip() else "an empty text"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {brief(value)}"
    if isinstance(value, np.ndarray):
        return f"an array of {' × '.join(map(str, value.shape))}"
    if isinstance(value, list | tuple):
        return "a list"
    return "an object" if isinstance(value, dict) else type(value).__name__
