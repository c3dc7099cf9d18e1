"""Themes held out → what summarization is scored on: `python -m training.summarization_held_out`.

Writes `summarization_categories.jsonl` (remarks of themes that nothing was learned from, and twelve categories whose
names were not learned either, in an operator's language drawn for each remark) and `summarization_digests.jsonl`
(remarks of a theme in mixed languages, and what sums them up) into `--out` (`scores/`); Debian's descriptions
of held-out packages, which are others' text, into CACHE/scores. The same seed writes the same files.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from training.paths import CACHE
from training.summarization import Package, packages, themes
from walkiosk.modality.text import LANGUAGES

FILES = tuple(f"heldout-{number}" for number in range(1, 7))
OWN_CATEGORY = {  # of a theme: which of its names it is put under; no name of these is learned in any language
    "poster_creased_without_tube": "prints and posters",
    "museum_postcards_of_key_works": "postcards",
    "hired_boots_hurt": "hire equipment",
    "cut_flowers_last_long": "cut flowers",
    "minibar_charged_untouched": "minibar",
    "live_bait_dead": "bait",
    "tent_held_in_storm": "tents",
    "dryer_leaves_laundry_damp": "drying",
    "goggles_leak": "swimming gear",
    "potatoes_sprouted_and_green": "vegetables",
    "left_handed_version": "school supplies",
    "screen_film_bubbles_and_peels": "screen protection",
}
ITEMS = ("Arelo", "Nordvik 20", "Marabel", "Tesoro", "Kintra", "Solenne", "Ovado 7", "Brixa")  # say nothing of a kind
DESCRIPTIONS, LONGEST = 40, 1_200  # of each language; letters of a description
Row = dict[str, Any]


def categories(found: list[dict[str, Any]], draw: random.Random) -> Iterator[Row]:
    """Every remark of the twelve themes, and the categories in an operator's language."""
    own = {
        theme["theme"]: {
            language: theme["category"][language][theme["category"]["en"].index(OWN_CATEGORY[theme["theme"]])]
            for language in LANGUAGES
        }
        for theme in found
        if theme["theme"] in OWN_CATEGORY
    }
    for theme in found:
        if theme["theme"] in own:
            for language in LANGUAGES:
                for text in theme["remarks"][language]:
                    operator = draw.choice(LANGUAGES)
                    names = [names[operator] for names in own.values()]
                    yield {
                        "text": text.replace("{item}", draw.choice(ITEMS)),
                        "language": language,
                        "operator": operator,
                        "categories": names,
                        "category": own[theme["theme"]][operator],
                    }


def digests(found: list[dict[str, Any]], draw: random.Random) -> Iterator[Row]:
    """Three to eight remarks of a theme about one thing, in mixed languages, and a sentence in each language."""
    for theme in found:
        for language in LANGUAGES:
            item = draw.choice(ITEMS)
            spoken = [draw.choice(LANGUAGES) for _ in range(draw.randint(3, 8))]
            texts = list(dict.fromkeys(draw.choice(theme["remarks"][each]) for each in spoken))
            summary: str = draw.choice(theme["digest"][language])
            yield {
                "texts": [text.replace("{item}", item) for text in texts],
                "summary": summary.replace("{item}", item),
                "language": language,
            }


def descriptions(draw: random.Random) -> Iterator[Row]:
    """Long descriptions and their short lines, of packages that nothing was learned from."""
    by_language: dict[str, list[Package]] = {}
    for package in packages(held_out=True):
        if len(package.long) <= LONGEST:
            by_language.setdefault(package.language, []).append(package)
    for language, members in by_language.items():
        for package in draw.sample(members, min(len(members), DESCRIPTIONS)):
            yield {"text": package.long, "summary": package.short, "language": language}


def write(path: Path, rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(path, len(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("scores"))
    out = parser.parse_args().out
    found = themes(*FILES)
    write(out / "summarization_categories.jsonl", categories(found, random.Random(0)))
    write(out / "summarization_digests.jsonl", digests(found, random.Random(1)))
    write(CACHE / "scores" / "summarization_debian.jsonl", descriptions(random.Random(2)))


if __name__ == "__main__":
    main()
