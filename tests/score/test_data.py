"""Reading examples: what is wrong with a line is told by file, line and field."""

from pathlib import Path

import pytest

from walkiosk.score import DataError
from walkiosk.score.data import Row, read_rows


def written(folder: Path, text: str) -> Path:
    path = folder / "data.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_rows_and_their_lines(tmp_path: Path) -> None:
    rows = read_rows(written(tmp_path, '{"text": "one"}\n\n{"text": "two"}\n'))
    assert [(row.text("text"), row.line) for row in rows] == [("one", 1), ("two", 3)]


def test_a_capped_set_is_always_the_same_and_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f'{{"text": "{number}"}}\n' for number in range(50)))
    first = [row.line for row in read_rows(path, 7)]
    assert first == [row.line for row in read_rows(path, 7)] == sorted(first)
    assert len(first) == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"text": 1\n', "line 1, column"),
        ('{"a": 1}\n[1]\n', "line 2: an object expected"),
        ("\n", "no examples"),
    ],
)
def test_names_the_line_that_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_rows(written(tmp_path, text))


def test_names_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing\.jsonl: no such file"):
        read_rows(tmp_path / "nothing.jsonl")


def test_names_the_field_that_is_wrong() -> None:
    row = Row({"text": 3, "turns": ["a"]}, Path("some.jsonl"), 4)
    with pytest.raises(DataError, match=r"some\.jsonl, line 4, field text: words expected, found 3"):
        row.text("text")
    with pytest.raises(DataError, match="field language: is missing"):
        row.text("language")
    with pytest.raises(DataError, match="field turns: item 1: an object expected"):
        row.objects("turns")
    assert row.text("language", "") == ""
