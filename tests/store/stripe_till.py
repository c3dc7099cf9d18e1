"""A till whose card reader is Stripe's, with a clock that moves when the till waits."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from walkiosk.store import tables
from walkiosk.store.database import open_database
from walkiosk.store.loading import load_folder
from walkiosk.store.stripe_line import StripeConfig
from walkiosk.store.stripe_terminal import StripeTerminal

from .conftest import FILM_SHOP
from .fake_stripe import KEY, FakeStripe
from .shop import Shop
from .stripe_account import READER


class Waiting:
    """Time at the reader: each pause passes at once, and may be used by somebody else."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pace = 1  # so many times as fast as it says
        self.pauses = 0
        self.meanwhile: dict[int, Callable[[], object]] = {}  # what happens in which pause

    def pause(self, seconds: float) -> None:
        self.seconds += seconds * self.pace
        self.pauses += 1
        self.meanwhile.pop(self.pauses, lambda: None)()

    def clock(self) -> float:
        return self.seconds


def terminal(stripe: FakeStripe, waiting: Waiting | None = None, currency: str = "EUR", **how: Any) -> StripeTerminal:
    """A terminal on the fake, which asks nothing twice by itself."""
    time = waiting or Waiting()
    config = replace(StripeConfig(KEY, READER, stripe.url, retries=0), **how)
    return StripeTerminal(config, currency, time.pause, time.clock)


class Till(Shop):
    """The film shop on an SQLite file, paid at the fake's reader."""

    def __init__(self, stripe: FakeStripe, folder: Path) -> None:
        self.stripe, self.waiting = stripe, Waiting()
        engine = open_database(f"sqlite:///{folder / 'shop.db'}")
        load_folder(engine, FILM_SHOP)
        super().__init__(engine, terminal(stripe, self.waiting))

    def money(self) -> tuple[int, int, int]:
        """At Stripe: taken less refunds, held, and intents that a card could still be taken for."""
        return self.stripe.taken(), self.stripe.held(), self.stripe.waiting()

    def book(self) -> tuple[int, int]:
        """In the book: taken, and given back."""
        sale = tables.sale
        with self.engine.connect() as connection:
            return connection.execute(select(func.sum(sale.c.captured_cents), func.sum(sale.c.refunded_cents))).one()
