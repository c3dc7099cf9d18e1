"""What is spoken and pronounced in training: what the kiosk and its customers say in shops that are trained on, and
sentences about anything, in seven languages. Figures are written out, as serving does before the model reads."""

from __future__ import annotations

import json
import random
import re
from functools import lru_cache

from training.chat import material
from training.paths import CACHE
from training.questions import Composer
from training.shops import HELD_OUT_SHOPS, Shop, load_shops
from training.translation import debian_descriptions, help_pages
from walkiosk.skill.text_normalization import words

CYRILLIC = re.compile(r"[А-Яа-яЁё]")
SLOT = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=1)
def shops() -> list[Shop]:
    return [shop for key, shop in load_shops().items() if key not in HELD_OUT_SHOPS]


def is_written_as(text: str, language: str) -> bool:
    """Whether all letters are of the language's script."""
    letters = [c for c in text if c.isalpha()]
    cyrillic = sum(bool(CYRILLIC.match(c)) for c in letters)
    return cyrillic == len(letters) if language == "ru" else all(ord(c) < 0x250 for c in letters)


@lru_cache(maxsize=1)
def english_names() -> list[str]:
    """Titles of films and names of people who acted in them, which every language says in an English way."""
    names: set[str] = set()
    for path in sorted((CACHE / "text" / "wikipedia_movies").glob("movies-*.json")):
        for film in json.loads(path.read_text(encoding="utf-8")):
            if int(film.get("year", 0)) >= 1970:
                names |= {film["title"], *film.get("cast", ())}
    return sorted(n for n in names if is_written_as(n, "en") and 3 < len(n) < 34 and re.fullmatch(r"[A-Za-z' .:-]+", n))


@lru_cache(maxsize=16)
def names_of(language: str) -> list[str]:
    """Names in the training shops that this language's speakers read as their own."""
    found = set()
    for shop in shops():
        for type_ in shop.schema.types:
            for name in shop.names(type_):
                if is_written_as(name, language) and 2 < len(name) < 40:
                    found.add(name)
    return sorted(found)


def _amount(language: str, draw: random.Random) -> str:
    price = draw.choice(
        (draw.randint(1, 99), draw.randint(10, 999), draw.randint(1, 60) + draw.choice((0.5, 0.9, 0.95, 0.99)))
    )
    point = "." if language == "en" else ","
    figure = f"{price:.2f}".replace(".", point) if isinstance(price, float) else str(price)
    return f"${figure}" if language == "en" and draw.random() < 0.5 else f"{figure} €"


def filled(template: str, language: str, draw: random.Random, name: str) -> str:
    """A reply with goods, prices, sizes and people in its slots; ``name`` stands for whoever or whatever is named."""

    def value(match: re.Match[str]) -> str:
        slot = match[1]
        if "price" in slot or slot == "total":
            return _amount(language, draw)
        if slot in ("count", "quantity", "cap"):
            return str(draw.randint(2, 40))
        if slot == "percent":
            return f"{draw.randint(1, 12) * 5} %"
        if slot == "size":
            return draw.choice((str(draw.randint(34, 47)), draw.choice(("S", "M", "L", "XL"))))
        if slot == "sizes":
            return ", ".join(str(n) for n in sorted(draw.sample(range(34, 48), 3)))
        return name if draw.random() < 0.6 else draw.choice(names_of(language))

    return SLOT.sub(value, template)


@lru_cache(maxsize=16)
def templates(language: str) -> list[str]:
    replies = [wording for row in material()[language]["replies"] for wording in row["w"]]
    return replies + [str(item["u"][0]) for item in material()[language]["actions"] if item["u"]]


@lru_cache(maxsize=16)
def general(language: str) -> list[str]:
    """Sentences about software, mostly: what they are good for is their words."""
    if language == "ru":
        lines = {pair[3] for pair in help_pages() if pair[1] == "ru"}
    else:
        pairs = [*debian_descriptions(), *help_pages()]
        lines = {pair[2] for pair in pairs} if language == "en" else {pair[3] for pair in pairs if pair[1] == language}
    return sorted(
        x
        for x in lines
        if 20 < len(x) < 160 and is_written_as(x, language) and not re.search(r"[<>{}\\_=|/@#%&*^]|\d", x)
    )


def text(language: str, draw: random.Random, names: float = 0.5) -> tuple[str, str]:
    """A text to be spoken and the English name in it, if any (as it stands in the text)."""
    kind = draw.random()
    english = draw.choice(english_names()) if language != "en" and draw.random() < names else ""
    name = english or draw.choice(english_names() if draw.random() < 0.6 and language == "en" else names_of(language))
    if kind < 0.40:
        made = filled(draw.choice(templates(language)), language, draw, name)
    elif kind < 0.60:
        made = Composer(draw.choice(shops()), language, draw).question().spoken
    elif kind < 0.65:
        made = name
    elif kind < 0.68:
        made = " ".join(str(draw.randint(0, 9999)) for _ in range(draw.randint(1, 3)))
    else:
        made = draw.choice(general(language))
        made = made if made[-1] in ".!?" else made + "."
    made = made[:1].upper() + made[1:]
    if english and english not in made:
        english = ""
    said = words(made, language)
    if english and words(english, language) not in said:
        english = ""
    if not is_written_as(said.replace(words(english, language), "") if english else said, language):
        return text(language, draw, names)
    return said, words(english, language) if english else ""
