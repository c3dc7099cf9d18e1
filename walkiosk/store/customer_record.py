"""Everything that the shop's books hold about one customer, to be handed to them."""

import datetime
import json
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, select

from walkiosk.store import tables
from walkiosk.store.editing.change import Change
from walkiosk.store.forgetting import is_about
from walkiosk.store.office_tables import conversation, conversation_turn, customer_key, customer_seen, edit
from walkiosk.store.outcome import NotFound

Record = dict[str, Any]
SALE = ("id", "state", "currency", "total_cents", "captured_cents", "refunded_cents")
LINE = ("sku", "name", "quantity", "unit_cents", "list_cents", "tax_basis_points")
TURN = ("number", "heard", "action", "event", "reply")


def record_of(engine: Engine, customer_id: str) -> Record | NotFound:
    """The record as JSON would have it, instants as ISO 8601 in UTC; of a PIN it only says whether there is one."""
    with engine.connect() as connection:
        sales = _sales(connection, customer_id)
        ids = [sale["id"] for sale in sales]
        found: Record = {
            "id": customer_id,
            "profile": _profile(connection, customer_id),
            "keys": _keys(connection, customer_id),
            "last_here": _last_here(connection, customer_id),
            "sales": sales,
            "baskets": _baskets(connection, customer_id),
            "remarks": _remarks(connection, ids),
            "conversations": _conversations(connection, ids),
            "edits": _edits(connection, customer_id),
        }
    held = any(value for key, value in found.items() if key != "id")
    return found if held else NotFound("customer", customer_id)


def _profile(connection: Connection, customer_id: str) -> Record | None:
    person, size = tables.customer, tables.customer_size
    row = connection.execute(select(person).where(person.c.id == customer_id)).one_or_none()
    if row is None:
        return None
    worn = _rows(connection, size, size.c.customer_id == customer_id, "kind")
    sizes = {each["kind"]: each["size"] for each in worn}
    has_pin = row.pin_hash is not None
    return {"name": row.name, "language": row.language, "tier": row.tier, "sizes": sizes, "has_pin": has_pin}


def _keys(connection: Connection, customer_id: str) -> list[Record]:
    """The card and the phone that open their account; their secrets stay where they are."""
    rows = _rows(connection, customer_key, customer_key.c.customer_id == customer_id, "kind")
    return [{"kind": row["kind"], "made": _time(row["made_ms"])} for row in rows]


def _last_here(connection: Connection, customer_id: str) -> str | None:
    own = select(customer_seen.c.seen_ms).where(customer_seen.c.customer_id == customer_id)
    return _time(connection.execute(own).scalar())


def _sales(connection: Connection, customer_id: str) -> list[Record]:
    sale, line = tables.sale, tables.sale_line
    found = []
    for row in _rows(connection, sale, sale.c.customer_id == customer_id, "created_ms", "id"):
        goods = _rows(connection, line, line.c.sale_id == row["id"], "position")
        lines = [_some(each, LINE) for each in goods]
        found.append({**_some(row, SALE), "began": _time(row["created_ms"]), "lines": lines})
    return found


def _baskets(connection: Connection, customer_id: str) -> list[Record]:
    """Baskets that were never sold."""
    basket, line = tables.basket, tables.basket_line
    own = (basket.c.customer_id == customer_id) & basket.c.open
    return [
        {
            "began": _time(row["created_ms"]),
            "lines": [
                _some(each, ("sku", "quantity"))
                for each in _rows(connection, line, line.c.basket_id == row["id"], "position")
            ],
        }
        for row in _rows(connection, basket, own, "created_ms", "id")
    ]


def _remarks(connection: Connection, sale_ids: list[str]) -> list[Record]:
    own = tables.feedback
    rows = _rows(connection, own, own.c.sale_id.in_(sale_ids), "id")
    return [{**_some(row, ("sale_id", "stars", "words", "language")), "at": _time(row["at_ms"])} for row in rows]


def _conversations(connection: Connection, sale_ids: list[str]) -> list[Record]:
    turn = conversation_turn
    led = select(turn.c.conversation_id).where(turn.c.sale_id.in_(sale_ids))
    found = []
    for row in _rows(connection, conversation, conversation.c.id.in_(led), "started_ms", "id"):
        said = _rows(connection, turn, turn.c.conversation_id == row["id"], "number")
        turns = [{**_some(each, TURN), "at": _time(each["at_ms"])} for each in said]
        found.append({"began": _time(row["started_ms"]), "language": row["language"], "turns": turns})
    return found


def _edits(connection: Connection, customer_id: str) -> list[Record]:
    """What was changed in their row by hand."""
    found = []
    for row in _rows(connection, edit, edit.c.changes.contains("customers.csv"), "id"):
        for change in (Change(*each) for each in json.loads(row["changes"])):
            if is_about(change, customer_id):
                found.append({"at": _time(row["at_ms"]), "before": change.before, "after": change.after})
    return found


def _rows(connection: Connection, table: Table, condition: ColumnElement[bool], *order: str) -> list[Record]:
    wanted = select(table).where(condition).order_by(*(table.c[column] for column in order))
    return [dict(row) for row in connection.execute(wanted).mappings()]


def _some(row: Record, columns: tuple[str, ...]) -> Record:
    return {column: row[column] for column in columns}


def _time(at_ms: int | None) -> str | None:
    if at_ms is None:
        return None
    return datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC).isoformat(timespec="seconds")
