"""Files of series for the tests, and what is read of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from walkiosk.series.assembly import Series
from walkiosk.series.opening import open_series
from walkiosk.series.rules import Rules

TODAY = date(2026, 4, 30)
MONDAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Read:
    series: dict[str, Series]
    repairs: list[str]


def rows(name: str, values: Iterable[float | str], first: date = MONDAY, step: int = 1) -> str:
    """Lines of one series, ``step`` days apart."""
    return "".join(f"{name},{first + timedelta(step * number)},{value}\n" for number, value in enumerate(values))


def written(folder: Path, text: str, header: str = "unique_id,ds,y\n") -> Path:
    path = folder / "sales.csv"
    path.write_text(header + text, "utf-8")
    return path


def read(path: Path, rules: Rules | None = None, horizon: int | None = None) -> Read:
    with open_series(path, rules or Rules(today=TODAY)) as opened:
        found = {one.id: one for block in opened.blocks(horizon) for one in block}
        return Read(found, opened.repairs.lines())
