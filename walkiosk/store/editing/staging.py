"""Puts new contents of several files in place together: all of them, or none, wherever the machine stops.

They are written beside the files first. Renaming their directory is the moment from which the edit is made: what is
left in it afterwards is moved by whoever opens the folder next.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

STAGE = ".walkiosk-edit"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One editor at a time, in this process or in another."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def stage(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Writes the new contents down; after it `finish` will put them in place, today or after a crash."""
    draft = folder / f"{STAGE}.tmp"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name, content in contents.items():
        path = draft / f"{name}@{_digest(folder / name)}"
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if (folder / name).exists():
            shutil.copymode(folder / name, path)
    _sync(draft)
    draft.rename(folder / STAGE)
    _sync(folder)


def finish(folder: Path) -> tuple[str, ...]:
    """Moves what is staged into place; if a file was changed by hand since, nothing is moved and its name returned."""
    staged = folder / STAGE
    if not staged.is_dir():
        return ()
    waiting = {path: folder / path.name.rpartition("@")[0] for path in sorted(staged.iterdir())}
    changed = tuple(own.name for path, own in waiting.items() if _digest(own) != path.name.rpartition("@")[2])
    if not changed:
        for path, own in waiting.items():
            path.replace(own)
    shutil.rmtree(staged)
    _sync(folder)
    return changed


def recover(folder: Path) -> None:
    """Finishes an edit that the machine stopped in."""
    if (folder / STAGE).is_dir():
        with locked(folder):
            finish(folder)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
