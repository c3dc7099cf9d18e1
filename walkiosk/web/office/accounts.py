"""Accounts: who may look behind the counter, and as what. Only an owner comes here."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from walkiosk.store.accounts import ROLES, Account, Role
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.visit import Visit


@page("/accounts")
async def accounts(visit: Visit) -> None:
    """Everybody who has an account, and room for one more."""
    words = visit.words
    everybody = await visit.office.read(visit.store.accounts.all)
    with parts.card():
        parts.table(
            [words(key) for key in ("name", "role", "account_since", "account_acts")],
            [_row(visit, each) for each in everybody],
        )
    with parts.card(words("new_account")), parts.box("filters"):
        name = parts.Field(words("name"))
        password = parts.Field(words("password"), kind="password")
        role = parts.choice(words("role"), {each: words(each) for each in reversed(ROLES)})
        parts.button(words("add_account"), lambda: _add(visit, name.value, password.value, role()), "main")


def _row(visit: Visit, account: Account) -> list[parts.Cell]:
    words, book = visit.words, visit.store.accounts
    other: Role = "clerk" if account.role == "owner" else "owner"

    def acts() -> None:
        with parts.box("row-of-acts"):
            parts.button(words(f"make_{other}"), lambda: _change(visit, lambda: book.set_role(account.name, other)))
            key = "let_in" if account.disabled else "shut_out"
            turned = not account.disabled
            parts.button(words(key), lambda: _change(visit, lambda: book.set_disabled(account.name, turned)))
            parts.button(words("new_password"), lambda: _new_password(visit, account))

    def role() -> None:
        parts.badge(words(account.role))
        if account.disabled:
            parts.badge(words("shut_out_now"), "bad")

    return [account.name, role, words.time(account.created_ms, "d MMM y"), acts]


async def _add(visit: Visit, name: str, password: str, role: str) -> None:
    made: Role = "owner" if role == "owner" else "clerk"
    await _change(visit, lambda: visit.store.accounts.add(name, password, made))


async def _new_password(visit: Visit, account: Account) -> None:
    words = visit.words
    with ui.dialog() as dialog, ui.card().classes("ask"):
        parts.heading(words("new_password_of", name=account.name))
        password = parts.Field(words("password"), kind="password")
        with parts.box("row-of-acts"):
            parts.button(words("cancel"), lambda: dialog.submit(None))
            parts.button(words("save"), lambda: dialog.submit(password.value), "main")
    given = await dialog
    dialog.delete()
    if given is not None:
        await _change(visit, lambda: visit.store.accounts.set_password(account.name, given))


async def _change(visit: Visit, change: Callable[[], object]) -> None:
    try:
        await visit.office.write(change)
    except ValueError as error:
        parts.say(str(error), "negative")
        return
    ui.navigate.reload()  # whose own rights have changed finds the login there
