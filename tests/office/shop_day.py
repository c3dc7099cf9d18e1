"""A film shop's books with sales and conversations in them, at times that a test says."""

from __future__ import annotations

import datetime
import itertools
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.store.shop import Shop
from walkiosk.store import Store
from walkiosk.store.conversations import Conversation, Conversations, KeptTurn
from walkiosk.store.sale_book import Sale

FILM_SHOP = Path(__file__).parents[1] / "store" / "film_shop"
MADRID = zoneinfo.ZoneInfo("Europe/Madrid")
UTC = datetime.UTC


def at_ms(day: str, time: str = "12:00", zone: datetime.tzinfo = MADRID) -> int:
    """Milliseconds of a day and time."""
    return round(datetime.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone).timestamp() * 1000)


class ShopDay:
    """Sells and talks at times of its own choosing."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.shop = Shop(store.engine)
        self._numbers = itertools.count(1)

    @property
    def engine(self) -> Engine:
        return self.store.engine

    def sell(self, now_ms: int, language: str | None = None, **wanted: int) -> Sale:
        """A sale that went through, in a conversation where a language is told."""
        self.shop.now = now_ms
        sale = self.shop.delivered(self.shop.paid(**wanted)).sale
        if language is not None:
            self.talk(now_ms, turn("", "thanks", action="pay", sale_id=sale.id), language=language)
        return sale

    def refund(self, now_ms: int, sale: Sale, cents: int | None = None) -> None:
        self.shop.now = now_ms
        self.shop.sales.refund(sale.id, cents)

    def talk(
        self, now_ms: int, *turns: KeptTurn, language: str | None = "en", ended: bool = True, known: bool = False
    ) -> Conversation:
        """A conversation whose turns are a second apart."""
        placed = tuple(KeptTurn(place + 1, now_ms + 1000 * place, *_rest(each)) for place, each in enumerate(turns))
        end = now_ms + 1000 * len(turns) if ended else None
        told = Conversation(f"talk-{next(self._numbers)}", now_ms, end, language, known, placed)
        Conversations(self.engine, 30, lambda: now_ms).write(told)
        return told


def _rest(turn: KeptTurn) -> tuple[object, ...]:
    return (
        turn.heard, turn.action, turn.event, turn.reply, turn.answer_ms, turn.skus, turn.facts, turn.sale_id,
    )  # fmt: skip


def turn(
    heard: str,
    event: str,
    reply: str = "",
    *,
    action: str = "answer",
    answer_ms: int | None = None,
    skus: tuple[str, ...] = (),
    facts: tuple[str, ...] = (),
    sale_id: str | None = None,
) -> KeptTurn:
    """A turn of a conversation."""
    return KeptTurn(0, 0, heard, action, event, reply, answer_ms, skus, facts, sale_id)


@pytest.fixture
def day(tmp_path: Path) -> Iterator[ShopDay]:
    """The film shop before anything was sold."""
    store = Store.open(FILM_SHOP, f"sqlite:///{tmp_path / 'shop.db'}")
    yield ShopDay(store)
    store.close()
