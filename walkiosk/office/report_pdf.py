"""A report on two pages of A4 that can be mailed: the first is what sold, the second what was said."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal

from walkiosk.office.fonts import Fonts
from walkiosk.office.report_paper import GREY, LINE, Bar, Paper
from walkiosk.office.report_tables import Report, tables
from walkiosk.office.reports import Figures, Row, SalesReport
from walkiosk.office.watch import Finding

WORDS = Path(__file__).with_name("report_words.json")
ITEMS, FEW, ASKED, WATCHED = 12, 7, 13, 9  # rows that have room on their page
MOST_DAYS, MOST_WEEKS = 62, 66  # bars that have room beside each other


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """The words around the figures: by language and key; categories of the watch have their own names as keys."""
    read: dict[str, dict[str, str]] = json.loads(WORDS.read_text("utf-8"))
    return read


@dataclass(frozen=True)
class _Writing:
    """How words, amounts and days are written in one language."""

    language: str
    currency: str

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.language)

    def __call__(self, key: str, **facts: str) -> str:
        return words()[self.language][key].format(**facts)

    def money(self, cents: int) -> str:
        return format_currency(Decimal(cents) / 100, self.currency, locale=self.locale)

    def number(self, value: float) -> str:
        return str(format_decimal(round(value, 1), locale=self.locale))

    def day(self, day: datetime.date) -> str:
        return format_date(day, "long", self.locale)

    def short(self, day: datetime.date, skeleton: str = "MMMd") -> str:
        at_noon = datetime.datetime.combine(day, datetime.time(12))
        return str(format_skeleton(skeleton, at_noon, locale=self.locale))

    def language_named(self, code: str) -> str:
        return (self.locale.languages.get(code) or code) if code else self("unknown")


def as_pdf(report: Report, language: str, places: Sequence[Path] | None = None) -> bytes:
    """The report as a PDF in one of our languages (another one is English); `places` are folders of fonts."""
    write = _Writing(language if language in words() else "en", report.sales.currency)
    texts = [report.shop, *words()[write.language].values(), *_names_of_languages(report, write), *_cells(report)]
    fonts = Fonts.for_texts(texts) if places is None else Fonts.for_texts(texts, places)
    paper = Paper(fonts, f"{write('title')} · {report.shop}")
    _sold(paper, report, write)
    paper.turn()
    _talked(paper, report, write)
    if paper.latin:
        paper.foot(write("latin"))
    return paper.finish()


def _cells(report: Report) -> list[str]:
    return [cell for made in tables(report) for row in made.rows for cell in row if isinstance(cell, str)]


def _names_of_languages(report: Report, write: _Writing) -> list[str]:
    codes = {code for code, _ in report.talk.by_language} | {row.key for row in report.sales.by_language}
    return [write.language_named(code) for code in codes]


def _head(paper: Paper, report: Report, write: _Writing, title: str) -> None:
    period = report.sales.period
    paper.heading(f"{report.shop} · {title}", 16)
    paper.line(f"{write.day(period.since)} – {write.day(period.until)}", GREY)
    paper.space(3)


def _sold(paper: Paper, report: Report, write: _Writing) -> None:
    sales = report.sales
    _head(paper, report, write, write("sales"))
    total = sales.total
    figures = [
        (write("takings"), write.money(total.takings_cents)),
        (write("refunds"), write.money(total.refunds_cents)),
    ]
    figures += [(write("units"), write.number(total.units)), (write("sales"), write.number(sales.sales))]
    paper.figures(figures)
    key, bars = _bars(sales, write)
    paper.heading(f"{write(key)} ({write('net')})", 11)
    paper.bars(bars, 38, lambda cents: write.money(round(cents)))
    paper.space(3)
    if not any(row.figures.units or row.figures.refunds_cents for row in sales.by_item):
        paper.line(write("nothing_sold"), GREY)
    else:
        _rows(paper, write, "by_item", [(row.name, row) for row in sales.by_item], ITEMS)
        left = [(row.name or write("unknown"), row) for row in sales.by_category]
        right = [(write.language_named(row.key), row) for row in sales.by_language]
        top = paper.y
        _rows(paper, write, "by_category", left, FEW, paper.half(0))
        under, paper.y = paper.y, top
        _rows(paper, write, "by_language", right, FEW, paper.half(1))
        paper.y = max(under, paper.y)
        hours = [Bar(row.key, row.figures.units) for row in sales.by_hour if row.key]
        if any(bar.value for bar in hours):
            paper.heading(f"{write('by_hour')} ({write('units')})", 11)
            paper.bars(hours, 24, write.number)
    if sales.filed_days:
        paper.line(write("from_file"), GREY)
    if sales.unpriced_units:
        paper.line(write("unpriced", count=write.number(sales.unpriced_units)), GREY)


def _bars(sales: SalesReport, write: _Writing) -> tuple[str, list[Bar]]:
    """Days, weeks or months, whichever there is room for."""
    days = [(datetime.date.fromisoformat(row.key), row.figures.net_cents) for row in sales.by_day]
    if len(days) <= MOST_DAYS:
        return "by_day", [Bar(write.short(day), cents) for day, cents in days]
    weekly = len(days) <= MOST_WEEKS * 7
    added: dict[datetime.date, int] = {}
    for day, cents in days:
        first = day - datetime.timedelta(day.weekday()) if weekly else day.replace(day=1)
        added[first] = added.get(first, 0) + cents
    form = "MMMd" if weekly else "yyMMM"
    return "by_week" if weekly else "by_month", [Bar(write.short(first, form), cents) for first, cents in added.items()]


def _rows(
    paper: Paper,
    write: _Writing,
    key: str,
    rows: Sequence[tuple[str, Row]],
    most: int,
    place: tuple[float, float] | None = None,
) -> None:
    """Names with units and what stays in the shop; those that have no room are added up."""
    shown = [(name, row.figures) for name, row in rows[: most if len(rows) <= most else most - 1]]
    others = [row.figures for _, row in rows[len(shown) :]]
    if others:
        shown.append((f"{write('more')} ({len(others)})", sum(others, Figures())))
    lines = [(name, write.number(own.units), write.money(own.net_cents)) for name, own in shown]
    paper.table((write(key), write("units"), write("net")), lines, (0.58, 0.17, 0.25), place)
    paper.space(4)


def _talked(paper: Paper, report: Report, write: _Writing) -> None:
    talk = report.talk
    _head(paper, report, write, write("conversations"))
    if not talk.kept_days:
        paper.line(write("none_kept"), GREY)
        return
    own = talk.conversion
    counts = [("conversations", own.conversations), ("asked", own.asked), ("basket", own.basket), ("sold", own.sold)]
    paper.figures([(write(key), write.number(count)) for key, count in counts])
    if talk.times is not None:
        half, most = (write.number(ms / 1000) for ms in (talk.times.p50_ms, talk.times.p90_ms))
        paper.line(write("answer", half=half, most=most))
    paper.line(write("kept", days=write.number(talk.kept_days)), GREY)
    paper.space(3)
    columns = tuple(write(key) for key in ("by_language", "conversations", "asked", "sold"))
    told = [
        (write.language_named(code), *map(write.number, (c.conversations, c.asked, c.sold)))
        for code, c in talk.by_language
    ]
    top = paper.y
    paper.table(columns, told[:FEW], (0.34, 0.22, 0.22, 0.22), paper.half(0))
    under, paper.y = paper.y, top
    places = {"payment": "payment", "basket": "in_basket", "unanswered": "unanswered", "shown": "shown"}
    left = [(write(places[place]), write.number(count)) for place, count in talk.gave_up.items()]
    paper.table((write("gave_up"), write("people")), left, (0.75, 0.25), paper.half(1))
    paper.y = max(under, paper.y)
    paper.space(4)
    asked = [
        (each.words, write(each.missed), write.number(each.people), write.short(each.last))
        for each in talk.missed[:ASKED]
    ]
    paper.table((write("asked_for"), "", write("people"), ""), asked, (0.55, 0.21, 0.12, 0.12))
    if not asked:
        paper.line(write("nothing_missed"), GREY)
    paper.space(4)
    _watched(paper, report.findings, write)


def _watched(paper: Paper, findings: Sequence[Finding] | None, write: _Writing) -> None:
    paper.heading(f"{write('watch')} ({len(findings)})" if findings else write("watch"), 11)
    if not findings:
        paper.line(write("not_watched" if findings is None else "nothing_watched"), GREY)
        return
    for each in findings[:WATCHED]:
        why = write(each.kind, why=each.why) if each.kind in ("promise", "rude_reply") else write(each.why)
        paper.line(why, LINE)
        paper.line(f"“{each.line}”")
    if len(findings) > WATCHED:
        paper.line(f"{write('more')} ({len(findings) - WATCHED})", GREY)
