"""Known customers: looked up by id, opened by PIN, their sizes, language and tier."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import Connection, Engine, insert, select

from walkiosk.store import tables
from walkiosk.store.database import writing
from walkiosk.store.loading import hash_pin
from walkiosk.store.outcome import Locked, NotFound, WrongPin
from walkiosk.store.seen import note_seen

WRONG_PINS = 5  # in a row, then the customer's account is closed for a while
LOCK_MILLISECONDS = 15 * 60 * 1000
LONGEST_LOCK_MILLISECONDS = 24 * 3600 * 1000
NOBODY = ""  # no customer's id: whose wrong PINs are counted when the name is nobody's


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Customer:
    """What the shop knows of somebody; `sizes` are by kind, such as shoes → 42."""

    id: str
    name: str
    language: str | None = None
    tier: str | None = None
    sizes: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Customers:
    """Looks customers up; `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, clock: Callable[[], int] = now_ms) -> None:
        self.engine = engine
        self.clock = clock

    def customer(self, customer_id: str) -> Customer | NotFound:
        """A customer by id, for callers that know who is there; a customer at the kiosk comes in by `identify`."""
        with self.engine.connect() as connection:
            return _read(connection, customer_id)

    def come_in(self, customer_id: str) -> Customer | NotFound | Locked:
        """A customer who showed a key of theirs: a card or a phone's code; a locked account rests for those too."""
        with writing(self.engine).begin() as connection:
            until = _locked_until(connection, customer_id)
            if until > self.clock():
                return Locked(until)
            found = _read(connection, customer_id)
            if isinstance(found, Customer):
                note_seen(connection, customer_id, self.clock())
            return found

    def identify(self, customer_id: str, pin: str) -> Customer | WrongPin | Locked:
        """The customer, if the PIN is right; after a few wrong ones the account rests, each time twice as long.

        An id that nobody has is answered as any other, and as late: neither tells who is a customer here.
        """
        with writing(self.engine).begin() as connection:
            person, lock = tables.customer, tables.customer_lock
            row = connection.execute(select(person).where(person.c.id == customer_id).with_for_update()).one_or_none()
            customer_id = NOBODY if row is None else customer_id
            state = connection.execute(select(lock).where(lock.c.customer_id == customer_id)).one_or_none()
            if state and state.locked_until_ms > self.clock():
                return Locked(state.locked_until_ms)
            if row is not None and row.pin_hash and hmac.compare_digest(hash_pin(pin, row.pin_salt), row.pin_hash):
                connection.execute(lock.delete().where(lock.c.customer_id == customer_id))
                note_seen(connection, customer_id, self.clock())
                found = _read(connection, customer_id)
                return found if isinstance(found, Customer) else WrongPin()
            wrong = (state.wrong_pins if state else 0) + 1
            times, of_these = divmod(wrong, WRONG_PINS)
            rest = min(LOCK_MILLISECONDS * 2 ** min(times - 1, 10), LONGEST_LOCK_MILLISECONDS) if times else 0
            until = self.clock() + rest if times and not of_these else 0
            connection.execute(lock.delete().where(lock.c.customer_id == customer_id))
            connection.execute(insert(lock).values(customer_id=customer_id, wrong_pins=wrong, locked_until_ms=until))
            return Locked(until) if until else WrongPin()


def _locked_until(connection: Connection, customer_id: str) -> int:
    lock = tables.customer_lock
    until = connection.execute(select(lock.c.locked_until_ms).where(lock.c.customer_id == customer_id)).scalar()
    return until or 0


def _read(connection: Connection, customer_id: str) -> Customer | NotFound:
    person, size = tables.customer, tables.customer_size
    row = connection.execute(select(person).where(person.c.id == customer_id)).one_or_none()
    if row is None:
        return NotFound("customer", customer_id)
    own = connection.execute(select(size.c.kind, size.c.size).where(size.c.customer_id == customer_id))
    sizes = MappingProxyType({kind: worn for kind, worn in own})
    return Customer(row.id, row.name, row.language, row.tier, sizes)
