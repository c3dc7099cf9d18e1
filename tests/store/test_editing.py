"""Edits of a folder's files: checked, written whole, journalled, taken back; and whatever gets in their way."""

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from walkiosk.store import FolderError, Store
from walkiosk.store.catalogue import Catalogue
from walkiosk.store.customers import Customers
from walkiosk.store.editing import CannotUndo, Change, ChangedMeanwhile, Editor, NotEditable, editor, removal, staging
from walkiosk.store.folder import FILES, fingerprint
from walkiosk.store.inventory import Inventory
from walkiosk.store.loading import load_folder, loaded_fingerprint, read_loaded_settings
from walkiosk.store.office_tables import edit as edits

TOP = "TO-1"


class Crash(BaseException):
    """The machine stops here."""


@pytest.fixture
def desk(empty: Engine, film_shop: Path) -> Editor:
    """An editor of the film shop's copy, which is loaded."""
    load_folder(empty, film_shop)
    return Editor(empty, film_shop)


def row(desk: Editor, file: str, **wanted: str) -> dict[str, str]:
    found = [cells for cells in desk.rows(file) if wanted.items() <= cells.items()]
    assert len(found) == 1, found
    return found[0]


def priced(desk: Editor, price: str) -> Change:
    before = row(desk, "products.csv", sku=TOP)
    return Change("products.csv", before, {**before, "price": price})


def price(desk: Editor) -> int:
    return Catalogue(desk.engine).products([TOP])[TOP].price_cents


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_one_row_changes_and_nothing_else(desk: Editor, film_shop: Path) -> None:
    before = contents(film_shop)
    told = []
    desk.renewed = lambda: told.append(price(desk))
    made = desk.edit("Ana", [priced(desk, "13.00")])
    after = contents(film_shop)
    assert [name for name in after if after[name] != before[name]] == ["products.csv"]
    old, new = (each["products.csv"].splitlines() for each in (before, after))
    (changed,) = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert changed[1] == changed[0].replace(b"12.5", b"13.00", 1)
    assert told == [1300]
    assert made.words == "products.csv: TO-1: price 12.5 → 13.00"
    assert loaded_fingerprint(desk.engine) == fingerprint(film_shop)
    assert [(edit.id, edit.who) for edit in desk.history()] == [(made.id, "Ana")]


def test_a_bad_edit_changes_nothing_and_says_where(desk: Editor, film_shop: Path) -> None:
    before = contents(film_shop)
    with pytest.raises(FolderError) as told:
        desk.edit("Ana", [priced(desk, "a lot")])
    problem = told.value.problems[0]
    assert (problem.file, problem.column, problem.value) == ("products.csv", "price", "a lot")
    assert film_shop.joinpath("products.csv").read_text().splitlines()[problem.line - 1].startswith(TOP)
    with pytest.raises(FolderError, match=r"edges\.csv:.*nobody.*not in entities"):
        desk.edit(
            "Ana", [Change("edges.csv", None, {"subject": "nobody", "relation": "directed", "object": "titanic"})]
        )
    with pytest.raises(FolderError, match="is a person, expected film"):
        desk.edit("Ana", [Change("edges.csv", None, {"subject": "nolan", "relation": "directed", "object": "hardy"})])
    with pytest.raises(FolderError, match="currency"):
        desk.edit(
            "Ana",
            [Change("store.toml", row(desk, "store.toml", key="currency"), {"key": "currency", "value": '"euro"'})],
        )
    assert contents(film_shop) == before
    assert (price(desk), desk.history()) == (1250, ())


def test_a_file_that_was_edited_by_hand_is_not_overwritten(desk: Editor, film_shop: Path) -> None:
    change = priced(desk, "13.00")
    path = film_shop / "entities.csv"
    path.write_text(path.read_text().replace("Tom Hardy", "Thomas Hardy"))
    assert desk.changed_outside()
    with pytest.raises(ChangedMeanwhile, match="outside the office"):
        desk.edit("Ana", [change])
    assert "Thomas Hardy" in path.read_text()
    loaded = desk.load("Ana")
    assert loaded is not None and loaded.changes == ()
    assert desk.load("Ana") is None
    desk.edit("Ana", [change])
    assert price(desk) == 1300
    with pytest.raises(CannotUndo, match="outside the office"):
        desk.undo("Ana", loaded.id)


def test_a_hand_that_saves_in_the_last_moment_wins(
    desk: Editor, film_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film_shop / "products.csv"

    def stage_and_save(folder: Path, files: dict[str, bytes]) -> None:
        staging.stage(folder, files)
        path.write_text(path.read_text().replace("12.5", "14.00"))

    monkeypatch.setattr(editor, "stage", stage_and_save)
    with pytest.raises(ChangedMeanwhile, match="just now"):
        desk.edit("Ana", [priced(desk, "13.00")])
    desk.load("Ana")
    assert price(desk) == 1400
    assert [edit.words for edit in desk.history()] == [editor.LOADED_BY_HAND]


def test_two_who_saw_the_same_row(desk: Editor) -> None:
    first, second = priced(desk, "13.00"), priced(desk, "14.00")
    desk.edit("Ana", [first])
    with pytest.raises(ChangedMeanwhile, match="TO-1: was changed meanwhile"):
        desk.edit("Bo", [second])
    assert price(desk) == 1300


def test_undo_and_redo_bring_the_bytes_back(desk: Editor, film_shop: Path) -> None:
    before = contents(film_shop)
    made = desk.edit("Ana", [priced(desk, "13.00")])
    after = contents(film_shop)
    undone = desk.undo("Bo", made.id)
    assert contents(film_shop) == before
    assert (price(desk), undone.undoes, undone.who) == (1250, made.id, "Bo")
    with pytest.raises(CannotUndo, match=f"taken back already, by edit {undone.id} of Bo"):
        desk.undo("Bo", made.id)
    desk.undo("Ana", undone.id)
    assert contents(film_shop) == after
    desk.undo("Ana", made.id)
    assert contents(film_shop) == before


def test_undo_after_a_later_edit_says_who_was_there(desk: Editor) -> None:
    made = desk.edit("Ana", [priced(desk, "13.00")])
    later = desk.edit("Bo", [priced(desk, "14.00")])
    with pytest.raises(CannotUndo, match=rf"edit {later.id} of Bo, .*price 13\.00 → 14\.00"):
        desk.undo("Ana", made.id)
    assert price(desk) == 1400
    desk.undo("Ana", later.id)
    desk.undo("Ana", made.id)
    assert price(desk) == 1250


def test_a_thing_goes_with_its_edges_and_comes_back_in_its_place(desk: Editor, film_shop: Path) -> None:
    before = contents(film_shop)
    hardy = row(desk, "entities.csv", id="hardy")
    with pytest.raises(FolderError, match="hardy"):
        desk.edit("Ana", [Change("entities.csv", hardy, None)])
    own = [cells for cells in desk.rows("edges.csv") if "hardy" in (cells["subject"], cells["object"])]
    made = desk.edit("Ana", [*(Change("edges.csv", cells, None) for cells in own), Change("entities.csv", hardy, None)])
    assert len(own) == 4 and made.words == "entities.csv: hardy removed; and 4 rows with it"
    assert "hardy" not in (film_shop / "edges.csv").read_text()
    desk.undo("Ana", made.id)
    assert contents(film_shop) == before


def test_a_product_that_comes_back_keeps_the_stock_of_the_ledger(desk: Editor) -> None:
    stock = Inventory(desk.engine)
    stock.book("sold-1", TOP, -3, "sale")
    own = row(desk, "products.csv", sku=TOP)
    with pytest.raises(FolderError, match=r"sales\.csv.*TO-1"):
        desk.edit("Ana", [Change("products.csv", own, None)])
    made = desk.edit("Ana", removal(desk, "products.csv", own))
    assert made.words.endswith("; products.csv: TO-1 removed")
    assert TOP not in Catalogue(desk.engine).products([TOP])
    desk.undo("Ana", made.id)
    assert stock.available(TOP) == 17


def test_a_language_that_no_product_had_is_a_new_column(desk: Editor, film_shop: Path) -> None:
    before = row(desk, "products.csv", sku=TOP)
    desk.edit("Ana", [Change("products.csv", before, {**before, "name:it": "Trottola, grande"})])
    lines = (film_shop / "products.csv").read_text().splitlines()
    assert lines[0].endswith(",name:it") and any(line.endswith(',"Trottola, grande"') for line in lines)
    assert Catalogue(desk.engine).products([TOP], "it")[TOP].name == "Trottola, grande"


def test_files_as_other_programs_write_them(desk: Editor, film_shop: Path) -> None:
    path = film_shop / "offers.csv"
    path.write_bytes(b'\xef\xbb\xbfcategory,percent_off\r\n\r\n"Toys",15')
    desk.load("Ana")
    made = desk.edit("Ana", [Change("offers.csv", None, {"sku": TOP, "percent_off": "20"})])
    assert path.read_bytes() == b'\xef\xbb\xbfcategory,percent_off,sku\r\n\r\n"Toys",15,\r\n,20,TO-1\r\n'
    assert made.words == "offers.csv: sku TO-1, percent_off 20 added"
    path.unlink()
    desk.load("Ana")
    desk.edit("Ana", [Change("offers.csv", None, {"sku": TOP, "percent_off": "20"})])
    assert path.read_bytes() == b"percent_off,sku\n20,TO-1\n"


def test_settings_keep_their_comments(desk: Editor, film_shop: Path) -> None:
    path = film_shop / "store.toml"
    path.write_text("# Ours since 1999\n" + path.read_text().replace("currency", "# money\ncurrency"))
    desk.load("Ana")
    before = row(desk, "store.toml", key="name")
    made = desk.edit(
        "Ana",
        [
            Change("store.toml", before, {"key": "name", "value": '"Cinema shop"'}),
            Change("store.toml", None, {"key": "service_level", "value": "0.9"}),
        ],
    )
    assert "# Ours since 1999" in path.read_text() and "# money" in path.read_text()
    settings = read_loaded_settings(desk.engine)
    assert settings is not None and (settings.name, settings.service_level) == ("Cinema shop", 0.9)
    assert made.words == 'store.toml: name: "Film shop" → "Cinema shop"; store.toml: service_level: – → 0.9'
    desk.undo("Ana", made.id)
    assert row(desk, "store.toml", key="name") == before


def test_a_pin_is_in_the_file_and_nowhere_else(desk: Editor, film_shop: Path) -> None:
    ana = row(desk, "customers.csv", id="c1")
    assert "pin" not in ana
    made = desk.edit("Ana", [Change("customers.csv", ana, {**ana, "pin": "987654"})])
    people = Customers(desk.engine)
    assert getattr(people.identify("c1", "987654"), "name", "") == "Ana García"
    assert made.words == "customers.csv: c1: pin set"
    with pytest.raises(CannotUndo, match="set another"):
        desk.undo("Ana", made.id)
    renamed = desk.edit("Ana", [Change("customers.csv", ana, {**ana, "name": "Ana G."})])
    desk.undo("Ana", renamed.id)
    assert getattr(people.identify("c1", "987654"), "name", "") == "Ana García"  # the PIN stays with the row
    desk.edit("Ana", [Change("customers.csv", ana, {**ana, "pin": ""})])
    assert "987654" not in (film_shop / "customers.csv").read_text()
    with desk.engine.connect() as connection:
        for kept in connection.execute(select(edits)):
            assert "987654" not in f"{kept}"


@pytest.mark.parametrize("moment", ["journal", "draft", "staged", "between files", "in place"])
def test_wherever_the_machine_stops_the_folder_is_whole(
    desk: Editor, film_shop: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [cells for cells in desk.rows("edges.csv") if "hardy" in (cells["subject"], cells["object"])]
    hardy = row(desk, "entities.csv", id="hardy")
    changes = [*(Change("edges.csv", cells, None) for cells in own), Change("entities.csv", hardy, None)]
    replaced = os.replace

    def replace(path: Path, own: Path) -> None:
        replaced(path, own)
        if moment == "between files":
            raise Crash

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        match moment:
            case "journal":
                patch.setattr(editor, "stage", crash)
            case "draft":
                patch.setattr(Path, "rename", crash)
            case "staged":
                patch.setattr(editor, "finish", lambda folder: crash() if (folder / staging.STAGE).exists() else ())
            case "between files":
                patch.setattr(Path, "replace", replace)
            case _:
                patch.setattr(editor, "put_facts", crash)
        with pytest.raises(Crash):
            desk.edit("Ana", changes)
    made = moment not in ("journal", "draft")
    url = desk.engine.url.render_as_string(hide_password=False)
    again = Store.open(film_shop, url)
    assert [path.name for path in film_shop.iterdir() if path.name == staging.STAGE] == []
    assert ("hardy" in (film_shop / "entities.csv").read_text()) != made
    assert len(desk.history()) == made
    assert loaded_fingerprint(again.engine) == fingerprint(film_shop)
    if made:
        desk.undo("Ana", desk.history()[0].id)
    again.close()
    assert "hardy" in (film_shop / "edges.csv").read_text(), moment


def test_a_shop_without_a_folder_is_not_edited_here(
    desk: Editor, film_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = priced(desk, "13.00")
    alone = Editor(desk.engine, None)
    with pytest.raises(NotEditable, match="by its database alone"):
        alone.edit("Ana", [change])
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(NotEditable, match="may not write"):
        desk.edit("Ana", [change])


def test_what_a_store_caches_is_renewed_with_the_same_devices(desk: Editor, film_shop: Path) -> None:
    store = Store(desk.engine, read_loaded_settings(desk.engine), film_shop)  # type: ignore[arg-type]
    assert store.linker.link("Golden top").best is None or store.linker.link("Golden top").best.name != "Golden top"  # type: ignore[union-attr]
    reader = store.sales.provider
    before = row(desk, "products.csv", sku=TOP)
    desk.edit("Ana", [Change("products.csv", before, {**before, "name": "Golden top"})])
    renewed = store.renewed()
    best = renewed.linker.link("Golden top").best
    assert best is not None and best.name == "Golden top"
    assert renewed.sales.provider is reader


def test_every_file_can_be_read_as_rows(desk: Editor) -> None:
    assert all(desk.rows(file) for file in FILES)
