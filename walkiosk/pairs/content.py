"""What a value of a pair holds, as a short digest: the same value has the same one, wherever its files lie."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b, file_digest
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from walkiosk.modality.video import Video
from walkiosk.pairs.pair import Pair

SIZE = 12  # bytes of a digest: two of 10⁶ are the same by chance once in 10¹⁶
SAMPLED = 16_384  # bytes of a file's beginning and of its middle that are compared where two are equally long


def digest(values: Sequence[Any], root: str = "") -> bytes:
    """Return `SIZE` bytes for some values; a path counts as its name below ``root``."""
    made = blake2b(digest_size=SIZE)
    for value in values:
        if isinstance(value, Path):
            piece = str(value)[len(root) :].encode("utf-8", "surrogateescape")
        elif isinstance(value, np.ndarray):
            piece = np.ascontiguousarray(value).tobytes()
        elif isinstance(value, Video):
            piece = np.ascontiguousarray(value.frames).tobytes()
        else:
            piece = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        made.update(f"{type(value).__name__} {len(piece)} ".encode())
        made.update(piece)
    return made.digest()


def contents(value: Any) -> bytes:
    """A digest of what a value holds, of a path what is in its file; empty where that has gone."""
    if not isinstance(value, Path):
        return digest([value])
    try:
        with value.open("rb") as file:
            return file_digest(file, lambda: blake2b(digest_size=SIZE)).digest()
    except OSError:
        return b""


def root_of(pairs: Iterable[Pair]) -> str:
    """The folder that all files of the pairs' inputs are in, with a slash at the end; "" where there is none."""
    paths = [str(value) for pair in pairs for value in pair.inputs if isinstance(value, Path)]
    if not paths:
        return ""
    both = zip(min(paths), max(paths), strict=False)  # what these two begin with, all between them begin with
    common = "".join(letter for letter, _ in takewhile(lambda letters: letters[0] == letters[1], both))
    return common[: common.rfind(os.sep) + 1]


def copies(pairs: Iterable[Pair]) -> dict[Path, bytes]:
    """The files of the inputs that others are copies of, as far as length, beginning and middle tell, by a digest."""
    paths = {value for pair in pairs for value in pair.inputs if isinstance(value, Path)}
    sizes: dict[Path, int] = {}
    for path in paths:
        try:
            sizes[path] = path.stat().st_size
        except OSError:  # it went since it was checked: decoding will say so
            continue
    often = Counter(sizes.values())
    found = {path: _sampled(path, size) for path, size in sizes.items() if often[size] > 1}
    same = Counter(found.values())
    return {path: one for path, one in found.items() if one and same[one] > 1}


def _sampled(path: Path, size: int) -> bytes:
    made = blake2b(str(size).encode(), digest_size=SIZE)
    try:
        with path.open("rb") as file:
            made.update(file.read(SAMPLED))
            if size > SAMPLED:
                file.seek(max(SAMPLED, size // 2))
                made.update(file.read(SAMPLED))
    except OSError:
        return b""
    return made.digest()
