"""Known customers: their names, tiers, sizes and languages. A PIN is set or cleared here, and shown nowhere."""

from __future__ import annotations

from urllib.parse import quote

from nicegui import ui
from sqlalchemy import or_, select

from walkiosk.store import Store, tables
from walkiosk.store.editing import Cells, Change
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.goods import nothing, search
from walkiosk.web.office.row_form import RowForm, keep, notice, remove, row_of, shown
from walkiosk.web.office.visit import Visit

FILE = "customers.csv"
COLUMNS = ("name", "language", "tier")
LISTED = 200


def address(customer_id: str) -> str:
    """Where a customer's page is."""
    return f"/customers/person?id={quote(customer_id, safe='')}"


@page("/customers")
async def customers(visit: Visit) -> None:
    """The customers by name, id or tier."""
    words, query = visit.words, visit.query.get("q", "")
    may_edit = await notice(visit)
    search(visit, "/customers", query, ("add_customer", "/customers/new") if may_edit else None)
    found = await visit.office.read(lambda: _found(visit.store, query))
    if not found:
        nothing(visit, query)
        return
    with parts.card():
        columns = [words(key) for key in ("column_name", "column_id", "column_tier", "column_language", "pin")]
        parts.table(columns, [_row(visit, *each) for each in found])


def _found(store: Store, query: str) -> list[tuple[str, str, str, str, bool]]:
    person, like = tables.customer, query.strip()
    wanted = select(person).order_by(person.c.name).limit(LISTED)
    if like:
        columns = (person.c.name, person.c.id, person.c.tier)
        wanted = wanted.where(or_(*(column.icontains(like, autoescape=True) for column in columns)))
    with store.engine.connect() as connection:
        rows = connection.execute(wanted).all()
    return [(row.id, row.name, row.tier or "–", row.language or "", row.pin_hash is not None) for row in rows]


def _row(visit: Visit, customer_id: str, name: str, tier: str, language: str, has_pin: bool) -> list[parts.Cell]:
    words = visit.words
    spoken = words.name_of(language) if language else "–"
    pin = words("pin_is_set" if has_pin else "no_pin")
    return [lambda: parts.link(name, address(customer_id)), customer_id, tier, spoken, pin]


@page("/customers/new", "owner", title="add_customer")
async def new_customer(visit: Visit) -> None:
    """Room for a customer more."""
    if await notice(visit):
        _form(visit, None)


@page("/customers/person", title="customer")
async def person(visit: Visit) -> None:
    """One customer."""
    words, customer_id = visit.words, visit.query.get("id", "")
    may_edit = await notice(visit)
    row = await row_of(visit, FILE, "id", customer_id)
    if row is None:
        parts.note(words("nothing_found"))
        return
    parts.heading(f"{row['name']} · {customer_id}", 2)
    parts.link(words("their_sales"), f"/sales?customer={quote(customer_id, safe='')}")
    if not may_edit:
        shown(visit, row)
        return
    with parts.box("grid"):
        _form(visit, row)
        with parts.card(words("pin")):
            await _pin(visit, row)
        with parts.card(words("remove")):
            parts.text(words("remove_customer_how"))
            with parts.box("row-of-acts"):
                ask = words("remove_customer_ask")
                parts.button(words("remove"), lambda: remove(visit, FILE, row, "/customers", ask), "bad")


def _form(visit: Visit, row: Cells | None) -> None:
    words = visit.words
    with parts.card(words("in_the_file", file=FILE)):
        form = RowForm(visit, FILE, row)
        with parts.box("fields"):
            form.ask(COLUMNS if row else ("id", *COLUMNS))
        form.ask(("sizes",), rows=2)
        parts.text(words("sizes_how")).classes("soft small")
        with parts.box("row-of-acts"):
            parts.button(words("save"), lambda: form.keep(lambda after: address(after["id"].strip())), "main")


async def _pin(visit: Visit, row: Cells) -> None:
    words, store = visit.words, visit.store

    def is_set() -> bool:
        own = select(tables.customer.c.pin_hash).where(tables.customer.c.id == row["id"])
        with store.engine.connect() as connection:
            return connection.execute(own).scalar() is not None

    has_pin = await visit.office.read(is_set)
    parts.text(words("pin_is_set" if has_pin else "no_pin"))
    field = parts.Field(words("new_pin"), kind="password")

    async def put(pin: str) -> None:
        problems: list[str] = []
        change = Change(FILE, row, {**row, "pin": pin})
        if await keep(visit, [change], lambda found: problems.extend(each.reason for each in found)):
            ui.navigate.reload()
        field.complain("; ".join(problems))

    async def give() -> None:
        if field.value.strip():
            await put(field.value)
        else:
            field.complain(words("pin_how"))

    async def clear() -> None:
        if await parts.confirmed(visit, words("clear_pin"), words("clear_pin_ask"), words("clear_pin"), bad=True):
            await put("")

    with parts.box("row-of-acts"):
        parts.button(words("set_pin"), give, "main")
        if has_pin:
            parts.button(words("clear_pin"), clear)
