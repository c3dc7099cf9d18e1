"""Pairs read and laid once: columns of flat arrays on disk, so that a million fit and a resumed fit starts at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.value import BadValue
from walkiosk.model.pairs import PackedPair, packed
from walkiosk.pairing import Pairing
from walkiosk.pairs.pair import Fault, Pair

STORED = {"u": np.uint8, "i": np.int32, "f": np.float32}  # by the kind of what is stored
SIZES = "sizes.json"
AROUND = 2  # tokens of a prefix beside what is read: the start, and that the output follows


class PackWriter:
    """Appends pairs to the columns of a folder; they are whole when it is closed without an exception."""

    def __init__(self, folder: Path, parts: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SIZES).unlink(missing_ok=True)
        self._folder = folder
        self._names = [*(f"part_{n}" for n in range(parts)), "prefix", "target"]
        self._files = {name: (folder / f"{name}.bin").open("wb") for name in self._names}
        self._lengths: dict[str, list[int]] = {name: [] for name in self._names}
        self._shapes: dict[str, tuple[list[int], str]] = {}

    def add(self, pair: PackedPair) -> None:
        for name, rows in zip(self._names, (*pair.parts, pair.prefix, pair.target), strict=True):
            stored = np.ascontiguousarray(rows, STORED[rows.dtype.kind])
            self._shapes[name] = (list(stored.shape[1:]), stored.dtype.str)
            self._lengths[name].append(len(stored))
            self._files[name].write(stored.tobytes())

    def __enter__(self) -> PackWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in self._files.values():
            file.close()
        if error is None:
            for name, lengths in self._lengths.items():
                np.save(self._folder / f"{name}.npy", np.cumsum([0, *lengths]))
            (self._folder / SIZES).write_text(json.dumps(self._shapes))


class Pack:
    """The pairs of a folder, mapped from disk."""

    def __init__(self, folder: Path) -> None:
        shapes = json.loads((folder / SIZES).read_text())
        self._parts = sorted(name for name in shapes if name.startswith("part_"))
        self._at = {name: np.load(folder / f"{name}.npy") for name in shapes}
        self._rows = {name: _mapped(folder / f"{name}.bin", shape, kind) for name, (shape, kind) in shapes.items()}
        lengths = {name: np.diff(at) for name, at in self._at.items()}
        self.read: NDArray[np.int64] = lengths["prefix"]
        self.decoded: NDArray[np.int64] = lengths["prefix"] + lengths["target"] - 1  # positions of the decoder
        self.heard: NDArray[np.int64] = sum((lengths[name] for name in self._parts), np.zeros_like(self.decoded))

    @property
    def longest_text(self) -> int:
        """Tokens of the longest texts that are read: an answer to longer ones has no more places than these."""
        return int(self.read.max()) - AROUND

    def __len__(self) -> int:
        return len(self.decoded)

    def __getitem__(self, number: int) -> PackedPair:
        def row(name: str) -> NDArray[Any]:
            first, behind = self._at[name][number : number + 2]
            return np.array(self._rows[name][first:behind])

        return PackedPair(tuple(row(name) for name in self._parts), row("prefix"), row("target"))


def _mapped(path: Path, shape: Sequence[int], kind: str) -> NDArray[Any]:
    if not path.stat().st_size:
        return np.zeros((0, *shape), kind)
    return np.memmap(path, kind, "r").reshape(-1, *shape)


def unreadable(pairing: Pairing, pairs: Iterable[Pair], on_pair: Callable[[], None] = lambda: None) -> list[Fault]:
    """The faults of those pairs whose values cannot be read."""
    faults = []
    for pair in pairs:
        try:
            pairing.read(pair.inputs)
            pairing.read_target(pair.target)
        except BadValue as error:
            faults.append(Fault(pair.line, str(error)))
        on_pair()
    return faults


def pack(
    folder: Path, pairing: Pairing, pairs: Iterable[Pair], places: int, on_pair: Callable[[], None] = lambda: None
) -> list[Fault]:
    """Read every pair and lay it into ``folder``; returns the faults of those that could not be, which are left out.

    One that does not fit into the decoder's ``places`` is among them.
    """
    faults = []
    perceived = sum(name != "text" for name in pairing.sides.inputs)
    with PackWriter(folder, perceived) as writer:
        for pair in pairs:
            try:
                laid = packed(pairing, pairing.read(pair.inputs), pairing.read_target(pair.target))
                if laid.positions > places:
                    raise BadValue(f"target: {laid.positions} elements with what is read, there is room for {places}")
                writer.add(laid)
            except BadValue as error:
                faults.append(Fault(pair.line, str(error)))
            on_pair()
    return faults
