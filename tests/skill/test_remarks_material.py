"""Customers' remarks by theme, material for summing them up: whole in nine languages, and none twice."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.skill.script import in_the_script_of
from walkiosk.modality.text import LANGUAGES
from walkiosk.skill.summarization import FEELINGS

FILES = sorted((Path(__file__).parents[2] / "training" / "material" / "remarks").glob("*.yaml"))
PARTS = {"remarks": 6, "digest": 2, "category": 3}


def themes(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_theme_is_whole(path: Path) -> None:
    for theme in themes(path):
        name = theme["theme"]
        assert theme["feeling"] in FEELINGS, name
        for part, count in PARTS.items():
            assert tuple(theme[part]) == LANGUAGES, (name, part)
            assert all(len(texts) == count for texts in theme[part].values()), (name, part)
            for language, texts in theme[part].items():
                assert all(in_the_script_of(language, text) for text in texts), (name, part, language)
        assert tuple(theme["todo"]) == LANGUAGES, name
        assert all(in_the_script_of(language, text) for language, text in theme["todo"].items()), name
        said = [text for part in ("remarks", "digest") for texts in theme[part].values() for text in texts]
        assert {text.count("{item}") for text in [*said, *theme["todo"].values()]} == {int(theme["item"])}, name


def test_no_theme_and_no_remark_is_there_twice() -> None:
    every = [theme for path in FILES for theme in themes(path)]
    assert len(every) > 150
    names = Counter(theme["theme"] for theme in every)
    assert [name for name, count in names.items() if count > 1] == []
    remarks = Counter(text for theme in every for texts in theme["remarks"].values() for text in texts)
    assert [text for text, count in remarks.items() if count > 1] == []
