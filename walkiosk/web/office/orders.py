"""Orders at suppliers: those that are open, those of before, each with its lines, its file and its deliveries."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from fastapi import APIRouter, HTTPException, Request, Response
from nicegui import ui

from walkiosk.store.order_book import COMING, Order, OrderLine
from walkiosk.store.outcome import NotFound
from walkiosk.web.office import kiosks, parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.visit import Visit

KINDS: dict[str, parts.Kind] = {"placed": "warn", "arriving": "warn", "closed": "good", "cancelled": "bad"}
LISTED = 200
TOLD = ("ordered", "already_ordered")  # what the page says of the click that led to it
files = APIRouter()


@files.get("/orders/{order_id}.csv")
def order_file(request: Request, order_id: str) -> Response:
    """An order as a file for the supplier."""
    order = request.state.office.store.orders.order(order_id)
    if isinstance(order, NotFound):
        raise HTTPException(404, "no such order")
    name = f'attachment; filename="order-{order.id}.csv"'
    return Response(order.csv(), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@page("/orders")
async def orders(visit: Visit) -> None:
    """The orders, newest first."""
    words, found = visit.words, await visit.office.read(visit.store.orders.orders)
    if not found:
        parts.note(words("no_orders"))
        return
    with parts.card():
        parts.table(
            [words(key) for key in ("order_day", "order_state", "order_lines", "order_cost", "order_by")],
            [_row(visit, order) for order in found[:LISTED]],
            numbers=(2, 3),
        )


def _row(visit: Visit, order: Order) -> list[parts.Cell]:
    words = visit.words

    def day() -> None:
        parts.link(words.time(order.created_ms, "d MMM y, HH:mm"), f"/orders/{order.id}")

    return [day, lambda: _state(visit, order), str(len(order.lines)), words.money(order.cost_cents), order.proposed_by]


def _state(visit: Visit, order: Order) -> None:
    parts.badge(visit.words(f"order_{order.state}"), KINDS.get(order.state, "plain"))


@page("/orders/{order_id}", title="order")
async def one_order(visit: Visit) -> None:
    """One order: its lines, its file, and what has come of it."""
    order_id = visit.path["order_id"]
    found = await visit.office.read(lambda: visit.store.orders.order(order_id))
    if isinstance(found, NotFound):
        ui.context.client.status_code = 404
        parts.note(visit.words("no_such_order"), "bad")
        return
    _draw(visit, found, await kiosks.names(visit))


def _draw(visit: Visit, order: Order, known: tuple[str, ...]) -> None:
    words, told = visit.words, visit.query.get("told")
    if told in TOLD:
        parts.note(words(told), "good").props("role=status")
    with parts.card():
        with parts.box("row-of-acts"):
            _state(visit, order)
            parts.text(words("order_made", by=order.proposed_by, at=words.time(order.created_ms)), "span")
            if order.due:
                parts.text(words("order_due", day=words.date(order.due)), "span").classes("soft")
        parts.table(
            [words(key) for key in ("item", "packs", "units", "arrived", "order_cost", "reason")],
            [_line(visit, line) for line in order.lines],
            numbers=(1, 2, 3, 4),
            long=(5,),
        )
        parts.text(words("order_total", cost=words.money(order.cost_cents)), "p")
        place = _place(visit, known) if known and order.state in COMING else lambda: ""
        with parts.box("row-of-acts"):
            parts.link(words("download_csv"), f"/orders/{order.id}.csv").props("download").classes("act plain")
            if order.state == "proposed":
                parts.button(words("place_order"), lambda: _change(visit, order, "place"), "main")
            if order.state in COMING:
                parts.button(words("all_arrived"), _arriving(visit, order, place), "main")
                parts.button(words("close_order"), lambda: _change(visit, order, "close"))
            if order.state in ("proposed", "placed"):
                parts.button(words("cancel_order"), lambda: _change(visit, order, "cancel"), "bad")


def _line(visit: Visit, line: OrderLine) -> list[parts.Cell]:
    cost = visit.words.money(line.units * line.unit_cost_cents)
    return [f"{line.name} · {line.sku}", str(line.packs), str(line.units), str(line.arrived), cost, line.reason]


def _place(visit: Visit, known: tuple[str, ...]) -> Callable[[], str]:
    """Where the goods have come to: here, or to a kiosk that then counts them as its own."""
    options = {"": visit.words("kiosk_here")} | {name: name for name in known}
    return parts.choice(visit.words("kiosk_arrived_at"), options)


def _arriving(visit: Visit, order: Order, place: Callable[[], str]) -> Callable[[], object]:
    key = secrets.token_hex(8)  # made when it is drawn: two clicks are one delivery

    async def arrived() -> None:
        missing = {line.sku: line.missing for line in order.lines}
        body = visit.words("all_arrived_ask", units=sum(missing.values()))
        if await parts.confirmed(visit, visit.words("all_arrived"), body, visit.words("all_arrived")):
            kiosk = place() or None
            await _write(visit, lambda: visit.store.orders.arrive(order.id, key, missing, kiosk))

    return arrived


async def _change(visit: Visit, order: Order, act: str) -> None:
    words, book = visit.words, visit.store.orders
    ask = words(f"{act}_order")
    if not await parts.confirmed(visit, ask, words(f"{act}_order_ask"), ask, bad=act == "cancel"):
        return
    change: dict[str, Callable[[], object]] = {
        "place": lambda: book.place(order.id, visit.account.name),
        "close": lambda: book.close(order.id),
        "cancel": lambda: book.cancel(order.id),
    }
    await _write(visit, change[act])


async def _write(visit: Visit, change: Callable[[], object]) -> None:
    try:
        await visit.office.write(change)
    except ValueError as error:  # somebody else was here first
        parts.say(str(error), "negative")
        return
    ui.navigate.reload()
