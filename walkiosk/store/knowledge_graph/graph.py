"""The graph of a shop that is loaded in a database: its schema, its things by name, and the running of programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, Engine, bindparam, select, text
from sqlalchemy.sql.elements import ColumnElement

from walkiosk.store import tables
from walkiosk.store.knowledge_graph.program import PathProgram
from walkiosk.store.knowledge_graph.schema import LITERALS, PRODUCT, Relation, Schema
from walkiosk.store.knowledge_graph.sql import SEPARATOR, Start, compile_program
from walkiosk.store.knowledge_graph.trace import TraceStep, Way, read_way, trace

SKU = "sku:"  # before a product's sku, where ids of entities and products stand side by side
BATCH = 500  # ids in one query, below every database's limit of parameters
EntityReference = str | Sequence[str]  # the node of an entity, or the nodes of all sizes of a product


class UnknownEntity(KeyError):
    """An id that this shop does not have."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something an id stands for. `node` is the id as edges.csv writes it, `id` the same without `sku:`."""

    node: str
    type: str
    name: str

    @property
    def id(self) -> str:
        """The id of an entity, the sku of a product, or the literal itself."""
        return self.node.removeprefix(SKU) if self.type == PRODUCT else self.node


@dataclass(frozen=True, slots=True)
class PathResult:
    """What a program found, in order, and the way to the first of it; no answers when nothing was found."""

    answers: tuple[Thing, ...]
    trace: tuple[TraceStep, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of entities, skus of products, literals."""
        return tuple(answer.id for answer in self.answers)

    @property
    def reason(self) -> str:
        """The trace in one line: "Inception → scene 1 → worn by Cobb → brown oxford"."""
        shown = [str(step) for step in self.trace]
        if self.trace[-1].kind == "count" and self.answers:
            shown[-1] = self.answers[0].id
        return " → ".join(word for place, word in enumerate(shown) if self._tells(place))

    def _tells(self, place: int) -> bool:
        """Leaves out what picks and filters, and a fact of three parts, whose conditions say more than its name."""
        step, after = self.trace[place], self.trace[place + 1 : place + 2]
        conditioned = bool(after) and after[0].kind == "and" and len(after[0].inner) == 2
        fact = step.kind == "hop" and bool(step.names) and conditioned and after[0].inner[1].text.startswith("<")
        return not fact and step.kind not in ("pick", "filter")


class KnowledgeGraph:
    """Runs programs on the graph of one database; read again by `reload` after a folder was loaded."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def reload(self) -> None:
        """Forgets the schema, so that it is read anew."""
        self.__dict__.pop("schema", None)

    @cached_property
    def schema(self) -> Schema:
        """Types in the order of the files (`product` last where no relation has it), relations, categories, colours."""
        with self.engine.connect() as connection:
            return read_schema(connection)

    def run(
        self, program: PathProgram | str, entities: Sequence[EntityReference] = (), language: str | None = None
    ) -> PathResult:
        """Answers in order, and the trace; names are in `language` where the shop has them.

        `entities` are nodes ("inception", "sku:OX-42"), in order of first mention. Nothing found is a result without
        answers. Raises `ProgramError` for a program that this graph cannot run, `UnknownEntity` for an id it has not.
        """
        parsed = PathProgram.parse(program) if isinstance(program, str) else program
        references = [(e,) if isinstance(e, str) else tuple(e) for e in entities]
        schema = self.schema
        with self.engine.connect() as connection:
            named = [node for nodes in references for node in nodes]
            known = self.things(named, language, connection)
            starts = [Start(frozenset(known[node].type for node in nodes), nodes) for nodes in references]
            query = compile_program(parsed, schema, starts)
            rows = [(row[0], row[1]) for row in connection.execute(text(query.sql), query.parameters)]
            way = read_way(f"{rows[0][1]}{rows[0][0]}{SEPARATOR}") if rows else Way()
            literal = next((kind for kind in LITERALS if kind in query.types), None)
            if literal is None:
                wanted = [*way.all_nodes(), *(node for node, _ in rows)]
                known |= self.things(wanted, language, connection, missing_ok=True)
                answers = tuple(known[node] for node, _ in rows)
            else:
                known |= self.things(way.all_nodes(), language, connection, missing_ok=True)
                answers = tuple(Thing(node, literal, node) for node, _ in rows)
        names = {node: thing.name for node, thing in known.items()}
        counted = bool(parsed.steps) and str(parsed.steps[-1]) == "count"
        sources = dict(enumerate(references, start=1))
        told = trace(parsed, schema, Way() if counted else way, sources, lambda n: names.get(n, n))
        return PathResult(answers, told)

    def things(
        self,
        nodes: Iterable[str],
        language: str | None = None,
        connection: Connection | None = None,
        *,
        missing_ok: bool = False,
    ) -> dict[str, Thing]:
        """What these nodes are, by node; raises `UnknownEntity` for one that is not there unless `missing_ok`."""
        if connection is None:
            with self.engine.connect() as own:
                return self.things(nodes, language, own, missing_ok=missing_ok)
        wanted = list(dict.fromkeys(nodes))
        found: dict[str, Thing] = {}
        for start in range(0, len(wanted), BATCH):
            found |= _read_things(connection, wanted[start : start + BATCH], language)
        if not missing_ok and (missing := [node for node in wanted if node not in found]):
            raise UnknownEntity(missing[0])
        return found


def _read_things(connection: Connection, nodes: list[str], language: str | None) -> dict[str, Thing]:
    product, entity = tables.product, tables.entity
    translation, alias = tables.product_translation, tables.entity_alias
    found = {}
    skus = [node for node in nodes if node.startswith(SKU)]
    ids = [node for node in nodes if not node.startswith(SKU)]
    if skus:
        rows = select(product.c.node, product.c.name).where(product.c.node.in_(skus))
        found = {node: Thing(node, PRODUCT, name) for node, name in connection.execute(rows)}
        own_name = select(translation.c.sku, translation.c.name).where(
            translation.c.sku.in_([s.removeprefix(SKU) for s in skus]), _is(translation.c.language, language)
        )
        for sku, name in connection.execute(own_name) if language else ():
            if name and SKU + sku in found:
                found[SKU + sku] = Thing(SKU + sku, PRODUCT, name)
    if ids:
        entities = select(entity.c.id, entity.c.type, entity.c.name).where(entity.c.id.in_(ids))
        found |= {node: Thing(node, kind, name) for node, kind, name in connection.execute(entities)}
        aliases = (
            select(alias.c.entity_id, alias.c.alias)
            .where(alias.c.entity_id.in_(ids), _is(alias.c.language, language))
            .order_by(alias.c.id.desc())  # the first of several is assigned last
        )
        for node, name in connection.execute(aliases) if language else ():
            found[node] = Thing(node, found[node].type, name)
    return found


def _is(column: ColumnElement[str] | ColumnElement[str | None], language: str | None) -> ColumnElement[bool]:
    return column == bindparam("language", language)


def read_schema(connection: Connection) -> Schema:
    """The schema of the shop that is loaded."""
    rows = connection.execute(select(tables.relation).order_by(tables.relation.c.position))
    relations = tuple(
        Relation(
            row.name,
            tuple(row.subject_types.split("|")),
            tuple(row.object_types.split("|")),
            row.phrase,
            row.inverse_phrase,
            row.ordered_by,
        )
        for row in rows
    )
    kinds = connection.execute(text("SELECT type FROM entity GROUP BY type ORDER BY MIN(position)")).scalars()
    named = [kind for r in relations for kind in (*r.subject_types, *r.object_types) if kind not in LITERALS]
    types = tuple(dict.fromkeys((*named, *kinds, PRODUCT)))
    return Schema(types, relations, _distinct(connection, "category"), _distinct(connection, "colour"))


def _distinct(connection: Connection, column: str) -> tuple[str, ...]:
    """A product column's values in order of first appearance, each spelling once."""
    rows = connection.execute(
        text(
            f"SELECT {column} FROM (SELECT {column}, MIN(position) AS place FROM product "
            f"WHERE {column} IS NOT NULL GROUP BY {column}) v ORDER BY place"
        )
    )
    return tuple(rows.scalars())
