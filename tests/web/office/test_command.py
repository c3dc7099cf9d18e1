"""walkiosk office: accounts from the command line, and an office beside a kiosk that never keeps it from opening."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from walkiosk.cli import app
from walkiosk.store import Store
from walkiosk.store.accounts import Login
from walkiosk.web.office import command
from walkiosk.web.office.command import beside


def office(folder: Path, place: Path, *words: str, password: str = "a long sentence\n") -> Any:
    books = f"sqlite:///{place / 'shop.db'}"
    return CliRunner().invoke(app, ["office", *words, "--store", str(folder), "--database", books], input=password)


def test_the_first_account_and_a_forgotten_password(shop_folder: Path, tmp_path: Path) -> None:
    made = office(shop_folder, tmp_path, "add-account", "Ana", "--role", "owner")
    assert (made.exit_code, made.stdout) == (0, "Ana: owner\n")
    again = office(shop_folder, tmp_path, "add-account", "Ana")
    assert (again.exit_code, again.stderr) == (2, "walkiosk: 'Ana' has an account already\n")
    short = office(shop_folder, tmp_path, "add-account", "Bob", password="short\n")
    assert short.exit_code == 2
    assert "10 to 200 letters" in short.stderr
    changed = office(shop_folder, tmp_path, "set-password", "Ana", password="another long sentence\n")
    assert changed.exit_code == 0
    store = Store.open(shop_folder, f"sqlite:///{tmp_path / 'shop.db'}")
    assert isinstance(store.accounts.open("Ana", "another long sentence"), Login)
    assert [each.name for each in store.accounts.all()] == ["Ana"]
    store.close()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    told = office(tmp_path / "nowhere", tmp_path, "add-account", "Ana")
    assert told.exit_code == 2
    assert "nowhere" in told.stderr


def test_a_taken_port_does_not_keep_the_kiosk_from_opening(capsys: pytest.CaptureFixture[str]) -> None:
    no_kiosk = cast(Any, None)  # nothing of it is needed before the port is known to be free
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with beside(no_kiosk, "127.0.0.1", port, None):
            pass
        assert f"office: 127.0.0.1:{port}" in capsys.readouterr().err
    with beside(no_kiosk, "127.0.0.1", 0, None):
        pass
    assert capsys.readouterr().err == ""


def test_a_kiosk_without_the_pages_library_serves_customers_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shop_folder: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with beside(cast(Any, None), "127.0.0.1", 8090, None):
        pass
    assert "walkiosk[office]" in capsys.readouterr().err
    alone = office(shop_folder, tmp_path)
    assert (alone.exit_code, alone.stdout) == (2, "") and "walkiosk[office]" in alone.stderr
