"""A file of series, read from top to bottom once: checked cell by cell, and put by for its series.

What cannot be read is an error with its line; what is only in disorder is put right and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from walkiosk.series.fault import Repairs
from walkiosk.series.rules import Rules
from walkiosk.series.shelf import Shelf, rows_dtype
from walkiosk.series.table import Block, Dates, Floats, Table

FACTS = ("category", "name")
Codes = NDArray[np.int32]


class Numbers(dict[str, int]):
    """Each series' number, in the order in which they are met."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number


@dataclass
class Collected:
    """All rows of a file, by series; ``latest`` is the last day on which any series has a value."""

    table: Table
    rules: Rules
    repairs: Repairs
    shelf: Shelf
    numbers: Numbers = field(default_factory=Numbers)
    facts: dict[str, dict[int, str]] = field(default_factory=lambda: {name: {} for name in FACTS})
    latest: int = 0
    seen: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # last day met, by series

    @classmethod
    def read(
        cls, table: Table, rules: Rules, repairs: Repairs, seen: Callable[[int], object] = lambda _: None
    ) -> Collected:
        """Read all of ``table``; ``seen`` is told how many bytes were read. Raises `SeriesError`."""
        found = cls(table, rules, repairs, Shelf(rows_dtype(table.columns)))
        if table.unused:
            repairs.add("columns that nothing is made of", len(table.unused), 0, ", ".join(table.unused))
        dates = Dates()
        for block in table.blocks(seen):
            found._add(block, dates)
        return found

    def _add(self, block: Block, dates: Dates) -> None:
        ids = block.columns["unique_id"]
        codes = np.fromiter(map(self.numbers.__getitem__, ids), np.int32, len(ids))
        if "" in self.numbers:
            raise block.fault(ids.index(""), "unique_id", "names no series")
        rows = np.zeros(len(ids), self.shelf.dtype)
        rows["code"], rows["line"], rows["day"] = codes, block.lines, block.days(dates)
        rows["y"] = self._values(block, rows["day"])
        for name, most in (("price", np.inf), ("promotion", 1.0)):
            if name in self.table.columns:
                rows[name] = _between(block, name, most)
        self._keep_facts(block, codes)
        self._count_disorder(block, codes, rows["day"].astype(np.int64))
        self.shelf.put(rows)

    def _values(self, block: Block, days: Codes) -> Floats:
        values = block.numbers("y")
        known = ~np.isnan(values)
        ahead = np.flatnonzero(known & (days > self.rules.today.toordinal()))
        if len(ahead):
            day = block.columns["ds"][ahead[0]]
            reason = f"on {day}, which is after today, {self.rules.today}; --today sets another day"
            raise block.fault(int(ahead[0]), "y", reason)
        self.latest = max(self.latest, int(days[known].max(initial=0)))
        below = np.flatnonzero(values < 0)
        if len(below) and self.rules.negative == "error":
            raise block.fault(int(below[0]), "y", "is negative; --negative zero or --negative keep lets it pass")
        if len(below) and self.rules.negative == "zero":
            first = block.columns["y"][below[0]]
            self.repairs.add("{count} negative values taken as 0", len(below), int(block.lines[below[0]]), first)
            values = np.where(values < 0, 0.0, values)
        return values

    def _keep_facts(self, block: Block, codes: Codes) -> None:
        for name in FACTS:
            if name not in block.columns:
                continue
            kept = self.facts[name]
            for code, text in dict.fromkeys(zip(codes.tolist(), block.columns[name], strict=True)):
                if text and kept.setdefault(code, text) != text:
                    row = next(n for n, c in enumerate(codes) if c == code and block.columns[name][n] == text)
                    told = f"{text!r} after {kept[code]!r}"
                    what = f"{{count}} series change their {name}: what stands first is taken"
                    self.repairs.add(what, 1, int(block.lines[row]), told)

    def _count_disorder(self, block: Block, codes: Codes, days: NDArray[np.int64]) -> None:
        """Rows earlier than the row before them of the same series."""
        self.seen = np.pad(self.seen, (0, len(self.numbers) - len(self.seen)))
        order = np.argsort(codes, kind="stable")
        code, day = codes[order], days[order]
        first = np.r_[True, code[1:] != code[:-1]]
        before = np.where(first, self.seen[code], np.r_[0, day[:-1]])
        late = np.sort(order[day < before])
        self.seen[code[np.r_[first[1:], True]]] = day[np.r_[first[1:], True]]
        if len(late):
            shown = f"{block.columns['unique_id'][late[0]]} {date.fromordinal(int(days[late[0]]))}"
            self.repairs.add("{count} rows out of order, sorted by date", len(late), int(block.lines[late[0]]), shown)


def _between(block: Block, name: str, most: float) -> Floats:
    found = block.numbers(name)
    wrong = np.flatnonzero((found < 0) | (found > most))
    if len(wrong):
        raise block.fault(int(wrong[0]), name, "is negative" if found[wrong[0]] < 0 else f"is over {most:g}")
    return found
