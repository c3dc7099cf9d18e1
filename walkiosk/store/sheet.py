"""Reads one CSV file of a store folder: its header against the columns we know, each cell by its column's reader."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SHOWN_PROBLEMS = 50
SHOWN_LETTERS = 60  # of a value in a message
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
Reader = Callable[[str], Any]  # a cell's text to its value; raises ValueError with the reason


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file: `line` is 1-based as an editor shows it, 0 where no line is at fault."""

    file: str
    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        value = self.value if len(self.value) <= SHOWN_LETTERS else f"{self.value[:SHOWN_LETTERS]}…"
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.column, repr(value) if value else "", self.reason) if part)


class FolderError(Exception):
    """A store folder that cannot be loaded; `problems` has everything that was found wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        shown = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
        more = len(problems) - len(shown)
        super().__init__("\n".join([*shown, f"… and {more} more"] if more else shown))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file: their readers, which ones every row must fill, and families such as `name:xx`."""

    readers: Mapping[str, Reader]
    required: tuple[str, ...]
    families: tuple[str, ...] = ()

    def reader(self, column: str) -> Reader | None:
        """The reader of a column, None for one that we do not know."""
        family, colon, language = column.partition(":")
        if colon and family in self.families and is_language(language):
            return str
        return self.readers.get(column)


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose every cell could be read; empty cells are absent."""

    line: int
    cells: dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """A file's good rows, its raw ones, and its problems; `unread` when its rows could not be told apart."""

    file: str
    rows: list[Row] = field(default_factory=list)
    raw: list[dict[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: bool = False

    def fail(self, line: int, column: str, value: str, reason: str) -> None:
        """Notes a problem."""
        self.problems.append(Problem(self.file, line, column, value, reason))

    def seen(self, column: str) -> set[str]:
        """Every value of a column, those of bad rows included."""
        return {cells[column] for cells in self.raw if cells.get(column)}

    def unique(self, column: str) -> None:
        """Notes every value of the column that an earlier row has."""
        first: dict[str, int] = {}
        for row in self.rows:
            value = str(row.cells[column])
            if value in first:
                self.fail(row.line, column, value, f"already in line {first[value]}")
            first.setdefault(value, row.line)


def is_language(code: str) -> bool:
    """Whether it looks like a language code: `es`, `pt-BR`."""
    return re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", code) is not None


def decode(path: Path, sheet: Sheet) -> str | None:
    """A file's text, its byte order mark dropped; None, with the problem noted, where it is no UTF-8."""
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        sheet.fail(1, "", "", "is UTF-16; save it as UTF-8")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        line = len(re.findall(r"\r\n|\r|\n", before)) + 1
        sheet.fail(line, "", f"byte 0x{error.object[error.start]:02x}", "is not UTF-8; save the file as UTF-8")
        return None


def read_sheet(folder: Path, file: str, columns: Columns) -> Sheet:
    """Reads `file` of the folder; one that is not there is an empty one."""
    sheet = Sheet(file)
    path = folder / file
    if not path.exists():
        return sheet
    try:
        text = decode(path, sheet)
    except OSError as error:
        sheet.fail(0, "", "", f"cannot be read: {error.strerror or error}")
        text = None
    if text is None:
        sheet.unread = True
        return sheet
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if header is None:
                    header = _read_header(sheet, cells, start, columns)
                    if sheet.unread:
                        return sheet
                else:
                    _read_row(sheet, header, cells, start, columns)
            start = reader.line_num + 1
    except csv.Error as error:
        sheet.fail(start, "", "", f"cannot be read from here on: {error}")
        sheet.unread = True
    return sheet


def _read_header(sheet: Sheet, cells: list[str], line: int, columns: Columns) -> list[str]:
    header = [cell.strip() for cell in cells]
    hint = "; put commas between the columns" if len(header) == 1 and (";" in cells[0] or "\t" in cells[0]) else ""
    for place, column in enumerate(header):
        if column in header[:place]:
            sheet.fail(line, column, "", "the column is there twice")
        elif not column:
            sheet.fail(line, f"column {place + 1}", "", "has no name")
        elif columns.reader(column) is None:
            sheet.fail(line, column, "", f"unknown column; known are {', '.join(columns.readers)}{hint}")
    for column in columns.required:
        if column not in header:
            sheet.fail(line, column, "", "the column is missing")
    sheet.unread = bool(sheet.problems)
    return header


def _read_row(sheet: Sheet, header: list[str], cells: list[str], line: int, columns: Columns) -> None:
    if len(cells) != len(header):
        reason = f"{len(cells)} cells in a row of {len(header)} columns; a cell with a comma needs double quotes"
        column = header[len(cells)] if len(cells) < len(header) else f"column {len(header) + 1}"
        sheet.fail(line, column, "" if len(cells) < len(header) else cells[len(header)], reason)
    raw = {column: cell.strip() for column, cell in zip(header, cells, strict=False)}
    sheet.raw.append(raw)
    problems = len(sheet.problems)
    read: dict[str, Any] = {}
    for column, cell in raw.items():
        reader = columns.reader(column)
        if not cell or reader is None:
            continue
        try:
            read[column] = reader(_clean(cell))
        except ValueError as error:
            sheet.fail(line, column, cell, str(error))
    for column in columns.required:
        if column in raw and not raw[column]:
            sheet.fail(line, column, "", "must not be empty")
    if len(sheet.problems) == problems and len(cells) == len(header):
        sheet.rows.append(Row(line, read))


def _clean(cell: str) -> str:
    if match := _CONTROL.search(cell):
        raise ValueError(f"has a control character (code {ord(match[0])})")
    return cell
