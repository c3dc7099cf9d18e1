"""The door to a file of series: `open_series`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from walkiosk.series.assembly import Series, assemble
from walkiosk.series.collecting import Collected
from walkiosk.series.fault import Repairs, SeriesError
from walkiosk.series.rules import Rules
from walkiosk.series.table import Table


@dataclass(frozen=True)
class SeriesFile:
    """A file that was read through: how many series it has, and what was put right so far."""

    collected: Collected

    def __len__(self) -> int:
        return len(self.collected.numbers)

    @property
    def repairs(self) -> Repairs:
        """What was put right; complete when all blocks are taken."""
        return self.collected.repairs

    def blocks(self, horizon: int | None = None) -> Iterator[list[Series]]:
        """All series in the order of their first rows, a thousand at a time; raises `SeriesError`. Once only.

        What is known ahead reaches ``horizon`` steps behind the last value.
        """
        return assemble(self.collected, horizon)


@contextmanager
def open_series(
    file: Path, rules: Rules | None = None, seen: Callable[[int], object] = lambda _: None
) -> Iterator[SeriesFile]:
    """Read a long CSV in bounded memory; ``seen`` is told how many bytes were read so far.

    Raises `SeriesError` naming file, line and value, OSError for a file that is not there.
    """
    table = Table.open(file)
    collected = Collected.read(table, rules or Rules(), Repairs(file), seen)
    with collected.shelf:
        if not len(collected.numbers):
            raise SeriesError(f"{file}: no rows behind the header")
        yield SeriesFile(collected)
