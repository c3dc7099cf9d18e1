"""Remarks from a CSV file: text, language, date, stars, id, and a category where somebody chose it by hand.

What a row has wrong is mended and told, never kept quiet.

A file that cannot be read as a whole (no UTF-8, no column `text`, quotes that do not close) is a `RemarksError`.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from walkiosk.office.remarks import Remark
from walkiosk.store.feedback import LONGEST, STARS
from walkiosk.store.sheet import Problem, Sheet, decode, is_language

COLUMNS = ("text", "language", "date", "stars", "id", "category")  # text has to be there
SHOWN = 20  # notes that are written out
LONGEST_CELL = 1_000_000  # letters; more is a quote that does not close


class RemarksError(ValueError):
    """A file of remarks that cannot be read; names file, line, column and value."""


@dataclass(frozen=True)
class RemarksFile:
    """The remarks of a file, in its order, and what was mended: one `Problem` a row and column."""

    remarks: tuple[Remark, ...]
    notes: tuple[Problem, ...]

    def told(self) -> list[str]:
        """What was mended, in lines: the first ones with their rows, then how many there are of each kind."""
        lines = [str(note) for note in self.notes[:SHOWN]]
        if len(self.notes) > SHOWN:
            kinds = Counter(f"{note.column}: {note.reason}" for note in self.notes[SHOWN:])
            lines += [f"… and {count} more rows: {kind}" for kind, count in kinds.most_common()]
        return lines


@dataclass
class _Reading:
    """A file under way: ids that are taken, with the row that took them, and what was mended so far."""

    sheet: Sheet
    taken: dict[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


def read_remarks(path: Path) -> RemarksFile:
    """Reads a CSV file of remarks; raises `RemarksError`, `OSError`."""
    sheet = Sheet(str(path))
    text = decode(path, sheet)
    if text is None:
        raise RemarksError(str(sheet.problems[0]))
    reading = _Reading(sheet)
    rows = _rows(sheet, text)
    _, header = next(rows, (1, []))
    names = _header(sheet, header)
    for line, cells in rows:
        remark = _remark(reading, names, line, cells)
        if remark is not None:
            reading.remarks.append(remark)
    if not reading.remarks:
        raise RemarksError("\n".join([f"{path}: no row with a remark or stars", *map(str, sheet.problems[:SHOWN])]))
    return RemarksFile(tuple(reading.remarks), tuple(sheet.problems))


def _rows(sheet: Sheet, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, each with its first line as an editor counts."""
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else "\t" if first.count("\t") > first.count(",") else ","
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise RemarksError(f"{sheet.file}:{start}: cannot be read from here on: {error}") from None


def _header(sheet: Sheet, cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise RemarksError(f"{sheet.file}:1: {name}: the column is there twice")
    if "text" not in names:
        raise RemarksError(
            f"{sheet.file}:1: text: the column is missing; there are {', '.join(cells) or 'none'}, "
            f"known are {', '.join(COLUMNS)}"
        )
    for name in names:
        if name not in COLUMNS:
            sheet.fail(1, name or "a column without a name", "", f"not used; known are {', '.join(COLUMNS)}")
    return names


def _remark(reading: _Reading, names: Sequence[str], line: int, cells: list[str]) -> Remark | None:
    sheet = reading.sheet
    if len(cells) != len(names):
        reason = f"{len(cells)} cells in a row of {len(names)} columns; a text with a comma needs double quotes"
        sheet.fail(line, "", "", f"{reason}; read up to the last column" if len(cells) > len(names) else reason)
    row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
    words = _words(sheet, line, row.get("text", ""))
    stars = _stars(sheet, line, row.get("stars", ""))
    day = _day(sheet, line, row.get("date", ""))
    language = row.get("language", "").lower().replace("_", "-")
    if language and not is_language(language):
        sheet.fail(line, "language", language, "a language code such as es expected; kept without its language")
        language = ""
    if not words and stars is None:
        sheet.fail(line, "text", "", "no words and no stars; left out")
        return None
    own = _id(reading, line, row.get("id", ""), tuple(cells))
    filed = row.get("category", "") or None
    return None if own is None else Remark(own, words, language or None, day, stars, filed)


def _words(sheet: Sheet, line: int, cell: str) -> str:
    words = " ".join(cell.split())
    if len(words) > LONGEST:
        sheet.fail(line, "text", words, f"{len(words)} letters; cut after {LONGEST}")
    return words[:LONGEST]


def _stars(sheet: Sheet, line: int, cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,3}(\.0+)?", cell) or int(float(cell)) not in STARS:
        sheet.fail(
            line, "stars", cell, f"a whole number from {STARS[0]} to {STARS[-1]} expected; kept without its stars"
        )
        return None
    return int(float(cell))


def _day(sheet: Sheet, line: int, cell: str) -> datetime.date | None:
    if not cell:
        return None
    try:
        return datetime.datetime.fromisoformat(cell).date()
    except ValueError:
        sheet.fail(line, "date", cell, "a day such as 2026-03-31 expected; kept without its date, in no period")
        return None


def _id(reading: _Reading, line: int, cell: str, cells: tuple[str, ...]) -> str | None:
    """A row's id, its line where it has none; another row's id gets the line behind it, a repeated row is left out."""
    own = cell or f"line {line}"
    before = reading.taken.setdefault(own, cells)
    if before is cells:
        return own
    if before == cells:
        reading.sheet.fail(line, "id", own, "the same row is there twice; the second is left out")
        return None
    renamed = f"{own} (line {line})"
    reading.sheet.fail(line, "id", own, f"the id is another row's; called {renamed!r}")
    reading.taken[renamed] = cells
    return renamed
