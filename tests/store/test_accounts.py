"""Who may look behind the counter."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from tests.store.test_customers_offers import Clock
from walkiosk.store.accounts import (
    IDLE_MILLISECONDS,
    LOCK_MILLISECONDS,
    LONGEST_MILLISECONDS,
    WRONG_PASSWORDS,
    Accounts,
    Login,
)
from walkiosk.store.office_tables import account, account_lock, login
from walkiosk.store.outcome import Locked, WrongPassword

PASSWORD = "a long sentence"


class Counting(PasswordHasher):
    """A cheap hash that counts how often it is asked."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified += 1
        return super().verify(hash, password)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hasher() -> Counting:
    return Counting(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def accounts(empty: Engine, clock: Clock, hasher: Counting) -> Accounts:
    """An owner and a clerk."""
    made = Accounts(empty, clock, hasher)
    made.add("Ana", PASSWORD, "owner")
    made.add("Bob", PASSWORD, "clerk")
    return made


def opened(accounts: Accounts, name: str = "Ana", password: str = PASSWORD) -> Login:
    found = accounts.open(name, password)
    assert isinstance(found, Login), found
    return found


def test_a_right_password_opens(accounts: Accounts) -> None:
    entered = opened(accounts)
    assert (entered.account.name, entered.account.role) == ("Ana", "owner")
    assert accounts.who(entered.token) == entered.account
    assert accounts.who(entered.token + "x") is None
    assert opened(accounts).token != entered.token


def test_neither_password_nor_token_is_kept(accounts: Accounts) -> None:
    token = opened(accounts).token
    with accounts.engine.connect() as connection:
        hashes = list(connection.execute(select(account.c.password_hash)).scalars())
        tokens = list(connection.execute(select(login.c.token_hash)).scalars())
    assert all(hashed.startswith("$argon2id$") for hashed in hashes)
    assert token not in tokens


def test_wrong_passwords_lock_for_a_while(accounts: Accounts, clock: Clock) -> None:
    tries = [accounts.open("Ana", "a wrong sentence") for _ in range(WRONG_PASSWORDS)]
    assert tries == [WrongPassword()] * (WRONG_PASSWORDS - 1) + [Locked(clock.ms + LOCK_MILLISECONDS)]
    assert isinstance(accounts.open("Ana", PASSWORD), Locked)
    assert isinstance(accounts.open("Bob", PASSWORD), Login)
    clock.ms += LOCK_MILLISECONDS
    opened(accounts)


def test_an_unknown_name_is_answered_like_a_known_one(accounts: Accounts, clock: Clock, hasher: Counting) -> None:
    tries = [accounts.open("Nobody", PASSWORD) for _ in range(WRONG_PASSWORDS)]
    assert tries == [WrongPassword()] * (WRONG_PASSWORDS - 1) + [Locked(clock.ms + LOCK_MILLISECONDS)]
    assert hasher.verified == WRONG_PASSWORDS  # as long as a known name takes
    clock.ms += 2 * LOCK_MILLISECONDS
    accounts.open("Ana", "a wrong sentence")
    with accounts.engine.connect() as connection:
        assert list(connection.execute(select(account_lock.c.name)).scalars()) == ["Ana"]  # names tried are forgotten


def test_a_login_ends(accounts: Accounts, clock: Clock) -> None:
    idle, used, left = opened(accounts).token, opened(accounts).token, opened(accounts).token
    accounts.close(left)
    assert accounts.who(left) is None
    start = clock.ms
    while clock.ms < start + LONGEST_MILLISECONDS:
        assert accounts.who(used) is not None
        accounts.who(idle, used=False)
        clock.ms += IDLE_MILLISECONDS // 2
    assert accounts.who(idle) is None
    assert accounts.who(used) is None


@pytest.mark.parametrize("change", ["password", "role", "disabled"])
def test_a_change_of_rights_ends_every_login(accounts: Accounts, change: str) -> None:
    token, other = opened(accounts, "Bob").token, opened(accounts).token
    if change == "password":
        accounts.set_password("Bob", "another long sentence")
    elif change == "role":
        accounts.set_role("Bob", "owner")
    else:
        accounts.set_disabled("Bob", True)
    assert accounts.who(token) is None
    assert accounts.who(other) is not None
    again = accounts.open("Bob", "another long sentence" if change == "password" else PASSWORD)
    assert isinstance(again, WrongPassword if change == "disabled" else Login)


def test_one_owner_is_always_left(accounts: Accounts) -> None:
    with pytest.raises(ValueError, match="'Ana' is the last owner"):
        accounts.set_role("Ana", "clerk")
    with pytest.raises(ValueError, match="'Ana' is the last owner"):
        accounts.set_disabled("Ana", True)
    assert [each.role for each in accounts.all()] == ["owner", "clerk"]


@pytest.mark.parametrize(
    ("name", "password", "role", "said"),
    [
        ("Ana", PASSWORD, "owner", "'Ana' has an account already"),
        ("Eva", "short", "owner", "10 to 200 letters"),
        ("", PASSWORD, "owner", "a name of 1 to 60 letters"),
        ("Eva", PASSWORD, "boss", "'boss' is none of owner, clerk"),
    ],
)
def test_what_an_operator_gets_wrong(accounts: Accounts, name: str, password: str, role: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        accounts.add(name, password, role)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nobody is called 'Zoe'"):
        accounts.set_password("Zoe", PASSWORD)
