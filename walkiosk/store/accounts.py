"""Who may look behind the counter: accounts with a password and a role, and the logins that are open."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.office_tables import account, account_lock, login
from walkiosk.store.outcome import Locked, WrongPassword

Role = Literal["owner", "clerk"]
ROLES: tuple[Role, ...] = get_args(Role)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200  # letters; argon2 takes time for each
LONGEST_NAME = 60
WRONG_PASSWORDS = 5  # in a row, then the account is closed for a while
LOCK_MILLISECONDS = 15 * 60 * 1000
IDLE_MILLISECONDS = 12 * 3600 * 1000  # a login that nobody uses ends
LONGEST_MILLISECONDS = 7 * 24 * 3600 * 1000  # and so does one in use
NOTED_MILLISECONDS = 60_000  # how exactly the books know when a login was last used


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here; `language` is the one their pages are in, None for the shop's first."""

    name: str
    role: Role
    language: str | None = None
    disabled: bool = False
    created_ms: int = 0


@dataclass(frozen=True, slots=True)
class Login:
    """A door that was opened: `token` is told to the browser once and kept nowhere else."""

    account: Account
    token: str


class Accounts:
    """Opens and closes the office's door; `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, clock: Callable[[], int] = now_ms, hasher: PasswordHasher | None = None) -> None:
        self.engine = engine
        self.clock = clock
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(secrets.token_hex(16))  # an unknown name takes as long as a known one

    def all(self) -> tuple[Account, ...]:
        """Every account, by name."""
        with self.engine.connect() as connection:
            return tuple(map(_account, connection.execute(select(account).order_by(account.c.name))))

    def add(self, name: str, password: str, role: Role) -> Account:
        """Makes an account; raises ValueError for a name that is taken, a short password or an unknown role."""
        name = _proper_name(name)
        hashed = self._hash(password)
        if role not in ROLES:
            raise ValueError(f"{role!r} is none of {', '.join(ROLES)}")
        with writing(self.engine).begin() as connection:
            if _row(connection, name) is not None:
                raise ValueError(f"{name!r} has an account already")
            made = Account(name, role, created_ms=self.clock())
            connection.execute(insert(account).values(**asdict(made), password_hash=hashed))
        return made

    def open(self, name: str, password: str) -> Login | WrongPassword | Locked:
        """A new login if the password is right; wrong ones are counted, for names that nobody has too."""
        name = name.strip()[:LONGEST_NAME]
        with self.engine.connect() as connection:
            row, until = _row(connection, name), self._locked_until(connection, name)
        right = self._verify(row.password_hash if row else self._nobodys, password[: LONGEST_PASSWORD + 1])
        if until:
            return Locked(until)
        if row is None or row.disabled or not right:
            return self._count_wrong(name)
        token = secrets.token_urlsafe(32)
        with writing(self.engine).begin() as connection:
            if until := self._locked_until(connection, name):  # by tries that ran beside this one
                return Locked(until)
            connection.execute(delete(account_lock).where(account_lock.c.name == name))
            connection.execute(delete(login).where(login.c.expires_ms <= self.clock()))
            if self._hasher.check_needs_rehash(row.password_hash):
                _change(connection, name, password_hash=self._hasher.hash(password))
            now = self.clock()
            opened = {"created_ms": now, "seen_ms": now, "expires_ms": now + IDLE_MILLISECONDS}
            connection.execute(insert(login).values(token_hash=_hash_token(token), name=name, **opened))
        return Login(_account(row), token)

    def who(self, token: str, used: bool = True) -> Account | None:
        """Whose login this is, None when it has ended; each use makes it last longer, asking alone does not."""
        wanted = select(account, login.c.created_ms.label("opened_ms"), login.c.seen_ms, login.c.expires_ms)
        wanted = wanted.join(login, login.c.name == account.c.name).where(login.c.token_hash == _hash_token(token))
        with self.engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        now = self.clock()
        if row is None or row.disabled or row.expires_ms <= now:
            return None
        if used and now - row.seen_ms >= NOTED_MILLISECONDS:
            until = min(now + IDLE_MILLISECONDS, row.opened_ms + LONGEST_MILLISECONDS)
            own = update(login).where(login.c.token_hash == _hash_token(token))
            with writing(self.engine).begin() as connection:
                connection.execute(own.values(seen_ms=now, expires_ms=until))
        return _account(row)

    def close(self, token: str) -> None:
        """Ends a login."""
        with writing(self.engine).begin() as connection:
            connection.execute(delete(login).where(login.c.token_hash == _hash_token(token)))

    def set_password(self, name: str, password: str) -> None:
        """Changes a password, ends every login of the account and takes its lock off."""
        hashed = self._hash(password)
        with writing(self.engine).begin() as connection:
            _change(connection, name, password_hash=hashed)
            connection.execute(delete(account_lock).where(account_lock.c.name == name))
            connection.execute(delete(login).where(login.c.name == name))

    def set_role(self, name: str, role: Role) -> None:
        """Changes a role and ends the account's logins; raises ValueError when no owner would be left."""
        if role not in ROLES:
            raise ValueError(f"{role!r} is none of {', '.join(ROLES)}")
        self._change_right(name, role=role)

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Shuts an account out, or lets it in again; raises ValueError when no owner would be left."""
        self._change_right(name, disabled=disabled)

    def set_language(self, name: str, language: str | None) -> None:
        """Changes the language of an account's pages."""
        with writing(self.engine).begin() as connection:
            _change(connection, name, language=language)

    def _change_right(self, name: str, **values: str | bool) -> None:
        with writing(self.engine).begin() as connection:
            _change(connection, name, **values)
            owners = select(func.count()).where(account.c.role == "owner", account.c.disabled.is_(False))
            if not connection.execute(owners).scalar_one():
                raise ValueError(f"{name!r} is the last owner")
            connection.execute(delete(login).where(login.c.name == name))

    def _hash(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise ValueError(f"a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} letters expected")
        return self._hasher.hash(password)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _locked_until(self, connection: Connection, name: str) -> int:
        until = connection.execute(select(account_lock.c.locked_until_ms).where(account_lock.c.name == name)).scalar()
        return until if until and until > self.clock() else 0

    def _count_wrong(self, name: str) -> WrongPassword | Locked:
        now = self.clock()
        with writing(self.engine).begin() as connection:
            connection.execute(delete(account_lock).where(account_lock.c.at_ms < now - LOCK_MILLISECONDS))
            own = account_lock.c.name == name
            before = connection.execute(select(account_lock.c.wrong_passwords).where(own)).scalar() or 0
            wrong = before + 1
            until = now + LOCK_MILLISECONDS if wrong >= WRONG_PASSWORDS else 0
            connection.execute(delete(account_lock).where(own))
            kept = {"wrong_passwords": 0 if until else wrong, "locked_until_ms": until, "at_ms": now}
            connection.execute(insert(account_lock).values(name=name, **kept))
        return Locked(until) if until else WrongPassword()


def _proper_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"{name!r}: a name of 1 to {LONGEST_NAME} letters expected")
    return name


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()  # random already: nothing to guess, so nothing to slow down


def _row(connection: Connection, name: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(select(account).where(account.c.name == name)).one_or_none()


def _change(connection: Connection, name: str, **values: str | bool | None) -> None:
    if connection.execute(update(account).where(account.c.name == name).values(**values)).rowcount == 0:
        raise ValueError(f"nobody is called {name!r}")


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(row.name, row.role, row.language, row.disabled, row.created_ms)
