"""Reports: sales by day, item, category, language and hour; what came of conversations, and what the watch found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response

from walkiosk.office.conversation_report import ConversationReport
from walkiosk.office.desk import Office
from walkiosk.office.digest_value import Period
from walkiosk.office.lately import Watched, days_before, report_of, talk, watched
from walkiosk.office.report_pdf import as_pdf
from walkiosk.office.report_tables import TABLES, as_csv, table
from walkiosk.office.reports import Row, SalesReport, sales_report
from walkiosk.web.office import charts, kiosks, parts
from walkiosk.web.office.frame import loaded, page
from walkiosk.web.office.visit import Visit
from walkiosk.web.office.wording import Words

PERIODS = (7, 28, 91, 365)  # days
USUAL_DAYS = 28
LISTED = 15
SALES_TABLES = tuple(f"sales_by_{by}" for by in ("day", "item", "category", "language", "hour"))
BY: dict[str, Callable[[SalesReport], Sequence[Row]]] = {
    "day": lambda report: report.by_day,
    "item": lambda report: report.by_item,
    "category": lambda report: report.by_category,
    "language": lambda report: report.by_language,
    "hour": lambda report: report.by_hour,
}
files = APIRouter()


def period_of(office: Office, asked: str | None) -> Period:
    """The last whole days that were asked for."""
    days = int(asked) if asked and asked.isdecimal() and len(asked) < 5 else 0
    return days_before(office, days if 0 < days <= 3660 else USUAL_DAYS)


@files.get("/reports/{name}.csv")
async def report_file(request: Request, name: str, days: str = "", kiosk: str = "") -> Response:
    """A table of the report as a file."""
    office: Office = request.state.office
    if name not in TABLES:
        raise HTTPException(404, "no such report")
    period = period_of(office, days)
    made = await office.work(lambda: report_of(office, period, name not in SALES_TABLES, kiosk or None))
    return _file(as_csv(table(made, name)).encode(), "text/csv; charset=utf-8", f"{name}-{period.until}.csv")


@files.get("/reports/report.pdf")
async def report_pdf(request: Request, days: str = "", kiosk: str = "") -> Response:
    """The whole report, as it can be mailed."""
    office: Office = request.state.office
    period = period_of(office, days)
    language = Visit.of(request).words.language
    made = await office.work(lambda: as_pdf(report_of(office, period, kiosk=kiosk or None), language))
    return _file(made, "application/pdf", f"report-{period.until}.pdf")


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@page("/reports")
async def reports(visit: Visit) -> None:
    """Sales of a period."""
    period, kiosk = period_of(visit.office, visit.query.get("days")), kiosks.chosen(visit)
    _periods(visit, period, "/reports", await kiosks.names(visit))
    with parts.box("row-of-acts"):
        parts.link(visit.words("to_conversations"), _address(visit, "/reports/conversations", period))
        parts.link(visit.words("download_pdf"), _address(visit, "/reports/report.pdf", period)).props("download")
    await loaded(visit, lambda: sales_report(visit.store, period, kiosk), lambda found: _sales(visit, found))


def _address(visit: Visit, path: str, period: Period) -> str:
    kiosk = kiosks.chosen(visit)
    return f"{path}?{urlencode({'days': period.days, **({'kiosk': kiosk} if kiosk else {})})}"


def _periods(visit: Visit, period: Period, address: str, known: tuple[str, ...]) -> None:
    words = visit.words
    spans = {str(each): words("last_days", days=each) for each in PERIODS}
    with parts.asking(address, words("show")):
        parts.asked("days", words("period"), spans, str(period.days))
        kiosks.asked(visit, known)
    told = words("from_to", since=words.date(period.since), until=words.date(period.until))
    parts.text(told).classes("soft")


def _sales(visit: Visit, found: SalesReport) -> None:
    words = visit.words
    with parts.card(words("sales")):
        with parts.box("figures"):
            parts.figure(words("takings"), words.money(found.total.net_cents))
            parts.figure(words("units"), words.number(found.total.units))
            parts.figure(words("sales_counted"), words.number(found.sales))
            if found.total.refunds_cents:
                parts.figure(words("given_back"), words.money(found.total.refunds_cents))
        days = [words.date(date.fromisoformat(row.key), "d MMM") for row in found.by_day]
        takings = [row.figures.net_cents / 100 for row in found.by_day]
        told = words("takings_told", total=words.money(found.total.net_cents), days=len(days))
        charts.bars(visit, days, [(words("takings"), takings)], told)
        if found.filed_days:
            parts.text(words("from_file")).classes("soft small")
        if found.unpriced_units:
            parts.text(words("unpriced", units=words.number(found.unpriced_units))).classes("soft small")
    with parts.box("grid halves"):
        for by in ("item", "category", "language", "hour"):
            _rows(visit, found, by)


def _rows(visit: Visit, found: SalesReport, by: str) -> None:
    words = visit.words
    rows = [row for row in BY[by](found) if row.figures.units or row.figures.refunds_cents]
    address = _address(visit, f"/reports/sales_by_{by}.csv", found.period)
    with parts.card(words(f"sales_by_{by}"), (words("download_csv"), address)):
        if not rows:
            parts.text(words("nothing_sold"))
            return
        shown: list[list[parts.Cell]] = [
            [_called(words, by, row), words.number(row.figures.units), words.money(row.figures.net_cents)]
            for row in (rows if by == "hour" else rows[:LISTED])
        ]
        parts.table([words(by), words("units"), words("takings")], shown, numbers=(1, 2))
        if len(rows) > len(shown):
            parts.text(words("more_rows", count=len(rows) - len(shown))).classes("soft small")


def _called(words: Words, by: str, row: Row) -> str:
    if not row.key:
        return words("not_known")
    return words.name_of(row.key) if by == "language" else f"{row.key}:00" if by == "hour" else row.name


@page("/reports/conversations", title="conversations")
async def conversations(visit: Visit) -> None:
    """Conversations of a period: what came of them, what was missing, and what the watch found."""
    period, kiosk = period_of(visit.office, visit.query.get("days")), kiosks.chosen(visit)
    _periods(visit, period, "/reports/conversations", await kiosks.names(visit))
    parts.link(visit.words("to_sales"), _address(visit, "/reports", period))
    await loaded(visit, lambda: talk(visit.office, period, kiosk), lambda found: _talk(visit, found))
    await loaded(visit, lambda: watched(visit.office, period, kiosk), lambda found: _watch(visit, found))


def _talk(visit: Visit, found: ConversationReport) -> None:
    words = visit.words
    if not found.kept_days:
        parts.note(words("none_kept"))
        return
    how = found.conversion
    with parts.card(words("what_came")):
        with parts.box("figures"):
            for key, count in (("came", how.conversations), ("asked_something", how.asked), ("had_basket", how.basket)):
                parts.figure(words(key), words.number(count))
            share = words("of_those_asking", share=words.percent(how.sold / how.asked)) if how.asked else ""
            parts.figure(words("bought"), words.number(how.sold), share)
            if found.times is not None:
                half, most = (words.number(ms / 1000, 1) for ms in (found.times.p50_ms, found.times.p90_ms))
                parts.figure(words("answer_time"), words("seconds", count=half), words("nine_of_ten", seconds=most))
        rows: list[list[parts.Cell]] = [
            [
                words.name_of(code) if code else words("not_known"),
                *(words.number(count) for count in (each.conversations, each.asked, each.sold)),
            ]
            for code, each in found.by_language
        ]
        columns = [words(key) for key in ("language", "came", "asked_something", "bought")]
        if rows:
            parts.table(columns, rows, numbers=(1, 2, 3))
        lost = [words("gave_up", place=words(f"place_{place}"), count=n) for place, n in found.gave_up.items() if n]
        if lost:
            parts.text(words("gave_up_told", places=", ".join(lost)))
    _missed(visit, found)


def _missed(visit: Visit, found: ConversationReport) -> None:
    words = visit.words
    with parts.card(words("missed")):
        if not found.missed:
            parts.text(words("nothing_missed"))
            return
        rows: list[list[parts.Cell]] = [
            [each.words, words(f"missed_{each.missed}"), words.number(each.people), words.date(each.last)]
            for each in found.missed[:LISTED]
        ]
        parts.table([words(key) for key in ("asked_for", "why_not", "people", "last_time")], rows, numbers=(2,))


def _watch(visit: Visit, found: Watched) -> None:
    words = visit.words
    with parts.card(words("look_at")):
        if found.missing:
            parts.note(words("watch_without", what=found.missing))
        if not found.findings:
            parts.text(words("watch_quiet", count=found.conversations))
        for each in found.findings:
            with parts.box("finding", "article"):
                with parts.box("facts"):
                    parts.badge(words(f"finding_{each.kind}"), "bad" if each.kind in ("distress", "risk") else "warn")
                    parts.text(words("rests_on", why=each.why), "span")
                    parts.text(words.time(each.at_ms, "d MMM, HH:mm"), "span").classes("soft")
                parts.said(f"“{each.line}”", each.language, "blockquote")
