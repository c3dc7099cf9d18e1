"""Offers: percent off for a product, a category or a tier of customers, on some days or always."""

from __future__ import annotations

from nicegui import ui

from walkiosk.store.editing import Cells, Change
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.row_form import RowForm, keep, notice, rows_of
from walkiosk.web.office.visit import Visit

FILE = "offers.csv"
COLUMNS = ("sku", "category", "tier", "percent_off", "starts", "ends", "combines")


@page("/offers")
async def offers(visit: Visit) -> None:
    """Every offer, and room for one more."""
    words = visit.words
    may_edit = await notice(visit)
    rows = await visit.office.read(lambda: rows_of(visit, FILE))
    if not rows:
        parts.note(words("no_offers"))
    else:
        with parts.card():
            columns = [words("offer_for"), words("column_percent_off"), words("offer_days")]
            acts = [words("change_row")] if may_edit else []
            parts.table([*columns, *acts], [_row(visit, row, may_edit) for row in rows], numbers=(1,))
    if may_edit:
        with parts.card(words("add_offer")):
            _form(visit, None)
            parts.text(words("offers_how")).classes("soft small")


def _form(visit: Visit, row: Cells | None) -> None:
    form = RowForm(visit, FILE, row)
    with parts.box("fields"):
        form.ask(COLUMNS)
    with parts.box("row-of-acts"):
        parts.button(visit.words("save"), lambda: form.keep(lambda _: "/offers"), "main")


def _row(visit: Visit, row: Cells, may_edit: bool) -> list[parts.Cell]:
    words, first, last = visit.words, row.get("starts"), row.get("ends")
    of = " · ".join(row[column] for column in ("sku", "category", "tier") if column in row) or words("offer_for_all")
    days = f"{first or '…'} – {last or '…'}" if first or last else words("offer_always")
    cells: list[parts.Cell] = [of, row["percent_off"], days]

    async def remove() -> None:
        if await keep(visit, [Change(FILE, row, None)]):
            ui.navigate.reload()

    def edit() -> None:
        with ui.dialog() as dialog, ui.card().classes("ask"):
            parts.heading(visit.words("change_row"))
            _form(visit, row)
        dialog.open()

    def acts() -> None:
        with parts.box("row-of-acts"):
            parts.button(visit.words("change_row"), edit)
            parts.button(visit.words("remove"), remove)

    return [*cells, acts] if may_edit else cells
