"""chrF (Popović, 2015; sacrebleu) by what it counts of a sentence, which may be summed over sentences."""

from __future__ import annotations

from collections.abc import Sequence

from sacrebleu.metrics.chrf import CHRF

CHRF_COUNTS = 18


def chrf_counts(written: str, reference: str) -> list[int]:
    """`CHRF_COUNTS` numbers of one sentence."""
    found: list[int] = CHRF()._extract_corpus_statistics([written], [[reference]])[0]
    return found


def chrf_of(counts: Sequence[float]) -> float:
    """0 to 100, from sums of counts."""
    return float(CHRF()._aggregate_and_compute([list(map(int, counts))]).score)
