"""The invented shops that the model learns to read: YAML files in `material/shops`, schemas varied at every draw."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml
from anyascii import anyascii

from training.paths import CACHE, MATERIAL
from walkiosk.skill.phrases import TAKEN
from walkiosk.store.knowledge_graph import LITERALS, PRODUCT, Relation, Schema

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ru", "hi", "zh")
HELD_OUT_SHOPS = ("vinyl_cellar", "racing_garage", "chef_kitchen", "space_centre", "bakery")  # never trained on
PEOPLE = re.compile(
    r"actor|actr|direct|artist|player|rider|driver|climb|writer|author|chef|cook|paint|ruler|guide|astronaut|music|"
    r"design|model|dancer|baker|barista|farmer|garden|breeder|person|singer|host|athlete|runner|sommelier|maker|"
    r"character|coach|captain|king|monarca|heran|herrscher|persona|champion|craft|illustrat|collector|inventor"
)


@dataclass(frozen=True)
class Shop:
    """One invented shop: its schema, names of its things, and its fragments of nine languages (raw YAML)."""

    key: str
    schema: Schema
    raw: dict[str, Any]
    closed: bool = False  # draws names of its own only, so that a store can answer

    def names(self, type_: str) -> list[str]:
        names = self.raw["products"]["names"] if type_ == PRODUCT else self.raw["types"][type_]["names"]
        return [str(name) for name in names]

    def literal_keys(self, type_: str) -> list[str]:
        """Relations that tie a year or a date to things of this type."""
        return [
            r.name for r in self.schema.relations if type_ in r.subject_types and set(r.object_types) & {"year", "date"}
        ]


def split(value: Any) -> tuple[str, ...]:
    return tuple(str(value).split("|"))


@lru_cache(maxsize=1)
def load_shops() -> dict[str, Shop]:
    shops = {}
    for path in sorted((MATERIAL / "shops").glob("*.yaml")):
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        relations = tuple(
            Relation(
                r["name"],
                split(r["subject"]),
                split(r["object"]),
                str(r["phrase"]),
                str(r.get("inverse") or ""),
                r.get("ordered_by") or None,
            )
            for r in raw["relations"]
        )
        products = raw["products"]
        schema = Schema(
            (*raw["types"], "product"),
            relations,
            tuple(map(str, products["categories"])),
            tuple(map(str, products.get("colours") or ())),
        )
        shops[path.stem] = Shop(path.stem, schema, raw)
    return shops


@lru_cache(maxsize=1)
def frames() -> dict[str, dict[str, Any]]:
    files = sorted((MATERIAL / "frames").glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in files}


@dataclass(frozen=True)
class Renaming:
    """How a draw spells a shop's types, categories and colours: old → new."""

    types: dict[str, str]
    categories: dict[str, str]
    colours: dict[str, str]


SYLLABLES = "ba ce di fo gu ha jo ki lu ma ne po ra si ta ve wo zu bri clo dra fle gno pri sta tru"
RESERVED = {*TAKEN, PRODUCT, *LITERALS}
ARTICLES = {
    "en": "the",
    "es": "el la los las",
    "fr": "le la les",
    "de": "der die das",
    "it": "il lo la i gli le",
    "pt": "o a os as",
}


def nonsense(draw: random.Random) -> str:
    return "".join(draw.choices(SYLLABLES.split(), k=draw.choice((2, 2, 3))))


def ascii_name(text: str, draw: random.Random) -> str:
    """Words as an operator would make a name of them: snake_case or camelCase, no accents."""
    words: list[str] = re.findall(r"[A-Za-z]+", str(anyascii(text)).replace("'", " "))
    if draw.random() < 0.2 and len(words) > 1:
        return words[0].lower() + "".join(word.capitalize() for word in words[1:])
    return "_".join(words).lower()


def bare(noun: str, language: str) -> str:
    """A noun without its article."""
    first, _, rest = noun.partition(" ")
    noun = rest if rest and first.lower() in ARTICLES.get(language, "").split() else noun
    return noun.removeprefix("l'").removeprefix("L'")


def stated(shop: Shop, relation: str, language: str, draw: random.Random) -> tuple[str, str]:
    """(phrase, inverse phrase) of a relation as its statements word it, or nothing."""
    forward: list[str] = []
    inverse: list[str] = []
    for item in shop.raw["statements"]:
        if item["relation"] == relation:
            for sentence in item.get(language, []):
                for found, ends in ((forward, ("{s} ", " {o}")), (inverse, ("{o} ", " {s}"))):
                    start, stop = sentence.find(ends[0]), sentence.find(ends[1])
                    if start == 0 and stop > 0:
                        found.append(sentence[len(ends[0]) : stop])
    return (draw.choice(forward) if forward else "", draw.choice(inverse) if inverse else "")


@dataclass(frozen=True)
class Speller:
    """Spells a shop anew in one draw: in its own words, in words of one of the six languages, or in nonsense."""

    shop: Shop
    draw: random.Random
    language: str
    own: bool  # leave the shop as it is

    def phrases(self, relation: Relation) -> tuple[str, str]:
        """(phrase, inverse phrase)."""
        kept = relation.phrase, relation.inverse_phrase
        if self.own or self.draw.random() > 0.6:
            return kept
        forward, inverse = stated(self.shop, relation.name, self.language, self.draw)
        return forward or kept[0], inverse or kept[1]

    def distinct(self, names: dict[str, str]) -> dict[str, str]:
        """``names`` where they can be told apart and mean nothing else; the old ones otherwise."""
        kept: dict[str, str] = {}
        for old, new in names.items():
            kept[old] = new if new and new not in kept.values() and new not in RESERVED else old
        return kept if len(set(kept.values())) == len(kept) else {old: old for old in names}

    def types(self) -> dict[str, str]:
        def spelled(name: str, words: dict[str, Any]) -> str:
            kind = "own" if self.own else self.draw.choices(("own", "noun", "nonsense"), (50, 44, 6))[0]
            if kind == "noun":
                return ascii_name(bare(str(words[self.language]["one"]), self.language), self.draw)
            return nonsense(self.draw) if kind == "nonsense" else name

        return self.distinct({name: spelled(name, words) for name, words in self.shop.raw["types"].items()})

    def shelves(self) -> tuple[dict[str, str], dict[str, str]]:
        """(categories, colours), half the time in the draw's language."""
        foreign = not self.own and self.draw.random() < 0.5
        categories = {
            str(key): bare(str(self.draw.choice(words[self.language])), self.language) if foreign else str(key)
            for key, words in self.shop.raw["products"]["categories"].items()
        }
        table = frames()[self.language]["colours"] if foreign else {}
        colours = {colour: str(table.get(colour, colour)).split("/")[0] for colour in self.shop.schema.colours}
        return self.distinct(categories), self.distinct(colours)


def varied(shop: Shop, used: set[str], draw: random.Random, most: int = 15) -> tuple[Schema, Renaming]:
    """Return the shop's schema in a new order and spelling, so that it can only be read, never remembered.

    Relations that ``used`` does not need are sometimes left out.
    """
    needed = [r for r in shop.schema.relations if r.name in used]
    spare = [r for r in shop.schema.relations if r.name not in used]
    draw.shuffle(spare)
    keep = spare[: draw.randint(len(spare) // 2, len(spare))][: max(0, most - len(needed))]
    relations = needed + keep
    draw.shuffle(relations)
    language = draw.choices(("en", "es", "fr", "de", "it", "pt"), (5, 1, 1, 1, 1, 1))[0]  # as operators would
    speller = Speller(shop, draw, language, draw.random() < 0.4)
    phrases = {relation.name: speller.phrases(relation) for relation in relations}
    types = speller.types()
    categories, colours = speller.shelves()

    def ends(kinds: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(types.get(kind, kind) for kind in kinds)

    made = tuple(
        Relation(
            r.name,
            ends(r.subject_types),
            ends(r.object_types),
            phrases[r.name][0],
            "" if draw.random() < 0.15 else phrases[r.name][1],
            r.ordered_by,
        )
        for r in relations
    )
    shelf, paint = list(categories.values()), list(colours.values())
    draw.shuffle(shelf)
    draw.shuffle(paint)
    schema = Schema((*types.values(), PRODUCT), made, tuple(shelf), tuple(paint))
    return schema, Renaming(types, categories, colours)


@lru_cache(maxsize=1)
def open_names() -> tuple[list[str], list[str]]:
    """People and titles from the film list (facts), so that names are never learned by heart."""
    import json

    people: set[str] = set()
    titles: set[str] = set()
    for path in sorted((CACHE / "text" / "wikipedia_movies").rglob("movies-*.json")):
        for film in json.loads(path.read_text(encoding="utf-8")):
            titles.add(str(film["title"]))
            people.update(str(name) for name in film.get("cast", []))
    return sorted(n for n in people if 4 < len(n) < 30), sorted(t for t in titles if 2 < len(t) < 45)


def draw_name(shop: Shop, type_: str, draw: random.Random) -> str:
    """A name for a thing of this type: one of the shop's own, or one from outside that suits."""
    own = [str(name) for name in shop.names(type_)]
    if type_ == "product" or shop.closed or draw.random() < 0.45:
        return draw.choice(own)
    people, titles = open_names()
    if PEOPLE.search(type_):
        name = draw.choice(people)
        return name.split()[-1] if draw.random() < 0.15 and len(name.split()[-1]) > 3 else name
    if draw.random() < 0.5:
        return draw.choice(titles)
    other = draw.choice([s for s in load_shops().values() if s.key not in HELD_OUT_SHOPS])
    names = other.names(draw.choice([t for t in other.raw["types"] if not PEOPLE.search(t)] or ["product"]))
    return str(draw.choice(names))
