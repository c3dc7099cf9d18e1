"""Remarks, descriptions and reviews → packed examples: `python -m training.summarization [SHARDS [FIRST]]`.

Three folders: `summarization`, what is written (sentences of a digest, first steps, short lines of Debian's
descriptions, summaries of reviews); `alike`, texts that say the same, in other words or another language; `about`,
texts and the words for what they are about, and for how they are meant. Themes of `DEVELOPMENT` and of files
`heldout-*` are in none of them. Opinosis and FewSum lie in CACHE/sets, as their archives unpack.
"""

from __future__ import annotations

import csv
import hashlib
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from training.dictionaries import word_pairs
from training.paths import CACHE, MATERIAL, PACKED, WHISPER
from training.shops import HELD_OUT_SHOPS, load_shops
from training.translation import debian_descriptions, description_list, help_pages, shop_questions, shop_strings
from walkiosk.modality.text import END, Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, write_shard
from walkiosk.skill.summarization import ABOUT, DIGEST, FEELING, FEELINGS, REMARKS, SAYS, SHORT, TODO, prefix

DEVELOPMENT = ("things-6", "food-6", "wear-6", "money-6", "service-6")  # what thresholds and forms are chosen on
DEBIAN = {"en": "en", "es": "es", "fr": "fr", "de": "de", "it": "it", "pt_BR": "pt", "ru": "ru", "zh_CN": "zh"}
HELD_OUT_PACKAGES, HELD_OUT_TOPICS = 20, 5  # one in so many, by its name's hash
AND = {"en": "and", "es": "y", "fr": "et", "de": "und", "it": "e", "pt": "e", "ru": "и", "hi": "और", "zh": "和"}
DRAWN = {"en": 5, "es": 4, "fr": 4, "de": 4, "it": 4, "pt": 4, "ru": 3, "hi": 2, "zh": 3}  # Hindi is the longest
COUNTS = (4, 3, 4, 3, 2, 2, 1, 1)  # how often one, two, … remarks are summed up
LONGEST_HELD = 72  # tokens of a text that is compared, its marks included
WRITTEN, UNITS = 2_000, 4_500  # a shard


@dataclass(frozen=True)
class Package:
    """A Debian package's short line and long description, in one language."""

    name: str
    language: str
    short: str
    long: str


def themes(*stems: str) -> list[dict[str, Any]]:
    """The themes of the files so named, or those to learn from."""
    found: list[dict[str, Any]] = []
    for path in sorted((MATERIAL / "remarks").glob("*.yaml")):
        learned = path.stem not in DEVELOPMENT and not path.stem.startswith("heldout")
        if path.stem in stems if stems else learned:
            found += yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def item_names() -> list[str]:
    """Names of goods, to be named in remarks."""
    shops = [shop for key, shop in load_shops().items() if key not in HELD_OUT_SHOPS]
    return [str(name) for shop in shops for name in shop.raw["products"]["names"]]


def one_in(count: int, name: str) -> bool:
    return int(hashlib.sha1(name.encode()).hexdigest(), 16) % count == 0


def packages(held_out: bool) -> Iterator[Package]:
    """Debian's packages with a description of more than a line; one in `HELD_OUT_PACKAGES` is for scoring."""
    for code, language in DEBIAN.items():
        for entry in description_list(code).split("\n\n"):
            lines = entry.splitlines()
            if len(lines) < 5 or not lines[0].startswith("Package: "):
                continue
            name = lines[0][9:]
            short = lines[2].split(": ", 1)[-1].strip()
            long = " ".join(line.strip() for line in lines[3:] if line.strip() != ".")
            if one_in(HELD_OUT_PACKAGES, name) == held_out and len(short) > 12 and len(long) > 120:
                yield Package(name, language, short, long)


def reviews(folder: Path, held_out: bool = False) -> Iterator[tuple[list[str], list[str]]]:
    """Sentences or reviews of one thing, and what people wrote to sum them up: Opinosis, FewSum's products."""
    for path in sorted((folder / "opinosis" / "topics").glob("*.txt.data")):
        name = path.name.removesuffix(".txt.data")
        written = sorted((folder / "opinosis" / "summaries-gold" / name).glob("*"))
        gold = [each.read_text(encoding="utf-8", errors="replace") for each in written]
        if gold and one_in(HELD_OUT_TOPICS, name) == held_out:
            said = path.read_text(encoding="utf-8", errors="replace").splitlines()
            yield [line.strip() for line in said if 20 < len(line) < 300], [" ".join(text.split()) for text in gold]
    part = "test" if held_out else "train"
    with (folder / "fewsum" / "amazon" / "gold_summs" / f"{part}.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield [row[f"rev{n}"] for n in range(1, 9)], [row[f"summ{n}"] for n in range(1, 4)]


class Recipe:
    """Draws examples; every shard draws anew."""

    def __init__(self, vocabulary: Vocabulary, seed: int, sets: Path) -> None:
        self.vocabulary, self.draw = vocabulary, random.Random(seed)
        self.end = vocabulary.special(END)
        self.themes = themes()
        self.watched, self.subjects, self.goods = subjects("watch"), subjects("subjects"), goods()
        self.packages = list(packages(held_out=False))
        self.by_name: dict[str, list[Package]] = {}
        for package in self.packages:
            self.by_name.setdefault(package.name, []).append(package)
        every = (*self.themes, *self.subjects, *self.watched)
        self.shared = Counter(name.casefold() for subject in every for name in subject["category"]["en"])
        self.reviews = list(reviews(sets))
        self.pairs, self.words = translated(self.draw), word_pairs(self.draw)
        self.short_pairs = [pair for pair in self.pairs if len(pair[0]) < 24 and len(pair[1]) < 24]
        self.numbers: dict[str, int] = {}

    def language(self) -> str:
        return self.draw.choices(list(DRAWN), list(DRAWN.values()))[0]

    def number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers) + 1)

    def remark(self, theme: dict[str, Any], items: Sequence[str]) -> str:
        text: str = self.draw.choice(theme["remarks"][self.language()])
        return text.replace("{item}", self.draw.choice(items))

    def summed_up(self) -> Example:
        """Remarks of one theme, now and then with one that does not belong there → a sentence or the first step."""
        draw, theme, language = self.draw, self.draw.choice(self.themes), self.language()
        items = draw.sample(item_names(), draw.choices((1, 2), (3, 1))[0])
        count = draw.choices(range(1, REMARKS + 1), COUNTS)[0]
        remarks: list[str] = []
        while len(remarks) < count:
            remarks.append(self.remark(theme, items))
        if count > 2 and draw.random() < 0.2:
            remarks[draw.randrange(count)] = self.remark(draw.choice(self.themes), draw.sample(item_names(), 1))
        asked = DIGEST if draw.random() < 0.6 else TODO
        written: str = draw.choice(theme["digest"][language]) if asked == DIGEST else theme["todo"][language]
        named = [item for item in items if any(item in remark for remark in remarks)] or items[:1]
        glue = AND[language] if language == "zh" else f" {AND[language]} "
        return self.written(asked, remarks, language, written.replace("{item}", glue.join(named)))

    def shortened(self) -> Example:
        """A description → its short line, in the same language or another that has one."""
        package = self.draw.choice(self.packages)
        others = self.by_name[package.name]
        other = self.draw.choice(others) if self.draw.random() < 0.25 else package
        return self.written(SHORT, [package.long[: self.draw.choice((300, 500, 800))]], other.language, other.short)

    def reviewed(self) -> Example:
        said, gold = self.draw.choice(self.reviews)
        return self.written(DIGEST, self.draw.sample(said, min(len(said), REMARKS)), "en", self.draw.choice(gold))

    def written(self, asked: str, texts: Sequence[str], language: str, target: str) -> Example:
        tokens = self.vocabulary.encode(" " + target)[:90]
        return Example(prefix(self.vocabulary, asked, texts, language), [*tokens, self.end])

    def held(self, asked: str, text: str, *says: str) -> Example:
        tokens = prefix(self.vocabulary, asked, [text])
        if len(tokens) > LONGEST_HELD:
            tokens = [*tokens[: LONGEST_HELD - 1], tokens[-1]]
        return Example(tokens, [self.end], alike=tuple(map(self.number, says)))

    def alike(self, units: int) -> list[Example]:
        """Texts that say the same, next to each other; the same goods are named in remarks of different themes."""
        draw, found = self.draw, list[Example]()
        items: list[str] = []
        for unit in range(units):
            if unit % 12 == 0:
                items = draw.sample(item_names(), 4)
            kind = draw.choices(("theme", "pair", "package", "words"), (5, 5, 1, 4))[0]
            if kind == "theme":
                theme = draw.choice(draw.choices((self.themes, self.subjects, self.watched), (12, 12, 2))[0])
                texts = [self.remark(theme, items) for _ in range(draw.choice((3, 4)))]
                if "digest" in theme and draw.random() < 0.4:
                    part = theme["digest"] if draw.random() < 0.75 else {k: [v] for k, v in theme["todo"].items()}
                    texts[0] = draw.choice(part[self.language()]).replace("{item}", draw.choice(items))
                says = theme["theme"]
            elif kind in ("pair", "words"):
                pair = draw.choice(self.pairs if kind == "pair" else self.words)
                texts, says = list(pair), pair[0]
            else:
                package = draw.choice(self.packages)
                others = [*(other.short for other in self.by_name[package.name] if other is not package)]
                texts, says = [package.long[:140], draw.choice(others or [package.short])], package.short
            found += [self.held(SAYS, text, says) for text in dict.fromkeys(texts)]
        return found

    def about(self, units: int) -> list[Example]:
        """Remarks and the words for what they are about, and remarks and how they are meant, next to each other."""
        draw, found = self.draw, list[Example]()
        for unit in range(units):
            if unit % 24 == 0:
                found += [self.held(FEELING, name, "feeling " + name) for name in FEELINGS]
            kinds = ("theme", "subject", "watch", "feeling", "pair", "words", "goods")
            kind = draw.choices(kinds, (7, 7, 2, 3, 4, 8, 5))[0]
            if kind in ("pair", "words", "goods"):
                pairs = self.short_pairs if kind == "pair" else self.words
                pair = self.asked_for() if kind == "goods" else draw.choice(pairs)
                found += [self.held(ABOUT, text, pair[-1].casefold()) for text in pair[:2]]
                continue
            sources = {"watch": self.watched, "subject": self.subjects}
            subject = draw.choice(sources.get(kind, [*self.themes, *self.subjects]))
            text = self.remark(subject, draw.sample(item_names(), 1))
            if kind == "feeling":
                found.append(self.held(FEELING, text, "feeling " + subject["feeling"]))
                continue
            concepts = [name.casefold() for name in subject["category"]["en"]]
            found.append(self.held(ABOUT, text, *concepts))
            found.append(self.held(ABOUT, self.remark(subject, draw.sample(item_names(), 1)), *concepts))
            rarity = [1 / self.shared[name] for name in concepts]  # what is said of many things says little
            for place in dict.fromkeys(draw.choices(range(len(concepts)), rarity, k=2)):
                names = subject["category"][self.language()]
                found.append(self.held(ABOUT, names[min(place, len(names) - 1)], concepts[place]))
        return found

    def asked_for(self) -> tuple[str, str, str]:
        """A wish for some kind of goods, what they are called in another language, and in English."""
        called: dict[str, list[str]] = self.draw.choice(self.goods)
        language = self.language()
        frame: str = self.draw.choice(frames(language))
        return frame.replace("{np}", called[language][0]), self.draw.choice(called[self.language()]), called["en"][-1]


@lru_cache(maxsize=9)
def frames(language: str) -> list[str]:
    """How one asks for something that is `{np}`."""
    found: list[str] = yaml.safe_load((MATERIAL / "frames" / f"{language}.yaml").read_text(encoding="utf-8"))["wish"]
    return found


def goods() -> list[dict[str, list[str]]]:
    """Kinds of goods of the shops: one and many, by language."""
    shops = [shop for key, shop in load_shops().items() if key not in HELD_OUT_SHOPS]
    return [called for shop in shops for called in shop.raw["products"]["categories"].values() if "hi" in called]


def subjects(folder: str) -> list[dict[str, Any]]:
    """Subjects with a few texts each, in the shape of themes; `watch` has what a watch over conversations seeks."""
    found: list[dict[str, Any]] = []
    for path in sorted((MATERIAL / folder).glob("*.yaml")):
        if not path.stem.startswith("heldout"):
            found += yaml.safe_load(path.read_text(encoding="utf-8"))
    return [{**item, "theme": item["category"]["en"][0], "remarks": item["texts"]} for item in found]


def translated(draw: random.Random) -> list[tuple[str, str]]:
    """Sentences in two languages: half of them of shops, half prose."""
    shops = [*shop_strings(held_out=False), *(pair for _ in range(8) for pair in shop_questions(draw))]
    prose = [*debian_descriptions(), *help_pages()]
    drawn = draw.sample(prose, min(len(prose), len(shops)))
    return [(source, target) for _, _, source, target in [*shops, *drawn] if len(target) < 160]


def main() -> None:
    shards, first = (int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in ((1, 5), (2, 0)))
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    for shard in range(first, first + shards):
        recipe = Recipe(vocabulary, shard, CACHE / "sets")
        kinds = (recipe.summed_up, recipe.shortened, recipe.reviewed)
        rows = [recipe.draw.choices(kinds, (11, 8, 1))[0]() for _ in range(WRITTEN)]
        write_shard(PACKED / "summarization" / f"{shard:03}.npz", rows)
        write_shard(PACKED / "alike" / f"{shard:03}.npz", recipe.alike(UNITS))
        write_shard(PACKED / "about" / f"{shard:03}.npz", recipe.about(UNITS))
        print(shard, sum(len(r.prefix) + len(r.target) for r in rows) // len(rows), "tokens a row", flush=True)


if __name__ == "__main__":
    main()
