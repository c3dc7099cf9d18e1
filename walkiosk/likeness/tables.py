"""A CSV file → the series in it, whichever way it lays them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from walkiosk.modality import trend
from walkiosk.modality.value import BadValue, Values, is_number

DATE = re.compile(r"\d{4}-\d\d(-\d\d)?")
Rows = list[list[str]]


def series_of(path: Path) -> list[Values]:
    """Return the series of a CSV file: its column ``y``, one for each ``unique_id`` where there is that column.

    Of another table with a header each column of numbers is one, but not what dates or counts the rows. Where the
    header dates or counts the columns, and where there is none, each row is one, behind its name. Raises `BadValue`
    naming file, row and value.
    """
    try:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadValue(f"{path}: {error}") from error
    if not rows:
        raise BadValue(f"{path}: empty")
    across = _counts(rows[0])
    if any(map(is_number, rows[0])) or across:
        return _of_rows(path, rows, across)
    return _of_ids(path, rows) if "y" in rows[0] else _of_columns(path, rows)


def _of_rows(path: Path, rows: Rows, header: bool) -> list[Values]:
    if max(map(len, rows)) == 1:
        return [_values(path, [(number, row[0]) for number, row in enumerate(rows, 1)])]
    found = []
    for number, row in enumerate(rows[header:], 1 + header):
        first = next((at for at, cell in enumerate(row) if is_number(cell)), 0)
        found.append(_values(path, [(number, cell) for cell in row[first:]]))
    return found


def _of_ids(path: Path, rows: Rows) -> list[Values]:
    at = rows[0].index("y")
    by = rows[0].index("unique_id") if "unique_id" in rows[0] else None
    series: dict[str, list[tuple[int, str]]] = {}
    for number, row in enumerate(rows[1:], 2):
        name = "" if by is None or by >= len(row) else row[by]
        series.setdefault(name, []).append((number, row[at] if at < len(row) else ""))
    return [_values(path, cells) for cells in series.values()]


def _of_columns(path: Path, rows: Rows) -> list[Values]:
    found = []
    for at in range(len(rows[0])):
        cells = [(number, row[at] if at < len(row) else "") for number, row in enumerate(rows[1:], 2)]
        there = [cell for _, cell in cells if cell.strip()]
        if there and is_number(there[0]):
            found.append(_values(path, cells))
    if not found:
        raise BadValue(f"{path}: no column of numbers")
    numbered = len(found) > 1 and is_number(rows[1][0]) and _steps(found[0])
    return found[numbered:]


def _values(path: Path, cells: Sequence[tuple[int, str]]) -> Values:
    """The numbers of cells, each with the row that it stands in, without the empty ones before and behind."""
    there = [place for place, (_, cell) in enumerate(cells) if cell.strip()]
    within = cells[there[0] : there[-1] + 1] if there else []
    for number, cell in within:
        if not is_number(cell):
            raise BadValue(f"{path}, row {number}: {cell!r} is not a number")
    if not within:
        raise BadValue(f"{path}: a series without values")
    return trend.read([float(cell) for _, cell in within])


def _counts(header: Sequence[str]) -> bool:
    """Whether the cells behind the first date or count what stands below them."""
    behind = [cell.strip() for cell in header[1:]]
    if len(behind) > 1 and all(map(DATE.fullmatch, behind)):
        return True
    return len(behind) > 1 and all(map(is_number, behind)) and not is_number(header[0]) and _steps(behind)


def _steps(cells: Sequence[str] | Values) -> bool:
    return len(cells) > 1 and bool((np.diff(np.array(cells, np.float64)) == 1).all())
