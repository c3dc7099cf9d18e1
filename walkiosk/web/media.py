"""Which files of a shop's folder may be shown: those that its goods and its knowledge name."""

from __future__ import annotations

from pathlib import Path

from walkiosk.store.folder import FILES
from walkiosk.store.sheet import read_sheet


class NamedMedia:
    """The pictures and clips that the shop's products and entities name, as paths within its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp: tuple[int, ...] = ()
        self._named: frozenset[str] = frozenset()

    def __contains__(self, path: str) -> bool:
        files = [self._folder / name for name in ("products.csv", "entities.csv")]
        stamp = tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
        if stamp != self._stamp:  # a file was edited
            products, entities = (read_sheet(self._folder, file.name, FILES[file.name]) for file in files)
            self._named = frozenset(products.seen("image") | entities.seen("image") | entities.seen("clip"))
            self._stamp = stamp
        return path in self._named

    def file(self, path: str) -> Path | None:
        """Where a named file lies; None for one that is not named, not there or not within the folder."""
        if path not in self:  # looked at no further: it may be none that a file can have
            return None
        file = (self._folder / path).resolve()
        return file if file.is_relative_to(self._folder.resolve()) and file.is_file() else None
