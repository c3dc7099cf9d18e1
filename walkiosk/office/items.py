"""Products named in remarks: the model reads a mark in a name's place, and code puts the names back.

So the model sums up what people say of a thing without knowing what it is called, and cannot misspell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Engine, select

from walkiosk.store import tables
from walkiosk.store.folding import fold
from walkiosk.store.knowledge_graph import PRODUCT
from walkiosk.store.linking import EntityLinker

MARK = "Norvik 3"  # nobody's product: the model has learned to copy names, so the mark looks like one
LEAST_LETTERS = 3  # of a name that is looked for; two Chinese characters are enough
SURE = 0.9  # how well a name has to match that is not written as the shop writes it
MOST_PIECES = 24  # of a name: its words and what is between them, or its characters
_PIECE = re.compile(r"[\u3400-\u9fff]|[\w\u0900-\u097f]+?(?=[\u3400-\u9fff])|[\w\u0900-\u097f]+|[^\w\u0900-\u097f]+")


@dataclass(frozen=True, slots=True)
class Item:
    """A product as remarks may call it; ``thing`` is the same for all its sizes."""

    thing: str
    name: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A remark with a mark in each product's place, and the products, each once."""

    words: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Items:
    """Names, folded, to what they call. Names that several things share are nobody's."""

    names: Mapping[str, Item]
    linker: EntityLinker | None = None
    things: Mapping[str, Item] = field(default_factory=dict)  # by the node of any of its sizes
    rare: frozenset[str] = frozenset()  # words that only one thing's names have: near them a name is looked for

    @classmethod
    def none(cls) -> Items:
        """No shop, no names: remarks are read as they stand."""
        return cls({})

    @classmethod
    def called(cls, items: Iterable[tuple[Item, Iterable[str]]]) -> Items:
        """Items with all the names that each may be called by."""
        owners: dict[str, set[Item]] = {}
        for item, names in items:
            for name in (item.name, *names):
                owners.setdefault(fold(name), set()).add(item)
        return cls({name: next(iter(own)) for name, own in owners.items() if len(own) == 1 and _long_enough(name)})

    @classmethod
    def of_shop(cls, engine: Engine, linker: EntityLinker) -> Items:
        """The products of the shop that is loaded, in every language that it names them in."""
        product, own = tables.product, tables.product_translation
        called: dict[str, tuple[Item, list[str]]] = {}
        nodes: dict[str, Item] = {}
        with engine.connect() as connection:
            rows = connection.execute(select(product.c.sku, product.c.node, product.c.thing, product.c.name)).all()
            things = {}
            for sku, node, thing, name in rows:
                item = called.setdefault(thing, (Item(thing, name), []))[0]
                called[thing][1].append(name)
                things[sku] = thing
                nodes[node] = item
            for sku, name in connection.execute(select(own.c.sku, own.c.name).where(own.c.name.is_not(None))):
                called[things[sku]][1].append(name)
        found = cls.called(called.values())
        holders: dict[str, set[str]] = {}
        for item, names in called.values():
            for word in {word for name in names for word in fold(name).split()}:
                holders.setdefault(word, set()).add(item.thing)
        rare = frozenset(word for word, owner in holders.items() if len(owner) == 1 and len(word) > LEAST_LETTERS)
        return cls(found.names, linker, nodes, rare)

    def mark(self, words: str) -> Marked:
        """Put the mark where a product is named: as the shop writes it in any case, or nearly so."""
        if not self.names:
            return Marked(words)
        pieces = _PIECE.findall(words)
        folded = [fold(piece) for piece in pieces]
        spans = self._named(folded) or self._nearly_named(pieces, folded)
        if not spans:
            return Marked(words)
        text, last = "", 0
        for first, end, _ in spans:
            text += "".join(pieces[last:first]) + MARK
            last = end
        return Marked(text + "".join(pieces[last:]), tuple(dict.fromkeys(item for _, _, item in spans)))

    @cached_property
    def _starts(self) -> frozenset[str]:
        return frozenset(fold(_PIECE.findall(name)[0]) for name in self.names)

    def _named(self, folded: list[str]) -> list[tuple[int, int, Item]]:
        """Spans of pieces that are a name, the longest first from the left."""
        spans: list[tuple[int, int, Item]] = []
        first = 0
        while first < len(folded):
            found = self._longest(folded, first) if folded[first] in self._starts else None
            if found:
                spans.append(found)
            first = found[1] if found else first + 1
        return spans

    def _longest(self, folded: list[str], first: int) -> tuple[int, int, Item] | None:
        found = None
        said: list[str] = []
        for end in range(first, min(len(folded), first + MOST_PIECES)):
            if folded[end]:
                said.append(folded[end])
                item = self.names.get(" ".join(said)) or self.names.get("".join(said))
                found = (first, end + 1, item) if item else found
        return found

    def _nearly_named(self, pieces: list[str], folded: list[str]) -> list[tuple[int, int, Item]]:
        """At most one span, near a word that only one product has, that the shop's linker is sure of."""
        places = [place for place, word in enumerate(folded) if word in self.rare]
        if self.linker is None or not places:
            return []
        wordy = [place for place, word in enumerate(folded) if word]
        best: tuple[float, int, int, Item] | None = None
        at = wordy.index(places[0])
        for first in range(max(0, at - 2), at + 1):
            for last in range(at, min(len(wordy), at + 3)):
                said = "".join(pieces[wordy[first] : wordy[last] + 1])
                linking = self.linker.link(said, [PRODUCT])
                link = linking.best
                item = self.things.get(link.nodes[0]) if link and not linking.ambiguous else None
                if item and link and link.score >= SURE and (best is None or link.score > best[0]):
                    best = (link.score, wordy[first], wordy[last] + 1, item)
        return [best[1:]] if best else []


def _long_enough(name: str) -> bool:
    return len(name.replace(" ", "")) >= (
        2 if any("\u3400" <= letter <= "\u9fff" for letter in name) else LEAST_LETTERS
    )
