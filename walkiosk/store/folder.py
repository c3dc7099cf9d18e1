"""Reads and checks a store folder: store.toml and the CSV files that an operator writes."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from walkiosk.store import cells
from walkiosk.store.folding import fold
from walkiosk.store.knowledge_graph.literal import interval
from walkiosk.store.knowledge_graph.schema import LITERALS, PRODUCT, Relation
from walkiosk.store.settings import FILE as SETTINGS_FILE
from walkiosk.store.settings import Settings, read_settings
from walkiosk.store.sheet import Columns, FolderError, Problem, Row, Sheet, read_sheet
from walkiosk.store.works import read_works

READING = 2  # grows when the same files would be loaded into other rows
STAYING = ("customers.csv", "sales.csv")  # what kiosks are not sent: PINs go as hashes
LONGEST_LITERAL = 500  # letters, so that it fits a database's index
FILES: Mapping[str, Columns] = {
    "products.csv": Columns(
        {
            "sku": cells.node_id, "name": str, "category": str, "price": cells.cents, "style": cells.node_id,
            "size": str, "colour": str, "stock": cells.whole(0), "slot": str, "slot_capacity": cells.whole(1),
            "pack_size": cells.whole(1), "shelf_life_days": cells.whole(0), "minimum_age": cells.whole(0, 120),
            "tax_percent": cells.basis_points, "item_cap": cells.whole(0), "image": cells.media, "description": str,
        },
        required=("sku", "name", "category", "price"),
        families=("name", "description"),
    ),
    "entities.csv": Columns(
        {
            "id": cells.entity_id, "type": cells.type_name, "name": str, "aliases": cells.aliases,
            "image": cells.media, "clip": cells.media,
        },
        required=("id", "type", "name"),
    ),
    "relations.csv": Columns(
        {
            "relation": cells.relation_name, "subject_type": cells.subject_types, "object_type": cells.object_types,
            "phrase": str, "inverse_phrase": str, "ordered_by": str,
        },
        required=("relation", "subject_type", "object_type", "phrase"),
    ),
    "edges.csv": Columns(
        {"subject": str, "relation": str, "object": str}, required=("subject", "relation", "object")
    ),
    "customers.csv": Columns(
        {
            "id": cells.node_id, "name": str, "language": cells.language, "tier": str, "sizes": cells.sizes,
            "pin": cells.pin,
        },
        required=("id", "name"),
    ),
    "offers.csv": Columns(
        {
            "sku": str, "category": str, "tier": str, "percent_off": cells.discount, "starts": cells.date,
            "ends": cells.date, "combines": cells.yes_or_no,
        },
        required=("percent_off",),
    ),
    "sales.csv": Columns(
        {"sku": str, "date": cells.date, "units": cells.whole(0), "price": cells.cents, "promotion": str},
        required=("sku", "date", "units"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """An edge, checked: literals have their place (low, high), see `knowledge_graph.literal`."""

    line: int
    subject: str
    relation: str
    object: str
    low: float | None
    high: float | None
    is_text: bool


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder without a fault. Rows hold the cells that were filled, by column, as their readers made them.

    `sources` are the texts of the files that kiosks take from headquarters, by name.
    """

    settings: Settings
    products: tuple[Row, ...]
    entities: tuple[Row, ...]
    relations: tuple[Relation, ...]
    edges: tuple[EdgeRow, ...]
    customers: tuple[Row, ...]
    offers: tuple[Row, ...]
    sales: tuple[Row, ...]
    sources: Mapping[str, str] = field(default_factory=dict)


def fingerprint(directory: Path) -> str:
    """Changes whenever a file of the folder that we read does, or our reading of it."""
    digest = hashlib.sha256(f"{READING}\n".encode())
    for name in (SETTINGS_FILE, *FILES):
        path = directory / name
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{name} {path.is_file()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def read_folder(directory: Path) -> Folder:
    """Reads and checks a folder; raises `FolderError` with everything that is wrong with it.

    Only store.toml has to be there; a shop without goods is a shop.
    """
    if not directory.is_dir():
        raise FolderError([Problem(str(directory), 0, "", "", "is not a folder")])
    settings, problems = read_settings(directory)
    sheets = {name: read_sheet(directory, name, columns) for name, columns in FILES.items()}
    for file, column in (
        ("products.csv", "sku"), ("entities.csv", "id"), ("relations.csv", "relation"), ("customers.csv", "id")
    ):  # fmt: skip
        sheets[file].unique(column)
    relations = _relations(sheets["relations.csv"])
    edges = _edges(sheets, relations)
    _check_offers(sheets["offers.csv"], sheets["products.csv"])
    _check_skus(sheets["sales.csv"], sheets["products.csv"])
    for sheet in sheets.values():
        problems += sorted(sheet.problems, key=lambda problem: problem.line)
    if problems or settings is None:
        raise FolderError(problems)
    rows = {file: tuple(sheet.rows) for file, sheet in sheets.items()}
    return Folder(
        settings,
        rows["products.csv"],
        rows["entities.csv"],
        tuple(relations.values()),
        tuple(edges),
        rows["customers.csv"],
        rows["offers.csv"],
        rows["sales.csv"],
        _sources(directory),
    )


def check_folder(directory: Path) -> Folder:
    """Reads a folder as `read_folder` does, and looks at what its attract screen is to show: faults of both are told.

    The latter is not loaded, so its faults keep no shop from opening, see `works`.
    """
    faults = list(read_works(directory).problems)
    try:
        folder = read_folder(directory)
    except FolderError as error:
        raise FolderError([*error.problems, *faults]) from None
    if faults:
        raise FolderError(faults)
    return folder


def _sources(directory: Path) -> dict[str, str]:
    there = [directory / name for name in (SETTINGS_FILE, *FILES) if name not in STAYING]
    return {path.name: path.read_bytes().decode() for path in there if path.is_file()}


def _relations(sheet: Sheet) -> dict[str, Relation]:
    relations = {
        row.cells["relation"]: Relation(
            row.cells["relation"],
            row.cells["subject_type"],
            row.cells["object_type"],
            row.cells["phrase"],
            row.cells.get("inverse_phrase", ""),
            row.cells.get("ordered_by"),
        )
        for row in reversed(sheet.rows)  # of two with one name, which is told elsewhere, the first counts
    }
    relations = dict(reversed(relations.items()))
    seen = sheet.seen("relation")
    for row in sheet.rows:
        relation = relations[row.cells["relation"]]
        key = relation.ordered_by
        if key is None or (key in seen and key not in relations):
            continue  # a relation whose own row is at fault is told of there
        if key not in relations:
            sheet.fail(row.line, "ordered_by", key, "no such relation")
        elif not relations[key].literal:
            sheet.fail(row.line, "ordered_by", key, "orders nothing: its objects are no years, dates, numbers or texts")
        elif not set(relations[key].subject_types) & {*relation.subject_types, *relation.object_types}:
            sheet.fail(row.line, "ordered_by", key, f"neither end of `{relation.name}` carries it")
    return relations


def _edges(sheets: Mapping[str, Sheet], relations: Mapping[str, Relation]) -> list[EdgeRow]:
    sheet = sheets["edges.csv"]
    types = {cells["id"]: cells.get("type", "") for cells in sheets["entities.csv"].raw if cells.get("id")}
    types |= {f"sku:{sku}": PRODUCT for sku in sheets["products.csv"].seen("sku")}
    complete = not (sheets["entities.csv"].unread or sheets["products.csv"].unread)
    seen = sheets["relations.csv"].seen("relation")
    edges = []
    for row in sheet.rows:
        subject, name, target = row.cells["subject"], row.cells["relation"], row.cells["object"]
        relation = relations.get(name)
        if relation is None:
            if name not in seen and not sheets["relations.csv"].unread:
                sheet.fail(row.line, "relation", name, "not in relations.csv")
            continue
        place = None
        _check_end(sheet, row.line, "subject", subject, relation.subject_types, types, complete)
        if relation.literal:
            place = _check_literal(sheet, row.line, target, relation.object_types)
        else:
            _check_end(sheet, row.line, "object", target, relation.object_types, types, complete)
        low, high = place or (None, None)
        edges.append(EdgeRow(row.line, subject, name, target, low, high, relation.object_types == ("text",)))
    return edges


def _check_end(
    sheet: Sheet,
    line: int,
    column: str,
    node: str,
    wanted: Collection[str],
    types: Mapping[str, str],
    complete: bool,
) -> None:
    kind = types.get(node)
    if kind is None:
        file = "products.csv" if node.startswith("sku:") else "entities.csv"
        hint = f"; a product is written sku:{node}" if f"sku:{node}" in types else ""
        if complete:
            sheet.fail(line, column, node, f"not in {file}{hint}")
    elif kind not in wanted:
        sheet.fail(line, column, node, f"is a {kind}, expected {' or '.join(wanted)}")


def _check_literal(sheet: Sheet, line: int, text: str, types: tuple[str, ...]) -> tuple[float, float] | None:
    place = interval(text, types)
    if place is None or len(text) > LONGEST_LITERAL:
        examples = {
            "year": "1999",
            "date": "1999-12-31",
            "number": "19.5",
            "text": f"at most {LONGEST_LITERAL} letters",
        }
        wanted = " or ".join(f"a {kind} ({examples[kind]})" for kind in types if kind in LITERALS)
        sheet.fail(line, "object", text, f"{wanted} expected")
    return place


def _check_offers(sheet: Sheet, products: Sheet) -> None:
    _check_skus(sheet, products)
    categories = {fold(category) for category in products.seen("category")}
    for row in sheet.rows:
        category, starts, ends = (row.cells.get(column) for column in ("category", "starts", "ends"))
        if category is not None and fold(category) not in categories and not products.unread:
            sheet.fail(row.line, "category", category, "no product of products.csv has it")
        if starts and ends and ends < starts:
            sheet.fail(row.line, "ends", str(ends), f"before it starts, {starts}")


def _check_skus(sheet: Sheet, products: Sheet) -> None:
    skus = products.seen("sku")
    for row in sheet.rows:
        sku = row.cells.get("sku")
        if sku is not None and sku not in skus and not products.unread:
            sheet.fail(row.line, "sku", sku, "not in products.csv")
