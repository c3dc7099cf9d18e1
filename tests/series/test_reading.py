"""Files that are not as they should be: a message with file, line and value, or a repair that is stated."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.series.reading import MONDAY, TODAY, read, rows, written
from walkiosk.series import collecting, table
from walkiosk.series.fault import SeriesError
from walkiosk.series.opening import open_series
from walkiosk.series.rules import Rules
from walkiosk.series.shelf import Shelf, rows_dtype

RULES = Rules(today=TODAY)
WEEK = rows("a", range(12))


def refused(path: Path, rules: Rules = RULES) -> str:
    with pytest.raises(SeriesError) as caught:
        read(path, rules)
    return str(caught.value)


def test_a_sound_file_is_read_without_a_word(tmp_path: Path) -> None:
    found = read(written(tmp_path, WEEK + rows("b, c", [1.5, 2, 0] * 4).replace("b, c", '"b, c"')))
    assert list(found.series) == ["a", "b, c"] and found.repairs == []
    history = found.series["a"].history
    assert history.values.tolist() == list(range(12)) and (history.first, history.frequency) == (MONDAY, "D")
    assert found.series["b, c"].ahead(2) == [date(2026, 3, 14), date(2026, 3, 15)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "sales.csv: the file is empty"),
        ("\n", "sales.csv: no header in line 1"),
        ("unique_id,ds,y\n", "sales.csv: no rows behind the header"),
        ("unique_id,date,y\na,2026-01-01,1\n", "line 1: column ds is missing; there are unique_id, date, y"),
        ("unique_id,ds,y,y\n", "line 1: column y stands there twice"),
        ("unique_id,ds,y\na,2026-01-01,1\na,2026-01-02\n", "line 3: 2 cells, the header has 3"),
        ("unique_id,ds,y\na,2026-01-01,many\n", "line 2, column y: 'many' is no number"),
        ("unique_id,ds,y\na,2026-01-01,nan\n", "line 2, column y: 'nan' is no number; leave the cell empty"),
        ("unique_id,ds,y\na,2026-01-01,1_000\n", "line 2, column y: '1_000' is no number"),
        ('unique_id,ds,y\na,2026-01-01,"1,5"\n', "line 2, column y: '1,5' is no number; decimals have a point"),
        ("unique_id;ds;y\na;2026-01-01;1.000,5\n", "line 2, column y: '1.000,5' is no number"),
        ("unique_id,ds,y\n\na,2026-01-01,-3\n", "line 3, column y: '-3' is negative; --negative zero"),
        ("unique_id,ds,y\na,03/04/2026,1\n", "line 2, column ds: '03/04/2026' is no ISO date"),
        ("unique_id,ds,y\na,2026-02-30,1\n", "line 2, column ds: '2026-02-30' is no date: day"),
        ("unique_id,ds,y\na,2026-01-01 10:30,1\n", "'2026-01-01 10:30' has hours; add up to days first"),
        ("unique_id,ds,y\na,,1\n", "line 2, column ds: '' is empty"),
        ("unique_id,ds,y\n,2026-01-01,1\n", "line 2, column unique_id: '' names no series"),
        ("unique_id,ds,y\na,2026-05-01,1\n", "line 2, column y: '1' on 2026-05-01, which is after today, 2026-04-30"),
        ("unique_id,ds,y,price\na,2026-01-01,1,-2\n", "line 2, column price: '-2' is negative"),
        ("unique_id,ds,y,promotion\na,2026-01-01,1,2\n", "line 2, column promotion: '2' is over 1"),
        ('unique_id,ds,y\na,2026-01-01,"1"2\n', "line 2: "),
        ("unique_id,ds,y\na,0026-01-01,1\na,2026-01-01,1\n", "line 2, column ds: series 'a' would have 730,486 daily"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_row(tmp_path: Path, text: str, message: str) -> None:
    assert message in refused(written(tmp_path, text, header=""))


def test_other_encodings_are_told_with_their_line(tmp_path: Path) -> None:
    path = written(tmp_path, WEEK)
    path.write_bytes(path.read_bytes() + "Käse,2026-01-01,1\n".encode("latin-1"))
    assert refused(path).endswith("sales.csv, line 14: not UTF-8")


def test_a_byte_order_mark_semicolons_and_decimal_commas_are_read(tmp_path: Path) -> None:
    path = tmp_path / "umsatz.csv"
    path.write_text('unique_id;ds;y;price\n"a;b";2026-01-01;1,5;2,25\n"a;b";2026-01-02 00:00:00;2;\n', "utf-8-sig")
    history = read(path).series["a;b"].history
    assert history.values.tolist() == [1.5, 2.0] and history.price is not None
    assert history.price[0] == 2.25 and np.isnan(history.price[1])


def test_errors_in_later_blocks_name_their_own_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "ROWS", 5)
    assert "line 15, column y: '?'" in refused(written(tmp_path, WEEK + rows("b", [1, "?"])))


def test_columns_that_are_not_used_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, "a,2026-01-01,1,rain\n", "unique_id,ds,y,weather\n")
    assert f"{path}: columns that nothing is made of: weather" in read(path).repairs


@pytest.mark.parametrize(("gaps", "filled"), [("unknown", np.nan), ("zero", 0.0)])
def test_gaps_are_filled_and_counted(tmp_path: Path, gaps: str, filled: float) -> None:
    lines = WEEK.splitlines(keepends=True)
    path = written(tmp_path, "".join(lines[:3] + lines[5:]))
    found = read(path, replace(RULES, gaps=gaps))
    np.testing.assert_array_equal(found.series["a"].history.values, [0, 1, 2, filled, filled, *range(5, 12)])
    (line,) = found.repairs
    assert re.search("2 steps without a row, .*the first in line 5, a", line)
    assert ("filled with 0" in line) == (gaps == "zero")


def test_an_empty_cell_in_the_past_is_unknown_even_where_gaps_are_zero(tmp_path: Path) -> None:
    found = read(written(tmp_path, rows("a", [1, "", 3])), replace(RULES, gaps="zero"))
    assert np.isnan(found.series["a"].history.values[1])


def test_duplicates_name_both_rows_or_are_added(tmp_path: Path) -> None:
    header = "unique_id,ds,y,price,promotion\n"
    text = "a,2026-03-02,1,2,0\na,2026-03-03,2,2,0\nb,2026-03-02,1,1,0\na,2026-03-02,4,4,1\n"
    path = written(tmp_path, text, header)
    assert "lines 2 and 5, column ds: series 'a' has two values of 2026-03-02; --duplicates sum" in refused(path)
    found = read(path, replace(RULES, duplicates="sum"))
    history = found.series["a"].history
    assert history.values.tolist() == [5, 2] and history.price is not None and history.promotion is not None
    assert history.price.tolist() == [3, 2] and history.promotion.tolist() == [0.5, 0]
    assert any(
        "1 rows of a step that had one already, added to it; the first in line 5" in line for line in found.repairs
    )


def test_months_are_summed_out_of_days_when_told_so(tmp_path: Path) -> None:
    path = written(tmp_path, rows("a", [1] * 59, date(2026, 1, 1)))
    found = read(path, replace(RULES, duplicates="sum", frequency="M")).series["a"]
    assert found.history.values.tolist() == [31, 28] and found.ahead(1) == [date(2026, 3, 1)]


@pytest.mark.parametrize(("negative", "values"), [("zero", [0, 2]), ("keep", [-1, 2])])
def test_negative_values_pass_when_told_so(tmp_path: Path, negative: str, values: list[float]) -> None:
    found = read(written(tmp_path, rows("a", [-1, 2])), replace(RULES, negative=negative))
    assert found.series["a"].history.values.tolist() == values
    assert any("1 negative values taken as 0" in line for line in found.repairs) == (negative == "zero")


def test_rows_out_of_order_are_sorted_and_counted_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "ROWS", 4)
    lines = WEEK.splitlines(keepends=True)
    found = read(written(tmp_path, "".join([*lines[6:], *lines[:6]])))
    assert found.series["a"].history.values.tolist() == list(range(12))
    assert len(found.repairs) == 1 and "1 rows out of order, sorted by date; the first in line 8" in found.repairs[0]


def test_series_may_be_mixed_up_with_one_another(tmp_path: Path) -> None:
    both = zip(WEEK.splitlines(keepends=True), rows("b", range(20, 32)).splitlines(keepends=True), strict=True)
    found = read(written(tmp_path, "".join(first + second for first, second in both)))
    assert found.repairs == [] and found.series["b"].history.values.tolist() == list(range(20, 32))


def test_what_is_known_ahead_reaches_the_horizon(tmp_path: Path) -> None:
    text = "".join(
        f"a,2026-03-{day:02},{day if day < 11 else ''},{day / 10},{int(day == 12)}\n" for day in range(2, 16)
    )
    found = read(written(tmp_path, text, "unique_id,ds,y,price,promotion\n"), horizon=3)
    history = found.series["a"].history
    assert history.price is not None and history.promotion is not None
    assert len(history.values) == 9 and history.price.tolist() == [day / 10 for day in range(2, 14)]
    assert history.promotion.tolist() == [0] * 10 + [1, 0]
    assert any("2 rows beyond the horizon, not used; the first in line 14, a" in line for line in found.repairs)
    history = read(written(tmp_path, text, "unique_id,ds,y,price,promotion\n"), horizon=6).series["a"].history
    assert history.price is not None and len(history.price) == 15 and np.isnan(history.price[14])


def test_category_and_name_are_taken_and_changes_told(tmp_path: Path) -> None:
    text = "a,2026-03-02,1,,Tee\na,2026-03-03,1,tea,Tee\na,2026-03-04,1,coffee,Tee\n"
    found = read(written(tmp_path, text, "unique_id,ds,y,category,name\n"))
    assert (found.series["a"].history.category, found.series["a"].history.name) == ("tea", "Tee")
    assert any(
        "1 series change their category" in line and "line 4, 'coffee' after 'tea'" in line for line in found.repairs
    )


def test_series_of_one_row_are_read_as_the_others_and_told(tmp_path: Path) -> None:
    found = read(written(tmp_path, rows("a", range(12), step=7, first=date(2026, 1, 5)) + rows("b", [3])))
    assert found.series["b"].history.frequency == "W" and found.series["b"].history.values.tolist() == [3]
    assert any("1 series have too few rows to tell: weekly, as most of the file" in line for line in found.repairs)
    assert any("1 series with one value" in line and "line 14, b" in line for line in found.repairs)


def test_series_that_end_early_are_told(tmp_path: Path) -> None:
    found = read(written(tmp_path, WEEK + rows("b", range(10))))
    assert any("1 series end before others do" in line and "line 14, b" in line for line in found.repairs)
    assert found.series["b"].ahead(1) == [MONDAY + timedelta(10)]


def test_more_rows_than_memory_may_hold_go_through_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "Shelf", lambda dtype: Shelf(dtype, in_memory=200))
    monkeypatch.setattr(table, "ROWS", 150)
    text = "".join(f"s{name},{MONDAY + timedelta(day)},{name}\n" for day in range(3) for name in range(1_200))
    with open_series(written(tmp_path, text), RULES) as opened:
        folder = opened.collected.shelf.folder
        assert folder is not None and len(list(Path(folder.name).iterdir())) == 2
        blocks = list(opened.blocks())
    assert [len(block) for block in blocks] == [1_000, 200] and not Path(folder.name).exists()
    assert all(one.history.values.tolist() == [int(one.id[1:])] * 3 for block in blocks for one in block)


def test_a_shelf_gives_rows_by_series_day_and_line() -> None:
    with Shelf(rows_dtype(())) as shelf:
        shelf.put(np.array([(1_000, 5, 1, 0.0), (0, 9, 2, 0.0), (0, 8, 3, 0.0)], shelf.dtype))
        shelf.put(np.array([(0, 8, 4, 0.0)], shelf.dtype))
        assert [part["line"].tolist() for part in shelf.take()] == [[3, 4, 2], [1]]
