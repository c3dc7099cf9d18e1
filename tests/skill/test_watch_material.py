"""Utterances to watch for, by category: whole in nine languages, none twice, and those held out apart."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.skill.script import in_the_script_of
from walkiosk.modality.text import LANGUAGES

FOLDER = Path(__file__).parents[2] / "training" / "material" / "watch"
HELD_OUT = FOLDER / "heldout-watch.yaml"
TRAINED = sorted(set(FOLDER.glob("*.yaml")) - {HELD_OUT})


def categories(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def texts(path: Path) -> list[str]:
    return [text for each in categories(path) for said in each["texts"].values() for text in said]


@pytest.mark.parametrize("path", [*TRAINED, HELD_OUT], ids=lambda path: path.stem)
def test_every_category_is_whole(path: Path) -> None:
    count = 4 if path == HELD_OUT else 12
    for each in categories(path):
        name = each["category"]["en"][0]
        assert list(each) == ["category", "texts"], name
        assert tuple(each["category"]) == tuple(each["texts"]) == LANGUAGES, name
        assert all(len(set(names)) == 3 for names in each["category"].values()), name
        assert all(len(said) == count for said in each["texts"].values()), name
        for language in LANGUAGES:
            both = (*each["category"][language], *each["texts"][language])
            assert all(in_the_script_of(language, text) for text in both), (name, language)


def test_nothing_is_there_twice() -> None:
    said = Counter(text for path in [*TRAINED, HELD_OUT] for text in texts(path))
    assert len(said) > 2000
    assert [text for text, count in said.items() if count > 1] == []


def test_what_is_held_out_is_of_the_same_kinds() -> None:
    trained = [each["category"] for path in TRAINED for each in categories(path)]
    assert sorted(map(str, trained)) == sorted(str(each["category"]) for each in categories(HELD_OUT))
