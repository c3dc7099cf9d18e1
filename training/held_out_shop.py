"""An invented shop → a store folder that can answer its questions: entities, goods and edges drawn with a seed."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.shops import LANGUAGES, Shop, frames
from walkiosk.store.folding import fold
from walkiosk.store.knowledge_graph import SKU, Relation

PRICES = (2, 250)  # euros
CENTS = (0, 50, 90, 95)
WORDS_A_PRODUCT = 2  # of those that customers filter by ("vinyl"), in its description
FAMILIES = tuple(f"description:{language}" for language in LANGUAGES if language != "en")


@dataclass(frozen=True)
class Stocked:
    """A shop with its goods: nodes by type and name, and the literals that its edges hold, by kind."""

    shop: Shop
    nodes: dict[tuple[str, str], tuple[str, ...]]
    literals: dict[str, tuple[str, ...]]
    sizes: tuple[str, ...]


def write_shop(shop: Shop, folder: Path, draw: random.Random) -> Stocked:
    """Write the store folder of ``shop`` and return what stands in it."""
    folder.mkdir(parents=True, exist_ok=True)
    entities = _entities(shop)
    products = _products(shop, draw)
    nodes: dict[tuple[str, str], tuple[str, ...]] = {(kind, name): (node,) for node, kind, name in entities}
    for row in products:
        key = ("product", row["name"])
        nodes[key] = (*nodes.get(key, ()), SKU + row["sku"])
    edges = [edge for relation in shop.schema.relations for edge in _edges(relation, nodes, draw)]
    _write_settings(shop, folder / "store.toml")
    _write(folder / "entities.csv", ("id", "type", "name"), entities)
    columns = ("sku", "name", "category", "price", "style", "size", "colour", "stock", "description", *FAMILIES)
    _write(folder / "products.csv", columns, ([row[column] for column in columns] for row in products))
    _write(folder / "edges.csv", ("subject", "relation", "object"), edges)
    header = ("relation", "subject_type", "object_type", "phrase", "inverse_phrase", "ordered_by")
    _write(folder / "relations.csv", header, map(_relation_row, shop.schema.relations))
    literals: dict[str, list[str]] = {}
    for relation in shop.schema.relations:
        if relation.literal:
            literals.setdefault(relation.object_types[0], []).extend(o for _, r, o in edges if r == relation.name)
    sizes = tuple(dict.fromkeys(row["size"] for row in products if row["size"]))
    return Stocked(shop, nodes, {kind: tuple(values) for kind, values in literals.items()}, sizes)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_settings(shop: Shop, path: Path) -> None:
    text = (
        f'name = "{shop.raw["name"]}"\nwake_phrase = "{shop.raw["wake"][0]}"\ncurrency = "EUR"\n'
        f'time_zone = "Europe/Madrid"\nlanguages = {json.dumps(LANGUAGES)}\n'
    )
    path.write_text(text, encoding="utf-8")


def _relation_row(relation: Relation) -> tuple[str, ...]:
    ends = "|".join(relation.subject_types), "|".join(relation.object_types)
    return (relation.name, *ends, relation.phrase, relation.inverse_phrase, relation.ordered_by or "")


def _slug(name: str) -> str:
    return fold(name).replace(" ", "-") or "x"


def _entities(shop: Shop) -> list[tuple[str, str, str]]:
    """(id, type, name) of each."""
    found: dict[str, tuple[str, str, str]] = {}
    for kind in shop.raw["types"]:
        for name in dict.fromkeys(map(str, shop.names(kind))):
            node = f"{kind}:{_slug(name)}"
            while node in found:
                node += "-2"
            found[node] = (node, kind, name)
    return list(found.values())


def _category(shop: Shop, name: str, draw: random.Random) -> str:
    """The category whose word stands in the name, else any."""
    categories: dict[str, dict[str, list[str]]] = shop.raw["products"]["categories"]
    folded = fold(name)
    for key, words in categories.items():
        said = [fold(str(word)).split()[-1] for pair in words.values() for word in pair]
        if any(len(word) > 2 and word in folded for word in (fold(key), *said)):
            return str(key)
    return str(draw.choice(list(categories)))


def _products(shop: Shop, draw: random.Random) -> list[dict[str, str]]:
    """Rows of products.csv: about half of the goods in two or three sizes."""
    sizes = list(map(str, shop.raw["products"].get("sizes") or ()))
    colours = list(shop.schema.colours)
    rows = []
    for name in dict.fromkeys(map(str, shop.names("product"))):
        style = _slug(name)
        count = draw.choice((1, 1, 2, 3)) if sizes else 1
        own = (
            sorted(draw.sample(sizes, min(len(sizes), count)), key=sizes.index)
            if sizes and draw.random() < 0.8
            else [""]
        )
        shared = {"name": name, "category": _category(shop, name, draw), "style": style,
                  "colour": draw.choice(colours) if colours and draw.random() < 0.9 else "",
                  "price": f"{draw.randint(*PRICES)}.{draw.choice(CENTS):02}", **_descriptions(draw)}  # fmt: skip
        for size in own:
            sku = f"{style}-{_slug(size)}" if size else style
            rows.append({**shared, "sku": sku, "size": size, "stock": str(draw.randint(0, 9))})
    return rows


def _descriptions(draw: random.Random) -> dict[str, str]:
    keys = draw.sample(list(frames()["en"]["words"]), WORDS_A_PRODUCT)

    def said(language: str) -> str:
        return ", ".join(str(frames()[language]["words"].get(key, key)).replace("/", ", ") for key in keys)

    return {"description": said("en"), **{family: said(family[-2:]) for family in FAMILIES}}


def _edges(
    relation: Relation, nodes: dict[tuple[str, str], tuple[str, ...]], draw: random.Random
) -> list[tuple[str, str, str]]:
    """Edges from every subject, and to every object at least one."""
    subjects = [found for (kind, _), found in nodes.items() if kind in relation.subject_types]
    if relation.literal:
        return [(node, relation.name, _literal(relation, draw)) for found in subjects for node in found]
    objects = [found for (kind, _), found in nodes.items() if kind in relation.object_types]
    most = 2 if "product" in relation.subject_types else 3
    pairs = [
        (one, other) for one in subjects for other in draw.sample(objects, min(len(objects), draw.randint(1, most)))
    ]
    reached = {other for _, other in pairs}
    pairs += [(draw.choice(subjects), other) for other in objects if other not in reached]
    pairs = [(one, other) for one, other in dict.fromkeys(pairs) if one != other]
    return [(first, relation.name, second) for one, other in pairs for first in one for second in other]


def _literal(relation: Relation, draw: random.Random) -> str:
    kind = relation.object_types[0]
    if kind == "year":
        return str(draw.randint(1930, 2024))
    if kind == "date":
        return f"{draw.randint(1955, 2024)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
    if kind == "number":
        return str(draw.randint(1, 60))
    return str(draw.choice(list(frames()["en"]["words"])))
