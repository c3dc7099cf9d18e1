"""`walkiosk report`: sales and conversations of a period as a PDF, or as CSVs."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from walkiosk.office.conversation_report import conversation_report
from walkiosk.office.digest_value import Period, RemarkSkills
from walkiosk.office.report_pdf import as_pdf, words
from walkiosk.office.report_tables import TABLES, Report, as_csv, table
from walkiosk.office.reports import milliseconds_of, sales_report
from walkiosk.office.watch import names_of_shop, watch
from walkiosk.skill import Untrained
from walkiosk.store import Store
from walkiosk.store.customers import now_ms

FORMS = (".pdf", ".csv")
USUAL_DAYS = 28  # up to yesterday, unless somebody says otherwise


class ReportError(ValueError):
    """What an operator asked for and cannot have; the message says what is there."""


@dataclass(frozen=True)
class Order:
    """What was typed: the shop, the days of the period (the last one in it), and the file to write."""

    store: Path | str
    out: Path
    database: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    table: str | None = None
    language: str | None = None


def check(order: Order) -> None:
    """Raises `ReportError` for what can be told before anything is opened."""
    form = order.out.suffix.lower()
    if form not in FORMS:
        raise ReportError(f"--out: {order.out.name!r} ends in none of {', '.join(FORMS)}")
    if not order.out.parent.is_dir():
        raise ReportError(f"--out: {order.out.parent}: no such folder")
    if order.table is not None and (form != ".csv" or order.table not in TABLES):
        raise ReportError(f"--table: one of {', '.join(TABLES)}, as a .csv; not {order.table!r} as a {form}")
    if order.language is not None and order.language not in words():
        raise ReportError(f"--language: {order.language!r} is none of {', '.join(words())}")
    if order.since and order.until and order.since > order.until:
        raise ReportError(f"--since {order.since} is behind --until {order.until}")


def run(
    order: Order, load: Callable[[], RemarkSkills], clock: Callable[[], int] = now_ms
) -> tuple[list[Path], list[str]]:
    """The files that were written, and what there is to say of them, in lines; `load` may raise `Untrained`.

    Without `--table` a CSV is one file a table: sales.csv is sales.sales_by_day.csv, sales.conversations.csv and so on.
    Raises `ReportError`, and what opening a store raises.
    """
    check(order)
    store = Store.open(order.store, order.database)
    try:
        report, notes = _report(store, _period(order, store, clock()), load, clock)
        usual = next((code for code in store.settings.languages if code in words()), "en")
        if order.out.suffix.lower() == ".pdf":
            order.out.write_bytes(as_pdf(report, order.language or usual))
            return [order.out], notes
        names = [order.table] if order.table else list(TABLES)
        files = [order.out if order.table else order.out.with_suffix(f".{name}.csv") for name in names]
        for name, file in zip(names, files, strict=True):
            file.write_text(as_csv(table(report, name)), encoding="utf-8")
        return files, notes
    finally:
        store.close()


def _period(order: Order, store: Store, at_ms: int) -> Period:
    zone = zoneinfo.ZoneInfo(store.settings.time_zone)
    yesterday = datetime.datetime.fromtimestamp(at_ms / 1000, zone).date() - datetime.timedelta(1)
    until = order.until or max(yesterday, order.since or yesterday)
    return Period(order.since or until - datetime.timedelta(USUAL_DAYS - 1), until)


def _report(
    store: Store, period: Period, load: Callable[[], RemarkSkills], clock: Callable[[], int]
) -> tuple[Report, list[str]]:
    told = store.conversations.between(*milliseconds_of(period, store.settings.time_zone))
    names = names_of_shop(store.engine)
    notes, skills = [], None
    if told:  # a model that has nothing to read is not loaded
        try:
            skills = load()
        except Untrained as error:
            notes.append(f"{error}; questions are put together by their words, and replies compared with facts alone")
    findings = watch(told, skills.categorise if skills else None, names)
    talk = conversation_report(store, period, clock(), skills.vectors if skills else None)
    sold = sales_report(store, period)
    return Report(store.settings.name, store.settings.time_zone, sold, talk, findings), notes
