"""One thing of the shop's knowledge: its names, and its edges both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nicegui import ui
from sqlalchemy import select

from walkiosk.store import Store, tables
from walkiosk.store.editing import Cells, Change
from walkiosk.store.knowledge_graph import Relation, UnknownEntity
from walkiosk.store.linking import Link
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.graph import address
from walkiosk.web.office.row_form import RowForm, keep, notice, remove, row_of, shown, thumbnail
from walkiosk.web.office.visit import Visit

FILE, EDGES = "entities.csv", "edges.csv"
LISTED = 200  # edges of one thing
CANDIDATES = 6


@dataclass(frozen=True)
class Edge:
    """An edge of a thing: `other` is at its far end, called `name`, a literal where there is no node."""

    relation: str
    other: str
    name: str
    outwards: bool
    literal: bool


@page("/graph/new", "owner", title="add_entity")
async def new_entity(visit: Visit) -> None:
    """Room for a thing more."""
    if await notice(visit):
        _form(visit, None)


@page("/graph/entity", title="thing")
async def entity(visit: Visit) -> None:
    """One thing."""
    words, node = visit.words, visit.query.get("id", "")
    may_edit = await notice(visit)
    row = await row_of(visit, FILE, "id", node)
    if row is None:
        parts.note(words("nothing_found"))
        return
    parts.heading(f"{row['name']} · {row['type']}", 2)
    edges = await visit.office.read(lambda: _edges(visit.store, node))
    with parts.card(words("edges")):
        if not edges:
            parts.text(words("no_edges"))
        else:
            columns = [words("other_end"), words("column_relation")]
            acts = [words("remove")] if may_edit else []
            parts.table([*columns, *acts], [_edge_row(visit, node, edge, may_edit) for edge in edges[:LISTED]])
        if may_edit:
            await _adding(visit, node, row["type"])
    if may_edit:
        with parts.box("grid wide"):
            _form(visit, row)
            with parts.card(words("remove")):
                thumbnail(row.get("image"), row["name"], large=True)
                parts.text(words("remove_entity_with", edges=len(edges)))
                with parts.box("row-of-acts"):
                    ask = words("can_be_undone")
                    parts.button(words("remove"), lambda: remove(visit, FILE, row, "/graph", ask), "bad")
    else:
        shown(visit, row)


def _form(visit: Visit, row: Cells | None) -> None:
    words = visit.words
    with parts.card(words("in_the_file", file=FILE)):
        form = RowForm(visit, FILE, row)
        with parts.box("fields"):
            form.ask(("name", "type", "image", "clip") if row else ("id", "type", "name", "image", "clip"))
        form.ask(("aliases",), rows=3)
        parts.text(words("aliases_how")).classes("soft small")
        with parts.box("row-of-acts"):
            parts.button(words("save"), lambda: form.keep(lambda after: address(after["id"].strip())), "main")


def _edges(store: Store, node: str) -> list[Edge]:
    edge, relations = tables.edge, store.schema.by_name
    with store.engine.connect() as connection:
        out = connection.execute(select(edge).where(edge.c.subject == node).order_by(edge.c.position)).all()
        back = connection.execute(select(edge).where(edge.c.object == node).order_by(edge.c.position)).all()
    back = [row for row in back if not relations[row.relation].literal]
    far = [row.object for row in out if not relations[row.relation].literal]
    things = store.graph.things([*far, *(row.subject for row in back)])
    name = {key: thing.name for key, thing in things.items()}
    found = [
        Edge(row.relation, row.object, name.get(row.object, row.object), True, relations[row.relation].literal)
        for row in out
    ]
    return found + [Edge(row.relation, row.subject, name.get(row.subject, row.subject), False, False) for row in back]


def _edge_row(visit: Visit, node: str, edge: Edge, may_edit: bool) -> list[parts.Cell]:
    def far() -> None:
        if edge.literal:
            parts.text(edge.name, "span")
        else:
            with parts.box("two-lines"):
                parts.link(edge.name, address(edge.other))
                parts.text(edge.other, "span").classes("soft small")

    async def remove() -> None:
        ends = (node, edge.other) if edge.outwards else (edge.other, node)
        if await keep(visit, [Change(EDGES, _edge(ends[0], edge.relation, ends[1]), None)]):
            ui.navigate.reload()

    cells: list[parts.Cell] = [far, f"→ {edge.relation}" if edge.outwards else f"← {edge.relation}"]
    return [*cells, lambda: parts.button(visit.words("remove"), remove)] if may_edit else cells


def _edge(subject: str, relation: str, target: str) -> dict[str, str]:
    return {"subject": subject, "relation": relation, "object": target}


async def _adding(visit: Visit, node: str, kind: str) -> None:
    """Room for an edge more: a relation that a thing of this type can have, then what is at its other end."""
    words = visit.words
    ways = _ways((await visit.office.read(lambda: visit.store.schema)).relations, kind)
    if not ways:
        return
    parts.heading(words("add_edge"), 3)
    with parts.box("filters"):
        way = parts.choice(words("column_relation"), {key: _way(words("this"), *ways[key]) for key in ways})
        words_of = parts.Field(words("other_end_how"))
        parts.button(words("find"), lambda: find(), icon="search")
    with parts.box("row-of-acts").props("aria-live=polite") as offered:
        pass

    async def find() -> None:
        relation, outwards = ways[way()]
        said = words_of.value.strip()
        if not said:
            return
        if outwards and relation.literal:
            await add([(node, said)])
            return
        kinds = relation.object_types if outwards else relation.subject_types
        found = await visit.office.read(lambda: _candidates(visit.store, said, kinds))
        offered.clear()
        with offered:
            if not found:
                parts.text(words("nothing_found"), "span").classes("soft")
            for link in found:
                ends = [(node, other) if outwards else (other, node) for other in link.nodes]
                parts.button(_offer(link), _adder(ends), icon="add")

    def _adder(ends: list[tuple[str, str]]) -> Callable[[], object]:
        return lambda: add(ends)

    async def add(ends: list[tuple[str, str]]) -> None:
        relation, _ = ways[way()]
        if await keep(visit, [Change(EDGES, None, _edge(one, relation.name, other)) for one, other in ends]):
            ui.navigate.reload()


def _ways(relations: Iterable[Relation], kind: str) -> dict[str, tuple[Relation, bool]]:
    """The relations that a thing of a type can have, each with whether it is at the beginning."""
    ways = {f"> {r.name}": (r, True) for r in relations if kind in r.subject_types}
    return ways | {f"< {r.name}": (r, False) for r in relations if kind in r.object_types}


def _way(this: str, relation: Relation, outwards: bool) -> str:
    types = "|".join(relation.object_types if outwards else relation.subject_types)
    return f"{this} → {relation.name} → {types}" if outwards else f"{types} → {relation.name} → {this}"


def _offer(link: Link) -> str:
    more = f" (+{len(link.nodes) - 1})" if len(link.nodes) > 1 else ""
    return f"{link.name} · {link.nodes[0]}{more}"


def _candidates(store: Store, said: str, kinds: tuple[str, ...]) -> list[Link]:
    """Things that are called so, or whose id it is."""
    try:
        thing = store.graph.things([said])[said]
    except UnknownEntity:
        return list(store.linker.link(said, kinds, limit=CANDIDATES).candidates)
    return [Link((said,), thing.type, thing.name, 1.0)]
