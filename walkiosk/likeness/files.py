"""What lies in a folder: its files of one kind, what their names say, and a digest of it all."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from walkiosk.modality.value import BadValue
from walkiosk.pairs.columns import ENDINGS, MEDIA, SAID, named
from walkiosk.pairs.pair import PairsError
from walkiosk.pairs.reading import NAMED, TOLERATED

BETWEEN = re.compile(r"[\W_]+")  # what stands between the words of a name
NUMBERED = re.compile(r"(?<=[^\W\d_]{2})(\d+)\b")  # "cat2", but not "1f600" and not "a4"


def files_of(place: Path, kind: str) -> list[Path]:
    """Return the files of a kind in a folder and in those within it, by their names in order, or the one file.

    Hidden ones are passed over. Raises `PairsError` naming the place where there is none.
    """
    if place.is_file():
        if ENDINGS.get(place.suffix.lower()) != kind:
            raise PairsError(f"{place}: does not end like {SAID[kind]}: {_endings(kind)}")
        return [place]
    if not place.is_dir():
        raise PairsError(f"{place}: no such file or folder")
    inside = [path for path in place.rglob("*") if ENDINGS.get(path.suffix.lower()) == kind and path.is_file()]
    shown = [path for path in inside if not any(part.startswith(".") for part in path.relative_to(place).parts)]
    if not shown:
        raise PairsError(f"{place}: nothing in it ends like {SAID[kind]}: {_endings(kind)}")
    return sorted(shown, key=lambda path: path.relative_to(place).as_posix())


def _endings(kind: str) -> str:
    return ", ".join(ending for ending, of in ENDINGS.items() if of == kind)


def in_words(name: str) -> str:
    """Return what a name says: "Cat_and_dog-2" is "cat and dog 2", "owl3" "owl 3"; a name without words stays."""
    whole = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    return NUMBERED.sub(r" \1", BETWEEN.sub(" ", whole)).strip().lower() or whole


def digest_of(kind: str, files: Sequence[Path]) -> str:
    """Return what tells these files from others, wherever they lie: their contents, and names where those are read.

    Raises `PairsError` for a file that cannot be opened.
    """
    each = []
    for path in files:
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise PairsError(f"{path}: {error.strerror or error}") from error
        each.append(f"{in_words(path.stem) if kind in MEDIA else ''} {content}")
    return hashlib.sha256("\n".join([kind, *sorted(each)]).encode()).hexdigest()


def read_each(place: Path, files: Sequence[Path], read: Callable[[Path], Any]) -> list[tuple[Path, Any]]:
    """Return what ``read`` makes of each file that it can read, beside its path.

    Under 1% may be unreadable, as in a file of pairs; raises `PairsError` naming them where more are.
    """
    found, faults = [], []
    for path in files:
        try:
            found.append((path, read(path)))
        except BadValue as error:
            told = str(error)
            faults.append(told if str(path) in told else f"{named(path)}: {told}")
    if faults and len(faults) >= TOLERATED * len(files):
        more = [f"… and {len(faults) - NAMED:,} more"] if len(faults) > NAMED else []
        head = f"{place}: {len(faults):,} of {len(files):,} files cannot be read; up to {TOLERATED:.0%} are left out"
        raise PairsError("\n  ".join([head, *faults[:NAMED], *more]))
    return found
