"""Sentences that speech is scored on → scores/speech_generation.jsonl: `python -m training.speech_sentences`.

A test set: **neither these sentences nor the wordings they are made of are ever trained on.** Wordings are of
`material/speech_held_out.yaml`, written anew for this and read by nothing else; names and prices are of the held-out
shops, beside films and actors that customers ask for. Figures are written as the kiosk writes them, in each language.
The same seed writes the same file.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_time
from babel.numbers import format_decimal

from training.paths import MATERIAL
from training.shops import HELD_OUT_SHOPS
from walkiosk.kiosk import wording
from walkiosk.store.knowledge_graph import PRODUCT

COUNTS = {"reply": 22, "figures": 12, "names": 10, "long": 5, "word": 5, "digits": 3, "mixed": 3}
ENGLISH = {"reply": 84, "figures": 40, "names": 30, "long": 16, "word": 14, "digits": 12, "mixed": 4}
SIZES = {"en": ENGLISH, **{language: COUNTS for language in ("es", "fr", "it", "ru", "de", "pt")}}
PEOPLE, TITLES = ("driver", "chef", "astronaut"), ("album", "song", "show")  # types whose names are single things
SEVERAL = ("gloves", "Mehl", "Zubehör", "Backzubehör", "food")  # categories that are not one thing in every language
LATIN = re.compile(r"(?!.*(?i:gloves|boots|overalls))[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ' -]+( \d{2,4})?")  # singular, too
CURRENCIES = {"en": ("USD", "USD", "EUR", "GBP"), "ru": ("RUB", "EUR")}
ROUBLES = 90  # to a euro, so that prices in them look like prices
SLOT = re.compile(r"\{([a-z]+)(2?)\}")
LENGTHS = (4, 6, 3, 4, 5, 2, 4, 6, 3, 7, 4, 5)  # digits of an all-digit string: codes, orders, years
Row = dict[str, str]


@lru_cache(maxsize=1)
def material() -> dict[str, Any]:
    return read(MATERIAL / "speech_held_out.yaml")


@lru_cache(maxsize=1)
def held_out() -> list[dict[str, Any]]:
    """The held-out shops as they are written: of the others not one name is wanted."""
    return [read(MATERIAL / "shops" / f"{key}.yaml") for key in HELD_OUT_SHOPS]


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return found


def names(types: tuple[str, ...]) -> list[str]:
    """Names in Latin letters of things of these types (or products) in the held-out shops."""
    found: list[str] = []
    for shop in held_out():
        of_type = {key: words["names"] for key, words in shop["types"].items()} | {PRODUCT: shop["products"]["names"]}
        found += [str(name) for type_ in types for name in of_type.get(type_, ())]
    return [name for name in found if LATIN.fullmatch(name)]


def things(language: str) -> list[str]:
    """What the held-out shops sell, each category as one thing with its article."""
    categories = (shop["products"]["categories"] for shop in held_out())
    return [words[language][0] for of in categories for key, words in of.items() if key not in SEVERAL]


@lru_cache(maxsize=1)
def prices(shops: Path) -> list[int]:
    """Prices in cents of the held-out shops' goods."""
    found: set[int] = set()
    for key in HELD_OUT_SHOPS:
        with (shops / key / "products.csv").open(encoding="utf-8", newline="") as file:
            found |= {int(Decimal(row["price"]) * 100) for row in csv.DictReader(file)}
    return sorted(found)


@dataclass
class Filler:
    """Fills the slots of one language's wordings; a slot and its second differ, the second figure being the larger."""

    language: str
    draw: random.Random
    shops: Path

    def fill(self, text: str) -> str:
        pairs: dict[str, list[str]] = {}
        currency = self.draw.choice(CURRENCIES.get(self.language, ("EUR",)))
        for slot in dict.fromkeys(slot for slot, _ in SLOT.findall(text)):
            pairs[slot] = self.named(slot) if self.pool(slot) else self.figures(slot, currency)
        said = SLOT.sub(lambda match: pairs[match[1]][bool(match[2])], text)
        return said[:1].upper() + said[1:]

    def pool(self, slot: str) -> list[str]:
        """Names to draw from; none for a slot that is a figure."""
        own = material()[self.language].get("names_of", {})
        if slot in own:
            return [str(name) for name in own[slot]]
        if slot == "person":
            return list(self.draw.choice((material()["stars"], names(PEOPLE))))
        pools = {"film": material()["films"], "product": names((PRODUCT,)), "title": names(TITLES)}
        return things(self.language) if slot == "thing" else list(pools.get(slot, ()))

    def named(self, slot: str) -> list[str]:
        first = self.draw.choice(self.pool(slot))
        return [first, self.draw.choice([name for name in self.pool(slot) if name != first])]

    def figures(self, slot: str, currency: str) -> list[str]:
        """Two figures in their order, as the kiosk writes them."""
        some: dict[str, Sequence[Any]] = {
            "count": range(2, 13), "number": range(120, 4800), "year": range(1954, 2026), "size": range(36, 48),
            "degrees": (30, 40, 60), "length": range(14, 36), "percent": (10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 75),
            "date": range(2, 300), "time": range(9 * 4, 21 * 4), "price": prices(self.shops),
            "weight": ("250 g", "500 g", "750 g", "2 kg", "5 kg"), "letter": ("S", "M", "L", "XL"),
        }  # fmt: skip
        two = self.draw.sample(range(len(some[slot])), 2)
        return [self.written(slot, some[slot][number], currency) for number in sorted(two)]

    def written(self, slot: str, value: Any, currency: str) -> str:
        match slot:
            case "price":
                return wording.money(value * (ROUBLES if currency == "RUB" else 1), currency, self.language)
            case "percent":
                return wording.percent(value * 100, self.language)
            case "date":
                return wording.literal(_date(value).isoformat(), "date", self.language)
            case "time":  # in quarters of an hour
                return str(format_time(datetime.time(value // 4, value % 4 * 15), "short", locale=self.language))
            case "number":
                return str(format_decimal(value, locale=self.language))
            case "length":
                return f"{value} {'см' if self.language == 'ru' else 'cm'}"
        return str(value)


def _date(days: int) -> datetime.date:
    """A day of the year to come, none whose number changes the article before it (Italian's 1, 8 and 11)."""
    day = datetime.date(2027, 1, 1) + datetime.timedelta(days)
    return day if day.day > 11 else day.replace(day=day.day + 14)


def sentences(language: str, seed: int, shops: Path) -> Iterator[Row]:
    """The language's sentences, kind by kind; each wording about as often as any other, no sentence twice."""
    for kind, count in SIZES[language].items():
        draw = random.Random(f"{seed} {language} {kind}")
        texts = digits(count, draw) if kind == "digits" else filled(language, kind, count, draw, shops)
        yield from ({"text": text, "language": language, "kind": kind} for text in texts)


def digits(count: int, draw: random.Random) -> Iterator[str]:
    for length in LENGTHS[:count]:
        yield str(draw.randrange(10 ** (length - 1), 10**length))


def filled(language: str, kind: str, count: int, draw: random.Random, shops: Path) -> list[str]:
    filler = Filler(language, draw, shops)
    used = Counter({str(text): 0 for text in material()[language][kind]})
    made: list[str] = []
    while len(made) < count:
        open_ones = {text: times for text, times in used.items() if not times or SLOT.search(text)}
        chosen = draw.choice([text for text, times in open_ones.items() if times == min(open_ones.values())])
        if (text := filler.fill(chosen)) not in made:
            used[chosen] += 1
            made.append(text)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--shops", type=Path, default=Path("scores/shops"), help="the held-out shops' folders")
    parser.add_argument("--out", type=Path, default=Path("scores/speech_generation.jsonl"))
    options = parser.parse_args()
    rows = [row for language in SIZES for row in sentences(language, options.seed, options.shops)]
    options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{options.out}: {len(rows)} rows", flush=True)


if __name__ == "__main__":
    main()
