"""Packed training examples: flat arrays on disk, padded batches in memory.

A shard is one ``.npz`` file. An example has a target to be written, a prefix that is read before it, may share a longer
prefix (a schema) with its group, and may have log-mel frames that are heard. A token of the target that is read and not
judged is kept as its complement, ``~token``. Where serving allows a few tokens only, an example may name them, and the
loss is that of the choice among them. An example that is alike others has the numbers of what it says: nothing is
written behind its prefix, and its loss is that of finding those of its batch that share a number. One that is meant
has a teacher's vector for the same place, and its loss is how far the state there points from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

COMPARED = 2  # times as many positions in a batch of examples that are held: no softmax over words is paid for
TOGETHER, HELD_TOGETHER = 8, 16  # rows of a part of a batch; short texts by more, or a product is too small to be fast
HEARD_AS_ONE = 4  # frames that count as one position of a batch: the encoder is half as large as the decoder


@dataclass(frozen=True)
class Example:
    prefix: Sequence[int]
    target: Sequence[int]
    shared: tuple[int, ...] = ()
    frames: NDArray[np.float32] | None = None  # time × 80
    choices: Sequence[Sequence[int]] = ()  # of each target token, what it is chosen from; none: of all tokens
    alike: tuple[int, ...] = ()  # numbers of what it says; its target is one token, which marks where it is held
    meant: NDArray[np.float16] | None = None  # D: a teacher's vector of it; its target is one token likewise

    def __post_init__(self) -> None:
        if self.choices and len(self.choices) != len(self.target):
            raise ValueError(f"{len(self.choices)} choices for {len(self.target)} tokens")
        if all(token < 0 for token in self.target):
            raise ValueError("nothing of the target is judged")  # the mean of no loss is not a number
        if self.held and len(self.target) != 1:
            raise ValueError(f"a target of {len(self.target)} tokens for an example that is held, not written")

    @property
    def held(self) -> bool:
        """Whether a vector is made of it and nothing is written."""
        return bool(self.alike) or self.meant is not None


@dataclass(frozen=True)
class Batch:
    """Rows of like length together, so that little is padded: each of ``rows`` is (tokens B T, targets B T), a target
    of -1 is not judged. ``choices`` are those of the judged tokens, one after another, of each of ``rows``. ``shared``
    1 P or None is read before every row; ``frames`` B S 80 or None is heard."""

    rows: tuple[tuple[Tensor, Tensor], ...]
    choices: tuple[list[Sequence[int]], ...]
    shared: Tensor | None = None
    frames: Tensor | None = None
    heard: Tensor | None = None  # B S/2, true where there is sound
    alike: tuple[tuple[int, ...], ...] = ()  # of each row in order, where rows are compared
    meant: Tensor | None = None  # N D, of each row in order, where a teacher is followed

    @property
    def judged(self) -> int:
        return sum(int((targets >= 0).sum()) for _, targets in self.rows)

    def to(self, device: torch.device) -> Batch:
        def moved(x: Tensor | None) -> Tensor | None:
            return None if x is None else x.to(device)

        rows = tuple((tokens.to(device), targets.to(device)) for tokens, targets in self.rows)
        sounds = moved(self.frames), moved(self.heard)
        return Batch(rows, self.choices, moved(self.shared), *sounds, self.alike, moved(self.meant))


def _flat(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    lengths = np.array([0, *(len(row) for row in rows)])
    flat = np.fromiter((token for row in rows for token in row), np.int32, int(lengths.sum()))
    return flat, lengths.cumsum()


def write_shard(path: Path, examples: Sequence[Example]) -> None:
    """Pack ``examples`` into one file; those with the same shared prefix become a group."""
    groups = list(dict.fromkeys(example.shared for example in examples))
    number = {shared: index for index, shared in enumerate(groups)}
    arrays: dict[str, NDArray[np.generic]] = {"group": np.array([number[e.shared] for e in examples], np.int32)}
    columns: dict[str, Sequence[Sequence[int]]] = {
        "shared": groups,
        "prefix": [e.prefix for e in examples],
        "target": [e.target for e in examples],
    }
    if any(example.choices for example in examples):
        columns["choices"] = [tokens for e in examples for tokens in (e.choices or [()] * len(e.target))]
    if any(example.alike for example in examples):
        columns["alike"] = [e.alike for e in examples]
    for name, rows in columns.items():
        arrays[name], arrays[name + "_at"] = _flat(rows)
    if examples[0].frames is not None:
        frames = [e.frames for e in examples if e.frames is not None]
        arrays["frames"] = np.concatenate(frames).astype(np.float16)
        arrays["frames_at"] = np.cumsum([0, *map(len, frames)])
    meant = [e.meant for e in examples if e.meant is not None]
    if meant and len(meant) != len(examples):
        raise ValueError(f"{len(meant)} of {len(examples)} examples have a teacher's vector: all or none")
    if meant:
        arrays["meant"] = np.stack(meant).astype(np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, **arrays)  # type: ignore[arg-type]
    partial.rename(path)


def read_shard(path: Path) -> list[Example]:
    with np.load(path) as arrays:
        data = {name: arrays[name] for name in arrays.files}

    def row(name: str, index: int) -> NDArray[np.generic]:
        return np.asarray(data[name][data[name + "_at"][index] : data[name + "_at"][index + 1]])

    def choices(index: int) -> list[list[int]]:
        if "choices" not in data:
            return []
        return [row("choices", at).tolist() for at in range(data["target_at"][index], data["target_at"][index + 1])]

    shared = [tuple(row("shared", group).tolist()) for group in range(len(data["shared_at"]) - 1)]
    return [
        Example(
            row("prefix", index).tolist(),
            row("target", index).tolist(),
            shared[group],
            row("frames", index).astype(np.float32) if "frames" in data else None,
            choices(index),
            tuple(row("alike", index).tolist()) if "alike" in data else (),
            data["meant"][index] if "meant" in data else None,
        )
        for index, group in enumerate(data["group"])
    ]


def _choices(examples: Sequence[Example]) -> list[Sequence[int]]:
    """What each judged token of the rows is chosen from, in their order."""
    found: list[Sequence[int]] = []
    for example in examples:
        for place, token in enumerate(example.target):
            if token >= 0:
                found.append(example.choices[place] if example.choices else ())
    return found


def _padded(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Pad on the right; a state predicts the token after it."""
    rows = [[*e.prefix, *e.target] for e in examples]
    width = max(map(len, rows)) - 1
    tokens = torch.zeros(len(rows), width, dtype=torch.long)
    targets = torch.full((len(rows), width), -1, dtype=torch.long)
    for index, (example, row) in enumerate(zip(examples, rows, strict=True)):
        tokens[index, : len(row) - 1] = torch.tensor([token if token >= 0 else ~token for token in row[:-1]])
        judged = [token if token >= 0 else -1 for token in example.target]
        targets[index, len(example.prefix) - 1 : len(row) - 1] = torch.tensor(judged)
    return tokens, targets


def collate(examples: Sequence[Example], rows_together: int | None = None) -> Batch:
    """Make a batch of ``examples`` of one group; without frames they are padded in small parts of like length."""
    rows_together = rows_together or (HELD_TOGETHER if examples[0].held else TOGETHER)
    shared = torch.tensor([examples[0].shared]) if examples[0].shared else None
    if examples[0].frames is None:
        ordered = sorted(examples, key=lambda e: len(e.prefix) + len(e.target))
        parts = [ordered[at : at + rows_together] for at in range(0, len(ordered), rows_together)]
        alike = tuple(e.alike for e in ordered) if ordered[0].alike else ()
        meant = [e.meant.astype(np.float32) for e in ordered if e.meant is not None]
        taught = torch.from_numpy(np.stack(meant)) if meant else None
        return Batch(tuple(map(_padded, parts)), tuple(map(_choices, parts)), shared, alike=alike, meant=taught)
    sounds = [e.frames[: len(e.frames) // 2 * 2] for e in examples if e.frames is not None]
    longest = max(map(len, sounds))
    frames = torch.zeros(len(sounds), longest, sounds[0].shape[1])
    heard = torch.zeros(len(sounds), longest // 2, dtype=torch.bool)
    for index, sound in enumerate(sounds):
        frames[index, : len(sound)] = torch.from_numpy(sound)
        heard[index, : len(sound) // 2] = True
    return Batch((_padded(examples),), (_choices(examples),), shared, frames, heard)


@dataclass
class Feed:
    """An endless, shuffled stream of batches from the shards of a folder, new shards found as they come.

    `state` says where it is, and `restore` makes a new feed go on from there.
    """

    folder: Path
    budget: int  # positions a batch, shared prefix included
    seed: int = 0
    part: tuple[int, int] = (0, 1)  # which of how many workers reads: each its own shards where there are enough
    _random: np.random.Generator = field(init=False)
    _seen: dict[str, int] = field(init=False, default_factory=dict)  # shard → times read
    _shard: str = field(init=False, default="")  # the one at hand, how the dice stood before it, batches given
    _before: Any = field(init=False, default=None)
    _given: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def state(self) -> dict[str, Any]:
        return {"seen": dict(self._seen), "shard": self._shard, "before": self._before, "given": self._given}

    def restore(self, state: dict[str, Any]) -> None:
        self._seen, self._shard, self._before = dict(state["seen"]), state["shard"], state["before"]
        self._given = state["given"]

    def __iter__(self) -> Iterator[Batch]:
        while True:
            begun = self._shard and (self.folder / self._shard).is_file()
            if begun:
                self._random.bit_generator.state = self._before
            else:
                self._shard, self._given = self._next_shard(), 0
                self._before = self._random.bit_generator.state
            for examples in self._batches(read_shard(self.folder / self._shard))[self._given :]:
                self._given += 1
                yield collate(examples)
            self._shard = ""

    def _next_shard(self) -> str:
        """Draw one of those that were read least."""
        shards = sorted(path.name for path in self.folder.glob("*.npz") if ".partial" not in path.name)
        if not shards:
            raise FileNotFoundError(f"{self.folder}: no packed examples there; see training/README.md")
        rank, count = self.part
        shards = shards[rank::count] or shards
        least = min(self._seen.get(name, 0) for name in shards)
        fresh = [name for name in shards if self._seen.get(name, 0) == least]
        name = fresh[self._random.integers(len(fresh))]
        self._seen[name] = self._seen.get(name, 0) + 1
        return name

    def _batches(self, examples: list[Example]) -> list[list[Example]]:
        """Batches of one shared prefix each, examples of like length together, in random order."""
        if examples[0].held:
            return self._compared(examples)
        groups: dict[tuple[int, ...], list[Example]] = {}
        for index in self._random.permutation(len(examples)):
            groups.setdefault(examples[index].shared, []).append(examples[index])
        batches: list[list[Example]] = []
        for shared, members in groups.items():
            if not shared:
                members.sort(
                    key=lambda e: len(e.prefix) + len(e.target) + (len(e.frames) if e.frames is not None else 0)
                )
            batch: list[Example] = []
            longest = filled = 0
            for example in members:
                size = len(example.prefix) + len(example.target)
                size += 0 if example.frames is None else len(example.frames) // HEARD_AS_ONE
                longest = max(longest, size)
                filled = filled + size if shared else longest * (len(batch) + 1)
                if batch and filled + len(shared) > self.budget:
                    batches.append(batch)
                    batch, longest, filled = [], size, size
                batch.append(example)
            batches.append(batch)
        return [batches[index] for index in self._random.permutation(len(batches))]

    def _compared(self, examples: list[Example]) -> list[list[Example]]:
        """Batches of neighbours, in random order: who meets whom was decided when they were packed."""
        batches: list[list[Example]] = [[]]
        filled = 0
        for example in examples:
            filled += len(example.prefix)
            if batches[-1] and filled > COMPARED * self.budget:
                batches.append([])
                filled = len(example.prefix)
            batches[-1].append(example)
        return [batches[index] for index in self._random.permutation(len(batches))]
