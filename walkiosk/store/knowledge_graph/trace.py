"""The reason for an answer: the steps of a program with the names that the way to it passed through."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from walkiosk.store.knowledge_graph.program import Combine, Count, Filter, Hop, PathProgram, Step
from walkiosk.store.knowledge_graph.schema import Relation, Schema
from walkiosk.store.knowledge_graph.sql import CLOSE, OPEN, SEPARATOR

Kind = Literal["source", "hop", "and", "not", "pick", "filter", "count"]
Name = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step: its text in the program, the ids and names it reached, and how the shop words the relation.

    `inner` is the trace of a nested program. `phrase` reads before a name: "worn by", "directed", "directed by".
    """

    kind: Kind
    text: str
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    relation: str | None = None
    phrase: str = ""
    inner: tuple["TraceStep", ...] = ()

    def __str__(self) -> str:
        if self.kind in ("and", "not"):
            name = self.inner[0].names[0] if self.inner and self.inner[0].names else ""
            words = f"{self.phrase} {name}".strip() or self.text
            return f"not {words}" if self.kind == "not" else words
        return ", ".join(self.names) if self.names else self.text


@dataclass(frozen=True, slots=True)
class Way:
    """A path taken apart: the nodes at the source and after each hop, and what was passed through to keep each."""

    nodes: tuple[str, ...] = ()
    kept_by: tuple[tuple["Way", ...], ...] = field(default=())

    def all_nodes(self) -> Iterator[str]:
        """Every node on it, nested ways included."""
        yield from self.nodes
        for ways in self.kept_by:
            for way in ways:
                yield from way.all_nodes()


def read_way(path: str) -> Way:
    """Reads the `path` column of `sql`, its own node and a separator added at the end."""
    stack: list[tuple[list[str], list[tuple[Way, ...]], list[Way]]] = [([], [], [])]
    word = ""
    for character in path:
        nodes, kept_by, pending = stack[-1]
        if character == SEPARATOR:
            nodes.append(word)
            kept_by.append(tuple(pending))
            pending.clear()
            word = ""
        elif character == OPEN:
            stack.append(([], [], []))
        elif character == CLOSE:
            stack.pop()
            stack[-1][2].append(Way(tuple(nodes), tuple(kept_by)))
        else:
            word += character
    nodes, kept_by, _ = stack[0]
    return Way(tuple(nodes), tuple(kept_by))


def trace(
    program: PathProgram, schema: Schema, way: Way, sources: Mapping[int, tuple[str, ...]], name: Name
) -> tuple[TraceStep, ...]:
    """The steps of `program` along `way`; one that the way does not tell of (under `not`, before a count) has no ids.

    `sources` has the nodes of each entity of the sentence by its number, `name` gives the name of a node.
    """
    source = program.source
    start = way.nodes[:1] or (sources[source.entity][:1] if source.entity else ())
    steps = [TraceStep("source", str(source), start, tuple(map(name, start)))]
    at = 0
    kept_by = list(way.kept_by[0]) if way.kept_by else []
    for step in program.steps:
        if isinstance(step, Hop):
            at += 1
            kept_by = list(way.kept_by[at]) if at < len(way.kept_by) else []
            reached = way.nodes[at : at + 1]
            phrase = _phrase(schema.by_name[step.relation], step.forward)
            steps.append(TraceStep("hop", str(step), reached, tuple(map(name, reached)), step.relation, phrase))
        elif isinstance(step, Combine):
            inner_way = kept_by.pop(0) if step.keep and kept_by else Way()
            inner = trace(step.program, schema, inner_way, sources, name)
            hops = [s for s in step.program.steps if isinstance(s, Hop)]
            relation = schema.by_name[hops[-1].relation] if hops else None
            phrase = _phrase(relation, not hops[-1].forward) if relation else ""
            kind: Kind = "and" if step.keep else "not"
            steps.append(
                TraceStep(kind, str(step), relation=relation.name if relation else None, phrase=phrase, inner=inner)
            )
        else:
            steps.append(TraceStep(_kind(step), str(step)))
    return tuple(steps)


def _phrase(relation: Relation, forward: bool) -> str:
    return relation.phrase if forward else relation.inverse_phrase


def _kind(step: Step) -> Kind:
    return "filter" if isinstance(step, Filter) else "count" if isinstance(step, Count) else "pick"
