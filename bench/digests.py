"""Digests of planted remarks: themes of known counts in nine languages, and what the digest makes of them.

    python bench/digests.py --part development|heldout [--weights DIR] [--sets 30] [--sheet FILE] [--only-themes]

A set has about 20 to 120 remarks of two periods: 4 to 7 themes of 3 remarks or more in the later one, and some remarks
of themes that nobody else speaks of. A planted theme is found when the theme of the digest that has most of its
remarks is mostly about it and has its count, give or take a tenth (so exactly, below ten); a theme whose count is not
that of its remarks stops the run. Thresholds are chosen on the part `development`; `heldout` is for the figures alone.
The sheet has every sentence beside the remarks that it links to, for people to judge.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.shops import HELD_OUT_SHOPS, load_shops
from training.summarization import DEVELOPMENT, themes
from walkiosk.modality.text import LANGUAGES
from walkiosk.office.digest import Asked, digest
from walkiosk.office.digest_value import Digest, Period, RemarkSkills
from walkiosk.office.items import Item, Items
from walkiosk.office.remarks import Remark, count_words
from walkiosk.skill import Model

PARTS = {"development": DEVELOPMENT, "heldout": tuple(f"heldout-{number}" for number in range(1, 7))}
NOW = Period(datetime.date(2026, 3, 9), datetime.date(2026, 3, 15))
ALONE = ""  # the theme of a remark that nobody else shares
AT_MOST = 2  # times that a text stands in a set
COLUMNS = ("digest", "language", "kind", "by", "sentence", "theme", "remarks", "supported", "why")


@dataclass(frozen=True)
class Planted:
    """A set: its remarks of both periods, the theme of each by its id, and the names of the goods."""

    number: int
    language: str
    remarks: list[Remark]
    theme: dict[str, str]
    items: Items

    def count(self, theme: str, period: Period) -> int:
        return sum(self.theme[remark.id] == theme for remark in self.remarks if remark.day in period)


def planted(part: str, number: int) -> Planted:
    """The set of that number; the same every time."""
    draw = random.Random(f"{part} {number}")
    found = themes(*PARTS[part])
    draw.shuffle(found)
    count = draw.randint(4, 7)
    size = draw.randint(20, 120)
    alone = found[count : count + max(1, round(size * draw.uniform(0.03, 0.12)))]
    names = draw.sample(goods(), 4)
    weights = [draw.uniform(0.4, 2) for _ in range(count)]
    used: Counter[str] = Counter()
    rows: list[tuple[str, str, str, datetime.date]] = []
    for theme, weight in zip(found, weights, strict=False):
        own = draw.sample(names, draw.randint(1, 2))
        ratio = draw.choice((0, 0.3, 0.5, 1, 1.5))
        now = max(3, round(weight / sum(weights) * (size - len(alone)) / (1 + ratio)))
        then = round(now * ratio)
        for period, times in ((NOW, now), (NOW.before, then)):
            for _ in range(min(times, 50)):
                language, words = text(theme, own, used, draw)
                rows.append((theme["theme"], language, words, day(period, draw)))
    for theme in alone:
        language, words = text(theme, draw.sample(names, 1), used, draw)
        rows.append((ALONE, language, words, day(NOW, draw)))
    draw.shuffle(rows)
    remarks = [Remark(f"r{n}", words, language, date) for n, (_, language, words, date) in enumerate(rows, 1)]
    owners = {f"r{n}": name for n, (name, *_) in enumerate(rows, 1)}
    items = Items.called((Item(name, name), ()) for name in names)
    return Planted(number, LANGUAGES[number % len(LANGUAGES)], remarks, owners, items)


def goods() -> list[str]:
    """Names that nothing was trained with."""
    shops = [shop for key, shop in load_shops().items() if key in HELD_OUT_SHOPS]
    return sorted({str(name) for shop in shops for name in shop.raw["products"]["names"]})


def text(theme: dict[str, Any], names: Sequence[str], used: Counter[str], draw: random.Random) -> tuple[str, str]:
    """A language and a remark of a theme in it, that was not used too often yet."""
    while True:
        language = draw.choice(LANGUAGES)
        words: str = draw.choice(theme["remarks"][language])
        if used[words] < AT_MOST:
            used[words] += 1
            return language, words.replace("{item}", draw.choice(names))


def day(period: Period, draw: random.Random) -> datetime.date:
    return period.since + datetime.timedelta(draw.randrange(period.days))


@dataclass
class Measured:
    """What was counted over sets."""

    planted: int = 0
    found: int = 0
    nearly: int = 0  # give or take a tenth or one
    trends: int = 0  # of those found, with the count of the period before as right
    made: int = 0  # themes of the digests
    mostly: int = 0  # planted themes of which one theme of the digest has most, whatever its count
    links: int = 0  # of sentences that the model wrote
    right: int = 0
    seconds: float = 0.0
    remarks: int = 0
    words: int = 0
    sentences: int = 0
    quoted: int = 0
    written: int = 0
    dropped: int = 0

    def add(self, plant: Planted, made: Digest) -> None:
        check_counts(plant, made)
        for name in sorted(set(plant.theme.values()) - {ALONE}):
            self.planted += 1
            count, before = plant.count(name, NOW), plant.count(name, NOW.before)
            held = {theme: sum(plant.theme[each] == name for each in theme.ids) for theme in made.themes}
            own = max(held, key=lambda theme: held[theme], default=None)  # one alone, or several would have tries
            if own is None or held[own] <= count / 2 or mostly(plant, own.ids) != name:
                continue
            apart = abs(own.count - count)
            self.mostly += 1
            self.nearly += apart <= max(1, count / 10)
            if apart <= count / 10:
                self.found += 1
                self.trends += abs((own.before or 0) - before) <= max(1, before / 10)
        self.made += len(made.themes)
        self.quoted += sum(sentence.quoted for sentence in made.sentences)
        for sentence in made.sentences:
            if sentence.quoted:
                continue
            spoken_of = mostly(plant, made.themes[sentence.theme].ids)
            self.links += len(sentence.ids)
            self.right += sum(plant.theme[each] == spoken_of for each in sentence.ids)
        self.remarks += len(plant.remarks)
        self.words = max(self.words, count_words(made.text))
        self.sentences += len(made.sentences)
        self.written += made.written
        self.dropped += len(made.dropped)

    def lines(self) -> list[str]:
        return [
            f"themes found with their count ± 10%: {self.found} of {self.planted}, {share(self.found, self.planted)}",
            f"  with most of their remarks, whatever the count: {share(self.mostly, self.planted)}; "
            f"± 10% or one remark: {share(self.nearly, self.planted)}; of those found, the count before as right: "
            f"{share(self.trends, self.found)}; themes made: {self.made}",
            f"links of the sentence's own theme: {self.right} of {self.links}, {share(self.right, self.links)}",
            f"sentences {self.sentences}, {self.quoted} quoted; dropped {self.dropped} of {self.written} written, "
            f"{share(self.dropped, self.written)}; longest digest {self.words} words",
            f"{self.seconds:.0f} s for {self.remarks} remarks",
        ]


def share(part: int, of: int) -> str:
    return f"{part / of:.3f}" if of else "none"


def check_counts(plant: Planted, made: Digest) -> None:
    """Raise ValueError for a theme that counts anything but its own remarks of the period, each once."""
    now = {remark.id for remark in plant.remarks if remark.day in NOW}
    for theme in made.themes:
        if not theme.count == len(theme.ids) == len(now & set(theme.ids)):
            raise ValueError(
                f"set {plant.number}: a theme counts {theme.count}, its remarks of the period are {theme.ids}"
            )


def mostly(plant: Planted, ids: Sequence[str]) -> str | None:
    """The theme of more than half of the remarks."""
    name, count = Counter(plant.theme[each] for each in ids).most_common(1)[0]
    return name if count > len(ids) / 2 else None


def sheet(plant: Planted, made: Digest) -> list[list[str]]:
    """A row a sentence, with the words of the remarks that it links to."""
    words = {remark.id: remark.words for remark in plant.remarks}
    return [
        [
            str(plant.number),
            made.language,
            sentence.kind,
            "quoted" if sentence.quoted else "written",
            sentence.text,
            mostly(plant, made.themes[sentence.theme].ids) or "",
            " | ".join(words[each] for each in sentence.ids),
            "",
            "",
        ]
        for sentence in made.sentences
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--part", choices=list(PARTS), required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--sets", type=int, default=30)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--only-themes", action="store_true", help="Write no sentences.")
    options = parser.parse_args()
    skills = RemarkSkills.of(Model.load(options.weights))
    if options.only_themes:
        skills = RemarkSkills(skills.vectors, skills.feelings, skills.categorise, lambda *_: "", lambda *_: "")
    measured = Measured()
    rows: list[list[str]] = []
    for number in range(options.sets):
        plant = planted(options.part, number)
        started = time.perf_counter()
        made = digest(skills, plant.remarks, Asked(plant.language, NOW), plant.items)
        measured.seconds += time.perf_counter() - started
        measured.add(plant, made)
        rows += sheet(plant, made)
        print(f"{number} {plant.language} {measured.found}/{measured.planted}", flush=True)
    print("\n".join(measured.lines()))
    if options.sheet:
        options.sheet.parent.mkdir(parents=True, exist_ok=True)
        with options.sheet.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
