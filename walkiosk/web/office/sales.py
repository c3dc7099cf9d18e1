"""The sales: by day, state and customer."""

from __future__ import annotations

import datetime
from typing import get_args
from urllib.parse import urlencode

from walkiosk.store.sale_book import State
from walkiosk.store.sale_list import SaleEntry, Wanted, find_sales
from walkiosk.web.office import kiosks, parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.visit import Visit

LISTED = 30  # on one page
STATES: tuple[State, ...] = get_args(State)
KINDS: dict[str, parts.Kind] = {"captured": "good", "refunded": "bad", "released": "plain"}


@page("/sales")
async def sales(visit: Visit) -> None:
    """The sales, the latest first."""
    words, query = visit.words, visit.query
    state = query.get("state") if query.get("state") in STATES else None
    days, kiosk = (_day(query.get("first")), _day(query.get("last"))), kiosks.chosen(visit)
    wanted = Wanted(*days, state, query.get("customer", ""), kiosk)
    number, known = visit.page, await kiosks.names(visit)
    _asking(visit, wanted, known)
    zone, offset = visit.store.settings.time_zone, (number - 1) * LISTED
    found, count = await visit.office.read(lambda: find_sales(visit.store.engine, wanted, zone, LISTED, offset))
    if not found:
        parts.note(words("no_sales"))
        return
    with parts.card():
        keys = ("sale_at", "sale_goods", "customer", "sale_state", "sale_total", *(("kiosk",) if known else ()))
        rows = [[*_row(visit, entry), *((entry.kiosk or words("kiosk_here"),) if known else ())] for entry in found]
        parts.table([words(key) for key in keys], rows, numbers=(4,))
    asked = {key: value for key, value in query.items() if key != "page"}
    of = (count + LISTED - 1) // LISTED
    parts.pages(visit, number, of, lambda to: f"/sales?{urlencode({**asked, 'page': to})}")


def state_badge(visit: Visit, state: str, refunded_cents: int = 0) -> None:
    """A sale's state; one given back in part says so."""
    if state == "captured" and refunded_cents:
        parts.badge(visit.words("sale_part_refunded"), "warn")
    else:
        parts.badge(visit.words(f"sale_{state}"), KINDS.get(state, "warn"))


def _asking(visit: Visit, wanted: Wanted, known: tuple[str, ...]) -> None:
    words = visit.words
    with parts.asking("/sales", words("search")):
        for key, day in (("first", wanted.first), ("last", wanted.last)):
            parts.asked_for(key, words(f"sale_{key}"), day.isoformat() if day else "", "date")
        states: dict[str, str] = {"": words("any")}
        states |= {state: words(f"sale_{state}") for state in STATES}
        parts.asked("state", words("sale_state"), states, wanted.state or "")
        parts.asked_for("customer", words("customer"), wanted.customer)
        kiosks.asked(visit, known)


def _row(visit: Visit, entry: SaleEntry) -> list[parts.Cell]:
    words = visit.words

    def day() -> None:
        parts.link(words.time(entry.created_ms, "d MMM y, HH:mm"), f"/sales/{entry.id}")

    goods = ", ".join(entry.goods)
    paid = entry.captured_cents - entry.refunded_cents if entry.captured_cents else entry.total_cents
    badge = lambda: state_badge(visit, entry.state, entry.refunded_cents)  # noqa: E731
    return [day, goods, entry.customer or "–", badge, words.money(paid)]


def _day(text: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text or "")
    except ValueError:
        return None
