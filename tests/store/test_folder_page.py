"""The page about store folders names every file, column and setting that there is, and no other."""

import re
from pathlib import Path

import pytest

from walkiosk.store.folder import FILES
from walkiosk.store.settings import READERS, REQUIRED
from walkiosk.store.works import FOLDER

PAGE = (Path(__file__).parents[2] / "docs" / "store-folder.md").read_text("utf-8")
PARTS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))


def test_every_setting_has_its_row() -> None:
    rows = re.findall(r"^\| (\**)`(\w+)`\**", PARTS["store.toml"], re.M)
    assert [key for _, key in rows if key not in READERS] == []
    assert {key for _, key in rows} == set(READERS) and len(rows) == len(READERS)
    assert {key for stars, key in rows if stars} == set(REQUIRED)


@pytest.mark.parametrize("file", FILES)
def test_every_column_is_named(file: str) -> None:
    text, columns = PARTS[file], FILES[file]
    for column in columns.readers:
        assert f"`{column}`" in text, column
    assert set(re.findall(r"\*\*`(\w+)`\*\*", text)) == set(columns.required)


def test_there_is_no_other_file() -> None:
    assert set(PARTS) == {"store.toml", *FILES, f"{FOLDER}/"}
