"""Further subjects of remarks, whole in nine languages; nothing of the themes that are held out is among them."""

from collections import Counter

import pytest

from tests.skill.script import in_the_script_of
from training.paths import MATERIAL
from training.remark_curve import learned
from training.summarization import DEVELOPMENT, subjects, themes
from training.summarization_held_out import FILES, OWN_CATEGORY
from walkiosk.modality.text import LANGUAGES
from walkiosk.skill.summarization import FEELINGS

SUBJECTS = subjects("subjects")


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject["theme"])
def test_every_subject_is_whole(subject: dict) -> None:  # type: ignore[type-arg]
    assert subject["feeling"] in FEELINGS
    for part in ("category", "texts"):
        assert sorted(subject[part]) == sorted(LANGUAGES)
        assert {len(texts) for texts in subject[part].values()} in ({2}, {4} if part == "texts" else {2})
        for language, texts in subject[part].items():
            assert all(in_the_script_of(language, text) for text in texts), (part, language)


def test_no_remark_is_there_twice_or_held_out() -> None:
    said = Counter(text for subject in SUBJECTS for texts in subject["texts"].values() for text in texts)
    assert len(SUBJECTS) > 50 and [text for text, count in said.items() if count > 1] == []
    others = themes(*FILES, *DEVELOPMENT)
    held_out = {text for theme in others for texts in theme["remarks"].values() for text in texts}
    assert len(held_out) > 2_000 and not held_out & set(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_remark_that_is_filed_is_whole(language: str) -> None:
    rows = [line.split("\t") for line in (MATERIAL / "filed" / f"{language}.tsv").read_text("utf-8").splitlines()]
    assert len(rows) >= 400 and {len(row) for row in rows} == {4 if language == "hi" else 3}
    assert len({row[0] for row in rows}) == len(rows)
    assert all(in_the_script_of(language, text) for row in rows for text in row[:2])
    taken = {name.casefold() for row in rows for name in row[1:3]}
    assert not taken & {name.casefold() for name in OWN_CATEGORY.values()}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_remarks_about_anything_are_said_once(language: str) -> None:
    rows = [line.split("\t") for line in (MATERIAL / "said" / f"{language}.txt").read_text("utf-8").splitlines()]
    assert len(rows) >= 600 and {len(row) for row in rows} == {2 if language == "hi" else 1}
    assert len({row[0] for row in rows}) == len(rows)
    assert all(in_the_script_of(language, row[0]) for row in rows)


def test_the_categories_that_are_scored_are_not_learned() -> None:
    assert len(set(OWN_CATEGORY.values())) == 12
    assert not set(OWN_CATEGORY.values()) & learned()
    assert set(OWN_CATEGORY) <= {theme["theme"] for theme in themes(*FILES)}
