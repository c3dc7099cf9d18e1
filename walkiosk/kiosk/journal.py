"""Writes down what is said at the kiosk, behind the customer's back in both senses: a reply waits for nothing here.

What is to be kept is put into a queue that never blocks; a thread of the journal's own writes it into the books, in
transactions of its own. Whatever fails here is logged and forgotten. Passers-by, whose words were not meant for us,
leave nothing, not even in the queue; nor does who the customer is, nor their PIN.
"""

from __future__ import annotations

import logging
import queue
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy.exc import DBAPIError

from walkiosk.kiosk.session import Session
from walkiosk.kiosk.turn import Account, Reply, Turn
from walkiosk.kiosk.wake import after_wake_phrase
from walkiosk.store.conversations import LEFT_OUT, Conversation, Conversations, KeptTurn
from walkiosk.store.customers import now_ms

WAITING = 1000  # entries that may wait to be written; what comes on top of them is lost
DAY_SECONDS = 24 * 60 * 60.0
CLOSING_SECONDS = 5.0  # that a kiosk which closes waits for what is still to be written
STILL_ASKED = ("slower", "louder", "silence", "not_understood", "unreadable", "too_long")  # a PIN may come yet
Order = Literal["purge", "close"]
log = logging.getLogger(__name__)


@dataclass
class _Open:
    """A conversation under way."""

    id: str
    started_ms: int
    turns: int = 0
    asks_pin: bool = False
    names: tuple[str, ...] = ()  # of the customer; to be left out
    sold: set[str] = field(default_factory=set)


class Journal:
    """Notes turns, sales and ends of sessions; a journal without a place to keep them notes nothing."""

    def __init__(
        self,
        conversations: Conversations | None = None,
        wake_phrases: tuple[str, ...] = (),
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.conversations = conversations
        self.wake_phrases = wake_phrases
        self.clock = clock
        self._open: dict[str, _Open] = {}
        self._waiting: queue.Queue[Conversation | Order] = queue.Queue(WAITING)
        self._writer: threading.Thread | None = None

    @property
    def keeps(self) -> bool:
        """Whether what is said is kept."""
        return self.conversations is not None and self.conversations.keep_days > 0

    def follow(self, conversations: Conversations, wake_phrases: tuple[str, ...]) -> None:
        """Goes on as the shop now wishes: what it does not keep any longer is deleted at once, not after a day."""
        if self.conversations is not None:
            self.conversations, self.wake_phrases = conversations, wake_phrases
            self._put("purge")

    def meet(self, session: Session) -> None:
        """Notes that the customer of a session is one: they were welcomed."""
        if self.keeps:
            self._opened(session)

    def turn(self, session: Session, turn: Turn, account: Account) -> None:
        """Notes a turn and its reply."""
        if not self.keeps:
            return
        with _never_failing():
            reply = account.reply
            said = after_wake_phrase(reply.heard, self.wake_phrases)
            if turn.audio is not None and said is None and session.id not in self._open:
                return  # not meant for us
            conversation = self._opened(session)
            if said == "":
                return  # only called: the welcome answers it
            action, heard = account.action, reply.heard if said is None else said
            if conversation.asks_pin or action.partition(" ")[0] == "identify":
                action, heard = action.partition(" ")[0], ""
            conversation.asks_pin = reply.asks == "pin" or (conversation.asks_pin and reply.event in STILL_ASKED)
            shown = [card.sku for card in reply.cards]
            skus = tuple(dict.fromkeys([account.product, *shown] if account.product in shown else shown))
            answer_ms = round(sum(reply.milliseconds.values()))
            self._note(session, conversation, reply, KeptTurn(0, 0, heard, action, reply.event, "", answer_ms, skus))

    def step(self, session: Session, reply: Reply) -> None:
        """Notes a step of a sale."""
        if not self.keeps or reply.event == "paying":  # a turn of its own
            return
        with _never_failing():
            conversation = self._opened(session)
            sold = session.sold_id if session.sold_id not in conversation.sold else None
            if sold is not None:
                conversation.sold.add(sold)
            self._note(session, conversation, reply, KeptTurn(0, 0, "", "pay", reply.event, "", None, (), (), sold))

    def end(self, session: Session) -> None:
        """Notes that the customer is gone."""
        conversation = self._open.pop(session.id, None)
        if conversation is not None and conversation.turns:
            with _never_failing():
                self._put(_told(session, conversation, self.clock()))

    def _opened(self, session: Session) -> _Open:
        if session.id not in self._open:
            self._open[session.id] = _Open(secrets.token_hex(16), self.clock())
        conversation = self._open[session.id]
        if session.customer is not None:
            conversation.names = tuple(dict.fromkeys([*conversation.names, session.customer.name]))
        return conversation

    def _note(self, session: Session, conversation: _Open, reply: Reply, turn: KeptTurn) -> None:
        conversation.turns += 1
        names = conversation.names
        kept = replace(
            turn,
            number=conversation.turns,
            at_ms=self.clock(),
            heard=_without(names, turn.heard),
            action=_without(names, turn.action),
            reply=_without(names, reply.text),
            facts=tuple(_without(names, fact) for fact in _facts(session, reply)),
        )
        self._put(_told(session, conversation, None, kept))

    def _put(self, told: Conversation | Order) -> None:
        try:
            self._waiting.put_nowait(told)
        except queue.Full:
            log.warning("a turn is not kept: %d wait to be written", WAITING)

    def start(self) -> None:
        """Begins to write what is noted, and to delete once a day what the shop does not keep any longer."""
        self._writer = threading.Thread(target=self._write_on, name="journal", daemon=True)
        self._writer.start()

    def close(self) -> None:
        """Writes what is still waiting, and no more after that."""
        if self._writer is not None:
            with suppress(queue.Full):  # books that stand still keep nobody from closing the shop
                self._waiting.put("close", timeout=CLOSING_SECONDS)
                self._writer.join(CLOSING_SECONDS)

    def flush(self) -> None:
        """Writes what is waiting, in the caller's thread."""
        while not self._waiting.empty():
            self._write(self._waiting.get_nowait())

    def _write_on(self) -> None:
        purge_at = time.monotonic()
        while True:
            if time.monotonic() >= purge_at:
                purge_at += DAY_SECONDS
                self._purge()
            try:
                told = self._waiting.get(timeout=max(0.0, purge_at - time.monotonic()))
            except queue.Empty:
                continue
            if told == "close":
                return
            self._write(told)

    def _write(self, told: Conversation | Order) -> None:
        if not isinstance(told, Conversation):
            self._purge()
            return
        with _never_failing():
            if self.conversations is not None:
                self.conversations.write(told)

    def _purge(self) -> None:
        with _never_failing():
            if self.conversations is not None:
                self.conversations.purge()


@contextmanager
def _never_failing() -> Iterator[None]:
    """Logs what goes wrong: nobody's sale hangs on what is kept of it."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        log.warning("a conversation is not kept: %s", str(error).partition("\n")[0] or type(error).__name__)
    except Exception as error:  # what it says may be what was said
        log.warning("a conversation is not kept: %s", type(error).__name__)


def _told(session: Session, conversation: _Open, ended_ms: int | None, *turns: KeptTurn) -> Conversation:
    language = session.forced or session.language or (session.last.language if session.last else None)
    return Conversation(
        conversation.id, conversation.started_ms, ended_ms, language, bool(conversation.names), tuple(turns)
    )


def _facts(session: Session, reply: Reply) -> tuple[str, ...]:
    """All that the reply could rest on, as texts: what was told, the screen, the basket, the reason."""
    facts = [*session.told, *reply.trace, *reply.options, _amount(reply.total_cents)]
    for card in reply.cards:
        facts += [card.name, card.size, card.colour, *card.sizes, str(card.stock), _amount(card.price_cents)]
        facts += [_amount(card.deal_cents)] if card.deal_cents is not None else []
    for line in reply.basket:
        facts += [line.name, str(line.quantity), _amount(line.price_cents)]
    return tuple(dict.fromkeys(fact for fact in facts if fact))


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _without(names: tuple[str, ...], text: str) -> str:
    """The text without the customer's name, in whole or in part."""
    parts = {part for name in names for part in (name, *name.split()) if len(part) > 1}
    for part in sorted(parts, key=len, reverse=True):
        spaced = not any("\u3400" <= letter <= "\u9fff" for letter in part)  # Chinese has no words that end
        found = rf"(?<!\w){re.escape(part)}(?!\w)" if spaced else re.escape(part)
        text = re.sub(found, LEFT_OUT, text, flags=re.IGNORECASE)
    return text
