"""What a shop's graph may say: the types of its things, the relations between them, the words of its shelves."""

import re
from dataclasses import dataclass
from functools import cached_property

PRODUCT = "product"
LITERALS = ("year", "date", "number", "text")  # object types whose values stand for themselves
PRODUCT_KEYS = ("price", "size", "colour", "category", "name")
RESERVED = (
    "and",
    "not",
    "first",
    "last",
    "nth",
    "by",
    "count",
)  # words of a path program, which a filter cannot begin with
NAME = re.compile(r'[^\s()<>=*"|:\d][^\s()<>=*"|:]*')  # a type or relation that a path program can write


@dataclass(frozen=True, slots=True)
class Relation:
    """One row of relations.csv; `ordered_by` names the literal relation that gives an order, or is None."""

    name: str
    subject_types: tuple[str, ...]
    object_types: tuple[str, ...]
    phrase: str
    inverse_phrase: str = ""
    ordered_by: str | None = None

    @property
    def literal(self) -> bool:
        """Whether its objects are years, dates, numbers or texts rather than things."""
        return self.object_types[0] in LITERALS


@dataclass(frozen=True)
class Schema:
    """Types (`product` among them), relations, and the categories and colours as the shop spells them."""

    types: tuple[str, ...]
    relations: tuple[Relation, ...]
    categories: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Relation]:
        """The relations by their names."""
        return {relation.name: relation for relation in self.relations}

    def literal_relation(self, key: str) -> Relation | None:
        """The literal relation of that name, which may filter and order its subjects."""
        relation = self.by_name.get(key)
        return relation if relation is not None and relation.literal else None

    def keys(self, types: frozenset[str]) -> tuple[str, ...]:
        """What things of these types may be filtered and ordered by."""
        own = PRODUCT_KEYS if PRODUCT in types else ()
        carried = (r.name for r in self.relations if r.literal and types.intersection(r.subject_types))
        return tuple(dict.fromkeys((*own, *carried)))
