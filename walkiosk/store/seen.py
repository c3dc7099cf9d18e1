"""When customers were last here, and who was forgotten: a mark of their id with a salt, and nothing else."""

import hashlib
import secrets
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from walkiosk.store.office_tables import customer_seen, forgotten_customer


def note_seen(connection: Connection, customer_id: str, at_ms: int) -> None:
    """Notes that a customer is here."""
    seen = _insert(connection).values(customer_id=customer_id, seen_ms=at_ms)
    connection.execute(seen.on_conflict_do_update(index_elements=["customer_id"], set_={"seen_ms": at_ms}))


def note_listed(connection: Connection, customer_ids: Iterable[str], at_ms: int) -> None:
    """Lets the time of customers who were never here begin now; of those who were it changes nothing."""
    rows = [{"customer_id": each, "seen_ms": at_ms} for each in customer_ids]
    if rows:
        connection.execute(_insert(connection).on_conflict_do_nothing(), rows)


def note_forgotten(connection: Connection, customer_id: str, at_ms: int) -> None:
    """Notes that a customer is not to come back from a file."""
    if customer_id not in forgotten_among(connection, [customer_id]):
        salt = connection.execute(select(forgotten_customer.c.salt).limit(1)).scalar() or secrets.token_hex(16)
        connection.execute(insert(forgotten_customer).values(mark=_mark(customer_id, salt), salt=salt, at_ms=at_ms))


def forgotten_among(connection: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Which of these ids are of customers who were forgotten."""
    known = connection.execute(select(forgotten_customer.c.mark, forgotten_customer.c.salt)).all()
    marks, salts = {mark for mark, _ in known}, {salt for _, salt in known}
    return frozenset(each for each in ids if any(_mark(each, salt) in marks for salt in salts))


def _insert(connection: Connection) -> postgresql.Insert | sqlite.Insert:
    """Of two kiosks that note the same at once, the later is not refused."""
    on_postgres = connection.dialect.name == "postgresql"
    return postgresql.insert(customer_seen) if on_postgres else sqlite.insert(customer_seen)


def _mark(customer_id: str, salt: str) -> str:
    return hashlib.blake2b(customer_id.encode(), key=bytes.fromhex(salt), digest_size=32).hexdigest()
