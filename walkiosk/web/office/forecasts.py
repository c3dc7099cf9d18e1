"""Forecasts: what has sold of the shop, a category or an item, and the fan of what will."""

from __future__ import annotations

from urllib.parse import urlencode

from walkiosk.modality.value import MEDIAN
from walkiosk.office.outlook import HORIZON, WEEK, Outlook, Outlooks, outlooks
from walkiosk.web.office import charts, parts
from walkiosk.web.office.frame import loaded, page
from walkiosk.web.office.visit import Visit

SHOWN_DAYS = 120  # of a history, unless all of it is asked for
LISTED = 30


@page("/forecasts")
async def forecasts(visit: Visit) -> None:
    """A choice of whose forecast, its chart, and the list of all."""
    await loaded(visit, lambda: outlooks(visit.office), lambda found: _draw(visit, found))


def _draw(visit: Visit, found: Outlooks) -> None:
    if found.shop is None:
        parts.note(visit.words("no_history"))
        return
    chosen = _chosen(visit, found) or found.shop
    _choice(visit, found, chosen)
    _chart(visit, chosen)
    _list(visit, found)


def _chosen(visit: Visit, found: Outlooks) -> Outlook | None:
    sku, category = visit.query.get("sku"), visit.query.get("category")
    wanted = (each for each in found.items if sku and each.sku == sku)
    return next(wanted, None) or next((each for each in found.categories if category and each.name == category), None)


def _choice(visit: Visit, found: Outlooks, chosen: Outlook) -> None:
    words = visit.words
    category = chosen.category if chosen.sku else visit.query.get("category", "")
    own = [each for each in found.items if not category or each.category == category]
    items = {each.sku or "": each.name for each in sorted(own, key=lambda each: each.name)}
    with parts.asking("/forecasts", words("show")):
        whole = {"": words("whole_shop")}
        parts.asked(
            "category", words("category"), whole | {each.name: each.name for each in found.categories}, category
        )
        parts.asked("sku", words("item"), {"": words("all_items")} | items, chosen.sku or "")
        spans = {"": words("last_days", days=SHOWN_DAYS), "all": words("all_days")}
        parts.asked("span", words("history"), spans, visit.query.get("span", ""))


def _chart(visit: Visit, chosen: Outlook) -> None:
    words = visit.words
    shown = len(chosen.sold) if visit.query.get("span") == "all" else SHOWN_DAYS
    with parts.card(chosen.name):
        with parts.box("figures"):
            for days in (WEEK, HORIZON):
                middle = words.number(chosen.expected(days))
                parts.figure(words("next_days", days=days), words("about_units", units=middle))
            usual = words("usual_week", units=words.number(chosen.usual_week, 1))
            parts.figure(words("last_week"), words("units_short", units=words.number(chosen.last_week)), usual)
        charts.fan(visit, charts.Fan.of(chosen, shown), chosen.name)
        parts.text(words("fan_read")).classes("soft small")
        rows = []
        for place, day in enumerate(charts.Fan.of(chosen, 0).days):
            at = chosen.ahead[place]
            told = [words.number(at[quantile], 1) for quantile in (0, 1, MEDIAN, 7, 8)]
            rows.append([words.date(day, "EEE d MMM"), *told])
        charts.as_table(visit, [words("day"), "10 %", "20 %", "50 %", "80 %", "90 %"], rows)


def _list(visit: Visit, found: Outlooks) -> None:
    words = visit.words
    asked = visit.query.get("category", "")
    own = [each for each in found.items if not asked or each.category == asked]
    with parts.card(words("by_item")):
        rows: list[list[parts.Cell]] = [_row(visit, each) for each in own[:LISTED]]
        columns = [words(key) for key in ("item", "category", "week_ahead", "month_ahead", "change")]
        parts.table(columns, rows, numbers=(2, 3, 4), spare=(1, 3))
        if len(own) > LISTED:
            parts.text(words("and_more", count=len(own) - LISTED)).classes("soft small")


def _row(visit: Visit, each: Outlook) -> list[parts.Cell]:
    words = visit.words
    address = f"/forecasts?{urlencode({'category': each.category, 'sku': each.sku or ''})}"

    def name() -> None:
        parts.link(each.name, address)

    def change() -> None:
        kind = "good" if each.change > 0.5 else "warn" if each.change < -0.5 else "soft"
        sign = "+" if each.change >= 0.05 else ""
        parts.text(f"{sign}{words.number(each.change, 1)}", "span").classes(kind)

    ahead = [words.number(each.expected(days), 1) for days in (WEEK, HORIZON)]
    return [name, each.category, *ahead, change]
