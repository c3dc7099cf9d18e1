"""A file of remarks: what is read, what is mended and told with its row, and what cannot be read at all."""

import csv
import datetime
from pathlib import Path

import pytest

from walkiosk.office.remarks import Remark, count_words, is_unclear, points
from walkiosk.office.remarks_file import RemarksError, RemarksFile, read_remarks

HEADER = "text,language,date,stars,id\n"


def read(folder: Path, text: str | bytes) -> RemarksFile:
    path = folder / "remarks.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_remarks(path)


def notes(found: RemarksFile) -> list[str]:
    return [str(note).partition("remarks.csv:")[2] for note in found.notes]


def test_every_column_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + '"Too slow, sadly",en,2026-03-31,2,a\nMuy bien todo,es,,,b\n,,,5,c\n')
    assert found.notes == ()
    assert found.remarks == (
        Remark("a", "Too slow, sadly", "en", datetime.date(2026, 3, 31), 2),
        Remark("b", "Muy bien todo", "es", None, None),
        Remark("c", "", None, None, 5),
    )


def test_a_category_is_somebodys_own_word(tmp_path: Path) -> None:
    found = read(tmp_path, "text,category\ntoo slow,speed\ntoo dear,\n")
    assert [remark.filed for remark in found.remarks] == ["speed", None]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_text_alone_is_enough_whatever_stands_between_columns(tmp_path: Path, mark: str) -> None:
    found = read(tmp_path, f"\ufeffText{mark}Stars\r\nHält nicht{mark}1\r\n")
    assert found.remarks == (Remark("line 2", "Hält nicht", stars=1),)


@pytest.mark.parametrize(
    ("row", "note", "kept"),
    [
        (
            "Nice shop,en,31.02.2026,4,a",
            "2: date: '31.02.2026': a day such as",
            Remark("a", "Nice shop", "en", None, 4),
        ),
        ("Nice shop,en,,6,a", "2: stars: '6': a whole number from 1 to 5", Remark("a", "Nice shop", "en")),
        ("Nice shop,en,,3.5,a", "2: stars: '3.5': a whole number", Remark("a", "Nice shop", "en")),
        ("Nice shop,english!,,,a", "2: language: 'english!': a language code", Remark("a", "Nice shop")),
        ("Nice shop", "2: 1 cells in a row of 5 columns", Remark("line 2", "Nice shop")),
        ("Nice shop,en,,,a,more", "2: 6 cells in a row of 5 columns", Remark("a", "Nice shop", "en")),
    ],
)
def test_a_bad_cell_is_told_with_its_row_and_the_remark_is_kept(
    tmp_path: Path, row: str, note: str, kept: Remark
) -> None:
    found = read(tmp_path, HEADER + row + "\n")
    assert found.remarks == (kept,)
    (told,) = notes(found)
    assert told.startswith(note)


def test_an_empty_row_and_a_repeated_one_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "Good,en,,,1\n ,en,,,2\nGood,en,,,1\nBad,en,,,1\n")
    assert [(remark.id, remark.words) for remark in found.remarks] == [("1", "Good"), ("1 (line 5)", "Bad")]
    assert notes(found) == [
        "3: text: no words and no stars; left out",
        "4: id: '1': the same row is there twice; the second is left out",
        "5: id: '1': the id is another row's; called '1 (line 5)'",
    ]


def test_a_quoted_text_may_hold_line_breaks_and_rows_keep_their_line(tmp_path: Path) -> None:
    found = read(tmp_path, 'text,stars\n"first\nsecond",5\nthird one,9\n')
    assert found.remarks[0].words == "first second"
    assert notes(found)[0].startswith("4: stars: '9'")


def test_a_long_text_is_cut_and_a_strange_column_named(tmp_path: Path) -> None:
    found = read(tmp_path, f"text,agent\n{'word ' * 1000},x\n")
    assert len(found.remarks[0].words) == 2000
    assert [note.split(":")[1].strip() for note in notes(found)] == ["agent", "text"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("wörds".encode("latin-1"), r"remarks\.csv:1: 'byte 0xf6': is not UTF-8"),
        (b"text,stars\nok,5\n\xff\xfe,1\n", r"remarks\.csv:3: 'byte 0xff': is not UTF-8"),
        (b"remark,stars\nok,5\n", r"remarks\.csv:1: text: the column is missing; there are remark, stars"),
        (b"", "the column is missing; there are none"),
        (b"text,text\nok,ok\n", "the column is there twice"),
        (b"text\n", "no row with a remark or stars"),
        (b'text,stars\n"never closed,5\nok,4\n', r"remarks\.csv:2: cannot be read from here on"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(RemarksError, match=message):
        read(tmp_path, content)


def test_many_notes_are_counted_by_kind(tmp_path: Path) -> None:
    found = read(tmp_path, "text,stars\n" + "fine,0\n" * 1000)
    assert len(found.remarks) == len(found.notes) == 1000
    told = found.told()
    assert len(told) == 21 and told[-1].startswith("… and 980 more rows: stars: a whole number")


def test_a_hundred_thousand_rows_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "date", "stars"])
        rows.writerows([f"remark number {n}", "2026-01-01", n % 5 + 1] for n in range(100_000))
    found = read_remarks(path)
    assert len(found.remarks) == 100_000 and not found.notes
    assert found.remarks[-1].words == "remark number 99999"


@pytest.mark.parametrize(
    "words", ["bad", "😀😀", "aaaaaaaaaa bbb", "BUY at https://spam.example now", "!!!", "好", "no no no"]
)
def test_what_says_nothing_is_unclear(words: str) -> None:
    assert is_unclear(words)


@pytest.mark.parametrize(
    "words", ["too expensive", "太贵了", "बहुत महंगा", "слишком дорого", "so goood!!!!!!!!", "très bien"]
)
def test_few_words_can_say_enough(words: str) -> None:
    assert not is_unclear(words)


def test_points_are_the_longer_sentences_of_a_remark() -> None:
    assert points("The queue was far too long. But the coffee is really good! Sigh.") == (
        "The queue was far too long.",
        "But the coffee is really good!",
    )
    assert points("排队的时间实在太长了。不过咖啡的味道真的很好。") == (
        "排队的时间实在太长了。",
        "不过咖啡的味道真的很好。",
    )
    assert points("One sentence only, with 3.50 in it") == ()


def test_words_are_counted_in_every_script() -> None:
    assert count_words("three little words") == 3
    assert count_words("排队太长") == 2
    assert count_words("मुझे यह पसंद है") == 4
