"""What the kiosk writes down of a conversation, what it never does, and that no customer feels it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.kiosk.script import PEOPLE, SHOES, SHOES_SAID, Script, noise
from walkiosk.kiosk import Kiosk, Turn
from walkiosk.kiosk import journal as journals
from walkiosk.kiosk.journal import Journal
from walkiosk.skill.speech_recognition import Heard
from walkiosk.store.conversations import Conversation, Conversations, KeptTurn
from walkiosk.store.office_tables import conversation, conversation_turn
from walkiosk.store.payment import SimulatedReader

Kept = Callable[[], tuple[Conversation, ...]]


@pytest.fixture
def kept(kiosk: Kiosk, script: Script) -> Kept:
    """What is in the books of a kiosk that keeps conversations."""
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    script.ask("spinning top", "1", ("Spinning top", "product"))
    kiosk.journal = Journal(kiosk.shop.store.conversations, kiosk.wake_phrases)

    def read() -> tuple[Conversation, ...]:
        kiosk.journal.flush()
        return kiosk.shop.store.conversations.between(0, 2**60)

    return read


def everything(kiosk: Kiosk) -> str:
    """All that the two tables hold, as one text."""
    with kiosk.shop.store.engine.connect() as connection:
        rows = [row for table in (conversation, conversation_turn) for row in connection.execute(select(table))]
    return "\n".join(map(str, rows))


def test_a_visit_from_its_first_word_to_its_sale(kiosk: Kiosk, kept: Kept) -> None:
    session = kiosk.start()
    kiosk.greet(session, "en")
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    kiosk.answer(Turn(session, action="pay"))
    (told,) = kept()
    assert told.ended_ms is None and told.sale_ids == ()
    assert [step.event for step in kiosk.pay(session)] == ["paying", "dispensing", "thanks"]
    kiosk.end(session)
    (told,) = kept()
    assert told.ended_ms is not None and (told.language, told.known) == ("en", False)
    assert [turn.event for turn in told.turns] == ["found_product", "added", "paying", "dispensing", "thanks"]
    assert [turn.number for turn in told.turns] == [1, 2, 3, 4, 5]
    first, *_, last = told.turns
    assert (first.heard, first.action, first.skus) == ("spinning top", "answer", ("TO-1",))
    assert first.answer_ms is not None and "Spinning top" in first.facts and "12.50" in first.facts
    sale_id = told.sale_ids[0]
    assert last.sale_id == sale_id and last.answer_ms is None
    assert getattr(kiosk.shop.store.sales.sale(sale_id), "state", None) == "captured"


def test_each_sale_of_a_visit_is_noted_once(kiosk: Kiosk, kept: Kept) -> None:
    session = kiosk.start()
    for _ in range(2):
        kiosk.answer(Turn(session, "spinning top"))
        kiosk.answer(Turn(session, action="choose 1 quantity=1"))
        kiosk.answer(Turn(session, action="pay"))
        list(kiosk.pay(session))
    kiosk.answer(Turn(session, action="feedback stars=5"))
    (told,) = kept()
    assert len(set(told.sale_ids)) == len(told.sale_ids) == 2


def test_a_declined_card_is_no_sale(kiosk: Kiosk, kept: Kept, reader: SimulatedReader) -> None:
    session = kiosk.start()
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    kiosk.answer(Turn(session, action="pay"))
    reader.decline_next()
    list(kiosk.pay(session))
    (told,) = kept()
    assert (told.turns[-1].event, told.sale_ids) == ("declined", ())


def test_who_the_customer_is_is_not_kept(kiosk: Kiosk, kept: Kept) -> None:
    session = kiosk.start("c1")
    kiosk.answer(Turn(session, SHOES_SAID))
    kiosk.answer(Turn(session, "is it for ana garcía or Ana?"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    kiosk.answer(Turn(session, action="checkout"))
    kiosk.answer(Turn(session, action="pay"))
    assert "Ana García" in list(kiosk.pay(session))[-1].text
    (told,) = kept()
    assert told.known
    text = everything(kiosk)
    assert "'c1'" not in text and not {"ana", "garcía"} & set(text.casefold().replace("?", " ").split())
    assert told.turns[1].heard == "is it for … or …?"


@pytest.mark.parametrize(
    "turns",
    [
        [("let me in", None), ("1234", None)],
        [("let me in", None), ("twelve thirty-four", None)],
        [(None, "identify"), (None, "identify pin=1234")],
        [(None, "identify pin=1234")],
        [("let me in", None), (None, "slower"), ("twelve thirty-four", None)],
        [("let me in", None), ("?!", None), ("one 2 three four", None)],
        [("my number is 1234", None)],
    ],
)
def test_a_pin_leaves_nothing(
    kiosk: Kiosk, kept: Kept, script: Script, turns: list[tuple[str | None, str | None]]
) -> None:
    script.actions["let me in"] = "identify"
    session = kiosk.start()
    for text, action in turns:
        kiosk.answer(Turn(session, text, action=action))
    (told,) = kept()
    assert len(told.turns) == len(turns)
    text = " ".join(f"{turn.heard} {turn.action}" for turn in told.turns)
    assert not {"1234", "twelve", "three"} & set(text.replace("=", " ").split()), text


def test_what_is_said_after_the_pin_is_kept_again(kiosk: Kiosk, kept: Kept) -> None:
    session = kiosk.start()
    for action in ("identify", "identify pin=0000"):
        kiosk.answer(Turn(session, action=action))
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.answer(Turn(session, "spinning top"))
    assert [turn.heard for turn in kept()[0].turns] == ["", "", "", "spinning top"]


def test_passers_by_leave_nothing(kiosk: Kiosk, kept: Kept, script: Script) -> None:
    session = kiosk.start()
    script.hears = Heard("did you see the match last night", "en", -0.1)
    kiosk.answer(Turn(session, audio=noise(1)))
    kiosk.end(session)
    assert kept() == () and "match" not in everything(kiosk)


def test_who_calls_the_kiosk_is_a_customer(kiosk: Kiosk, kept: Kept, script: Script) -> None:
    session = kiosk.start()
    script.hears = Heard("OK Walmrt, spinning top", "en", -0.1)
    kiosk.answer(Turn(session, audio=noise(1)))
    script.hears = Heard("and something else", "en", -0.1)
    kiosk.answer(Turn(session, audio=noise(1)))
    (told,) = kept()
    assert [turn.heard for turn in told.turns] == ["spinning top", "and something else"]


def test_a_call_alone_is_answered_by_the_welcome(kiosk: Kiosk, kept: Kept, script: Script) -> None:
    session = kiosk.start()
    script.hears = Heard("OK Walmrt", "en", -0.1)
    kiosk.answer(Turn(session, audio=noise(1)))
    kiosk.greet(session)
    kiosk.end(session)
    assert kept() == ()


def test_a_session_that_never_ends_is_kept_as_far_as_it_went(kiosk: Kiosk, kept: Kept) -> None:
    kiosk.answer(Turn(kiosk.start(), "spinning top"))
    (told,) = kept()
    assert told.ended_ms is None and len(told.turns) == 1


def test_who_goes_on_after_the_end_is_somebody_else(kiosk: Kiosk, kept: Kept) -> None:
    session = kiosk.start()
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.end(session)
    kiosk.answer(Turn(session, "spinning top"))
    first, second = kept()
    assert {first.id, second.id}.isdisjoint({session}) and len(first.turns) == len(second.turns) == 1


def test_a_shop_that_no_longer_keeps_what_is_said_forgets_it_at_once(kiosk: Kiosk, kept: Kept) -> None:
    session = kiosk.start()
    kiosk.answer(Turn(session, "spinning top"))
    assert len(kept()) == 1
    kiosk.journal.follow(Conversations(kiosk.shop.store.engine, 0), kiosk.wake_phrases)
    kiosk.answer(Turn(session, "spinning top"))
    assert kept() == () and not kiosk.keeps_conversations


def test_a_kiosk_that_only_answers_keeps_nothing(kiosk: Kiosk) -> None:
    assert not kiosk.keeps_conversations
    kiosk.answer(Turn(kiosk.start(), "hello"))
    kiosk.journal.flush()
    assert kiosk.shop.store.conversations.between(0, 2**60) == ()


class Broken(Conversations):
    """Books whose disk is full."""

    def write(self, told: Conversation) -> None:
        raise OperationalError("insert", None, Exception("disk is full"))

    purge = write  # type: ignore[assignment]


def test_books_that_fail_fail_no_customer(
    kiosk: Kiosk, kept: Kept, reader: SimulatedReader, caplog: pytest.LogCaptureFixture
) -> None:
    kiosk.journal = Journal(Broken(kiosk.shop.store.engine, 30), kiosk.wake_phrases)
    session = kiosk.start()
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    kiosk.answer(Turn(session, action="pay"))
    with caplog.at_level(logging.WARNING):
        kiosk.journal.flush()
        assert list(kiosk.pay(session))[-1].event == "thanks" and reader.taken_cents() == 1250
        kiosk.end(session)
        kiosk.journal.flush()
    assert "a conversation is not kept" in caplog.text and "disk is full" in caplog.text
    assert "spinning" not in caplog.text


def test_a_mistake_in_the_noting_fails_no_customer(
    kiosk: Kiosk, kept: Kept, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journals, "_facts", lambda *_: 1 / 0)
    assert kiosk.answer(Turn(kiosk.start(), "spinning top")).event == "found_product"
    assert kept() == () and "ZeroDivisionError" in caplog.text


def test_nothing_waits_when_nothing_is_written(kiosk: Kiosk, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "WAITING", 2)
    kiosk.journal = Journal(kiosk.shop.store.conversations, kiosk.wake_phrases)
    session = kiosk.start()
    events = [kiosk.answer(Turn(session, "spinning top")).event for _ in range(4)]
    assert events == ["found_product"] * 4 and len(kept()[0].turns) == 2


def test_no_turn_is_written_in_the_customers_thread(kiosk: Kiosk, kept: Kept) -> None:
    kiosk.answer(Turn(kiosk.start(), "spinning top"))
    assert kiosk.shop.store.conversations.between(0, 2**60) == ()
    assert len(kept()) == 1


def test_the_journals_own_thread_purges_and_writes(kiosk: Kiosk, kept: Kept) -> None:
    old = Conversation("old", 1, 2, "en", False, (KeptTurn(1, 1, "x", "", "not_found", ""),))
    kiosk.shop.store.conversations.write(old)
    kiosk.keep_conversations()
    assert kiosk.keeps_conversations
    kiosk.answer(Turn(kiosk.start(), "spinning top"))
    kiosk.journal.close()
    (told,) = kiosk.shop.store.conversations.between(0, 2**60)
    assert told.id != "old" and json.dumps(told.turns[0].heard) == '"spinning top"'


class Stuck(Conversations):
    """Books that never come back."""

    def __init__(self, conversations: Conversations) -> None:
        super().__init__(conversations.engine, 30)
        self.asked, self.freed = threading.Event(), threading.Event()

    def purge(self) -> int:
        self.asked.set()
        self.freed.wait()
        return 0


def test_books_that_stand_still_keep_nobody_from_closing(
    kiosk: Kiosk, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "WAITING", 1)
    monkeypatch.setattr(journals, "CLOSING_SECONDS", 0.01)
    books = Stuck(kiosk.shop.store.conversations)
    kiosk.journal = Journal(books, kiosk.wake_phrases)
    kiosk.journal.start()
    assert books.asked.wait(20)
    kiosk.answer(Turn(kiosk.start(), "spinning top"))
    closing = threading.Thread(target=kiosk.journal.close, daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()
    books.freed.set()
    monkeypatch.setattr(journals, "CLOSING_SECONDS", 20.0)
    kiosk.journal.close()
    assert len(kiosk.shop.store.conversations.between(0, 2**60)) == 1
