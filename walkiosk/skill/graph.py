"""A loaded schema as the model has read it: whole, or in parts when it does not fit before a question."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from walkiosk.modality.text import Vocabulary
from walkiosk.skill.phrases import Phrases
from walkiosk.skill.understanding import Understood, schema_tokens
from walkiosk.store.knowledge_graph import Combine, Filter, Hop, PathProgram, Pick, Schema

if TYPE_CHECKING:
    from walkiosk.engine import State
    from walkiosk.skill import Model

ROOM = 300  # tokens of a schema; the decoder's other places are for the question and what it means


@dataclass(frozen=True)
class Part:
    """A schema, or so much of one as fits, and the decoder that has read it."""

    phrases: Phrases
    state: State

    @classmethod
    def read(cls, model: Model, schema: Schema) -> Part:
        phrases = Phrases(schema)
        return cls(phrases, model.engine.read(schema_tokens(model.vocabulary, phrases)))

    @property
    def schema(self) -> Schema:
        return self.phrases.schema


class Graph:
    """A loaded schema: keys and values of its parts are computed once a shop and kept.

    ``types_of`` says which types a name has in the loaded graph; a mention is held to them when there are any;
    ``answers`` says whether the graph answers a program with anything. Raises ValueError for types that leave no room.
    """

    def __init__(
        self,
        model: Model,
        schema: Schema,
        types_of: Callable[[str], Collection[str]] | None = None,
        answers: Callable[[Understood], bool] | None = None,
        room: int = ROOM,
    ) -> None:
        self.model, self.schema, self.types_of, self.answers, self.room = model, schema, types_of, answers, room
        self.parts = tuple(Part.read(model, part) for part in split(model.vocabulary, schema, room))

    def serving(
        self, types_of: Callable[[str], Collection[str]] | None, answers: Callable[[Understood], bool] | None
    ) -> Graph:
        """The same reading of a schema for a shop whose things have changed."""
        other = copy(self)
        other.types_of, other.answers = types_of, answers
        return other

    def of(self, names: Collection[str]) -> Part:
        """The part of these relations, categories and colours, in the schema's order, as far as they fit."""
        chosen = _bare(self.schema)
        for item in _items(self.schema):
            if item[1] in names and fits(self.model.vocabulary, wider := _with(chosen, self.schema, item), self.room):
                chosen = wider
        return Part.read(self.model, chosen)


Item = tuple[str, str]  # relation, category or colour, and its name


def fits(vocabulary: Vocabulary, schema: Schema, room: int) -> bool:
    return len(schema_tokens(vocabulary, Phrases(schema))) <= room


def split(vocabulary: Vocabulary, schema: Schema, room: int) -> list[Schema]:
    """The schema in parts that fit, all types in each; itself when it fits.

    Raises ValueError when types and a single relation leave no room.
    """
    if fits(vocabulary, schema, room):
        return [schema]
    parts = [_bare(schema)]
    for item in _items(schema):
        wider = _with(parts[-1], schema, item)
        if not fits(vocabulary, wider, room):
            wider = _with(_bare(schema), schema, item)
            if not fits(vocabulary, wider, room):
                raise ValueError(f"{len(schema.types)} types and {item[0]} {item[1]!r} are more than {room} tokens")
            parts.append(wider)
        parts[-1] = wider
    return parts


def named(program: PathProgram) -> Iterator[str]:
    """The relations, keys and values that a program names."""
    for step in program.steps:
        if isinstance(step, Hop):
            yield step.relation
        elif isinstance(step, Combine):
            yield from named(step.program)
        elif isinstance(step, Pick) and step.by:
            yield step.by
        elif isinstance(step, Filter):
            yield from (step.key, step.value.text)


def _bare(schema: Schema) -> Schema:
    return Schema(schema.types, ())


def _items(schema: Schema) -> Iterator[Item]:
    yield from (("relation", relation.name) for relation in schema.relations)
    yield from (("category", name) for name in schema.categories)
    yield from (("colour", name) for name in schema.colours)


def _with(part: Schema, schema: Schema, item: Item) -> Schema:
    kind, name = item
    if kind == "relation":
        return replace(part, relations=(*part.relations, schema.by_name[name]))
    if kind == "category":
        return replace(part, categories=(*part.categories, name))
    return replace(part, colours=(*part.colours, name))
