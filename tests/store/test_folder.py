"""What an operator can get wrong in a store folder, each named with its file, line, column and value."""

from pathlib import Path

import pytest

from walkiosk.store import FolderError, read_folder
from walkiosk.store.sheet import Problem


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(FolderError) as caught:
        read_folder(folder)
    return list(caught.value.problems)


def append(folder: Path, file: str, row: str) -> int:
    """Adds a row and returns its line."""
    path = folder / file
    path.write_text(path.read_text() + row + "\n")
    return path.read_text().count("\n")


def test_the_film_shop_is_without_fault(film_shop: Path) -> None:
    folder = read_folder(film_shop)
    assert folder.settings.wake_phrases == ("OK Walmrt",)
    assert folder.settings.tax_basis_points == 2100
    assert (len(folder.products), len(folder.entities), len(folder.sales)) == (9, 19, 2)


@pytest.mark.parametrize(
    ("file", "row", "column", "value", "reason"),
    [
        ("products.csv", "X,X,X,12.345,,,,,,,,,,", "price", "12.345", "an amount such as 89.90"),
        ("products.csv", "X,X,X,-1,,,,,,,,,,", "price", "-1", "an amount"),
        ("products.csv", "X,X,X,€5,,,,,,,,,,", "price", "€5", "no sign of a currency"),
        ("products.csv", "X,X,X,,,,,,,,,,,", "price", "", "must not be empty"),
        ("products.csv", "OX-42,X,X,1,,,,,,,,,,", "sku", "OX-42", "already in line 3"),
        ("products.csv", "X,X,X,1,,,,some,,,,,,", "stock", "some", "a whole number from 0"),
        ("products.csv", "X,X,X,1,,,,,,,101,,,", "tax_percent", "101", "a percentage from 0 to 100"),
        ("products.csv", "X,X,X,1", "style", "", "4 cells in a row of 14"),
        ("products.csv", "X,X,X,1,,,,,,,,,,,more", "column 15", "more", "15 cells in a row of 14"),
        ("entities.csv", "inception,film,Again,,,", "id", "inception", "already in line 7"),
        ("entities.csv", "sku:x,film,Again,,,", "id", "sku:x", "before products only"),
        ("entities.csv", "x,product,Again,,,", "type", "product", "products.csv"),
        ("entities.csv", "x,year,Again,,,", "type", "year", "a type is one word"),
        ("entities.csv", "x,film,Again,,,../secret.mp4", "clip", "../secret.mp4", "within the folder"),
        ("entities.csv", "x,film,A\x1fb,,,", "name", "A\x1fb", "control character"),
        ("relations.csv", "in order,film,film,x,,", "relation", "in order", "one word"),
        ("relations.csv", "x,year,film,x,,", "subject_type", "year", "cannot be the subject"),
        ("relations.csv", "x,film,film|year,x,,", "object_type", "film|year", "either things or literals"),
        ("relations.csv", "x,film,film,x,,nope", "ordered_by", "nope", "no such relation"),
        ("relations.csv", "x,film,film,x,,directed", "ordered_by", "directed", "orders nothing"),
        ("relations.csv", "x,person,book,x,,released", "ordered_by", "released", "neither end"),
        ("relations.csv", "by,person,book,x,,", "relation", "by", "already in line 8"),
        ("edges.csv", "kubrick,directed,inception", "subject", "kubrick", "not in entities.csv"),
        ("edges.csv", "nolan,shot,inception", "relation", "shot", "not in relations.csv"),
        ("edges.csv", "nolan,directed,alien", "object", "alien", "not in entities.csv"),
        ("edges.csv", "inception,directed,inception", "subject", "inception", "is a film, expected person"),
        ("edges.csv", "nolan,directed,hardy", "object", "hardy", "is a person, expected film"),
        ("edges.csv", "a1,shows,OX-42", "object", "OX-42", "a product is written sku:OX-42"),
        ("edges.csv", "a1,shows,sku:NO", "object", "sku:NO", "not in products.csv"),
        ("edges.csv", "inception,released,soon", "object", "soon", "a year (1999) or a date (1999-12-31)"),
        ("edges.csv", "inception,released,2010-02-30", "object", "2010-02-30", "expected"),
        ("edges.csv", "inception-1,number,one", "object", "one", "a number (19.5)"),
        ("edges.csv", "nolan,,inception", "relation", "", "must not be empty"),
        ("customers.csv", "c1,Eve,,,,", "id", "c1", "already in line 2"),
        ("customers.csv", "c3,Eve,english,,,", "language", "english", "a language code"),
        ("customers.csv", "c3,Eve,,,42,", "sizes", "42", "shoes=42|shirt=M"),
        ("customers.csv", "c3,Eve,,,,abcd", "pin", "abcd", "digits"),
        ("offers.csv", "NO,,,10,,", "sku", "NO", "not in products.csv"),
        ("offers.csv", ",Hats,,10,,", "category", "Hats", "no product"),
        ("offers.csv", ",,,0,,", "percent_off", "0", "above 0"),
        ("offers.csv", ",,,10,2026-02-01,2026-01-01", "ends", "2026-01-01", "before it starts"),
        ("offers.csv", ",,,10,01/02/2026,", "starts", "01/02/2026", "a day such as"),
        ("sales.csv", "NO,2026-01-01,1,,", "sku", "NO", "not in products.csv"),
        ("sales.csv", "TO-1,2026-01-01,-1,,", "units", "-1", "a whole number from 0"),
        ("sales.csv", "TO-1,2026-13-01,1,,", "date", "2026-13-01", "a day such as"),
    ],
)
def test_a_bad_row(film_shop: Path, file: str, row: str, column: str, value: str, reason: str) -> None:
    line = append(film_shop, file, row)
    found = problems(film_shop)
    assert [(p.file, p.line, p.column, p.value) for p in found] == [(file, line, column, value)]
    assert reason in found[0].reason


def test_all_faults_are_told_at_once(film_shop: Path) -> None:
    append(film_shop, "products.csv", "X,X,X,free,,,,many,,,,,,")
    append(film_shop, "edges.csv", "nolan,directed,alien")
    found = problems(film_shop)
    assert [(p.file, p.column) for p in found] == [
        ("products.csv", "price"), ("products.csv", "stock"), ("edges.csv", "object"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "column", "reason"),
    [
        ("sku,name,category,price,weight", "weight", "unknown column; known are sku, name"),
        ("sku,name,category", "price", "the column is missing"),
        ("sku,name,category,price,price", "price", "twice"),
        ("sku,name,category,price,name:english!", "name:english!", "unknown column"),
        ("sku,name,category,price,", "column 5", "has no name"),
        ("sku;name;category;price", "sku;name;category;price", "put commas between"),
    ],
)
def test_a_bad_header(film_shop: Path, header: str, column: str, reason: str) -> None:
    path = film_shop / "products.csv"
    path.write_text("\n".join([header, *path.read_text().splitlines()[1:]]))
    first = problems(film_shop)[0]
    assert (first.file, first.line, first.column) == ("products.csv", 1, column)
    assert reason in first.reason
    assert all(problem.file == "products.csv" for problem in problems(film_shop))  # and no edge is blamed for it


def test_lines_are_counted_as_an_editor_does(film_shop: Path) -> None:
    rows = 'sku,name,category,price\r\n\r\nA,"two\r\nlines",Toys,1\r\nB,b,Toys,cheap\r\n'
    (film_shop / "products.csv").write_bytes(rows.encode())
    assert [(p.line, p.value) for p in problems(film_shop) if p.file == "products.csv"] == [(5, "cheap")]


def test_byte_order_mark_and_carriage_returns(film_shop: Path) -> None:
    path = film_shop / "customers.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_folder(film_shop).customers[0].cells["name"] == "Ana García"


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("id,name\nc1,Ana\nc2,José\n".encode("latin-1"), 3, "is not UTF-8"),
        ("id,name\n".encode("utf-16"), 1, "is UTF-16"),
        (b'id,name\nc1,Ana\nc2,"Jo\nc3,x\n', 3, "cannot be read from here on"),
        (b'id,name\nc1,"A"na\n', 2, "cannot be read from here on"),
    ],
)
def test_a_file_that_is_no_csv(film_shop: Path, content: bytes, line: int, reason: str) -> None:
    (film_shop / "customers.csv").write_bytes(content)
    (found,) = problems(film_shop)
    assert (found.file, found.line) == ("customers.csv", line)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("line", "key", "value", "reason"),
    [
        ("item_cap = 0", "item_cap", "0", "a whole number from 1"),
        ("colour = 3", "colour", "", "unknown; known are name"),
        ("service_level = 95", "service_level", "95", "a number from 0.5"),
        ("review_days = 0", "review_days", "0", "a whole number from 1"),
        ("cover_days = -1", "cover_days", "-1", "a whole number from 0"),
        ("margin_percent = 101", "margin_percent", "101", "a number from 0 to 100"),
        ("order_budget = 'much'", "order_budget", "much", "a number from 0"),
        ("remark_categories = 'price'", "remark_categories", "price", "a list of words"),
        ("jingle_seed = -1", "jingle_seed", "-1", "a whole number from 0"),
        ("jingle_seed = 'loud'", "jingle_seed", "loud", "a whole number from 0"),
        ("hearing_loop = 'yes'", "hearing_loop", "yes", "true or false"),
        ("sale_cap = [", "", "", "Invalid value"),
    ],
)
def test_bad_settings(film_shop: Path, line: str, key: str, value: str, reason: str) -> None:
    path = film_shop / "store.toml"
    kept = [each for each in path.read_text().splitlines() if not each.startswith(line.split()[0])]
    path.write_text("\n".join([*kept, line]))
    (found,) = problems(film_shop)
    assert (found.file, found.column, found.value) == ("store.toml", key, value)
    assert found.line >= len(kept)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("currency", '"euro"', "three capitals"),
        ("time_zone", '"Mars/Olympus"', "a time zone"),
        ("languages", '["english!"]', "language codes"),
        ("name", "3", "words in quotes"),
    ],
)
def test_bad_required_settings(film_shop: Path, key: str, value: str, reason: str) -> None:
    path = film_shop / "store.toml"
    lines = [f"{key} = {value}" if line.startswith(key) else line for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines))
    (found,) = problems(film_shop)
    assert (found.column, found.line) == (key, 1 + next(n for n, x in enumerate(lines) if x.startswith(key)))
    assert reason in found.reason


def test_an_empty_shop_is_a_shop(film_shop: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "store.toml").write_bytes((film_shop / "store.toml").read_bytes())
    assert read_folder(empty).products == ()
    (empty / "products.csv").write_text("sku,name,category,price\n")
    (empty / "edges.csv").write_text("")
    assert read_folder(empty).edges == ()


def test_no_folder_and_no_settings(tmp_path: Path) -> None:
    assert "is not a folder" in problems(tmp_path / "none")[0].reason
    (found,) = problems(tmp_path)
    assert (found.file, "is missing" in found.reason) == ("store.toml", True)


def test_the_message_names_file_line_column_and_value(film_shop: Path) -> None:
    append(film_shop, "edges.csv", "nolan,directed,alien")
    with pytest.raises(FolderError, match=r"edges.csv:\d+: object: 'alien': not in entities.csv"):
        read_folder(film_shop)
