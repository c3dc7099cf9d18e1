"""relation_classification: a sentence and two of its entities → a relation of the loaded graph, or none."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from walkiosk.modality.text import END, Vocabulary
from walkiosk.skill.copying import Choice
from walkiosk.skill.graph import Graph, Part
from walkiosk.skill.phrases import FORWARD, NOTHING, Phrases
from walkiosk.skill.understanding import TooLong, pair_question
from walkiosk.store.knowledge_graph import LITERALS, Schema

if TYPE_CHECKING:
    from walkiosk.skill import Model


LONGEST = 40  # tokens of a relation's phrase


class OneOf:
    """Holds the output to one of a few words, then the end."""

    def __init__(self, words: dict[str, list[int]], end: int) -> None:
        self.choice, self.end = Choice({**words}), end

    def allowed(self) -> list[int]:
        tokens = self.choice.allowed()
        return tokens if self.choice.whole is None else [*tokens, self.end]

    def advance(self, token: int) -> None:
        self.choice.advance(token)


def relations_constraint(vocabulary: Vocabulary, phrases: Phrases, among: Collection[str] | None = None) -> OneOf:
    """Holds the output to a relation of the schema (one of ``among``), written as programs write it, or to none."""
    names = [relation.name for relation in phrases.schema.relations if among is None or relation.name in among]
    names.append(NOTHING)
    return OneOf({name: phrases.spell(vocabulary, " " + name, FORWARD) for name in names}, vocabulary.special(END))


def classify(model: Model, graph: Graph, text: str, head: str, tail: str) -> str | None:
    """Return the relation that ``text`` states from ``head`` to ``tail``, or None; raises `TooLong`.

    Where the loaded graph knows the two by name, it is a relation that may hold between things of their types.
    """
    prefix = pair_question(model.vocabulary, " ".join(text.split()), head, tail)
    among = fitting(graph, head, tail)
    parts = graph.parts
    if len(parts) > 1:  # the likeliest of each part, then the likeliest of those
        parts = (graph.of({name for part in parts if (name := _likeliest(model, part, prefix, among))}),)
    return _likeliest(model, parts[0], prefix, among)


def fitting(graph: Graph, head: str, tail: str) -> set[str] | None:
    """The relations that may lead from what the loaded graph calls ``head`` to what it calls ``tail``."""
    if graph.types_of is None:
        return None
    every = {*graph.schema.types, *LITERALS}
    from_, to = set(graph.types_of(head)) or every, set(graph.types_of(tail)) or every
    if any(character.isdecimal() for character in tail):
        to = {*to, *LITERALS}
    return between(graph.schema, from_, to)


def between(schema: Schema, from_: Collection[str], to: Collection[str]) -> set[str]:
    """The relations that may lead from a thing of these types to one of those."""
    return {
        relation.name
        for relation in schema.relations
        if set(from_) & set(relation.subject_types) and set(to) & set(relation.object_types)
    }


def _likeliest(model: Model, part: Part, prefix: list[int], among: Collection[str] | None) -> str | None:
    vocabulary, engine = model.vocabulary, model.engine
    if part.state.length + len(prefix) + LONGEST > engine.places:
        raise TooLong(f"{len(prefix)} tokens behind a schema of {part.state.length}")
    constraint = relations_constraint(vocabulary, part.phrases, among)
    state = engine.read(prefix, part.state, room=LONGEST)
    engine.write(state, vocabulary.special(END), LONGEST, constraint)
    found = constraint.choice.whole
    return None if found in (None, NOTHING) else found
