"""A clerk's code: typed at the kiosk when somebody's age had to be seen. It opens nothing else."""

import secrets
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Engine, delete, insert, select

from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.office_tables import account, age_check, clerk_code

DIGITS = 8


class ClerkCodes:
    """Makes codes and knows whose one is; `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, clock: Callable[[], int] = now_ms, hasher: PasswordHasher | None = None) -> None:
        self.engine = engine
        self.clock = clock
        self._hasher = hasher or PasswordHasher()

    def make(self, name: str) -> str:
        """A new code for an account, told this once; raises ValueError where there is no such account."""
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        hashed = self._hasher.hash(code)
        with writing(self.engine).begin() as connection:
            if connection.execute(select(account.c.name).where(account.c.name == name)).scalar() is None:
                raise ValueError(f"{name!r} has no account")
            connection.execute(delete(clerk_code).where(clerk_code.c.name == name))
            connection.execute(insert(clerk_code).values(name=name, code_hash=hashed, made_ms=self.clock()))
        return code

    def whose(self, code: str) -> str | None:
        """The name of the account whose code it is; None when it is nobody's, or the account is disabled."""
        if not code.isdecimal() or len(code) != DIGITS:
            return None
        wanted = select(clerk_code.c.name, clerk_code.c.code_hash).join(account, account.c.name == clerk_code.c.name)
        with self.engine.connect() as connection:
            rows = connection.execute(wanted.where(~account.c.disabled)).all()
        return next((row.name for row in rows if self._verify(row.code_hash, code)), None)

    def note(self, sale_id: str, name: str) -> None:
        """Writes down who saw the customer's age for a sale."""
        with writing(self.engine).begin() as connection:
            connection.execute(delete(age_check).where(age_check.c.sale_id == sale_id))
            connection.execute(insert(age_check).values(sale_id=sale_id, name=name, at_ms=self.clock()))

    def _verify(self, hashed: str, code: str) -> bool:
        try:
            return self._hasher.verify(hashed, code)
        except VerificationError:
            return False
