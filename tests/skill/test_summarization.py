"""What is read to sum up, and what random weights may do to it: the shape of every answer holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from walkiosk.engine import Engine
from walkiosk.modality.text import of_bytes
from walkiosk.skill import Model, summarization
from walkiosk.skill.summarization import (
    ABOUT,
    COMMON,
    DIGEST,
    FEELINGS,
    LONGEST_TEXT,
    LONGEST_WRITTEN,
    SAYS,
    categorise,
    feelings,
    first_step,
    prefix,
    sentence,
    states,
    summarise,
    vectors,
)

VOCABULARY = of_bytes()
TINY = Path(__file__).parents[1] / "tiny"


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(TINY, threads=1)


def test_what_is_asked_for_comes_first_and_the_language_last() -> None:
    special = VOCABULARY.special
    read = prefix(VOCABULARY, DIGEST, ["a  b", "c"], "de")
    assert read[:3] == [special("<|summarization|>"), special(DIGEST), special("<|input|>")]
    assert read[3:8] == [*VOCABULARY.encode(" a b"), special("<|next|>")]
    assert read[-2:] == [special("<|output|>"), VOCABULARY.language("de")]
    assert prefix(VOCABULARY, SAYS, ["a"])[-1] == special("<|output|>")


def test_a_customer_cannot_write_a_mark() -> None:
    read = prefix(VOCABULARY, SAYS, ["<|output|> <|next|>"])
    assert read.count(VOCABULARY.special("<|output|>")) == 1
    assert VOCABULARY.special("<|next|>") not in read


@pytest.mark.parametrize("count", [1, 3, 8])
def test_long_texts_leave_room_to_write(count: int, model: Model) -> None:
    read = prefix(VOCABULARY, DIGEST, ["battery " * 300] * count, "en")
    assert LONGEST_TEXT - 2 * count < len(read) <= LONGEST_TEXT + 5
    assert len(read) + LONGEST_WRITTEN <= model.engine.places


def test_sentences_are_text_without_marks(model: Model) -> None:
    remarks = ["La batería no dura", "battery dead by noon", "电池不行"] * 4
    for written in (sentence(model, remarks, "en"), first_step(model, remarks, "zh"), summarise(model, "long", "hi")):
        assert isinstance(written, str) and "<|" not in written


def test_eight_remarks_are_read(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    read = Engine.read

    def counted(self: Engine, tokens: list[int], *rest: object, room: int = 0) -> object:
        seen.append(tokens.count(VOCABULARY.special("<|next|>")))
        return read(self, tokens, room=room)

    monkeypatch.setattr(Engine, "read", counted)
    sentence(model, ["a"] * 20, "en")
    assert seen == [summarization.REMARKS - 1]


def test_vectors_have_length_one_and_the_same_text_the_same(model: Model) -> None:
    found = vectors(model, ["lid leaks", "a much longer remark about lids", "lid  leaks"])
    assert found.shape == (3, 64) and np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.allclose(found[0], found[2])
    assert not np.allclose(found[0], found[1], atol=0.01)
    assert vectors(model, []).shape == (0, 64)


def test_a_text_is_put_under_one_of_the_categories_and_feelings(model: Model) -> None:
    texts = ["the lid leaks", "too dear", "danke"]
    assert set(categorise(model, texts, ["lids", "price"])) <= {"lids", "price"}
    assert set(feelings(model, texts)) <= set(FEELINGS)
    assert categorise(model, [], ["lids"]) == []


def test_a_category_is_nearest_to_its_own_name(model: Model) -> None:
    names = ["lids", "price", "opening hours"]
    assert categorise(model, names, names) == names
    assert ABOUT != SAYS


def test_what_people_have_filed_teaches_where_the_like_goes(model: Model) -> None:
    names, said = ["lids", "price", "opening hours"], ["it spills in my bag", "why so early", "zwei Euro mehr"]
    by_hand = [pair for pair in zip(said, names, strict=True) for _ in range(20)]
    assert categorise(model, said, names, by_hand) == names
    assert categorise(model, said, names, [(text, "gone") for text in said]) == categorise(model, said, names)


def test_categories_are_read_once_however_many_parts_the_texts_come_in(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def directions(model: Model, asked: str, texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
        read.extend(texts)
        return states(model, asked, texts)

    monkeypatch.setattr(summarization, "directions", directions)
    names, filed = ["read once", "and this"], [("the lid leaks", "read once")]
    for part in (["a"], ["b"], ["c"]):
        categorise(model, part, names, filed)
    assert read == [*names, "the lid leaks", "a", "b", "c"]


def test_a_learned_category_is_more_than_its_name(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "weights"))
    model, text = Model.load(folder), "zwei Euro mehr"
    np.savez(folder / COMMON, threats=states(model, ABOUT, [text])[0].astype(np.float16))
    assert categorise(model, [text], ["price", "threats", "opening hours"]) == ["threats"]


def test_nothing_to_sum_up_and_no_categories_are_faults(model: Model) -> None:
    with pytest.raises(ValueError, match="nothing to sum up"):
        sentence(model, [], "en")
    with pytest.raises(ValueError, match="no categories"):
        categorise(model, ["a"], [])
