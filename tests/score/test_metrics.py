"""The metrics, beside their libraries or counted by hand."""

from pathlib import Path

import jiwer
import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from walkiosk.metrics.words import plain
from walkiosk.score import hearing, reading, translating
from walkiosk.score.data import Row
from walkiosk.score.summary import Judged, Measure, interval, ratio, summarise
from walkiosk.skill.understanding import Mention

PAIRS = [("the red shoes are here", "the red shoes were here"), ("good morning", "good morning"), ("a b c", "x")]


def test_words_are_compared_without_case_and_marks_but_with_accents() -> None:
    assert plain("¿Qué tal? L’eau, d'été — OK!") == "qué tal leau dété ok"
    assert plain("हिन्दी।") == "हिन्दी"
    assert hearing.without_accents("qué été हिन्दी йод") == "que ete हिन्दी йод"


def test_word_error_rate_is_jiwers() -> None:
    judged = [Judged(hearing.compare(reference, heard), ("en",)) for reference, heard in PAIRS]
    score = summarise("speech_recognition", judged, hearing.MEASURES)
    references, heard = [r for r, _ in PAIRS], [h for _, h in PAIRS]
    assert score.value == pytest.approx(jiwer.wer(references, heard), abs=1e-4)
    assert score.by["CER"] == pytest.approx(jiwer.cer(references, heard), abs=1e-4)
    assert score.low <= score.value <= score.high and score.n == 3


def test_chrf_and_bleu_are_sacrebleus() -> None:
    rows = np.array([translating.sentence_counts(written, reference) for reference, written in PAIRS])
    sums = rows.sum(axis=0, keepdims=True)
    written, references = [w for _, w in PAIRS], [[r for r, _ in PAIRS]]
    assert translating.chrf(sums)[0] == pytest.approx(CHRF().corpus_score(written, references).score)
    assert translating.bleu(sums)[0] == pytest.approx(BLEU().corpus_score(written, references).score)


def test_translation_is_the_mean_of_its_directions() -> None:
    one, two = (np.array(translating.sentence_counts(written, reference)) for reference, written in PAIRS[:2])
    both = np.concatenate([one, two])[None]
    each = [translating.chrf(counts[None])[0] for counts in (one, two)]
    assert translating.chrf(both)[0] == pytest.approx(np.mean(each))


def test_entities_are_compared_as_multisets() -> None:
    nolan, film = Mention("Nolan", "person"), Mention("Inception", "film")
    counts = reading.compare(reading.pairs([nolan, nolan, film]), reading.pairs([nolan, Mention("Inception", "album")]))
    assert counts == (1.0, 1.0, 2.0)
    assert reading.f1(np.array([counts]))[0] == pytest.approx(2 / 5)
    assert reading.f1(np.zeros((1, 3)))[0] == 1.0


def test_macro_f1_gives_each_label_the_same_weight() -> None:
    # three of `a` right, `b` taken for `a`: F1 of a = 6/7, of b = 0
    sums = np.array([[3.0, 4.0, 3.0, 1.0, 0.0, 0.0, 0.0, 1.0]])
    assert reading.macro_f1(sums)[0] == pytest.approx((6 / 7) / 2)


def test_groups_and_the_six_languages_together() -> None:
    judged = [Judged((1.0, 1.0), ("en", "hops 1")), Judged((0.0, 1.0), ("es",)), Judged((0.0, 1.0), ("zh",))]
    score = summarise("path_query", judged, [Measure("hits@1", ratio(0, 1))])
    assert score.by == {"en": 1.0, "es": 0.0, "hops 1": 1.0, "zh": 0.0, "the six": 0.5}


def test_the_interval_is_the_same_every_time_and_narrows() -> None:
    measure = Measure("share", ratio(0, 1))
    few = np.array([[1.0, 1.0], [0.0, 1.0]] * 10)
    many = np.array([[1.0, 1.0], [0.0, 1.0]] * 1000)
    assert interval(few, measure) == interval(few, measure)
    assert np.diff(interval(many, measure)) < np.diff(interval(few, measure))


def test_an_unreadable_clip_is_named(tmp_path: Path) -> None:
    from walkiosk.score import DataError

    (tmp_path / "a.wav").write_bytes(b"no sound")
    row = Row({"audio": "a.wav", "text": "hello"}, tmp_path / "data.jsonl", 2)
    with pytest.raises(DataError, match="line 2, field audio"):
        hearing.judge([row], lambda samples, language: "")


def test_a_loop_is_a_clip_that_is_wrong() -> None:
    told = [hearing.compare("see you soon", "see you " * 50), hearing.compare("good morning", "good morning")]
    found = summarise("speech_recognition", [Judged(counts) for counts in told], hearing.MEASURES)
    assert found.value > 10
    assert found.by["WER, loops capped"] == 3 / 5
