"""Rows of many series, put by in any order and taken out series by series: in memory while they fit, else on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOGETHER = 1_000  # series of one place
IN_MEMORY = 4_000_000  # rows, 200 MB

Rows = NDArray[Any]  # structured: code, day, line, y, and price and promotion where the file has them


def rows_dtype(columns: tuple[str, ...]) -> np.dtype[Any]:
    """Fields of a row, with those of ``columns`` that not every file has."""
    extra = [(name, np.float64) for name in ("price", "promotion") if name in columns]
    return np.dtype([("code", np.int32), ("day", np.int32), ("line", np.int64), ("y", np.float64), *extra])


def beginnings(values: NDArray[Any]) -> NDArray[np.int64]:
    """Where each run of equal values begins."""
    return np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))


class Shelf:
    """Places of a thousand series each; rows wait in memory until there are too many, then in a file a place."""

    def __init__(self, dtype: np.dtype[Any], in_memory: int = IN_MEMORY) -> None:
        self.dtype, self.in_memory, self.waiting = dtype, in_memory, 0
        self.places: list[list[Rows]] = []
        self.folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.folder is not None:
            self.folder.cleanup()

    def put(self, rows: Rows) -> None:
        """Put rows by, each in the place of its series' code."""
        place = rows["code"] // TOGETHER
        order = np.argsort(place, kind="stable")
        found, starts = np.unique(place[order], return_index=True)
        for number, part in zip(found, np.split(rows[order], starts[1:]), strict=True):
            while len(self.places) <= number:
                self.places.append([])
            self.places[number].append(part)
        self.waiting += len(rows)
        if self.waiting > self.in_memory:
            self._write()

    def take(self) -> Iterator[Rows]:
        """The rows of each place, by series, day and line."""
        for number, parts in enumerate(self.places):
            path = self._path(number)
            written = [np.fromfile(path, self.dtype)] if path is not None and path.is_file() else []
            rows = np.concatenate([*written, *parts])
            parts.clear()
            yield rows[np.lexsort((rows["line"], rows["day"], rows["code"]))]

    def _write(self) -> None:
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory(prefix="walkiosk-series-")
        for number, parts in enumerate(self.places):
            path = self._path(number)
            if parts and path is not None:
                with path.open("ab") as file:
                    np.concatenate(parts).tofile(file)
                parts.clear()
        self.waiting = 0

    def _path(self, number: int) -> Path | None:
        return Path(self.folder.name) / f"{number}.rows" if self.folder is not None else None
