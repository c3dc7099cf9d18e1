"""One product: its row in products.csv to edit, its stock to book, and the way out of the shop."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Literal

from nicegui import ui

from walkiosk.store import Problem
from walkiosk.store.editing import Cells, Change, removal
from walkiosk.store.inventory import on_hand
from walkiosk.store.revision import taken_mark
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.goods import address
from walkiosk.web.office.row_form import RowForm, keep, notice, remove, row_of, shown, tell_next, thumbnail
from walkiosk.web.office.visit import Visit

FILE = "products.csv"
MAIN = ("name", "category", "price", "style", "size", "colour")
SHELF = (
    "slot", "slot_capacity", "pack_size", "shelf_life_days", "minimum_age", "tax_percent", "item_cap", "image",
)  # fmt: skip
Booking = Literal["count", "write_off", "return"]


@page("/catalogue/new", "owner", title="add_item")
async def new_item(visit: Visit) -> None:
    """Room for a product more."""
    if await notice(visit):
        _form(visit, None)


@page("/catalogue/item", title="item")
async def item(visit: Visit) -> None:
    """One product."""
    words, sku = visit.words, visit.query.get("sku", "")
    may_edit = await notice(visit)
    row = await row_of(visit, FILE, "sku", sku)
    if row is None:
        parts.note(words("nothing_found"))
        return
    parts.heading(f"{row['name']} · {sku}", 2)
    with parts.card(words("stock")), parts.box("beside"):
        thumbnail(row.get("image"), row["name"], large=True)
        with parts.box("stacked"):
            await _stock(visit, row, may_edit)
    if by_kiosk := (await visit.office.read(lambda: visit.store.kiosks.stock([sku]))).get(sku):
        with parts.card(words("kiosk_stock")):
            rows: list[list[parts.Cell]] = [[name, words.number(units)] for name, units in by_kiosk.items()]
            parts.table([words("kiosk"), words("units")], rows, numbers=(1,))
    if may_edit:
        _form(visit, row)
        with parts.card(words("remove")):
            await _removing(visit, row)
    else:
        shown(visit, row)


def _form(visit: Visit, row: Cells | None) -> None:
    words, languages = visit.words, visit.store.settings.languages
    written = [column.partition(":")[2] for column in row or {} if ":" in column]
    others = tuple(dict.fromkeys([*languages[1:], *written]))
    with parts.card(words("in_the_file", file=FILE)):
        form = RowForm(visit, FILE, row)
        with parts.box("fields"):
            form.ask(MAIN if row else ("sku", *MAIN, "stock"))
            form.ask(SHELF)
        form.ask(("description",), rows=2)
        with ui.element("details").props("" if row else "open"):
            parts.text(words("translations"), "summary")
            with parts.box("fields"):
                form.ask([f"name:{code}" for code in others])
                form.ask([f"description:{code}" for code in others], rows=2)
        with parts.box("row-of-acts"):
            parts.button(words("save"), lambda: form.keep(lambda after: address(after["sku"].strip())), "main")


async def _stock(visit: Visit, row: Cells, may_edit: bool) -> None:
    words, store, sku = visit.words, visit.store, row["sku"]
    left = await visit.office.read(lambda: store.inventory.available_of([sku]).get(sku))
    if left is None:
        parts.text(words("not_counted_long"))
        if may_edit:
            first = parts.Field(words("counted_now"), kind="number")
            act = lambda: _begin_counting(visit, row, first)  # noqa: E731
            parts.button(words("begin_counting"), act)
        return

    def booked() -> int:
        with store.engine.connect() as connection:
            return on_hand(connection, [sku]).get(sku, 0)

    there = await visit.office.read(booked)
    with parts.box("figures"):
        parts.figure(words("column_stock"), words.number(left), kind="bad" if left == 0 else "plain")
        parts.figure(
            words("in_the_shelf"), words.number(there), words("held", units=there - left) if there > left else ""
        )
    facts_are_elsewhere = await visit.office.read(lambda: taken_mark(store.engine) is not None)
    if may_edit or (facts_are_elsewhere and visit.may("owner")):  # goods are counted where they are
        units = parts.Field(words("units"), kind="number")
        with parts.box("row-of-acts"):
            for kind in ("count", "write_off", "return"):
                parts.button(words(f"book_{kind}"), _booking(visit, sku, kind, units))


async def _begin_counting(visit: Visit, row: Cells, units: parts.Field) -> None:
    problems: list[Problem] = []
    if await keep(visit, [Change(FILE, row, {**row, "stock": units.value})], problems.extend):
        ui.navigate.reload()
    units.complain("; ".join(problem.reason for problem in problems))


def _booking(visit: Visit, sku: str, kind: Booking, field: parts.Field) -> Callable[[], object]:
    key = f"{kind}:{secrets.token_hex(8)}"  # made when it is drawn: two clicks are one booking

    async def book() -> None:
        units = int(field.value) if field.value.strip().isdecimal() and len(field.value) < 8 else -1
        if units < 0 or (units == 0 and kind != "count"):
            field.complain(visit.words("whole_number"))
            return
        inventory, words = visit.store.inventory, visit.words
        field.complain("")
        ask = words(f"book_{kind}_ask", units=units)
        if not visit.may("owner") or not await parts.confirmed(visit, words(f"book_{kind}"), ask, words("book")):
            return
        if kind == "count":
            await visit.office.write(lambda: inventory.count(key, sku, units))
        else:
            moved = -units if kind == "write_off" else units
            await visit.office.write(lambda: inventory.book(key, sku, moved, kind))
        tell_next(visit, ask)
        ui.navigate.reload()

    return book


async def _removing(visit: Visit, row: Cells) -> None:
    words = visit.words
    changes = await visit.office.read(lambda: removal(visit.office.editor, FILE, row))
    counts = {file: sum(change.file == file for change in changes) for file in ("edges.csv", "offers.csv", "sales.csv")}
    parts.text(words("remove_item_with", **{file.removesuffix(".csv"): count for file, count in counts.items()}))
    with parts.box("row-of-acts"):
        parts.button(words("remove"), lambda: remove(visit, FILE, row, "/catalogue", words("can_be_undone")), "bad")
