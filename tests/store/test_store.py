"""The shop behind one door."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from walkiosk.store import FolderError, NoShop, Store
from walkiosk.store.catalogue import Product
from walkiosk.store.feedback import Feedback


def test_opens_a_folder_and_its_database(film_shop: Path, url: str) -> None:
    store = Store.open(film_shop, url)
    assert store.settings.name == "Film shop"
    assert store.schema.categories == ("Shoes", "Clothes", "Toys", "Records", "Drinks")
    assert store.schema.colours == ("brown", "black", "white", "grey")
    assert store.schema.types == ("person", "film", "scene", "appearance", "product", "book")
    store.close()
    again = Store.open(url)
    assert again.graph.run("1 >directed first", ["nolan"]).ids == ("memento",)
    again.close()


def test_loads_a_folder_again_when_it_has_changed(film_shop: Path, url: str) -> None:
    Store.open(film_shop, url).close()
    path = film_shop / "products.csv"
    path.write_text(path.read_text().replace("Spinning top", "Golden top"))
    store = Store.open(film_shop, url)
    top = store.catalogue.product("TO-1")
    assert isinstance(top, Product)
    assert top.name == "Golden top"
    store.close()


def test_keeps_its_books_in_the_state_directory(
    film_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    store = Store.open(film_shop)
    basket = store.baskets.create()
    store.baskets.add(basket.id, "TO-1")
    sale = store.sales.reserve(basket.id)
    store.close()
    names = sorted(path.name for path in (tmp_path / "state" / "walkiosk").iterdir() if path.suffix == ".db")
    assert all(name.startswith("film_shop-") for name in names)
    again = Store.open(film_shop)
    assert [s.state for s in again.sales.reconcile()] == ["released"]
    assert getattr(sale, "state", None) == "reserved"
    again.close()


def test_no_shop(url: str, tmp_path: Path) -> None:
    with pytest.raises(NoShop, match="walkiosk store load"):
        Store.open(url)
    with pytest.raises(FolderError, match="is not a folder"):
        Store.open(tmp_path / "nowhere", url)


def test_a_remark_is_filed_by_hand_and_left_to_the_model_again(engine: Engine) -> None:
    feedback = Feedback(engine, clock=lambda: 1)
    number = feedback.add(words="too dear").id
    stars = feedback.add(stars=4).id
    feedback.file(number, "price")
    assert [remark.filed for remark in feedback.remarks()] == ["price", None]
    feedback.file(number, None)
    assert feedback.remarks()[0].filed is None
    with pytest.raises(KeyError):
        feedback.file(stars + 1, "price")
    for wrong, category in ((stars, "price"), (number, " ")):
        with pytest.raises(ValueError, match=r"stars and no words|without a name"):
            feedback.file(wrong, category)


def test_feedback(engine: Engine) -> None:
    feedback = Feedback(engine, clock=iter(range(1, 9)).__next__)
    feedback.add(5, "  muy\n bien ", "es", "sale-1")
    feedback.add(words="x" * 5000)
    assert [(r.stars, r.words[:8], len(r.words), r.at_ms) for r in feedback.remarks()] == [
        (5, "muy bien", 8, 1), (None, "xxxxxxxx", 2000, 2),
    ]  # fmt: skip
    assert [r.at_ms for r in feedback.remarks(since_ms=2)] == [2]
    for stars, words in ((0, "a"), (6, ""), (None, " ")):
        with pytest.raises(ValueError, match="stars"):
            feedback.add(stars, words)


def test_the_store_imports_no_model() -> None:
    code = "import sys, walkiosk.store; print([m for m in ('torch', 'onnxruntime', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
