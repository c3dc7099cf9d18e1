"""Random programs, run by the databases and by a plain reading of what each step means."""

import csv
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from walkiosk.store.knowledge_graph import (
    Combine,
    Count,
    Filter,
    Hop,
    KnowledgeGraph,
    PathProgram,
    Source,
    Step,
    Value,
)
from walkiosk.store.knowledge_graph.program import OPERATORS

from .conftest import FILM_SHOP


def rows(file: str) -> list[dict[str, str]]:
    with (FILM_SHOP / file).open(newline="") as lines:
        return list(csv.DictReader(lines))


EDGES = [(row["subject"], row["relation"], row["object"]) for row in rows("edges.csv")]
TYPES = {row["id"]: row["type"] for row in rows("entities.csv")}
PRODUCTS = {f"sku:{row['sku']}": row for row in rows("products.csv")}
THING = {node: row["style"] or node for node, row in PRODUCTS.items()}
YEARS = {subject: int(year[:4]) for subject, relation, year in EDGES if relation == "released"}
ENDS = {  # relation: types of its ends, literals left out
    "acted_in": ("person", "film"),
    "directed": ("person", "film"),
    "has_scene": ("film", "scene"),
    "has_appearance": ("scene", "appearance"),
    "by": ("appearance", "person"),
    "shows": ("appearance", "product"),
    "based_on": ("film", "book"),
}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def run(program: PathProgram, entities: list[str]) -> set[str]:
    """What a program means, for sets."""
    source = program.source
    nodes = {
        node
        for node in (*TYPES, *PRODUCTS)
        if (TYPES.get(node, "product") == source.type if source.entity is None else node == entities[source.entity - 1])
    }
    for step in program.steps:
        match step:
            case Hop(relation, forward):
                ways = [(s, o) if forward else (o, s) for s, r, o in EDGES if r == relation]
                nodes = {there for here, there in ways if here in nodes}
            case Combine(inner, keep):
                hops = any(isinstance(each, Hop) for each in inner.steps)  # then any size of a product is the product
                thing = THING if hops else {}
                other = {thing.get(node, node) for node in run(inner, entities)}
                nodes = {node for node in nodes if (thing.get(node, node) in other) == keep}
            case Filter(key, operator, value):
                nodes = {node for node in nodes if holds(node, key, operator, value.text)}
            case Count():
                return {str(len({THING.get(node, node) for node in nodes}))}
    return nodes


def holds(node: str, key: str, operator: str, value: str) -> bool:
    if key == "released":
        return node in YEARS and COMPARE[operator](YEARS[node], int(value))
    if key == "price":
        return COMPARE[operator](float(PRODUCTS[node]["price"]), float(value))
    return PRODUCTS[node][key].casefold() == value.casefold()


@st.composite
def programs(draw: st.DrawFn, entities: list[str], depth: int = 0, ends_in: str | None = None) -> PathProgram:
    """A program that the film shop's graph can run; within `and` or `not` it ends in a given type."""
    if ends_in:
        source, kind = draw(st.sampled_from(sources_of(ends_in, entities)))
    else:
        source, kind = draw(st.sampled_from(all_sources(entities)))
    steps: list[Step] = []
    for _ in range(draw(st.integers(0, 4)) if not ends_in else 0):
        step, kind = draw(next_step(kind, entities, depth))
        steps.append(step)
    if ends_in and kind != ends_in:
        steps += [Hop(r, a == kind) for r, (a, b) in ENDS.items() if {a, b} == {kind, ends_in}][:1]
    if not ends_in and draw(st.booleans()):
        steps.append(Count())
    return PathProgram(source, tuple(steps))


def all_sources(entities: list[str]) -> list[tuple[Source, str]]:
    named = [(Source(n), TYPES.get(node, "product")) for n, node in enumerate(entities, start=1)]
    return [*named, *((Source(None, kind), kind) for kind in sorted({*TYPES.values(), "product"}))]


def sources_of(kind: str, entities: list[str]) -> list[tuple[Source, str]]:
    """Sources of that type, or one hop away from it."""
    near = {kind, *(a for a, b in ENDS.values() if b == kind), *(b for a, b in ENDS.values() if a == kind)}
    return [(source, own) for source, own in all_sources(entities) if own in near]


@st.composite
def next_step(draw: st.DrawFn, kind: str, entities: list[str], depth: int) -> tuple[Step, str]:
    hops = [(Hop(r, True), b) for r, (a, b) in ENDS.items() if a == kind]
    hops += [(Hop(r, False), a) for r, (a, b) in ENDS.items() if b == kind]
    choices: list[st.SearchStrategy[tuple[Step, str]]] = [st.sampled_from(hops)]
    if depth < 2:
        inner = programs(entities, depth + 1, kind)
        choices.append(st.builds(lambda program, keep: (Combine(program, keep), kind), inner, st.booleans()))
    operators = st.sampled_from(OPERATORS)
    if kind == "film":
        years = st.integers(1995, 2020).map(lambda year: Value(str(year)))
        choices.append(st.builds(lambda o, v: (Filter("released", o, v), kind), operators, years))
    if kind == "product":
        prices = st.sampled_from(["3", "12.5", "59", "89.90", "100"]).map(Value)
        choices.append(st.builds(lambda o, v: (Filter("price", o, v), kind), operators, prices))
        words = st.sampled_from([("category", "SHOES"), ("category", "toys"), ("colour", "Brown"), ("colour", "pink")])
        choices.append(words.map(lambda pair: (Filter(pair[0], "=", Value(pair[1], True)), kind)))
    return draw(st.one_of(choices))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_answers_are_what_the_steps_mean(shared_graph: KnowledgeGraph, data: st.DataObject) -> None:
    entities = data.draw(st.lists(st.sampled_from([*TYPES, *PRODUCTS]), min_size=2, max_size=3))
    program = data.draw(programs(entities))
    found = shared_graph.run(program, entities)
    nodes = [answer.node for answer in found.answers]
    assert len(nodes) == len(set(nodes))
    assert set(nodes) == run(program, entities), str(program)
    assert found.trace[0].kind == "source"
