"""Where pairs come from: the lines of a JSON Lines or CSV file, or an iterable, one record or fault after another."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from walkiosk.pairs.pair import Fault, PairsError

GROUP = "group"  # the key that is read where no other was named
SEPARATORS = {".csv": ",;", ".tsv": "\t"}  # by a file's ending; the first that the header has
PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
HEAD = 512  # bytes that tell what a file is


class Record(NamedTuple):
    """A line before its values are looked at; ``input`` may still be several parts."""

    line: int  # counted from 1
    input: Any
    target: Any
    group: str | None


class _NoNumber(ValueError):
    """NaN or an infinity, which JSON does not have."""


def _refuse(constant: str) -> float:
    raise _NoNumber(f"{constant} is not a finite number")


DECODER = json.JSONDecoder(parse_constant=_refuse)


def records(source: Path | Iterable[Any], group: str | None) -> Iterator[Record | Fault]:
    """Yield each line of ``source`` that is not blank; ``group`` names the key of a line's group.

    Raises `PairsError` for a file that is none of pairs, and for a key that nobody reads.
    """
    if not isinstance(source, Path):
        yield from _of_iterable(source, _Keys("the pairs", group))
        return
    _check(source)
    keys = _Keys(str(source), group)
    if source.suffix.lower() in SEPARATORS:
        yield from _of_csv(source, keys)
    else:
        yield from _of_json_lines(source, keys)


class _Keys:
    """Which keys a line may have."""

    def __init__(self, name: str, group: str | None) -> None:
        self.name, self.group, self.wanted = name, group or GROUP, group is not None
        self.known = ("input", "target", self.group)

    def unknown(self, line: int, key: object, known: Sequence[str] = ()) -> PairsError:
        near = get_close_matches(str(key), known or self.known, 1, 0.5)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known or self.known)}"
        return PairsError(f"{self.name}, line {line}: unknown key {key!r}{hint}")

    def record(self, line: int, found: object) -> Record | Fault:
        if not isinstance(found, Mapping):
            return Fault(line, f"{_kind(found)}, not an object with the keys input and target")
        for key in found:
            if key not in self.known:
                raise self.unknown(line, key)
        for key in ("input", "target", *([self.group] if self.wanted else ())):
            if key not in found:
                return Fault(line, f"no key {key!r}")
        return self.grouped(line, found["input"], found["target"], found.get(self.group))

    def grouped(self, line: int, given: Any, target: Any, group: object) -> Record | Fault:
        if group is None and not self.wanted:
            return Record(line, given, target, None)
        if not isinstance(group, str | int | float):
            return Fault(line, f"{self.group}: {_kind(group)} names no group")
        return Record(line, given, target, str(group))


def _of_json_lines(file: Path, keys: _Keys) -> Iterator[Record | Fault]:
    with file.open("rb") as opened:
        for line, raw in enumerate(opened, 1):
            if raw.isspace():
                continue
            try:
                found = DECODER.decode(raw.rstrip().decode("utf-8-sig" if line == 1 else "utf-8"))
            except UnicodeDecodeError:
                yield Fault(line, "not UTF-8")
            except _NoNumber as error:
                yield Fault(line, str(error))
            except json.JSONDecodeError as error:
                yield Fault(line, f"not JSON: {error.msg} at letter {error.pos + 1}")
            except (ValueError, RecursionError) as error:  # a number too long, brackets too deep
                yield Fault(line, f"not JSON: {error}")
            else:
                yield keys.record(line, found)


def _of_csv(file: Path, keys: _Keys) -> Iterator[Record | Fault]:
    """Cells as texts; what is written as a JSON list is one. A byte that is not UTF-8 spoils its own row only."""
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
        head = opened.readline()
        marks = SEPARATORS[file.suffix.lower()]
        mark = next((mark for mark in marks if mark in head), marks[0])
        header = [cell.strip() for cell in next(csv.reader([head], delimiter=mark), [])]
        inputs, target, group = _columns(header, keys)
        rows = csv.reader(opened, delimiter=mark)
        line = 2
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield Fault(line, f"not CSV: {error}")
            else:
                if row:
                    yield _row(line, row, len(header), (inputs, target, group), keys)
            line = rows.line_num + 2  # where the next begins


def _columns(header: list[str], keys: _Keys) -> tuple[list[int], int, int | None]:
    """Where the inputs, the target and the group stand; raises `PairsError`."""
    several = [name for name in header if name.startswith("input_") and name[6:].isdecimal()]
    known = ("input", "target", keys.group, *several)
    for name in header:
        if name not in known:
            raise keys.unknown(1, name, (*known, "input_1"))
        if header.count(name) > 1:
            raise PairsError(f"{keys.name}, line 1: column {name!r} stands there twice")
    inputs = ["input"] if "input" in header else sorted(several, key=lambda name: int(name[6:]))
    if not inputs or "target" not in header or ("input" in header and several):
        raise PairsError(f"{keys.name}, line 1: the header is input,target or input_1,input_2,…,target, not {header}")
    if keys.wanted and keys.group not in header:
        raise PairsError(f"{keys.name}, line 1: no column {keys.group!r}; there are {', '.join(header)}")
    group = header.index(keys.group) if keys.group in header else None
    return [header.index(name) for name in inputs], header.index("target"), group


def _row(line: int, row: list[str], width: int, at: tuple[list[int], int, int | None], keys: _Keys) -> Record | Fault:
    if len(row) != width:
        return Fault(line, f"{len(row)} cells, the header has {width}")
    try:
        "".join(row).encode()
        inputs, target, group = at
        given = tuple(_cell(row[place]) for place in inputs)
        found = given[0] if len(given) == 1 else given
        return keys.grouped(line, found, _cell(row[target]), None if group is None else row[group])
    except UnicodeEncodeError:
        return Fault(line, "not UTF-8")
    except _NoNumber as error:
        return Fault(line, str(error))


def _cell(text: str) -> Any:
    if not (text.startswith("[") and text.endswith("]")):
        return text
    try:
        return DECODER.decode(text)
    except _NoNumber:
        raise
    except (ValueError, RecursionError):
        return text


def _of_iterable(source: Iterable[Any], keys: _Keys) -> Iterator[Record | Fault]:
    for line, found in enumerate(source, 1):
        if isinstance(found, Mapping):
            yield keys.record(line, found)
        elif isinstance(found, tuple | list) and len(found) in (2, 3):
            yield keys.grouped(line, found[0], found[1], found[2] if len(found) == 3 else None)
        else:
            yield Fault(line, f"{_kind(found)}, not (input, target), (input, target, group) or a dict")


def _check(file: Path) -> None:
    """Raise `PairsError` for what can be told from the file's first bytes."""
    if file.is_dir():
        raise PairsError(f"{file}: a folder; name a file of pairs, such as {file / 'pairs.jsonl'}")
    try:
        with file.open("rb") as opened:
            head = opened.read(HEAD)
    except OSError as error:
        raise PairsError(f"{file}: {error.strerror or error}") from error
    for magic, form in PACKED.items():
        if head.startswith(magic):
            raise PairsError(f"{file}: packed with {form}; unpack it first")
    if b"\0" in head:
        raise PairsError(f"{file}: not text; pairs are JSON Lines or CSV in UTF-8")
    if not head:
        raise PairsError(f"{file}: the file is empty")
    if file.suffix.lower() not in SEPARATORS and head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        raise PairsError(f"{file}: begins with '['; write one object a line, not one array")


def _kind(found: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return "a number" if number else names.get(type(found), type(found).__name__)
