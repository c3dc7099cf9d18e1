"""How a model tells remarks apart: `python -m training.remark_curve NAME [STEM …]`, NAME a run or a folder of weights.

On themes that it never learned from (`DEVELOPMENT`'s, or those of the files named), three remarks of each in every
language: how often the right one of 12 categories is chosen, remark's language by remark's language, whatever language
the categories are in; how often praise, complaint and wish are; how well pairs of remarks of one theme are told from
others (area under the ROC curve), and remarks that a sentence of the digest rests on from those that it does not.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.common_direction import common_texts
from training.paths import CACHE, WHISPER
from training.summarization import DEVELOPMENT, item_names, subjects, themes
from walkiosk.modality.text import LANGUAGES, Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, collate
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import averaged
from walkiosk.skill import Model
from walkiosk.skill.summarization import ABOUT, FEELING, FEELINGS, SAYS, directions, prefix, unit

Floats = NDArray[np.float32]
Holder = Callable[[str, Sequence[str]], Floats]  # what is asked for, texts → N D of length 1
CATEGORIES, REMARKS_EACH = 12, 3


def holder(model: SequenceModel, vocabulary: Vocabulary) -> Holder:
    """The vectors of a model in training, by the tag that asks for them, as serving will have them."""
    common: dict[str, Floats] = {}

    def apart(asked: str, texts: Sequence[str]) -> Floats:
        if asked not in common:
            common[asked] = held(asked, common_texts()).mean(axis=0)
        return unit(held(asked, texts) - common[asked])

    @torch.no_grad()
    def held(asked: str, texts: Sequence[str]) -> Floats:
        found = np.zeros((len(texts), model.config.width), np.float32)
        tokens = [prefix(vocabulary, asked, [text]) for text in texts]
        order = sorted(range(len(texts)), key=lambda at: len(tokens[at]))
        for at in range(0, len(order), 32):
            rows = order[at : at + 32]
            (batch, wanted), *_ = collate([Example(tokens[row], [0], alike=(1,)) for row in rows], len(rows)).rows
            found[rows] = model.read(batch)[0][wanted >= 0].float().numpy()
        return unit(found)

    return apart


def area(positive: Floats, negative: Floats) -> float:
    """The chance that one of ``positive`` is above one of ``negative``."""
    ranks = np.concatenate([positive, negative]).argsort().argsort()[: len(positive)] + 1.0
    return float((ranks.sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def threshold(positive: Floats, negative: Floats) -> tuple[float, float, float]:
    """(cosine, share of the positive above it, share of the negative) where one missed weighs as one too many."""
    levels = np.linspace(-0.2, 1, 121)
    kept = [((positive > level).mean() - (negative > level).mean(), level) for level in levels]
    best = max(kept)[1]
    return float(best), float((positive > best).mean()), float((negative > best).mean())


def drawn(found: list[dict[str, Any]], draw: random.Random) -> list[tuple[int, str, str]]:
    """(theme's number, language, remark) of `REMARKS_EACH` remarks of each theme and language, goods named."""
    rows = []
    for number, theme in enumerate(found):
        for language in LANGUAGES:
            for text in draw.sample(theme["remarks"][language], REMARKS_EACH):
                rows.append((number, language, text.replace("{item}", draw.choice(item_names()))))
    return rows


@lru_cache(maxsize=1)
def learned() -> frozenset[str]:
    """The English names of categories that are learned."""
    return frozenset(
        name for t in (*themes(), *subjects("watch"), *subjects("subjects")) for name in t["category"]["en"]
    )


def unseen(theme: dict[str, Any]) -> int:
    """Which of a theme's names, the first that is not learned."""
    return next((place for place, name in enumerate(theme["category"]["en"]) if name not in learned()), 0)


def category_accuracy(
    found: list[dict[str, Any]], rows: list[tuple[int, str, str]], held: Holder, draw: random.Random
) -> dict[str, float]:
    """Share of rows put under their own theme's category, of 12 that are drawn for each, by the remark's language."""
    places = [unseen(theme) for theme in found]
    names = [(n, language, t["category"][language][places[n]]) for n, t in enumerate(found) for language in LANGUAGES]
    held_names = held(ABOUT, [name for *_, name in names])
    vectors = {(n, language): vector for (n, language, _), vector in zip(names, held_names, strict=True)}
    right: dict[str, list[bool]] = defaultdict(list)
    for (number, language, _), vector in zip(rows, held(ABOUT, [text for *_, text in rows]), strict=True):
        others = [n for n in range(len(found)) if n != number]
        among = [number, *draw.sample(others, CATEGORIES - 1)]
        for kind, asked in (("same language", language), ("another", draw.choice(LANGUAGES))):
            good = int(np.argmax([vector @ vectors[n, asked] for n in among])) == 0
            right[language].append(good)
            right[kind].append(good)
            right["all"].append(good)
    return {group: float(np.mean(marks)) for group, marks in right.items()}


def measured(held: Holder, stems: Sequence[str]) -> list[str]:
    found, draw = themes(*stems), random.Random(0)
    rows = drawn(found, draw)
    by_language = category_accuracy(found, rows, held, draw)
    lines = ["categories " + ", ".join(f"{group} {value:.3f}" for group, value in by_language.items())]
    meant = (held(FEELING, [text for *_, text in rows]) @ held(FEELING, FEELINGS).T).argmax(axis=1)
    meant_right = [FEELINGS[m] == found[row[0]]["feeling"] for m, row in zip(meant, rows, strict=True)]
    lines.append(f"feelings {np.mean(meant_right):.3f}")
    says = held(SAYS, [text for *_, text in rows])
    theme, spoken = np.array([n for n, *_ in rows]), np.array([language for _, language, _ in rows])
    cosines, same, upper = says @ says.T, theme[:, None] == theme, np.triu(np.ones((len(rows),) * 2, bool), 1)
    for name, among in (("pairs", upper), ("pairs across languages", upper & (spoken[:, None] != spoken))):
        yes, no = cosines[among & same], cosines[among & ~same]
        lines.append(f"{name} AUC {area(yes, no):.4f}, best threshold {threshold(yes, no)}")
        lines.append(
            f"  nearest other is of the theme {same[np.arange(len(rows)), nearest(cosines, among)].mean():.3f}"
        )
    sentences = [(n, text) for n, t in enumerate(found) for language in LANGUAGES for text in t["digest"][language]]
    written = held(SAYS, [text.replace("{item}", draw.choice(item_names())) for _, text in sentences])
    rests = np.array([n for n, _ in sentences])[:, None] == theme
    yes, no = (written @ says.T)[rests], (written @ says.T)[~rests]
    lines.append(f"sentence and remark AUC {area(yes, no):.4f}, best threshold {threshold(yes, no)}")
    return lines


def nearest(cosines: Floats, among: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The nearest other row of each."""
    found: NDArray[np.int64] = np.where(among | among.T, cosines, -2).argmax(axis=1)
    return found


def main() -> None:
    name, stems = sys.argv[1], sys.argv[2:] or DEVELOPMENT
    if Path(name).is_dir():
        held: Holder = partial(directions, Model.load(Path(name)))
    else:
        kept = torch.load(CACHE / "runs" / name / "checkpoint.pt", weights_only=True)
        print(f"step {kept['step']}")
        held = holder(averaged(kept).eval(), with_own_tokens(WHISPER / "tokenizer.json"))
    for line in measured(held, stems):
        print(" ", line, flush=True)


if __name__ == "__main__":
    main()
