"""How often a remark goes under its category once somebody has filed a few by hand.

    PYTHONPATH=. python bench/filed_remarks.py [--weights DIR] [--data FILE] [--filed 0 1 2 3 5 10]

The remarks are those of `scores/summarization_categories.jsonl`: twelve categories of which no remark was trained on,
in nine languages. In each of six parts, so many remarks of every category that are not in the part, of whatever
language, are taken as filed; the remarks of the part are put under the categories as their operator would name them.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

from walkiosk.skill import Model
from walkiosk.skill.summarization import categorise

PARTS = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--data", type=Path, default=Path("scores/summarization_categories.jsonl"))
    parser.add_argument("--filed", type=int, nargs="+", default=[0, 1, 2, 3, 5, 10])
    options = parser.parse_args()
    model = Model.load(options.weights)
    rows = [json.loads(line) for line in options.data.read_text(encoding="utf-8").splitlines()]
    concept = [row["categories"].index(row["category"]) for row in rows]  # the lists name the same in the same order
    draw = random.Random(0)
    order = draw.sample(range(len(rows)), len(rows))
    for count in options.filed:
        right: list[bool] = []
        for part in range(PARTS):
            mine = order[part::PARTS]
            by_concept: dict[int, list[str]] = defaultdict(list)
            for number in sorted(set(order) - set(mine)):
                by_concept[concept[number]].append(rows[number]["text"])
            taken = {one: draw.sample(texts, count) for one, texts in sorted(by_concept.items())}
            by_operator: dict[tuple[str, ...], list[int]] = defaultdict(list)
            for number in mine:
                by_operator[tuple(rows[number]["categories"])].append(number)
            for names, numbers in by_operator.items():
                filed = [(text, names[one]) for one, texts in taken.items() for text in texts]
                found = categorise(model, [rows[number]["text"] for number in numbers], names, filed)
                right += [under == rows[number]["category"] for under, number in zip(found, numbers, strict=True)]
        print(f"{count:2} filed of each: right {sum(right) / len(right):.3f} of {len(right)}", flush=True)


if __name__ == "__main__":
    main()
