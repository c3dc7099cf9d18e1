"""A file of pairs → `PairFile`: every line checked, what is wrong said by line, what was not told guessed aloud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from walkiosk.pairs.columns import BadPart, Column, check_kind, checker, column_of, what
from walkiosk.pairs.pair import Fault, Pair, PairsError, Sides
from walkiosk.pairs.records import Record, records

LOOKED_AT = 300  # lines that types are guessed from
MOST_PARTS = 8  # numbers of one length up to this are parts of an input; longer lists are trends
TOLERATED = 0.01  # of the lines
NAMED = 10  # faults that an error lists


@dataclass(frozen=True)
class PairFile:
    """The pairs of a file and the faults of the other lines; ``lines`` counts both."""

    pairs: list[Pair]
    faults: list[Fault]
    sides: Sides
    said: list[str]  # what was guessed, a sentence each
    lines: int
    name: str  # of the file, as messages have it
    parts: tuple[str, ...] = ()  # names of an input's parts, where lines give them by name


@dataclass(frozen=True)
class Layout:
    """How many parts an input has, and their names where they have some; a single part may stand in a list."""

    count: int
    names: tuple[str, ...] = ()
    listed: bool = False

    def parts(self, value: Any) -> tuple[Any, ...]:
        """The parts of an input in their order; raises `BadPart`."""
        if self.names:
            if not isinstance(value, Mapping) or set(value) != set(self.names):
                has = f"the parts {', '.join(map(str, value))}" if isinstance(value, Mapping) else what(value)
                raise BadPart(f"input: {has} where the parts {', '.join(self.names)} are expected")
            return tuple(value[name] for name in self.names)
        several = isinstance(value, list | tuple)
        if self.count == 1 and not (self.listed and several):
            return (value,)
        if not several or len(value) != self.count:
            expected = f"{self.count} part{'s are' if self.count > 1 else ' is'} expected"
            raise BadPart(f"input: {f'{len(value)} parts' if several else what(value)} where {expected}")
        return tuple(value)

    def name(self, place: int) -> str:
        """What messages call a part."""
        if self.names:
            return f"input {self.names[place]!r}"
        return "input" if self.count == 1 else f"input {place + 1}"


def read_pairs(
    source: Path | str | Iterable[Any],
    sides: Sides | None = None,
    inputs: Sequence[str] = (),
    target: str = "",
    group: str | None = None,
) -> PairFile:
    """Read JSON Lines, CSV (by its ending) or an iterable of (input, target[, group]) or dicts.

    Modalities that neither ``sides`` nor ``inputs`` and ``target`` tell are guessed from the first `LOOKED_AT` lines.
    ``group`` is the key of a line's group; without it "group" is read where it is there. Paths are relative to the
    file's folder. A faulty line is left out and becomes a `Fault`; raises `PairsError` for what an operator must put
    right: no such file, an unknown key or modality, no more than one pair.
    """
    file = Path(source) if isinstance(source, str) else source
    name, folder = (str(file), file.parent) if isinstance(file, Path) else ("the pairs", Path())
    told = (sides.inputs, sides.target) if sides else (tuple(inputs), target)
    for kind in (*told[0], *([told[1]] if told[1] else [])):
        check_kind(name, kind)
    every = records(file, group)
    first = list(islice(every, LOOKED_AT))
    looked = [record for record in first if isinstance(record, Record)]
    layout, said = _layout(looked, told[0])
    columns, why = _columns(looked, layout, told, folder)
    found = _through(chain(first, every), layout, columns, folder)
    if len(found.pairs) < 2:
        first_fault = f"; {found.faults[0]}" if found.faults else ""
        count = "one pair is" if found.pairs else "no pairs are"
        raise PairsError(f"{name}: {count} in it ({found.lines} lines){first_fault}")
    return replace(found, name=name, said=[*said, *why], parts=layout.names)


def tolerated(faults: Sequence[Fault], lines: int, file: Path | str) -> None:
    """Return where less than 1% of ``lines`` are faulty; else raise `PairsError` naming the first ten and the count."""
    count = len({fault.line for fault in faults})
    if not count or count < TOLERATED * lines:
        return
    named = [str(fault) for fault in sorted(faults, key=lambda fault: fault.line)[:NAMED]]
    more = f"\n  … and {len(faults) - NAMED:,} more" if len(faults) > NAMED else ""
    limit = f"{TOLERATED:.0%}"
    head = f"{file}: {count:,} of {lines:,} lines are faulty; up to {limit} would be left out"
    raise PairsError("\n  ".join((head, *named)) + more)


def _layout(looked: Sequence[Record], told: Sequence[str]) -> tuple[Layout, list[str]]:
    """How inputs are made of parts, and what is said of it."""
    values = [record.input for record in looked]
    named = [tuple(map(str, value)) for value in values if isinstance(value, Mapping)]
    if named and len(named) > len(values) / 2:
        names = Counter(named).most_common(1)[0][0]
        if len(set(told)) == len(told) and set(told) == set(names):
            names = tuple(told)
        if told and len(told) != len(names):
            raise PairsError(f"an input has the parts {', '.join(names)}, but {len(told)} were told: {', '.join(told)}")
        return Layout(len(names), names), [] if told else [f"input: the parts {', '.join(names)}"]
    lists = [value for value in values if isinstance(value, list | tuple)]
    if told:
        # a list of one part is that part, but not a trend of one number
        single = bool(lists) and len(told) == 1 and not (told[0] == "trend" and all(map(_is_number, lists[0])))
        return Layout(len(told), listed=single), []
    if not lists or len(lists) <= len(values) / 2:
        return Layout(1), []
    lengths = Counter(map(len, lists))
    length = lengths.most_common(1)[0][0]
    if not all(_is_number(x) for value in lists for x in value):
        return Layout(length, listed=True), [f"input: {length} parts, because it is a list of them"]
    if len(lengths) == 1 and 1 < length <= MOST_PARTS:
        return Layout(length), [f"input: {length} numbers each, taken as {length} scalars; tell 'trend' for a series"]
    return Layout(1), []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _columns(
    looked: Sequence[Record], layout: Layout, told: tuple[Sequence[str], str], folder: Path
) -> tuple[list[Column], list[str]]:
    """The columns of the input's parts and, last, of the target; and what is said of those that were guessed."""
    rows = []
    for record in looked:
        try:
            rows.append(layout.parts(record.input))
        except BadPart:
            continue
    kinds = told[0] or [""] * layout.count
    found = [
        column_of(layout.name(place), [row[place] for row in rows], kinds[place], folder)
        for place in range(layout.count)
    ]
    found.append(column_of("target", [record.target for record in looked], told[1], folder))
    return [column for column, _ in found], [why for _, why in found if why]


def _through(
    every: Iterator[Record | Fault] | Iterable[Record | Fault], layout: Layout, columns: list[Column], folder: Path
) -> PairFile:
    """Every line, checked."""
    checks = [(column.name, checker(column, folder)) for column in columns]
    pairs: list[Pair] = []
    faults: list[Fault] = []
    lines = 0
    for record in every:
        lines += 1
        if isinstance(record, Fault):
            faults.append(record)
            continue
        try:
            *given, wanted = _checked((*layout.parts(record.input), record.target), checks)
        except BadPart as error:
            faults.append(Fault(record.line, str(error)))
        else:
            pairs.append(Pair(record.line, tuple(given), wanted, record.group))
    sides = Sides(tuple(column.kind for column in columns[:-1]), columns[-1].kind)
    return PairFile(pairs, faults, sides, [], lines, "")


def _checked(values: tuple[Any, ...], checks: list[tuple[str, Callable[[Any], Any]]]) -> list[Any]:
    found = []
    for value, (name, check) in zip(values, checks, strict=True):
        try:
            if value is None:
                raise BadPart("null")
            found.append(check(value))
        except BadPart as error:
            raise BadPart(f"{name}: {error}") from None
    return found
