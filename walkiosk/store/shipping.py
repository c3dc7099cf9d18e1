"""A kiosk's end of the line to headquarters: what was written goes up, what headquarters decided comes down.

Selling waits for none of it. Events go up in batches, each struck off when headquarters has committed it; an answer
that got lost has the batch sent again, which changes nothing there. Then come the facts, if headquarters has others,
who was forgotten elsewhere, and goods that were booked for this kiosk.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from walkiosk.store import outbox, revision, tables
from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.forgetting import forget_marked
from walkiosk.store.headquarters import (
    Applied,
    HeadquartersRefuses,
    Standing,
    apply,
    connect_to,
    let_in,
    note_standing,
)
from walkiosk.store.inventory import move
from walkiosk.store.kiosk_tables import kiosk_delivery, link_note
from walkiosk.store.office_tables import forgotten_customer
from walkiosk.store.outbox import Waiting
from walkiosk.store.sale_book import UNFINISHED
from walkiosk.store.settings import Settings
from walkiosk.store.sheet import FolderError
from walkiosk.store.store import Store

ADDRESS = "WALKIOSK_HEADQUARTERS"
EVENTS_AT_ONCE = 500
OFTEN_SECONDS = 5.0  # between two looks at headquarters
RARELY_SECONDS = 300.0  # and at most, while it does not answer
REACHED_MILLISECONDS = 60_000  # to which it is noted when headquarters answered: a write a minute
AT_MOMENT_MILLISECONDS = 5 * 60 * 1000  # for which a customer is taken to be buying still
PUT_OFF_MILLISECONDS = 15 * 60 * 1000  # that facts wait for customers at most
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shipped:
    """What one look at headquarters came to; `revision` is the mark of facts that were loaded, if any were."""

    applied: Applied = field(default_factory=Applied)
    waiting: int = 0
    deliveries: int = 0
    revision: str | None = None
    refused: str | None = None  # why the latest facts were not loaded


@dataclass(frozen=True, slots=True)
class Line:
    """How the line is, from the kiosk's own notes; `reached_ms` is when headquarters answered last, None for never."""

    waiting: Waiting
    reached_ms: int | None
    error: str | None
    refused: str | None
    revision: str | None


def address_of(settings: Settings) -> str | None:
    """Where headquarters is: what the environment says, else store.toml; None for a shop that has none."""
    return (os.environ.get(ADDRESS) or settings.headquarters or None) if settings.kiosk else None


def line_of(engine: Engine) -> Line:
    """How the line to headquarters is."""
    with engine.connect() as connection:
        notes = _notes(connection)
        waiting = outbox.waiting(connection)
    reached = int(notes["reached_ms"]) if "reached_ms" in notes else None
    return Line(waiting, reached, notes.get("error"), notes.get("refused"), revision.taken_mark(engine))


class Shipper:
    """Ships one kiosk's books; `folder` holds its store.toml, `clock` gives milliseconds since 1970."""

    def __init__(
        self, engine: Engine, name: str, folder: Path, address: str, clock: Callable[[], int] = now_ms
    ) -> None:
        self.engine, self.name, self.folder, self.clock = engine, name, folder, clock
        self.there = connect_to(address)
        self._seen: tuple[str, int] | None = None  # the latest facts, and since when they wait for customers
        self._refused: str | None = None  # facts that are not asked for again

    def ship(self) -> Shipped:
        """Sends what waits, takes what is there, and sends what came of that.

        Raises `sqlalchemy.exc.DBAPIError` when headquarters is not reached or the line is cut, `HeadquartersRefuses`.
        """
        try:
            applied = self._send()
            down = self._take()
            if down.deliveries or down.revision or down.refused or self._waits():
                applied += self._send()
        except (SQLAlchemyError, HeadquartersRefuses) as error:
            self._note(error=_told(error))
            raise
        self._note(error=None, reached_ms=str(self.clock() // REACHED_MILLISECONDS * REACHED_MILLISECONDS))
        with self.engine.connect() as connection:
            return replace(down, applied=applied, waiting=outbox.waiting(connection).events)

    def _send(self) -> Applied:
        applied, more = Applied(), True
        while more:
            done, count = self._send_batch()
            applied, more = applied + done, count == EVENTS_AT_ONCE
        return applied

    def _send_batch(self) -> tuple[Applied, int]:
        who = self._standing()
        with let_in(self.there, who, self.clock()) as (connection, number):
            with self.engine.connect() as here:  # read behind the lock there: what is sent is never older
                batch = outbox.read_batch(here, EVENTS_AT_ONCE)
                waiting = outbox.waiting(here)
            last = batch.events[-1].seq if batch.events else 0
            done = apply(connection, number, who, batch, self.clock()) if batch.events else Applied()
            note_standing(connection, who, waiting, len(batch.events), last, self.clock())
        if batch.events:
            with writing(self.engine).begin() as here:
                outbox.strike_off(here, last)
        return done, len(batch.events)

    def _take(self) -> Shipped:
        """What came down; headquarters is read in one transaction that sees one state."""
        known = revision.taken_mark(self.engine)
        latest = None
        with self.there.execution_options(isolation_level="REPEATABLE READ").begin() as connection:
            mark = revision.latest_mark(connection)
            if mark not in (None, known, self._refused) and not self._put_off(str(mark)):
                latest = revision.latest(connection)
            coming = _deliveries(connection, self.name)
            marks = self._unknown_marks(connection)
        deliveries = self._book(coming)
        if marks:
            self._forget(marks)
        if mark == known:
            self._note(refused=None)
        if latest is None:
            return Shipped(deliveries=deliveries)
        try:
            revision.take(self.engine, self.folder, latest)
        except FolderError as error:
            log.error("headquarters' facts are not loaded: %s", error)
            self._refused = latest.mark
            self._note(refused=str(error))
            return Shipped(deliveries=deliveries, refused=str(error))
        self._note(refused=None)
        return Shipped(deliveries=deliveries, revision=latest.mark)

    def _put_off(self, mark: str) -> bool:
        """Whether facts wait until whoever is buying has gone, and not for ever."""
        now = self.clock()
        if self._seen is None or self._seen[0] != mark:
            self._seen = mark, now
        return now - self._seen[1] < PUT_OFF_MILLISECONDS and is_selling(self.engine, now)

    def _unknown_marks(self, there: Connection) -> list[dict[str, str | int]]:
        own = forgotten_customer
        with self.engine.connect() as here:
            known = set(here.execute(select(own.c.mark)).scalars())
        if there.execute(select(func.count()).select_from(own)).scalar_one() == len(known):
            return []  # what is here was sent, so both are the same
        return [dict(row) for row in there.execute(select(own)).mappings() if row["mark"] not in known]

    def _forget(self, marks: list[dict[str, str | int]]) -> None:
        with writing(self.engine).begin() as connection:
            known = set(connection.execute(select(forgotten_customer.c.mark)).scalars())
            if new := [row for row in marks if row["mark"] not in known]:
                connection.execute(insert(forgotten_customer), new)
            forget_marked(connection, self.clock())

    def _book(self, coming: list[tuple[str, str, int]]) -> int:
        if not coming:
            return 0
        with writing(self.engine).begin() as connection:
            return sum(move(connection, key, sku, units, "arrival", self.clock()) for key, sku, units in coming)

    def _standing(self) -> Standing:
        with self.engine.connect() as connection:
            schema = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            notes = _notes(connection)
        if "books" not in notes:
            self._note(books=secrets.token_hex(16))
            return self._standing()
        return Standing(self.name, notes["books"], schema, revision.taken_mark(self.engine), notes.get("refused"))

    def _waits(self) -> bool:
        with self.engine.connect() as connection:
            return outbox.waiting(connection).events > 0

    def _note(self, **values: str | None) -> None:
        """Writes notes down, None for none any more; nothing where they say so already."""
        with self.engine.connect() as connection:
            notes = _notes(connection)
        if all(notes.get(key) == value for key, value in values.items()):
            return
        with writing(self.engine).begin() as connection:
            connection.execute(delete(link_note).where(link_note.c.key.in_(list(values))))
            if kept := [{"key": key, "value": value} for key, value in values.items() if value is not None]:
                connection.execute(insert(link_note), kept)


def shipper_of(store: Store) -> Shipper | None:
    """Of a kiosk's shop; None for one that has no headquarters, or only half of its address.

    Raises `HeadquartersMisconfigured`.
    """
    address = address_of(store.settings)
    if address is None or store.folder is None:
        return None
    return Shipper(store.engine, store.settings.kiosk, store.folder, address)


class Courier:
    """Looks at headquarters again and again: soon after an answer, ever more rarely and by chance without one."""

    def __init__(self, shipper: Shipper, draw: random.Random | None = None) -> None:
        self.shipper = shipper
        self._draw = draw or random.Random()
        self._failures = 0

    def turn(self) -> float:
        """Ships once, whatever comes of it; how many seconds to wait before the next time."""
        try:
            self.shipper.ship()
        except (DBAPIError, HeadquartersRefuses) as error:
            log.log(logging.INFO if self._failures else logging.WARNING, "headquarters: %s", _told(error))
            self._failures += 1
        except Exception:
            log.exception("nothing could be shipped to headquarters")
            self._failures += 1
        else:
            self._failures = 0
            return OFTEN_SECONDS
        longest = min(RARELY_SECONDS, OFTEN_SECONDS * 2 ** min(self._failures, 10))
        return self._draw.uniform(OFTEN_SECONDS, longest)  # kiosks that lost it together do not come back together


def is_selling(engine: Engine, at_ms: int) -> bool:
    """Whether a customer has something in a basket, or is paying for it, as far as the books know."""
    basket, line, sale = tables.basket, tables.basket_line, tables.sale
    lately = at_ms - AT_MOMENT_MILLISECONDS
    filled = select(basket.c.id).join(line, line.c.basket_id == basket.c.id)
    filled = filled.where(basket.c.open, basket.c.created_ms.between(lately, at_ms)).limit(1)
    paying = select(sale.c.id).where(sale.c.state.in_(UNFINISHED), sale.c.updated_ms.between(lately, at_ms)).limit(1)
    with engine.connect() as connection:
        return any(connection.execute(each).first() is not None for each in (filled, paying))


def _deliveries(there: Connection, name: str) -> list[tuple[str, str, int]]:
    own, movement = kiosk_delivery, tables.stock_movement
    booked = select(movement.c.id).where(movement.c.key == own.c.key).exists()
    wanted = select(own.c.key, own.c.sku, own.c.quantity).where(own.c.kiosk == name, ~booked)
    return [(row.key, row.sku, row.quantity) for row in there.execute(wanted.order_by(own.c.at_ms, own.c.key))]


def _notes(connection: Connection) -> dict[str, str]:
    return {key: value for key, value in connection.execute(select(link_note.c.key, link_note.c.value))}


def _told(error: Exception) -> str:
    """What went wrong, without what a database's message may quote: our own words, else its kind."""
    return str(error) if isinstance(error, HeadquartersRefuses) else type(error).__name__
