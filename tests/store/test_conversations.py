"""Conversations in both databases: what is kept, for how long, and what never is."""

import dataclasses

import pytest
from sqlalchemy import Engine, func, select

from walkiosk.store.conversations import DAY_MILLISECONDS, Conversation, Conversations, KeptTurn, without_long_numbers
from walkiosk.store.office_tables import conversation_turn, sale_language

NOW = 1_780_000_000_000
FOUND = KeptTurn(1, NOW, "red shoes", "answer", "found_product", "These?", 120, ("SH-1", "SH-2"), ("Red shoe", "€9"))
SOLD = KeptTurn(2, NOW + 1, "", "pay", "thanks", "Thank you.", None, (), (), "sale-1")
TALK = Conversation("a", NOW, None, "en", False)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(empty: Engine, clock: Clock) -> Conversations:
    """A shop that keeps conversations for 30 days."""
    return Conversations(empty, 30, clock)


def count(engine: Engine, table: object) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[call-overload]


def test_turns_are_added_as_they_come(kept: Conversations) -> None:
    kept.write(dataclasses.replace(TALK, turns=(FOUND,)))
    kept.write(dataclasses.replace(TALK, language="es", known=True, turns=(SOLD,)))
    kept.write(dataclasses.replace(TALK, ended_ms=NOW + 9, language="es", known=True))
    (told,) = kept.between(NOW, NOW + 1)
    assert told == Conversation("a", NOW, NOW + 9, "es", True, (FOUND, SOLD))
    assert told.sale_ids == ("sale-1",)


def test_a_period_ends_before_its_end(kept: Conversations) -> None:
    for place, name in enumerate("cab"):
        kept.write(Conversation(name, NOW + place, None, None, False, (FOUND,)))
    assert [each.id for each in kept.between(NOW, NOW + 2)] == ["c", "a"]
    assert [len(each.turns) for each in kept.between(NOW, NOW + 3)] == [1, 1, 1]


def test_what_is_old_is_deleted_but_the_language_of_a_sale(kept: Conversations, clock: Clock) -> None:
    kept.write(dataclasses.replace(TALK, turns=(FOUND, SOLD)))
    clock.now += 30 * DAY_MILLISECONDS
    assert kept.purge() == 0
    clock.now += 1
    assert kept.purge() == 1
    assert kept.between(0, 2 * NOW) == () and count(kept.engine, conversation_turn) == 0
    assert count(kept.engine, sale_language) == 1


def test_a_shop_that_keeps_nothing_keeps_nothing(kept: Conversations, empty: Engine, clock: Clock) -> None:
    kept.write(dataclasses.replace(TALK, turns=(FOUND,)))
    nothing = Conversations(empty, 0, clock)
    nothing.write(dataclasses.replace(TALK, id="b", turns=(FOUND, SOLD)))
    assert [each.id for each in nothing.between(0, 2 * NOW)] == ["a"]
    assert nothing.purge() == 1 and nothing.between(0, 2 * NOW) == ()
    assert count(empty, sale_language) == 0


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("my pin is 4711", "my pin is …"),
        ("4 7 1 1", "…"),
        ("four is 4, 7, 1, 1 okay", "four is … okay"),
        ("card 4111 1111-1111 1111 please", "card … please"),
        ("४७११ मेरा पिन", "… मेरा पिन"),
        ("密码4711", "密码…"),
        ("size 42 for 12.50 or 99,90", "size 42 for 12.50 or 99,90"),
        ("12, 50 and 7", "12, 50 and 7"),
        ("the film of 1994", "the film of …"),
    ],
)
def test_no_number_as_long_as_a_pin_is_kept(kept: Conversations, said: str, left: str) -> None:
    assert without_long_numbers(said) == left
    turn = dataclasses.replace(FOUND, heard=said, action=f"identify pin={said}")
    kept.write(dataclasses.replace(TALK, turns=(turn,)))
    (told,) = kept.between(NOW, NOW + 1)
    assert (told.turns[0].heard, told.turns[0].action) == (left, f"identify pin={left}")
