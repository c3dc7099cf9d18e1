"""The shop's knowledge: its things to search, and the relations that there can be between them."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from sqlalchemy import Row, and_, func, or_, select

from walkiosk.store import Store, tables
from walkiosk.store.folding import like_patterns
from walkiosk.store.knowledge_graph import Relation
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.goods import nothing, search
from walkiosk.web.office.row_form import notice
from walkiosk.web.office.visit import Visit

LISTED = 30  # on one page


def address(node: str) -> str:
    """Where an entity's page is; a product's is among the goods."""
    if node.startswith("sku:"):
        return f"/catalogue/item?sku={quote(node.removeprefix('sku:'), safe='')}"
    return f"/graph/entity?id={quote(node, safe='')}"


@page("/graph")
async def graph(visit: Visit) -> None:
    """The things by name, and the schema."""
    words, query, kind = visit.words, visit.query.get("q", ""), visit.query.get("type", "")
    number, may_edit = visit.page, await notice(visit)
    search(visit, "/graph", query, ("add_entity", "/graph/new") if may_edit else None)
    found, count, kinds = await visit.office.read(lambda: _found(visit.store, query, kind, number))
    with parts.box("row-of-acts", "nav").props(f'aria-label="{words("column_type")}"'):
        for each, units in kinds:
            to = f"/graph?{urlencode({'q': query, 'type': '' if each == kind else each})}"
            chip = parts.link(f"{each} {words.number(units)}", to).classes("chip")
            if each == kind:
                chip.props("aria-current=true")
    if not found:
        nothing(visit, query + kind)
    else:
        with parts.card():
            columns = [words(key) for key in ("column_name", "column_type", "column_id", "edges")]
            parts.table(columns, [_row(visit, each) for each in found], numbers=(3,))
        of = (count + LISTED - 1) // LISTED
        parts.pages(visit, number, of, lambda to: f"/graph?{urlencode({'q': query, 'type': kind, 'page': to})}")
    relations = await visit.office.read(lambda: visit.store.schema.relations)
    with parts.card(words("relations")):
        columns = [words(f"column_{key}") for key in ("relation", "subject_type", "object_type", "phrase")]
        parts.table([*columns, words("column_ordered_by")], [_relation(each) for each in relations])


def _row(visit: Visit, found: Row[tuple[object, ...]]) -> list[parts.Cell]:
    return [lambda: parts.link(found.name, address(found.id)), found.type, found.id, visit.words.number(found.edges)]


def _relation(relation: Relation) -> list[parts.Cell]:
    kinds = [" | ".join(each) for each in (relation.subject_types, relation.object_types)]
    return [relation.name, *kinds, f"{relation.phrase} / {relation.inverse_phrase or '–'}", relation.ordered_by or "–"]


def _found(
    store: Store, query: str, kind: str, number: int
) -> tuple[list[Row[tuple[object, ...]]], int, list[tuple[str, int]]]:
    """The things on one page, how many there are in all, and how many of each type."""
    entity, edge = tables.entity, tables.edge
    edges = select(func.count()).where(or_(edge.c.subject == entity.c.id, edge.c.object == entity.c.id))
    own = and_(*(entity.c.words.like(pattern) for pattern in like_patterns(query)))
    named = or_(own, entity.c.id.icontains(query.strip(), autoescape=True)) if query.strip() else entity.c.id != ""
    typed = and_(named, entity.c.type == kind) if kind else named
    listed = select(entity, edges.scalar_subquery().label("edges")).where(typed).order_by(entity.c.position)
    with store.engine.connect() as connection:
        rows = list(connection.execute(listed.limit(LISTED).offset((number - 1) * LISTED)))
        counted = select(entity.c.type, func.count()).where(named).group_by(entity.c.type).order_by(entity.c.type)
        kinds = [(each, units) for each, units in connection.execute(counted)]
    return rows, sum(units for each, units in kinds if not kind or each == kind), kinds
