"""Compiles a program to one SQL query: a common table expression (CTE) a step, the same for SQLite and PostgreSQL.

Every step's table has the columns
    node    id of an entity, "sku:…" of a product, or a literal
    path    the nodes passed through before it, each followed by SEPARATOR; what an `and ( … )` passed through stands
            between OPEN and CLOSE before the node it kept
    low, high  its place in the order of the last hop (the same but for years and for several ways to one node), or null
    rank    its place among the others, for ties and for the order of the answers
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from walkiosk.store.folding import fold, like_patterns
from walkiosk.store.knowledge_graph.check import Types, price_cents, trail
from walkiosk.store.knowledge_graph.literal import TIMES, interval
from walkiosk.store.knowledge_graph.program import Combine, Count, Filter, Hop, PathProgram, Pick, ProgramError, Source
from walkiosk.store.knowledge_graph.schema import PRODUCT, Schema

SEPARATOR, OPEN, CLOSE = "\x1f", "\x1d", "\x1e"  # control characters, which the folder's check keeps out of ids
NO_PLACE = "CAST(NULL AS DOUBLE PRECISION)"
Parameter = str | int | float


@dataclass(frozen=True, slots=True)
class Start:
    """An entity of the sentence: its type and its nodes, several for a product with sizes."""

    types: Types
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A query with named parameters whose rows are (node, path) in the order of the answers."""

    sql: str
    parameters: dict[str, Parameter]
    types: Types


def compile_program(program: PathProgram, schema: Schema, starts: Sequence[Start]) -> Query:
    """Checks and compiles; raises `ProgramError` when the schema cannot run the program."""
    writer = _Writer(schema, starts)
    table, types = writer.program(program)
    tables = ",\n".join(f"{name} AS MATERIALIZED ({body})" for name, body in writer.tables)
    sql = f"WITH {tables}\nSELECT node, path FROM {table} ORDER BY rank"
    return Query(sql, writer.parameters, types)


class _Writer:
    def __init__(self, schema: Schema, starts: Sequence[Start]) -> None:
        self.schema = schema
        self.starts = starts
        self.tables: list[tuple[str, str]] = []
        self.parameters: dict[str, Parameter] = {}
        self.ordered: set[str] = set()

    def program(self, program: PathProgram) -> tuple[str, Types]:
        types = trail(program, self.schema, [start.types for start in self.starts])
        table = self.source(program.source)
        for step, before in zip(program.steps, types, strict=False):
            match step:
                case Hop():
                    table = self.hop(table, step)
                case Combine():
                    table = self.combine(table, step, before)
                case Pick():
                    table = self.pick(table, step, before)
                case Filter():
                    table = self.filter(table, step, before)
                case Count():
                    table = self.count(table)
                case _:
                    assert_never(step)
        return table, types[-1]

    def table(self, body: str, *, ordered: bool = False) -> str:
        """Adds a table; `ordered` when its low and high tell of an order that a hop brought."""
        name = f"t{len(self.tables)}"
        self.tables.append((name, body))
        if ordered:
            self.ordered.add(name)
        return name

    def bind(self, value: Parameter) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def source(self, source: Source) -> str:
        columns = f"'' AS path, {NO_PLACE} AS low, {NO_PLACE} AS high"
        if source.type == PRODUCT:
            return self.table(f"SELECT node, {columns}, position AS rank FROM product")
        if source.entity is None:
            kind = self.bind(str(source.type))
            return self.table(f"SELECT id AS node, {columns}, position AS rank FROM entity WHERE type = {kind}")
        nodes = self.starts[source.entity - 1].nodes
        rows = (f"SELECT CAST({self.bind(n)} AS TEXT) AS node, {columns}, {k} AS rank" for k, n in enumerate(nodes))
        return self.table(" UNION ALL ".join(rows))

    def hop(self, table: str, hop: Hop) -> str:
        """Follows the edges, then keeps each node once, by the way that comes first in order."""
        here, there = ("subject", "object") if hop.forward else ("object", "subject")
        name = self.bind(hop.relation)
        low, high = self.place_after(hop)
        relation = self.schema.by_name[hop.relation]
        ordered = table in self.ordered or relation.literal or relation.ordered_by is not None
        ways = self.table(
            f"SELECT e.{there} AS node, s.path || s.node || '{SEPARATOR}' AS path, {low} AS low, {high} AS high, "
            f"s.rank AS before, e.position AS position FROM {table} s CROSS JOIN edge e "
            f"WHERE e.{here} = s.node AND e.relation = {name}"  # CROSS JOIN keeps SQLite from starting at the edges
        )
        return self.table(
            "SELECT node, path, low, high, ROW_NUMBER() OVER (ORDER BY low NULLS LAST, before, position) AS rank FROM "
            "(SELECT node, path, before, position, MIN(low) OVER (PARTITION BY node) AS low, "
            "MAX(high) OVER (PARTITION BY node) AS high, "
            "ROW_NUMBER() OVER (PARTITION BY node ORDER BY low NULLS LAST, before, position) AS way "
            f"FROM {ways}) ways WHERE way = 1",
            ordered=ordered,
        )

    def place_after(self, hop: Hop) -> tuple[str, str]:
        """Low and high of what a hop reaches: by `ordered_by` from whichever end carries it, else as before the hop."""
        relation = self.schema.by_name[hop.relation]
        reached = "e.object" if hop.forward else "e.subject"
        if relation.literal and hop.forward:
            return "e.low", "e.high"
        if relation.ordered_by is None:
            return "s.low", "s.high"
        ends = [self.carried(relation.ordered_by, end) for end in (reached, "s.node")]
        return f"COALESCE({ends[0][0]}, {ends[1][0]})", f"COALESCE({ends[0][1]}, {ends[1][1]})"

    def carried(self, key: str, node: str) -> tuple[str, str]:
        """Low and high of a literal relation of a node."""
        carries = f"FROM edge o WHERE o.subject = {node} AND o.relation = {self.bind(key)}"
        return f"(SELECT MIN(o.low) {carries})", f"(SELECT MAX(o.high) {carries})"

    def combine(self, table: str, step: Combine, types: Types) -> str:
        """Compares nodes; products that hops led to are compared as things, since an edge names any of their sizes."""
        other, _ = self.program(step.program)
        ordered = bool({table, other} & self.ordered) if step.keep else table in self.ordered
        as_things = PRODUCT in types and any(isinstance(inner, Hop) for inner in step.program.steps)
        mine, theirs = [
            f"(SELECT s.*, COALESCE(p.thing, s.node) AS thing FROM {t} s LEFT JOIN product p ON p.node = s.node)"
            if as_things
            else f"(SELECT s.*, s.node AS thing FROM {t} s)"
            for t in (table, other)
        ]
        if not step.keep:
            rest = f"SELECT s.node, s.path, s.low, s.high, s.rank FROM {mine} s"
            return self.table(f"{rest} WHERE s.thing NOT IN (SELECT n.thing FROM {theirs} n)", ordered=ordered)
        path = f"s.path || '{OPEN}' || n.path || n.node || '{SEPARATOR}{CLOSE}'"
        first = f"(SELECT n.*, ROW_NUMBER() OVER (PARTITION BY n.thing ORDER BY n.rank) AS way FROM {theirs} n)"
        return self.table(
            f"SELECT s.node, {path} AS path, COALESCE(s.low, n.low) AS low, COALESCE(s.high, n.high) AS high, s.rank "
            f"FROM {mine} s CROSS JOIN {first} n WHERE n.thing = s.thing AND n.way = 1",
            ordered=ordered,
        )

    def pick(self, table: str, step: Pick, types: Types) -> str:
        """Counts things, not their sizes: the first shoe is the first style in all the sizes that were left of it."""
        low, high = self.own_place(table, types) if step.by is None else self.key_place(step.by, types)
        places = self.table(
            f"SELECT s.node, s.path, s.low, s.high, s.rank, {low} AS place_low, {high} AS place_high, "
            f"COALESCE(p.thing, s.node) AS thing FROM {table} s LEFT JOIN product p ON p.node = s.node"
        )
        known = "rank" if step.by is None else "CASE WHEN place_low IS NOT NULL THEN rank END"
        best, place, order = ("MAX", "place_high", "DESC") if step.which == "last" else ("MIN", "place_low", "ASC")
        things = (  # each table is named once: SQLite counts references through all that stand behind them
            f"SELECT s.*, {best}({place}) OVER (PARTITION BY thing) AS thing_place, "
            f"{best}({known}) OVER (PARTITION BY thing) AS thing_rank FROM {places} s"
        )
        counted = (
            f"SELECT t.*, DENSE_RANK() OVER (ORDER BY thing_place {order} NULLS LAST, thing_rank {order}) AS nth "
            f"FROM ({things}) t WHERE thing_rank IS NOT NULL"
        )
        return self.table(
            f"SELECT node, path, low, high, ROW_NUMBER() OVER (ORDER BY {place} {order} NULLS LAST, rank) AS rank "
            f"FROM ({counted}) counted WHERE nth = {self.bind(step.n)}",
            ordered=table in self.ordered,
        )

    def own_place(self, table: str, types: Types) -> tuple[str, str]:
        """Low and high without `by`: the order that a hop brought, else by the one date that such things have."""
        dates = [r for r in self.schema.relations if set(r.object_types) <= set(TIMES) and types & {*r.subject_types}]
        if table in self.ordered or len(dates) != 1:
            return "s.low", "s.high"
        return self.carried(dates[0].name, "s.node")

    def key_place(self, key: str, types: Types) -> tuple[str, str]:
        """Low and high of `by KEY`: a product's own column, a literal relation, or whichever is there."""
        column = {"price": "p.price_cents", "size": "p.size_number"}.get(key) if PRODUCT in types else None
        relation = self.schema.literal_relation(key)
        if relation is None or not types.intersection(relation.subject_types):
            return str(column), str(column)
        low, high = self.carried(key, "s.node")
        return (f"COALESCE({column}, {low})", f"COALESCE({column}, {high})") if column else (low, high)

    def filter(self, table: str, step: Filter, types: Types) -> str:
        if step.key == "size" and PRODUCT in types and step.operator == "=":
            return self.in_size(table, fold(step.value.text))
        tests = []
        relation = self.schema.literal_relation(step.key)
        if relation and types.intersection(relation.subject_types):
            tests.append(self.literal_test(step, relation.object_types))
        if step.key == "name":
            tests += [
                f"EXISTS (SELECT 1 FROM {kind} x WHERE x.{key} = s.node AND {self.has_words('x.words', step)})"
                for kind, key in (("product", "node"), ("entity", "id"))
            ]
        elif PRODUCT in types and (test := self.product_test(step)):
            tests.append(f"EXISTS (SELECT 1 FROM product p WHERE p.node = s.node AND {test})")
        kept = f"SELECT s.* FROM {table} s WHERE {' OR '.join(tests)}"
        return self.table(kept, ordered=table in self.ordered)

    def in_size(self, table: str, size: str) -> str:
        """What is left, in that size: a graph that names one size of a style means the style."""
        return self.table(
            "SELECT node, path, low, high, rank FROM (SELECT q.node, s.path, s.low, s.high, s.rank, "
            "ROW_NUMBER() OVER (PARTITION BY q.node ORDER BY CASE WHEN q.node = s.node THEN 0 ELSE 1 END, s.rank) "
            f"AS way FROM {table} s CROSS JOIN product p CROSS JOIN product q "
            f"WHERE p.node = s.node AND q.thing = p.thing AND q.size_folded = {self.bind(size)}) ways WHERE way = 1",
            ordered=table in self.ordered,
        )

    def product_test(self, step: Filter) -> str | None:
        match step.key:
            case "price":
                return f"p.price_cents {step.operator} {self.bind(price_cents(step))}"
            case "size":
                place = interval(step.value.text, ("number",))
                return f"p.size_number {step.operator} {self.bind(place[0])}" if place else "1 = 0"
            case "colour" | "category":
                return f"p.{step.key}_folded = {self.bind(fold(step.value.text))}"
        return None

    def literal_test(self, step: Filter, kinds: tuple[str, ...]) -> str:
        carries = f"SELECT 1 FROM edge e WHERE e.subject = s.node AND e.relation = {self.bind(step.key)}"
        place = interval(step.value.text, (*kinds, *TIMES) if set(kinds) & set(TIMES) else kinds)
        if place is None:
            raise ProgramError(f"`{step.key}` cannot be `{step.value.text}`", step.position)
        low, high = map(self.bind, place)
        if kinds == ("text",) and step.operator == "=":
            return f"EXISTS ({carries} AND {self.has_words('e.words', step)})"
        test = {
            "=": f"e.low <= {high} AND e.high >= {low}",
            "<": f"e.high < {low}",
            ">": f"e.low > {high}",
            "<=": f"e.low <= {high}",
            ">=": f"e.high >= {low}",
        }[step.operator]
        return f"EXISTS ({carries} AND {test})"

    def has_words(self, column: str, step: Filter) -> str:
        patterns = like_patterns(step.value.text)
        return " AND ".join(f"{column} LIKE {self.bind(pattern)}" for pattern in patterns) or "1 = 0"

    def count(self, table: str) -> str:
        return self.table(
            f"SELECT CAST(COUNT(DISTINCT COALESCE(p.thing, s.node)) AS TEXT) AS node, '' AS path, {NO_PLACE} AS low, "
            f"{NO_PLACE} AS high, 1 AS rank FROM {table} s LEFT JOIN product p ON p.node = s.node"
        )
