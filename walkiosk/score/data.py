"""Reading the examples that a skill is scored on: one JSON object a line, faults told by file, line and field."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLE_SEED = 0  # which examples a capped set keeps


class DataError(ValueError):
    """A line that is no example of this skill."""


@dataclass(frozen=True)
class Row:
    """One example and where it stands."""

    fields: Mapping[str, Any]
    file: Path
    line: int

    def fault(self, field: str, reason: str) -> DataError:
        return DataError(f"{self.file}, line {self.line}, field {field}: {reason}")

    def has(self, field: str) -> bool:
        return self.fields.get(field) is not None

    def text(self, field: str, default: str | None = None) -> str:
        """The words in a field; raises `DataError` when there are none and no default."""
        value = self.fields.get(field)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self.fault(field, "is missing" if value is None else f"words expected, found {_shown(value)}")
        return value

    def flag(self, field: str) -> bool:
        """Whether a field says true; a field that is not there does not."""
        value = self.fields.get(field, False)
        if not isinstance(value, bool):
            raise self.fault(field, f"true or false expected, found {_shown(value)}")
        return value

    def items(self, field: str) -> Sequence[Any]:
        """The list in a field."""
        value = self.fields.get(field)
        if not isinstance(value, list):
            raise self.fault(field, "is missing" if value is None else f"a list expected, found {_shown(value)}")
        return value

    def objects(self, field: str) -> list[Row]:
        """The objects in a list, each read as the line itself is."""
        found = []
        for number, item in enumerate(self.items(field), 1):
            if not isinstance(item, dict):
                raise self.fault(field, f"item {number}: an object expected, found {_shown(item)}")
            found.append(Row(item, self.file, self.line))
        return found

    def part(self, field: str) -> Row:
        """The object in a field."""
        value = self.fields.get(field)
        if not isinstance(value, dict):
            raise self.fault(field, "is missing" if value is None else f"an object expected, found {_shown(value)}")
        return Row(value, self.file, self.line)

    def path(self, field: str) -> Path:
        """A path in a field, relative to the data file."""
        return self.file.parent / self.text(field)


def read_rows(file: Path, limit: int | None = None) -> list[Row]:
    """Read a JSONL file, or ``limit`` of its rows drawn evenly with a fixed seed; raises `DataError`."""
    if not file.is_file():
        raise DataError(f"{file}: no such file")
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: not UTF-8 at byte {error.start}") from error
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{file}, line {number}, column {error.colno}: no JSON: {error.msg}") from error
        if not isinstance(value, dict):
            raise DataError(f"{file}, line {number}: an object expected, found {_shown(value)}")
        rows.append(Row(value, file, number))
    if not rows:
        raise DataError(f"{file}: no examples in it")
    if limit is not None and limit < len(rows):
        rows = sorted(random.Random(SAMPLE_SEED).sample(rows, limit), key=lambda row: row.line)
    return rows


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "..."
