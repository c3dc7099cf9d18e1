"""Puts a store folder into the database: the shop's facts are replaced whole, its books stay."""

import dataclasses
import hashlib
import json
import secrets
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, select

from walkiosk.store import tables
from walkiosk.store.cells import size_number
from walkiosk.store.database import writing
from walkiosk.store.folder import Folder, fingerprint, read_folder
from walkiosk.store.folding import fold, searchable
from walkiosk.store.kiosk_tables import fact_file
from walkiosk.store.seen import forgotten_among
from walkiosk.store.settings import Settings
from walkiosk.store.sheet import Row

Values = dict[str, Any]
FACTS_OF: Mapping[str, tuple[Table, ...]] = {  # what each file is loaded into; an edge hangs on its relation
    "products.csv": (tables.product, tables.product_translation),
    "entities.csv": (tables.entity, tables.entity_alias),
    "relations.csv": (tables.relation, tables.edge),
    "edges.csv": (tables.edge,),
    "customers.csv": (tables.customer, tables.customer_size),
    "offers.csv": (tables.offer,),
    "sales.csv": (tables.past_sale,),
}


def load_folder(engine: Engine, directory: Path) -> Folder:
    """Checks the folder and replaces the shop's facts in one transaction; raises `FolderError` and changes nothing.

    Sales, baskets, stock movements and feedback stay; customers who were forgotten stay out. A product's stock is set
    to its file's count when it is new or when the file's count has changed; a file that still says what it said before
    does not undo the sales since.
    """
    mark = fingerprint(directory)
    folder = read_folder(directory)
    with writing(engine).begin() as connection:
        put_facts(connection, folder, mark)
    return folder


def put_facts(
    connection: Connection,
    folder: Folder,
    mark: str,
    files: Collection[str] = FACTS_OF,
    as_booked: Collection[str] = (),
) -> None:
    """Replaces the facts of these files by those of a checked folder; the stock of `as_booked` skus stays as it is."""
    listed = {row.sku: row.listed_stock for row in connection.execute(select(tables.product))}
    old = {tables.setting, *(table for file in files for table in FACTS_OF.get(file, ()))}
    for table in tables.FACTS:
        if table in old:
            connection.execute(table.delete())
    _insert(connection, tables.setting, _settings(folder.settings, mark))
    connection.execute(fact_file.delete())
    if connection.dialect.name == "postgresql":  # kiosks take their facts from there, see revision
        keep_sources(connection, folder.sources)
    if tables.product in old:
        _insert_products(connection, folder.products)
    if tables.entity in old:
        _insert_entities(connection, folder.entities)
    if tables.relation in old:
        _insert_relations(connection, folder)
    if tables.edge in old:
        _insert_edges(connection, folder)
    if tables.customer in old:
        _insert_customers(connection, folder.customers)
    if tables.offer in old:
        _insert_offers(connection, folder.offers)
    if tables.past_sale in old:
        _insert_past_sales(connection, folder.sales)
    _count_stock(connection, [row for row in folder.products if row.cells["sku"] not in as_booked], listed)


def keep_sources(connection: Connection, sources: Mapping[str, str]) -> None:
    """Keeps the files, by name, that the facts were read from."""
    _insert(connection, fact_file, [{"name": name, "content": text} for name, text in sources.items()])


def loaded_fingerprint(engine: Engine) -> str | None:
    """The fingerprint of the folder that was loaded last."""
    with engine.connect() as connection:
        wanted = select(tables.setting.c.value).where(tables.setting.c.key == "fingerprint")
        return connection.execute(wanted).scalar()


def read_loaded_settings(engine: Engine) -> Settings | None:
    """The settings of the shop in the database; None before one was loaded."""
    with engine.connect() as connection:
        wanted = select(tables.setting.c.value).where(tables.setting.c.key == "settings")
        value = connection.execute(wanted).scalar()
    if value is None:
        return None
    fields: Values = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(value).items()}
    return Settings(**fields)


def hash_pin(pin: str, salt: str) -> str:
    """A PIN is guessed in ten thousand tries whatever the hash; its guard is the lock after a few wrong ones."""
    return hashlib.blake2b(pin.encode(), salt=bytes.fromhex(salt), digest_size=32).hexdigest()


def _insert(connection: Connection, table: Table, rows: list[Values]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _settings(settings: Settings, mark: str) -> list[Values]:
    return [
        {"key": "settings", "value": json.dumps(dataclasses.asdict(settings))},
        {"key": "fingerprint", "value": mark},
    ]


def _insert_products(connection: Connection, rows: tuple[Row, ...]) -> None:
    _insert(connection, tables.product, [_product(row) for row in rows])
    translations = []
    for row in rows:
        own: dict[str, Values] = {}
        for column, value in row.cells.items():
            kind, colon, language = column.partition(":")
            if colon:
                own.setdefault(language, {"name": None, "description": None})[kind] = value
        translations += [{"sku": row.cells["sku"], "language": code, **texts} for code, texts in own.items()]
    _insert(connection, tables.product_translation, translations)


def _product(row: Row) -> Values:
    cells = row.cells
    plain = ("sku", "name", "category", "style", "size", "colour", "slot", "slot_capacity", "pack_size")
    more = ("shelf_life_days", "minimum_age", "item_cap", "image", "description")
    colour, size, style = cells.get("colour"), cells.get("size"), cells.get("style")
    texts = [cells["name"], style or "", *(v for k, v in cells.items() if k.startswith(("name:", "description")))]
    return {
        **{column: cells.get(column) for column in (*plain, *more)},
        "node": f"sku:{cells['sku']}",
        "thing": f"style:{style}|{fold(colour or '')}" if style else f"sku:{cells['sku']}",
        "position": row.line,
        "name_folded": fold(cells["name"]),
        "category_folded": fold(cells["category"]),
        "price_cents": cells["price"],
        "size_folded": fold(size) if size else None,
        "size_number": size_number(size) if size else None,
        "colour_folded": fold(colour) if colour else None,
        "listed_stock": cells.get("stock"),
        "tax_basis_points": cells.get("tax_percent"),
        "words": searchable(texts),
    }


def _insert_entities(connection: Connection, rows: tuple[Row, ...]) -> None:
    entities, aliases = [], []
    for row in rows:
        cells = row.cells
        other = cells.get("aliases", ())
        entities.append(
            {
                "id": cells["id"],
                "position": row.line,
                "type": cells["type"],
                "name": cells["name"],
                "image": cells.get("image"),
                "clip": cells.get("clip"),
                "words": searchable([cells["name"], *(alias for _, alias in other)]),
            }
        )
        aliases += [{"entity_id": cells["id"], "language": code, "alias": alias} for code, alias in other]
    _insert(connection, tables.entity, entities)
    _insert(connection, tables.entity_alias, aliases)


def _insert_relations(connection: Connection, folder: Folder) -> None:
    relations = [
        {
            "name": relation.name,
            "position": position,
            "subject_types": "|".join(relation.subject_types),
            "object_types": "|".join(relation.object_types),
            "phrase": relation.phrase,
            "inverse_phrase": relation.inverse_phrase,
            "ordered_by": relation.ordered_by,
        }
        for position, relation in enumerate(folder.relations)
    ]
    _insert(connection, tables.relation, relations)


def _insert_edges(connection: Connection, folder: Folder) -> None:
    edges = [
        {
            "position": edge.line,
            "subject": edge.subject,
            "relation": edge.relation,
            "object": edge.object,
            "low": edge.low,
            "high": edge.high,
            "words": searchable([edge.object]) if edge.is_text else None,
        }
        for edge in folder.edges
    ]
    _insert(connection, tables.edge, edges)


def _insert_customers(connection: Connection, rows: tuple[Row, ...]) -> None:
    customers, sizes = [], []
    forgotten = forgotten_among(connection, [row.cells["id"] for row in rows])
    for row in rows:
        cells = row.cells
        if cells["id"] in forgotten:
            continue
        pin = cells.get("pin")
        salt = secrets.token_hex(16) if pin else None
        kept: Values = {column: cells.get(column) for column in ("id", "name", "language", "tier")}
        customers.append({**kept, "pin_salt": salt, "pin_hash": hash_pin(pin, salt) if pin and salt else None})
        sizes += [{"customer_id": cells["id"], "kind": k, "size": s} for k, s in cells.get("sizes", {}).items()]
    _insert(connection, tables.customer, customers)
    _insert(connection, tables.customer_size, sizes)


def _insert_offers(connection: Connection, rows: tuple[Row, ...]) -> None:
    offers = [
        {
            **{column: row.cells.get(column) for column in ("sku", "category", "tier", "starts", "ends")},
            "category_folded": fold(row.cells["category"]) if "category" in row.cells else None,
            "basis_points_off": row.cells["percent_off"],
            "combines": row.cells.get("combines", False),
        }
        for row in rows
    ]
    _insert(connection, tables.offer, offers)


def _insert_past_sales(connection: Connection, rows: tuple[Row, ...]) -> None:
    sales = [
        {
            **{column: row.cells.get(column) for column in ("sku", "date", "units", "promotion")},
            "price_cents": row.cells.get("price"),
        }
        for row in rows
    ]
    _insert(connection, tables.past_sale, sales)


def _count_stock(connection: Connection, rows: Iterable[Row], listed: Mapping[str, int | None]) -> None:
    movement = tables.stock_movement
    totals = select(movement.c.sku, func.sum(movement.c.quantity)).where(movement.c.kiosk.is_(None))
    totals = totals.group_by(movement.c.sku)
    on_hand: dict[str, int] = {sku: int(units) for sku, units in connection.execute(totals)}
    at_ms = time.time_ns() // 1_000_000
    load = secrets.token_hex(8)
    counted = [
        {
            "key": f"count:{load}:{sku}",
            "sku": sku,
            "quantity": stock - on_hand.get(sku, 0),
            "reason": "count",
            "at_ms": at_ms,
        }
        for sku, stock in ((row.cells["sku"], row.cells.get("stock")) for row in rows)
        if stock is not None and listed.get(sku) != stock and stock != on_hand.get(sku, 0)
    ]
    _insert(connection, movement, counted)
