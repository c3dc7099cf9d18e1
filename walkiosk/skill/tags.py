"""Tags: one token for each name of a loaded schema, which a program points with instead of spelling the name.

A decoder that has to copy an unknown name from the schema must first find it and then learn to spell anything; behind a
tag it has only to find it. In training every draw deals the tags anew, so that none means anything by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from walkiosk.modality.text import TAGS, Vocabulary
from walkiosk.store.knowledge_graph import OPERATORS, PRODUCT_KEYS, Schema

NOTHING = "none"  # the program of a sentence that no graph can answer; the relation of two unrelated entities
RESERVED = {*PRODUCT_KEYS, *OPERATORS, "and", "not", "first", "last", "nth", "by", "count", "*", "(", ")", NOTHING}


@dataclass(frozen=True)
class Tags:
    """The token of each tagged name; a name beyond the last tag, and a program's own word, are spelled out."""

    names: tuple[str, ...]
    tokens: tuple[int, ...]
    _token: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_token", dict(zip(self.names, self.tokens, strict=True)))

    def of(self, name: str) -> int | None:
        return self._token.get(name)

    def spell(self, vocabulary: Vocabulary, word: str) -> list[int]:
        """The tokens of a word: its tag where it has one, else its letters."""
        tag = self._token.get(word.strip())
        return vocabulary.encode(word) if tag is None else [tag]


def tags_of(vocabulary: Vocabulary, schema: Schema, dealt: Sequence[int] | None = None) -> Tags:
    """Deal tags to types, relations, categories and colours, in their order or as ``dealt`` (places among the tags)."""
    names = [*schema.types, *(r.name for r in schema.relations), *schema.categories, *schema.colours]
    tagged = [name for name in dict.fromkeys(names) if name not in RESERVED and not name.isdigit()]
    places = (range(len(TAGS)) if dealt is None else dealt)[: len(tagged)]
    return Tags(tuple(tagged[: len(places)]), tuple(vocabulary.special(TAGS[place]) for place in places))
