"""The morning page: what customers say, what sold, what will sell, what to order, what to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from nicegui import ui

from walkiosk.office import health
from walkiosk.office.digest_value import Digest
from walkiosk.office.lately import WEEK, Lately, Watched, days_before, sold_lately, watched
from walkiosk.office.opinions import digest_of
from walkiosk.office.order_list import order_list
from walkiosk.office.outlook import HORIZON, Outlooks, outlooks
from walkiosk.office.reports import Figures
from walkiosk.web.office import charts, parts, reorder
from walkiosk.web.office.frame import Section, page, waiting_place
from walkiosk.web.office.visit import Visit

MOVERS, BEST, FINDINGS = 4, 5, 5  # that are shown
CHART_DAYS = 56
Found = TypeVar("Found")
Job = Callable[[], Found]
Draw = Callable[[Visit, Found], object]


@page("/")
async def morning(visit: Visit) -> None:
    """One page in the morning; every part comes when it is worked out."""
    words, office = visit.words, visit.office
    parts.text(words("today_is", day=words.date(office.today, "full"))).classes("soft")
    sections: list[tuple[ui.element, Section[Any]]] = []

    def part(title: str, more: tuple[str, str], job: Job[Found], draw: Draw[Found], quick: bool = False) -> None:
        with parts.card(words(title), (words(more[0]), more[1])):
            sections.append((waiting_place(visit), Section(job, lambda found: draw(visit, found), quick)))

    week = days_before(office, WEEK)
    with parts.box("grid wide"):
        with parts.box("load"):
            part(
                "say", ("all_remarks", f"/remarks?days={WEEK}"), lambda: digest_of(office, words.language, WEEK), _said
            )
            part("what_to_order", ("whole_list", "/reorder"), lambda: order_list(office), reorder.shortly)
        with parts.box("load"):
            part("sold_title", ("all_reports", "/reports"), lambda: sold_lately(office), _sold, quick=True)
            part("will_sell", ("all_forecasts", "/forecasts"), lambda: outlooks(office), _ahead)
            part("look_at", ("all_findings", "/reports/conversations"), lambda: watched(office, week), _watched)
            part("health", ("all_health", "/health"), lambda: health.look(visit.store), _health, quick=True)
    await ui.context.client.connected()
    for place, section in sorted(sections, key=lambda pair: not pair[1].quick):
        await section.fill(visit, place)


def _said(visit: Visit, found: Digest | None) -> None:
    words = visit.words
    if found is None:
        parts.text(words("too_few_remarks"))
        return
    with parts.box("digest", "ul"):
        for number, sentence in enumerate(found.sentences):
            with parts.box(sentence.kind, "li"):
                parts.text(sentence.text + " ", "span")
                address = f"/remarks?{urlencode({'days': WEEK, 'sentence': number})}"
                parts.link(words("remarks_counted", count=len(sentence.ids)), address).classes("small")
    if not found.sentences:
        parts.text(words("no_sentence"))
    told = words("remarks_in_week", count=found.remarks)
    if found.stars.mean is not None:
        before = found.stars.before
        told += " · " + words("stars_mean", mean=words.number(found.stars.mean, 1))
        told += "" if before is None else " " + words("stars_before", mean=words.number(before, 1))
    parts.text(told).classes("soft small")


def _sold(visit: Visit, found: Lately) -> None:
    words = visit.words
    if found.last_sale is None:
        parts.text(words("never_sold"))
        return
    if not (found.week.total.units or found.week_before.total.units):
        today = found.last_sale == visit.office.today
        parts.text(words("sold_today" if today else "long_nothing_sold", day=words.date(found.last_sale)))
        return
    with parts.box("figures"):
        _compared(visit, "yesterday", found.yesterday.total, found.week_ago.total, "day_before")
        _compared(visit, "this_week", found.week.total, found.week_before.total, "week_before")
    if found.week.by_item:
        parts.heading(words("best_of_week"), 3)
        rows: list[list[parts.Cell]] = [
            [row.name, words.number(row.figures.units), words.money(row.figures.net_cents)]
            for row in found.week.by_item[:BEST]
        ]
        parts.table([words("item"), words("units"), words("takings")], rows, numbers=(1, 2))


def _compared(visit: Visit, title: str, now: Figures, before: Figures, against: str) -> None:
    words, kind = visit.words, "plain"
    beside = words("sold_units", units=words.number(now.units))
    if before.net_cents:
        change = now.net_cents / before.net_cents - 1
        kind = "good" if change > 0 else "bad" if change < 0 else "plain"
        beside += " · " + words(against, change=words.percent(change, signed=True))
    parts.figure(words(title), words.money(now.net_cents), beside, kind)  # type: ignore[arg-type]


def _ahead(visit: Visit, found: Outlooks) -> None:
    words = visit.words
    if found.shop is None:
        parts.text(words("no_history"))
        return
    with parts.box("figures"):
        usual = words("usual_week", units=words.number(found.shop.usual_week))
        parts.figure(
            words("next_days", days=WEEK), words("about_units", units=words.number(found.shop.expected(WEEK))), usual
        )
        parts.figure(
            words("next_days", days=HORIZON), words("about_units", units=words.number(found.shop.expected(HORIZON)))
        )
    charts.fan(visit, charts.Fan.of(found.shop, CHART_DAYS), found.shop.name)
    parts.heading(words("movers"), 3)
    for each in found.movers(MOVERS):
        with parts.box("mover"):
            with parts.box("mover-told"):
                parts.link(each.name, f"/forecasts?{urlencode({'category': each.category, 'sku': each.sku or ''})}")
                sign = "+" if each.change > 0 else ""
                told = words(
                    "mover", units=words.number(each.expected(WEEK), 1), change=sign + words.number(each.change, 1)
                )
                parts.text(told).classes("soft small")
            charts.fan(visit, charts.Fan.of(each, CHART_DAYS), each.name, small=True)


def _watched(visit: Visit, found: Watched) -> None:
    words = visit.words
    if not found.conversations:
        parts.text(words("nothing_said"))
        return
    if not found.findings:
        parts.text(words("watch_quiet", count=found.conversations))
    for each in found.findings[:FINDINGS]:
        with parts.box("finding"):
            parts.badge(words(f"finding_{each.kind}"), "bad" if each.kind in ("distress", "risk") else "warn")
            parts.said(f"“{each.line}”", each.language, "blockquote")
    if found.missing:
        parts.text(words("watch_without", what=found.missing)).classes("soft small")


def _health(visit: Visit, found: health.Health) -> None:
    words, wrong = visit.words, []
    wrong += [words("device_silent", name=words(each.kind)) for each in found.devices if not each.answers]
    wrong += [] if found.database.sound else [words("books_unsound", said=found.database.said)]
    wrong += [words("disk_low")] if found.disk_is_full else []
    wrong += [words("sales_unfinished", count=found.unfinished.sales)] if found.unfinished.sales else []
    wrong += [] if found.folder_is_loaded else [words("folder_changed")]
    for each in wrong:
        parts.note(each, "warn")
    if not wrong:
        parts.text(words("all_well")).classes("good")
