"""Payment providers: the contract, and a card reader that is simulated.

Every call carries an idempotency key: a call that is repeated with its key changes nothing and answers as before.
"""

import secrets
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from walkiosk.store.outcome import Declined

Moment = Literal["before", "after"]


class ProviderUnreachable(ConnectionError):
    """No answer: what was asked for may or may not have been done."""


class PaymentMisconfigured(ValueError):
    """The provider cannot be used as it is set up; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Authorised:
    """The amount is held on the customer's card; `reference` is the provider's name for the hold."""

    reference: str


class PaymentProvider(Protocol):
    """Holds, takes and gives back money; every method may raise `ProviderUnreachable`."""

    def authorise(self, key: str, amount_cents: int, currency: str) -> Authorised | Declined:
        """Holds an amount on the card that the customer presents."""

    def capture(self, key: str, reference: str, amount_cents: int) -> None:
        """Takes up to what is held, and lets go of the rest."""

    def release(self, key: str, reference: str) -> None:
        """Lets go of what is held."""

    def refund(self, key: str, reference: str, amount_cents: int) -> None:
        """Gives back up to what was taken."""

    def find(self, key: str) -> Authorised | Declined | None:
        """What became of `authorise` with this key, its customer gone; None when it never arrived.

        What is not authorised by then never will be: a card that is still waited for is not taken any more.
        """

    def look(self, key: str, reference: str | None = None) -> Authorised | Declined | None:
        """What is known by now of `authorise` with this key; None when there is no answer yet. Changes nothing.

        `reference` saves a search where somebody told it; it is not believed when it belongs to another key.
        """


class SimulatedReader:
    """A card reader of software: approves everything but what it was told to decline or to lose.

    It remembers in a file of its own, as a bank would, or in memory.
    """

    def __init__(self, memory: Path | str = ":memory:") -> None:
        self._lock = threading.Lock()
        self._bank = sqlite3.connect(memory, check_same_thread=False, isolation_level=None)
        self._bank.execute(
            "CREATE TABLE IF NOT EXISTS hold (key TEXT PRIMARY KEY, reference TEXT UNIQUE, declined TEXT, "
            "held INTEGER, captured INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0)"
        )
        self._bank.execute("CREATE TABLE IF NOT EXISTS done (key TEXT PRIMARY KEY)")
        self._declines: list[str] = []
        self._losses: list[tuple[str, Moment]] = []

    def decline_next(self, reason: str = "insufficient funds") -> None:
        """The next card is declined."""
        self._declines.append(reason)

    def lose_next(self, call: str, moment: Moment) -> None:
        """The next `call` is not answered: lost on its way there (`before`) or on its way back (`after`)."""
        self._losses.append((call, moment))

    def authorise(self, key: str, amount_cents: int, currency: str) -> Authorised | Declined:
        """Approves, or declines once after `decline_next`."""
        self._lost("authorise", "before")
        with self._lock:
            if (known := self._find(key)) is None:
                reason = self._declines.pop(0) if self._declines else None
                row = (key, f"{currency}-{secrets.token_hex(8)}", reason, 0 if reason else amount_cents)
                self._bank.execute("INSERT INTO hold (key, reference, declined, held) VALUES (?, ?, ?, ?)", row)
                known = self._find(key)
        self._lost("authorise", "after")
        assert known is not None
        return known

    def capture(self, key: str, reference: str, amount_cents: int) -> None:
        """Takes the amount; raises `ValueError` for more than is held."""
        self._once("capture", key, "captured = :cents, held = 0", "held >= :cents", reference, amount_cents)

    def release(self, key: str, reference: str) -> None:
        """Lets go of the hold."""
        self._once("release", key, "held = 0", "captured = 0", reference, 0)

    def refund(self, key: str, reference: str, amount_cents: int) -> None:
        """Gives the amount back; raises `ValueError` for more than was taken."""
        change = "refunded = refunded + :cents"
        self._once("refund", key, change, "captured - refunded >= :cents", reference, amount_cents)

    def find(self, key: str) -> Authorised | Declined | None:
        """What became of an authorisation; one that never arrived is closed, so that a late call holds nothing."""
        self._lost("find", "before")
        with self._lock:
            if (known := self._find(key)) is None:
                row = (key, secrets.token_hex(8), "cancelled", 0)
                self._bank.execute("INSERT INTO hold (key, reference, declined, held) VALUES (?, ?, ?, ?)", row)
            return known

    def look(self, key: str, reference: str | None = None) -> Authorised | Declined | None:
        """What is known of an authorisation by now."""
        self._lost("look", "before")
        with self._lock:
            return self._find(key)

    def taken_cents(self) -> int:
        """All money taken and not given back."""
        with self._lock:
            total: int = self._bank.execute("SELECT COALESCE(SUM(captured - refunded), 0) FROM hold").fetchone()[0]
            return total

    def held_cents(self) -> int:
        """All money that is still held."""
        with self._lock:
            total: int = self._bank.execute("SELECT COALESCE(SUM(held), 0) FROM hold").fetchone()[0]
            return total

    def _find(self, key: str) -> Authorised | Declined | None:
        row = self._bank.execute("SELECT reference, declined FROM hold WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        return Declined(row[1]) if row[1] else Authorised(row[0])

    def _once(self, call: str, key: str, change: str, condition: str, reference: str, cents: int) -> None:
        self._lost(call, "before")
        with self._lock:
            if self._bank.execute("SELECT 1 FROM done WHERE key = ?", (key,)).fetchone() is None:
                values = {"cents": cents, "reference": reference}
                sql = f"UPDATE hold SET {change} WHERE reference = :reference AND {condition}"
                self._bank.execute("BEGIN IMMEDIATE")
                changed = self._bank.execute(sql, values).rowcount
                self._bank.execute("INSERT INTO done VALUES (?)", (key,))
                self._bank.execute("COMMIT" if changed == 1 else "ROLLBACK")
                if changed != 1:
                    raise ValueError(f"{call} of {cents} cents does not fit the hold {reference!r}")
        self._lost(call, "after")

    def _lost(self, call: str, moment: Moment) -> None:
        if (call, moment) in self._losses:
            self._losses.remove((call, moment))
            raise ProviderUnreachable(f"the simulated line was cut {moment} {call}")
