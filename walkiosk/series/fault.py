"""What is wrong with a file of series, and what was put right in it, each with the row where it began."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


class SeriesError(ValueError):
    """A file that no series can be read from; the message names file, line and value."""


@dataclass
class Repair:
    """One kind of thing that was put right, or that a reader should know: how often, and where first."""

    what: str  # "{count}" in it is how often
    count: int = 0
    line: int = 0  # of the first, 0 where it is the whole file's
    first: str = ""


@dataclass
class Repairs:
    """All that was put right in one file, by kind, in the order in which it was first met."""

    file: Path
    kinds: dict[str, Repair] = field(default_factory=dict)

    def add(self, what: str, count: int, line: int, first: str) -> None:
        """Note ``count`` more of a kind, the first of them at ``line``."""
        kind = self.kinds.setdefault(what, Repair(what))
        if not kind.count or line < kind.line:
            kind.line, kind.first = line, first
        kind.count += count

    def lines(self) -> list[str]:
        """A line for each kind."""
        return [
            f"{self.file}: {kind.what.format(count=f'{kind.count:,}')}"
            + (
                f"; the first in line {kind.line}, {kind.first}"
                if kind.line
                else f": {kind.first}"
                if kind.first
                else ""
            )
            for kind in self.kinds.values()
        ]

    def told(self) -> list[dict[str, object]]:
        """The same as plain values."""
        return [
            {"repair": kind.what.format(count=kind.count), "count": kind.count, "line": kind.line, "first": kind.first}
            for kind in self.kinds.values()
        ]
