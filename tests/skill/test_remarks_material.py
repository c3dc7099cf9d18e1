"""Customers' remarks by theme, material for summing them up: whole in nine languages, and none twice."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

FILES = sorted((Path(__file__).parents[2] / "training" / "material" / "remarks").glob("*.yaml"))
LANGUAGES = ["en", "es", "fr", "de", "it", "pt", "ru", "hi", "zh"]
PARTS = {"remarks": 6, "digest": 2, "category": 3}


def themes(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_theme_is_whole(path: Path) -> None:
    for theme in themes(path):
        name = theme["theme"]
        assert theme["feeling"] in ("praise", "complaint", "wish"), name
        for part, count in PARTS.items():
            assert list(theme[part]) == LANGUAGES, (name, part)
            assert all(len(texts) == count for texts in theme[part].values()), (name, part)
        assert list(theme["todo"]) == LANGUAGES, name
        said = [text for part in ("remarks", "digest") for texts in theme[part].values() for text in texts]
        assert {text.count("{item}") for text in [*said, *theme["todo"].values()]} == {int(theme["item"])}, name


def test_no_theme_and_no_remark_is_there_twice() -> None:
    every = [theme for path in FILES for theme in themes(path)]
    assert len(every) > 150
    remarks = Counter(text for theme in every for texts in theme["remarks"].values() for text in texts)
    assert [text for text, count in remarks.items() if count > 1] == []
