"""entity_extraction by micro-F1 over (text, type) pairs, relation_classification by macro-F1 and accuracy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from walkiosk.score.data import Row
from walkiosk.score.graphs import Graphs
from walkiosk.score.summary import Counts, Judged, Measure
from walkiosk.skill.entity_extraction import extract
from walkiosk.skill.phrases import NOTHING
from walkiosk.skill.relation_classification import classify
from walkiosk.skill.understanding import Mention, TooLong

Pairs = Counter[tuple[str, str]]


def f1(sums: Counts) -> Counts:
    """F1 from true positives, false positives, false negatives; 1 where there was nothing to find and nothing found."""
    right, wrong, missed = sums.T
    whole = 2 * right + wrong + missed
    return np.where(whole > 0, 2 * right / np.maximum(whole, 1), 1.0)


def precision(sums: Counts) -> Counts:
    return np.asarray(sums[:, 0] / np.maximum(sums[:, 0] + sums[:, 1], 1))


def recall(sums: Counts) -> Counts:
    return np.asarray(sums[:, 0] / np.maximum(sums[:, 0] + sums[:, 2], 1))


ENTITY_MEASURES = (Measure("micro-F1", f1), Measure("precision", precision), Measure("recall", recall))


def pairs(mentions: Sequence[Mention]) -> Pairs:
    """Mentions as a multiset, white space aside."""
    return Counter((" ".join(mention.text.split()), mention.type) for mention in mentions)


def compare(expected: Pairs, found: Pairs) -> tuple[float, float, float]:
    """True positives, false positives, false negatives."""
    right = (expected & found).total()
    return float(right), float(found.total() - right), float(expected.total() - right)


def judge_entities(rows: Sequence[Row], graphs: Graphs) -> list[Judged]:
    judged = []
    for row in rows:
        expected = [Mention(entity.text("text"), entity.text("type")) for entity in row.objects("entities")]
        language = row.text("language", "") or None
        try:
            found = extract(graphs.model, graphs.of_types(row), row.text("text"), language).mentions
        except TooLong:
            found = ()
        judged.append(Judged(compare(pairs(expected), pairs(found)), (language,) if language else ()))
    return judged


def judge_relations(rows: Sequence[Row], graphs: Graphs) -> tuple[list[Judged], tuple[Measure, ...]]:
    """Counts: whether it was right, one, then for each label true positive, false positive, false negative."""
    answers = []
    for row in rows:
        expected = row.text("relation", NOTHING)
        try:
            found = classify(
                graphs.model, graphs.of_relations(row), row.text("text"), row.text("head"), row.text("tail")
            )
        except TooLong:
            found = None
        answers.append((expected, found or NOTHING))
    labels = sorted({label for answer in answers for label in answer})
    judged = []
    for row, (expected, found) in zip(rows, answers, strict=True):
        counts = np.zeros((len(labels), 3))
        if expected == found:
            counts[labels.index(found), 0] = 1
        else:
            counts[labels.index(found), 1] = counts[labels.index(expected), 2] = 1
        language = row.text("language", "")
        judged.append(Judged((float(expected == found), 1.0, *counts.ravel()), (language,) if language else ()))
    return judged, (Measure("macro-F1", macro_f1), Measure("accuracy", lambda sums: sums[:, 0] / sums[:, 1]))


def macro_f1(sums: Counts) -> Counts:
    """Mean F1 of the labels that were expected or found, each label as much as any other."""
    labels = sums[:, 2:].reshape(len(sums), -1, 3)
    right, wrong, missed = labels[..., 0], labels[..., 1], labels[..., 2]
    whole = 2 * right + wrong + missed
    each = 2 * right / np.maximum(whole, 1)
    return np.asarray(each.sum(axis=1) / np.maximum((whole > 0).sum(axis=1), 1))
