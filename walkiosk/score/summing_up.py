"""summarization by ROUGE, and by how often a text is put under the category that is its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from walkiosk.score.data import Row
from walkiosk.score.speaking import INSTALL
from walkiosk.score.summary import Judged, Measure, ratio
from walkiosk.skill import Model
from walkiosk.skill.summarization import categorise, sentence, summarise

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer

KINDS = ("rougeL", "rouge1", "rouge2")
ROUGE = (Measure("ROUGE-L", ratio(0, 3)), Measure("ROUGE-1", ratio(1, 3)), Measure("ROUGE-2", ratio(2, 3)))
ACCURACY = (Measure("category accuracy", ratio(0, 1)),)
HAN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff])")


class Words:
    """Words of nine languages in lower case: letters, figures and the signs on them; a Chinese character is a word.

    rouge-score's own tokenizer keeps a to z and 0 to 9 alone.
    """

    def tokenize(self, text: str) -> list[str]:
        folded = unicodedata.normalize("NFC", text).casefold()
        kept = (letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in folded)
        return HAN.sub(r" \1 ", "".join(kept)).split()


def judge(rows: Sequence[Row], model: Model) -> tuple[list[Judged], tuple[Measure, ...]]:
    """Judge rows with ``categories`` by accuracy, others by the F-measures of ROUGE; all have to be of one kind.

    What is summed up is a ``text``, in a line, or ``texts`` of a theme, in a sentence; ``summary`` is in ``language``.
    """
    kinds = [row.has("categories") for row in rows]
    if any(kinds):
        if not all(kinds):
            raise rows[kinds.index(False)].fault("categories", "is missing, but other lines have it")
        return judge_categories(rows, model), ACCURACY
    scorer = rouge()
    return [judge_summary(row, model, scorer) for row in rows], ROUGE


def rouge() -> RougeScorer:
    """What compares a summary with the one that is wanted; raises FileNotFoundError where it is not installed."""
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError as error:
        raise FileNotFoundError(f"rouge-score is not installed: {INSTALL}") from error
    return RougeScorer(list(KINDS), tokenizer=Words())


def judge_summary(row: Row, model: Model, scorer: RougeScorer) -> Judged:
    """The three F-measures of what is written for ``row``, and one."""
    language = row.text("language")
    if row.has("texts"):
        texts = [str(text) for text in row.items("texts")]
        if not texts:
            raise row.fault("texts", "is empty")
        written = sentence(model, texts, language)
    else:
        written = summarise(model, row.text("text"), language)
    found = scorer.score(row.text("summary"), written)
    return Judged((*(found[kind].fmeasure for kind in KINDS), 1.0), (language,))


def judge_categories(rows: Sequence[Row], model: Model) -> list[Judged]:
    """Whether each row's ``text`` was put under its ``category``, rows with the same ``categories`` together."""
    together: dict[tuple[str, ...], list[int]] = {}
    for number, row in enumerate(rows):
        categories = tuple(map(str, row.items("categories")))
        if row.text("category") not in categories:
            raise row.fault("category", f"{row.text('category')!r} is none of the categories")
        together.setdefault(categories, []).append(number)
    judged: dict[int, Judged] = {}
    for categories, numbers in together.items():
        chosen = categorise(model, [rows[number].text("text") for number in numbers], categories)
        for number, category in zip(numbers, chosen, strict=True):
            right = float(category == rows[number].text("category"))
            judged[number] = Judged((right, 1.0), (rows[number].text("language"),))
    return [judged[number] for number in range(len(rows))]
