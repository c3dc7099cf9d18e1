"""When customers were last here, and who was forgotten: a mark of their id with a salt, and nothing else."""

import hashlib
import secrets
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select, update

from walkiosk.store.office_tables import customer_seen, forgotten_customer


def note_seen(connection: Connection, customer_id: str, at_ms: int) -> None:
    """Notes that a customer is here; whoever calls holds the customer's row."""
    own = customer_seen
    if connection.execute(update(own).where(own.c.customer_id == customer_id).values(seen_ms=at_ms)).rowcount == 0:
        connection.execute(insert(own).values(customer_id=customer_id, seen_ms=at_ms))


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


def _mark(customer_id: str, salt: str) -> str:
    return hashlib.blake2b(customer_id.encode(), key=bytes.fromhex(salt), digest_size=32).hexdigest()
