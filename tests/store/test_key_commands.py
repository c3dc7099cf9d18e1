"""`walkiosk customer card|phone` and `walkiosk office clerk-code`: keys that are handed over once."""

import re
from pathlib import Path

from typer.testing import CliRunner

from tests.store.conftest import FILM_SHOP
from walkiosk.cli import app
from walkiosk.store import Store


def run(books: str, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*words, "--store", str(FILM_SHOP), "--database", books])
    return done.exit_code, done.output


def test_a_card_and_a_phone_are_pictures(tmp_path: Path) -> None:
    books = f"sqlite:///{tmp_path / 'shop.db'}"
    for kind in ("card", "phone"):
        picture = tmp_path / f"{kind}.svg"
        code, said = run(books, "customer", kind, "c1", "--out", str(picture))
        assert code == 0 and str(picture) in said and "<svg" in picture.read_text() and "WK-" not in said
        assert run(books, "customer", kind, "nobody", "--out", str(picture))[0] == 2
        assert run(books, "customer", kind, "c1", "--out", str(tmp_path / "card.txt")) == (
            2, f"walkiosk: {tmp_path / 'card.txt'}: .svg or .png expected\n",
        )  # fmt: skip


def test_a_clerk_has_a_code(tmp_path: Path) -> None:
    books = f"sqlite:///{tmp_path / 'shop.db'}"
    store = Store.open(FILM_SHOP, books)
    store.accounts.add("rosa", "a long password", "clerk")
    code, said = run(books, "office", "clerk-code", "rosa")
    found = re.search(r"rosa: (\d{8})", said)
    assert code == 0 and found and store.clerk_codes.whose(found[1]) == "rosa"
    assert run(books, "office", "clerk-code", "nobody")[0] == 2
    store.close()
