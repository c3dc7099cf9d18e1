"""Entity linking: what a customer called something, to what the shop has.

Names and aliases in every language are indexed as they sound. A query fetches the names that share most letter groups
with it and compares each closely: whole, in parts ("Nolan"), and with words too many ("the film Inception").
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.fuzz import ratio, token_sort_ratio
from sqlalchemy import Engine, select, text

from walkiosk.store import tables
from walkiosk.store.knowledge_graph import PRODUCT
from walkiosk.store.ngrams import NgramIndex
from walkiosk.store.sounding import bones, latin, sound

COMPARED = 40  # names from either ranking of the index
FLOOR = 0.66  # a lower score is no match
SURE, CLOSE = 0.75, 0.1  # scores of names whose types are worth considering: at least, and within the best's reach
ABOUT_EQUAL = 0.04  # scores this close are the customer's to tell apart
CLEARLY_BETTER = 4  # times as many edges: then the better known of two about equal ones is meant
LONGEST_QUERY = 120  # letters; nothing in a shop has a longer name
SORTED, SOUND, BONES, PART, EXTRA = 0.98, 0.97, 0.84, 0.93, 0.86  # what a match of that kind is worth at best
NO_NUMBER = 0.92  # who does not say a number means the part without one
BY_SYLLABLES = 0.9  # a Chinese character is a whole syllable: "Nallan" is as near to 阿兰 as to Nolan, and means Nolan
OTHER_NUMBER = 0.8  # "Toy Story 2" is not "Toy Story 3", however alike


@dataclass(frozen=True, slots=True)
class Named:
    """Something with names: `nodes` are the sizes of a product or one entity, `edges` tells how well it is known."""

    nodes: tuple[str, ...]
    type: str
    names: tuple[str, ...]
    edges: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A candidate: its nodes, its type, the name that matched, and how well, from 0 to 1."""

    nodes: tuple[str, ...]
    type: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Linking:
    """Candidates, best first; none when nothing is called so, and `ambiguous` when the first ones are about equal."""

    candidates: tuple[Link, ...]
    ambiguous: bool = False

    @property
    def best(self) -> Link | None:
        """The best candidate, which may be one of several about equal ones."""
        return self.candidates[0] if self.candidates else None

    @property
    def equals(self) -> tuple[Link, ...]:
        """The candidates to ask about: those about as good as the best."""
        return tuple(c for c in self.candidates if c.score >= _least(self.candidates[0].score))


class EntityLinker:
    """An index of names; building takes about 2 s for 100,000, a query a few milliseconds at most."""

    def __init__(self, things: Sequence[Named]) -> None:
        self.things = things
        self.names = [name for thing in things for name in thing.names]
        self.owners = np.repeat(np.arange(len(things)), [len(thing.names) for thing in things]).astype(np.int64)
        self.latin = latin(self.names)
        self.sound = sound(self.latin)
        self.bones = bones(self.sound)
        self.by_syllables = [_is_chinese(name) for name in self.names]
        self.edges = {node: thing.edges for thing in things for node in thing.nodes}
        kinds = np.array([thing.type for thing in things], dtype=object)[self.owners]
        self.masks: dict[str, npt.NDArray[np.bool_]] = {kind: kinds == kind for kind in set(kinds)}
        self.index = NgramIndex([self.sound, self.bones])

    @classmethod
    def of_shop(cls, engine: Engine) -> "EntityLinker":
        """The index of the shop that is loaded."""
        return cls([*_entities(engine), *_products(engine)])

    def link(self, words: str, types: Collection[str] | None = None, limit: int = 5) -> Linking:
        """What `words` may mean, of these types when they are given."""
        spoken = latin([words[:LONGEST_QUERY]])[0]
        if not spoken or not self.names:
            return Linking(())
        heard = sound([spoken])
        query = _Form(spoken, heard[0], bones(heard)[0])
        chinese = _is_chinese(words)
        found: dict[object, Link] = {}
        for place in self.index.nearest([query.sound, query.bones], self._allowed(types), COMPARED):
            name = int(place)
            thing = self.things[int(self.owners[name])]
            score = _score(query, _Form(self.latin[name], self.sound[name], self.bones[name]))
            if self.by_syllables[name] and not chinese:
                score *= BY_SYLLABLES
            key = (thing.type, self.latin[name]) if thing.type == PRODUCT else thing.nodes
            known = found.get(key)
            if known is not None and thing.type == PRODUCT:  # the same name in other sizes or colours
                found[key] = Link(tuple(dict.fromkeys(known.nodes + thing.nodes)), PRODUCT, known.name, score)
            elif score >= FLOOR and (known is None or known.score < score):
                found[key] = Link(thing.nodes, thing.type, self.names[name], score)
        links = _without_repetitions(sorted(found.values(), key=lambda link: (-link.score, -self._edges(link))))
        ambiguous = self._put_known_first(links)
        return Linking(tuple(links[:limit]), ambiguous)

    def types_of(self, words: str) -> frozenset[str]:
        """The types of what is called so or nearly so; empty when nothing is."""
        candidates = self.link(words).candidates
        least = max(SURE, candidates[0].score - CLOSE) if candidates else SURE
        return frozenset(candidate.type for candidate in candidates if candidate.score >= least)

    def _allowed(self, types: Collection[str] | None) -> npt.NDArray[np.bool_] | None:
        if types is None:
            return None
        known = [mask for kind, mask in self.masks.items() if kind in types]
        nothing = np.zeros(len(self.names), np.bool_)
        allowed: npt.NDArray[np.bool_] = np.logical_or.reduce([nothing, *known])
        return allowed

    def _edges(self, link: Link) -> int:
        return self.edges.get(link.nodes[0], 0)

    def _put_known_first(self, links: list[Link]) -> bool:
        """Moves the one by far best known of several about equal links to the front; True when there is none such."""
        if not links:
            return False
        equals = sum(link.score >= _least(links[0].score) for link in links)
        if equals == 1:
            return False
        known = sorted(range(equals), key=lambda place: -self._edges(links[place]))
        clear = self._edges(links[known[0]]) >= CLEARLY_BETTER * max(1, self._edges(links[known[1]]))
        if clear:
            links.insert(0, links.pop(known[0]))
        return not clear


def _least(best: float) -> float:
    """The score from which a candidate is about equal to the best; nothing is about equal to the very name."""
    return best if best == 1.0 else best - ABOUT_EQUAL


@dataclass(frozen=True, slots=True)
class _Form:
    latin: str
    sound: str
    bones: str


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _score(query: _Form, name: _Form) -> float:
    if query.latin == name.latin:
        return 1.0
    said, written = query.latin.split(), name.latin.split()
    heard, sounds = query.sound.split(), name.sound.split()
    joined, whole = "".join(said), "".join(written)
    heard_joined, sound_whole = "".join(heard), "".join(sounds)
    score = max(
        0.99 * ratio(joined, whole),
        SORTED * token_sort_ratio(query.latin, name.latin),
        SOUND * ratio(heard_joined, sound_whole),
        BONES * (0.7 * ratio(query.bones, name.bones) + 0.3 * ratio(heard_joined, sound_whole)),
    )
    if len(joined) < len(whole):
        near = max(_window(joined, written), SOUND * _window(heard_joined, sounds))
        score = max(score, near * PART * (0.95 + 0.05 * len(joined) / len(whole)))
    if len(said) > 1:
        near = max(_window(whole, said), SOUND * _window(sound_whole, heard))
        score = max(score, near * EXTRA * (0.9 + 0.1 * len(whole) / max(len(joined), len(whole))))
    return min(score / 100, _rest_match(heard, sounds)) * _number_match(said, written)


def _window(part: str, words: list[str]) -> float:
    """The best likeness, 0 to 100, of `part` and neighbouring words of about its length, written as one."""
    best = 0.0
    for first in range(len(words)):
        joined = ""
        for word in words[first:]:
            joined += word
            if len(joined) > 1.4 * len(part) + 1:
                break
            if len(joined) >= 0.7 * len(part) - 1:
                best = max(best, ratio(part, joined))
    return best


def _rest_match(heard: list[str], sounds: list[str]) -> float:
    """At most how good a match is by the words that only one side has: Christopher Lee is not Christopher Nolan."""
    common = set(heard) & set(sounds)
    rest = "".join(word for word in heard if word not in common)
    other = "".join(word for word in sounds if word not in common)
    longest = max(len(rest), len(other))  # "di" and "de" tell nobody apart
    return 0.4 + 0.6 * ratio(rest, other) / 100 if common and rest and other and longest > 2 else 1.0


def _number_match(said: Iterable[str], written: Iterable[str]) -> float:
    numbers = {word for word in said if word.isdigit()}
    own = {word for word in written if word.isdigit()}
    if not numbers <= own:
        return OTHER_NUMBER
    return NO_NUMBER if own and not numbers else 1.0


def _without_repetitions(links: Iterable[Link]) -> list[Link]:
    """Drops products that a better name already gave."""
    seen: set[str] = set()
    kept = []
    for link in links:
        nodes = tuple(node for node in link.nodes if node not in seen)
        if nodes:
            kept.append(Link(nodes, link.type, link.name, link.score))
            seen.update(nodes)
    return kept


def _entities(engine: Engine) -> list[Named]:
    entity, alias = tables.entity, tables.entity_alias
    with engine.connect() as connection:
        edges: dict[str, int] = dict(
            connection.execute(
                text(
                    "SELECT node, COUNT(*) FROM (SELECT subject AS node FROM edge UNION ALL "
                    "SELECT object AS node FROM edge) ends GROUP BY node"
                )
            ).all()
        )
        other: dict[str, list[str]] = {}
        for node, name in connection.execute(select(alias.c.entity_id, alias.c.alias).order_by(alias.c.id)):
            other.setdefault(node, []).append(name)
        rows = connection.execute(select(entity.c.id, entity.c.type, entity.c.name).order_by(entity.c.position))
        return [Named((node,), kind, (name, *other.get(node, ())), edges.get(node, 0)) for node, kind, name in rows]


def _products(engine: Engine) -> list[Named]:
    """Each thing with all names of all its sizes; a name that only some sizes have stands for those."""
    product, own = tables.product, tables.product_translation
    with engine.connect() as connection:
        rows = connection.execute(
            select(product.c.sku, product.c.node, product.c.thing, product.c.name).order_by(
                product.c.size_number, product.c.position
            )
        ).all()
        names: dict[str, list[str]] = {}
        for sku, name in connection.execute(select(own.c.sku, own.c.name).where(own.c.name.is_not(None))):
            names.setdefault(sku, []).append(name)
    called: dict[tuple[str, str], dict[str, None]] = {}
    for sku, node, thing, name in rows:
        for each in dict.fromkeys((name, *names.get(sku, ()))):
            called.setdefault((thing, each), {})[node] = None
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (thing, name), nodes in called.items():
        alike.setdefault((thing, tuple(nodes)), []).append(name)
    return [Named(nodes, PRODUCT, tuple(each)) for (_, nodes), each in alike.items()]
