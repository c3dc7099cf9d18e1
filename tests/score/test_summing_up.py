"""Summaries by ROUGE in nine languages, categories by accuracy, with scripted skills."""

from pathlib import Path
from typing import Any, cast

import pytest

from walkiosk.engine import Engine
from walkiosk.modality.text import Vocabulary
from walkiosk.score import DataError, summing_up
from walkiosk.score.data import Row
from walkiosk.score.summary import summarise
from walkiosk.skill import Model

MODEL = Model(cast(Engine, None), cast(Vocabulary, None))


def rows(*found: dict[str, Any]) -> list[Row]:
    return [Row(fields, Path("data.jsonl"), line) for line, fields in enumerate(found, 1)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The lid's 2 cm off!", ["the", "lid", "s", "2", "cm", "off"]),
        ("Größe für ÉTÉ", ["grösse", "für", "été"]),
        ("Крышка протекает.", ["крышка", "протекает"]),
        ("ढक्कन की बैटरी।", ["ढक्कन", "की", "बैटरी"]),
        ("盖子漏水，USB口坏了", ["盖", "子", "漏", "水", "usb", "口", "坏", "了"]),
    ],
)
def test_words_of_every_script(text: str, words: list[str]) -> None:
    assert summing_up.Words().tokenize(text) == words


def test_rouge_of_one_line_and_of_a_sentence_over_remarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summing_up, "summarise", lambda model, text, language: "盖子漏水")
    monkeypatch.setattr(summing_up, "sentence", lambda model, texts, language: f"{len(texts)} the lid leaks")
    judged, measures = summing_up.judge(
        rows(
            {"text": "…", "summary": "盖子漏水", "language": "zh"},
            {"texts": ["a", "b"], "summary": "the lid leaks", "language": "en"},
        ),
        MODEL,
    )
    assert [measure.name for measure in measures] == ["ROUGE-L", "ROUGE-1", "ROUGE-2"]
    assert judged[0].counts == (1, 1, 1, 1)
    assert judged[1].counts[0] == pytest.approx(2 * 0.75 * 1 / 1.75)
    assert summarise("summarization", judged, measures).by["zh"] == 1


def test_rows_of_the_same_categories_are_put_under_them_together(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def categorise(model: Model, texts: list[str], categories: tuple[str, ...]) -> list[str]:
        asked.append(list(texts))
        return [categories[0]] * len(texts)

    monkeypatch.setattr(summing_up, "categorise", categorise)
    line = {"language": "en", "categories": ["lids", "price"]}
    other = {"text": "c", "language": "es", "categories": ["tapas", "precio"], "category": "tapas"}
    found = rows({**line, "text": "a", "category": "lids"}, other, {**line, "text": "b", "category": "price"})
    judged, measures = summing_up.judge(found, MODEL)
    assert asked == [["a", "b"], ["c"]]
    assert [each.counts for each in judged] == [(1, 1), (1, 1), (0, 1)]
    assert summarise("summarization", judged, measures).by == {"en": 0.5, "es": 1.0}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"text": "a", "language": "en", "categories": ["x"], "category": "y"}, "'y' is none of the categories"),
        ({"texts": [], "language": "en", "summary": "s"}, "field texts: is empty"),
        ({"text": "a", "summary": "s"}, "field language: is missing"),
    ],
)
def test_faulty_lines_are_named(line: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        summing_up.judge(rows(line), MODEL)


def test_both_kinds_in_one_file_are_a_fault() -> None:
    one = {"text": "a", "language": "en", "categories": ["x"], "category": "x"}
    with pytest.raises(DataError, match="line 2, field categories: is missing, but other lines have it"):
        summing_up.judge(rows(one, {"text": "a", "summary": "b", "language": "en"}), MODEL)
