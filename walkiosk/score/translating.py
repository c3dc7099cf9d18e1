"""translation by chrF and BLEU, each direction by itself and their mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sacrebleu.metrics.bleu import BLEU

from walkiosk.metrics.letters import CHRF_COUNTS, chrf_counts, chrf_of
from walkiosk.modality import audio
from walkiosk.score.data import Row
from walkiosk.score.hearing import hearing
from walkiosk.score.summary import Counts, Judged, Measure
from walkiosk.skill import Model
from walkiosk.skill.translation import translate

BLEU_COUNTS = 10  # what BLEU counts of a sentence; it may be summed over sentences
COUNTS = 1 + CHRF_COUNTS + BLEU_COUNTS  # behind the number of sentences


def judge(rows: Sequence[Row], model: Model) -> tuple[list[Judged], tuple[Measure, ...]]:
    """Translate each row; the counts of a row stand in the columns of its direction."""
    directions = list(dict.fromkeys(_direction(row) for row in rows))
    judged = []
    for row in rows:
        source, target = row.text("source_language"), row.text("target_language")
        reference = row.text("target")
        written = translate(model, _source(row, source, model), source, target)
        counts = np.zeros((len(directions), COUNTS))
        counts[directions.index(_direction(row))] = sentence_counts(written, reference)
        judged.append(Judged(tuple(counts.ravel()), (_direction(row),)))
    return judged, (Measure("chrF", chrf), Measure("BLEU", bleu))


def _direction(row: Row) -> str:
    return f"{row.text('source_language')}-{row.text('target_language')}"


def _source(row: Row, language: str, model: Model) -> str:
    if not row.has("audio"):
        return row.text("source")
    try:
        samples = audio.read(row.path("audio"))
    except (audio.Unreadable, OSError) as error:
        raise row.fault("audio", str(error)) from error
    return hearing(model)(samples, language)


def sentence_counts(written: str, reference: str) -> list[float]:
    """One, and what chrF and BLEU count; sacrebleu sums these over a corpus before it divides."""
    other = BLEU()._extract_corpus_statistics([written], [[reference]])[0]
    return [1.0, *map(float, chrf_counts(written, reference)), *map(float, other)]


def chrf(sums: Counts) -> Counts:
    """Mean chrF of the directions, from R × (directions · counts) sums."""
    return _mean(sums, lambda c: chrf_of(c[1 : 1 + CHRF_COUNTS]))


def bleu(sums: Counts) -> Counts:
    """Mean BLEU of the directions."""
    metric = BLEU()
    return _mean(sums, lambda c: float(metric._aggregate_and_compute([c[1 + CHRF_COUNTS :]]).score))


def _mean(sums: Counts, of: Callable[[list[int]], float]) -> Counts:
    found = []
    for row in sums.reshape(len(sums), -1, COUNTS):
        found.append(np.mean([of(list(map(int, counts))) for counts in row if counts[0]]))
    return np.array(found)
