"""A model in one file: a ZIP archive, not compressed, of what a folder of weights holds."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KIND = "walkiosk model 1"
ANSWERS = "answers.npz"  # the part that holds the sounds, pictures or films which are chosen from
MADE = (1980, 1, 1, 0, 0, 0)  # of every part: the same model is the same file


class NoModel(ValueError):
    """A file that holds no model, or one of another version."""


class ModelFile:
    """The parts of an archive by their names, in memory; ``name`` is what messages call it."""

    def __init__(self, parts: Mapping[str, bytes], name: str = "model") -> None:
        self.parts, self.name = dict(parts), name

    @classmethod
    def open(cls, path: Path) -> ModelFile:
        """Raises FileNotFoundError, `NoModel` naming the file."""
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file")
        try:
            with zipfile.ZipFile(path) as archive:
                kind = archive.comment.decode("utf-8", "replace")
                parts = {name: archive.read(name) for name in archive.namelist()} if kind == KIND else {}
        except (zipfile.BadZipFile, zlib.error, OSError) as error:
            raise NoModel(f"{path}: {error}") from error
        if kind != KIND:
            raise NoModel(f"{path}: not a model of WalKiosk's first version")
        return cls(parts, str(path))

    def __contains__(self, name: str) -> bool:
        return name in self.parts

    def read(self, name: str) -> bytes:
        """Return a part; raises `NoModel` when it is missing."""
        if name not in self.parts:
            raise NoModel(f"{self.name}: {name} is missing")
        return self.parts[name]

    def json(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.read(name))
        return found

    def save(self, path: Path) -> None:
        """Write the archive, beside its place first: what was there stays whole until the new one is."""
        partial = path.with_name(path.name + ".partial")
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            archive.comment = KIND.encode()
            for name, data in sorted(self.parts.items()):
                archive.writestr(zipfile.ZipInfo(name, MADE), data)
        partial.replace(path)
