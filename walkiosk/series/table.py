"""A long CSV, read in blocks of rows: columns by name, and for every row the line it stands in.

Separators are read from the header: comma, semicolon (decimals may then have a comma) or tab.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from walkiosk.series.fault import SeriesError

REQUIRED = ("unique_id", "ds", "y")
KNOWN = (*REQUIRED, "price", "promotion", "category", "name")
SEPARATORS = (",", ";", "\t")
ROWS = 50_000  # of a block
LONGEST_SHOWN = 40  # letters of a value in a message
ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?)?)?)?")
HOURS = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")

Floats = NDArray[np.float64]


class NoDate(ValueError):
    """Words that are no day; the message says why."""


class Dates(dict[str, int]):
    """What each way of writing a date means, in days; a date is read once, however many rows have it."""

    def __missing__(self, text: str) -> int:
        day = self[text] = read_day(text)
        return day


def read_day(text: str) -> int:
    """Return the day of an ISO date, month or year, counted as date.toordinal counts; raises `NoDate`."""
    found = ISO.fullmatch(text.strip())
    if found is None:
        if HOURS.fullmatch(text.strip()):
            raise NoDate("has hours; add up to days first")
        raise NoDate("is empty" if not text.strip() else "is no ISO date, such as 2026-04-03, 2026-04 or 2026")
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        return date(year, month, day).toordinal()
    except ValueError as error:
        raise NoDate(f"is no date: {error}") from error


@dataclass(frozen=True)
class Block:
    """Some rows: N texts a column, and the line of each row."""

    table: Table
    lines: NDArray[np.int64]
    columns: Mapping[str, Sequence[str]]

    def fault(self, row: int, column: str, reason: str) -> SeriesError:
        """The error that names what stands in a column of row ``row`` of the block."""
        text = self.columns[column][row]
        shown = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
        return SeriesError(f"{self.table.file}, line {self.lines[row]}, column {column}: {shown!r} {reason}")

    def numbers(self, column: str) -> Floats:
        """N numbers, NaN where the cell is empty; raises `SeriesError` for anything else."""
        texts = self.columns[column]
        joined = "".join(texts)
        if self.table.decimal_comma and "," in joined:
            texts = [text.replace(",", ".") for text in texts]
        empty = texts.count("")
        try:
            numbers = map(float, [text or "nan" for text in texts] if empty else texts)
            found = np.fromiter(numbers, np.float64, len(texts))
        except ValueError:
            raise self._no_number(column, texts) from None
        if "_" in joined or np.isinf(found).any() or np.count_nonzero(np.isnan(found)) != empty:
            raise self._no_number(column, texts)
        return found

    def _no_number(self, column: str, texts: Sequence[str]) -> SeriesError:
        for row, text in enumerate(texts):
            try:
                if text and ("_" in text or not np.isfinite(float(text))):
                    return self.fault(row, column, "is no number; leave the cell empty where nothing is known")
            except ValueError:
                hint = "; decimals have a point" if "," in text and not self.table.decimal_comma else ""
                return self.fault(row, column, f"is no number{hint}")
        raise AssertionError(f"column {column}: every cell is a number")

    def days(self, dates: Dates) -> NDArray[np.int64]:
        """N days of column ds; raises `SeriesError`."""
        texts = self.columns["ds"]
        try:
            return np.fromiter(map(dates.__getitem__, texts), np.int64, len(texts))
        except NoDate:
            for row, text in enumerate(texts):
                try:
                    read_day(text)
                except NoDate as error:
                    raise self.fault(row, "ds", str(error)) from error
            raise


@dataclass(frozen=True)
class Table:
    """The header of a file: its columns in their order, and how cells are separated."""

    file: Path
    columns: tuple[str, ...]
    separator: str

    @classmethod
    def open(cls, file: Path) -> Table:
        """Read the header; raises `SeriesError` for a missing column, OSError for a missing file."""
        with _reading(file) as opened:
            head = opened.readline().rstrip("\r\n")
        if not head.strip():
            raise SeriesError(f"{file}: {'no header in line 1' if file.stat().st_size else 'the file is empty'}")
        read = {mark: [cell.strip() for cell in next(csv.reader([head], delimiter=mark))] for mark in SEPARATORS}
        separator = max(SEPARATORS, key=lambda mark: len(set(KNOWN) & set(read[mark])))
        columns = read[separator]
        for name in REQUIRED:
            if name not in columns:
                raise SeriesError(f"{file}, line 1: column {name} is missing; there are {', '.join(columns)}")
        for name in KNOWN:
            if columns.count(name) > 1:
                raise SeriesError(f"{file}, line 1: column {name} stands there twice")
        return cls(file, tuple(columns), separator)

    @property
    def decimal_comma(self) -> bool:
        return self.separator == ";"

    @property
    def unused(self) -> tuple[str, ...]:
        return tuple(name for name in self.columns if name not in KNOWN)

    def blocks(self, seen: Callable[[int], object] = lambda _: None) -> Iterator[Block]:
        """All rows, a block at a time; ``seen`` is told how many bytes were read so far."""
        with _reading(self.file) as opened:
            reader = csv.reader(opened, delimiter=self.separator, strict=True)
            try:
                next(reader)
                line = reader.line_num
                while rows := list(islice(reader, ROWS)):
                    seen(opened.buffer.tell())
                    lines = _lines(rows, line, reader.line_num)
                    line = reader.line_num
                    if any(rows):
                        yield self._block(rows, lines)
            except csv.Error as error:
                raise SeriesError(f"{self.file}, line {reader.line_num}: {error}") from error

    def _block(self, rows: list[list[str]], lines: NDArray[np.int64]) -> Block:
        width = len(self.columns)
        if set(map(len, rows)) != {width}:
            for row, line in zip(rows, lines, strict=True):
                if row and len(row) != width:
                    raise SeriesError(f"{self.file}, line {line}: {len(row)} cells, the header has {width}")
            lines, rows = lines[[bool(row) for row in rows]], [row for row in rows if row]  # without blank lines
        cells = dict(zip(self.columns, zip(*rows, strict=True), strict=False))
        return Block(self, lines, {name: cells[name] for name in KNOWN if name in cells})


def _lines(rows: list[list[str]], before: int, last: int) -> NDArray[np.int64]:
    """The line in which each row ends, of those behind line ``before`` up to ``last``."""
    if last - before == len(rows):
        return np.arange(before + 1, last + 1)
    return before + np.cumsum([1 + sum(cell.count("\n") for cell in row) for row in rows])


@contextmanager
def _reading(file: Path) -> Iterator[TextIO]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            yield opened
    except UnicodeDecodeError as error:
        raise SeriesError(f"{file}, line {_undecodable(file)}: not UTF-8") from error


def _undecodable(file: Path) -> int:
    """The first line that is not UTF-8."""
    with file.open("rb") as opened:
        for number, line in enumerate(opened, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1
