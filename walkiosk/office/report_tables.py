"""A report as tables, each of which is a CSV: plain keys in English, money in whole units of the currency."""

from __future__ import annotations

import csv
import datetime
import io
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from walkiosk.office.conversation_report import ConversationReport
from walkiosk.office.reports import Row, SalesReport
from walkiosk.office.watch import Finding

Cell = str | int | Decimal
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would work out


@dataclass(frozen=True, slots=True)
class Report:
    """All there is to report of a shop's period. `findings` is None where the watch did not run."""

    shop: str
    time_zone: str
    sales: SalesReport
    talk: ConversationReport
    findings: tuple[Finding, ...] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their columns."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(report: Report) -> tuple[Table, ...]:
    """Every table of a report."""
    return tuple(make(report) for make in TABLES.values())


def table(report: Report, name: str) -> Table:
    """One of them; raises KeyError."""
    return TABLES[name](report)


def as_csv(made: Table) -> str:
    """A table as CSV; words that a spreadsheet would take for a formula get an apostrophe before them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(made.columns)
    writer.writerows([_plain(cell) for cell in row] for row in made.rows)
    return text.getvalue()


def _plain(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _sold(key: str) -> Callable[[Report], Table]:
    columns = (key, "name", "units", "takings", "refunds", "net")

    def make(report: Report) -> Table:
        rows: Sequence[Row] = getattr(report.sales, f"by_{key}")
        return Table(f"sales_by_{key}", columns, tuple(_figures(row) for row in rows))

    return make


def _figures(row: Row) -> tuple[Cell, ...]:
    own = row.figures
    return row.key, row.name, own.units, _money(own.takings_cents), _money(own.refunds_cents), _money(own.net_cents)


def _conversations(report: Report) -> Table:
    told = [("all", report.talk.conversion), *report.talk.by_language]
    rows = tuple((code, own.conversations, own.asked, own.basket, own.sold) for code, own in told)
    return Table("conversations", ("language", "conversations", "asked", "basket", "sold"), rows)


def _answer_times(report: Report) -> Table:
    own = report.talk.times
    rows = () if own is None else ((own.answers, own.p50_ms, own.p90_ms),)
    return Table("answer_times", ("answers", "p50_ms", "p90_ms"), rows)


def _gave_up(report: Report) -> Table:
    return Table(
        "gave_up", ("place", "people"), tuple((str(place), count) for place, count in report.talk.gave_up.items())
    )


def _asked_for(report: Report) -> Table:
    columns = ("missed", "words", "sku", "people", "times", "languages", "last", "examples")
    rows = tuple(
        (
            each.missed,
            each.words,
            each.sku or "",
            each.people,
            each.times,
            " ".join(each.languages),
            str(each.last),
            " | ".join(each.examples),
        )
        for each in report.talk.missed
    )
    return Table("asked_for", columns, rows)


def _watch(report: Report) -> Table:
    zone = zoneinfo.ZoneInfo(report.time_zone)
    columns = ("kind", "why", "line", "at", "language", "conversation", "turn")
    rows = tuple(
        (each.kind, each.why, each.line, _when(each.at_ms, zone), each.language or "", each.conversation, each.turn)
        for each in report.findings or ()
    )
    return Table("watch", columns, rows)


def _when(at_ms: int, zone: zoneinfo.ZoneInfo) -> str:
    return datetime.datetime.fromtimestamp(at_ms / 1000, zone).isoformat(timespec="seconds")


TABLES: dict[str, Callable[[Report], Table]] = {
    **{f"sales_by_{key}": _sold(key) for key in ("day", "item", "category", "language", "hour")},
    "conversations": _conversations,
    "answer_times": _answer_times,
    "gave_up": _gave_up,
    "asked_for": _asked_for,
    "watch": _watch,
}
