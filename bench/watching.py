"""How well the watch tells what somebody should look at: the utterances held out, in nine languages.

    python bench/watching.py [WEIGHTS]

Prints how many of those to look at are found, how many of the ordinary ones are taken for such, and how often the
category is the right one; then each category, and each language.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import yaml

from walkiosk.office.watch import CATEGORIES, WATCHED
from walkiosk.skill import Model
from walkiosk.skill.summarization import categorise

HELD_OUT = Path(__file__).parents[1] / "training" / "material" / "watch" / "heldout-watch.yaml"


def main() -> None:
    model = Model.load(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    said = [
        (each["category"]["en"][0], language, text)
        for each in yaml.safe_load(HELD_OUT.read_text("utf-8"))
        for language, texts in each["texts"].items()
        for text in texts
    ]
    found = categorise(model, [text for *_, text in said], CATEGORIES)
    pairs = [(true, language, taken) for (true, language, _), taken in zip(said, found, strict=True)]
    seen = [taken in WATCHED for true, _, taken in pairs if true in WATCHED]
    wrong = [taken in WATCHED for true, _, taken in pairs if true not in WATCHED]
    right = [true == taken for true, _, taken in pairs]
    print(f"to look at, found: {sum(seen)} of {len(seen)} ({sum(seen) / len(seen):.1%})")
    print(f"ordinary, taken for such: {sum(wrong)} of {len(wrong)} ({sum(wrong) / len(wrong):.1%})")
    print(f"category right: {sum(right)} of {len(right)} ({sum(right) / len(right):.1%})")
    for place, name in ((0, "category"), (1, "language")):
        every = Counter(pair[place] for pair in pairs)
        good = Counter(pair[place] for pair in pairs if pair[0] == pair[2])
        print(f"by {name}:", ", ".join(f"{key} {good[key] / count:.0%}" for key, count in every.items()))


if __name__ == "__main__":
    main()
