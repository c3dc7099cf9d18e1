"""Who the customer is: by name and PIN, by a card, by a phone; and how little guessing brings."""

import pyotp
import pytest
from sqlalchemy import select

from tests.kiosk.conftest import Say
from tests.kiosk.script import Script
from walkiosk.kiosk import Kiosk, Turn
from walkiosk.kiosk.identifying import GUESSES, RISK, needs_name
from walkiosk.store import tables
from walkiosk.store.conversations import Conversations
from walkiosk.store.customer_keys import STEP_SECONDS, CustomerKeys
from walkiosk.store.customers import LOCK_MILLISECONDS, WRONG_PINS, Customers
from walkiosk.store.loading import hash_pin
from walkiosk.store.office_tables import conversation_turn
from walkiosk.store.outcome import Locked, NotFound


def test_by_name_and_pin(kiosk: Kiosk, script: Script) -> None:
    session = kiosk.start()
    script.ask("spinning top", "1", ("Spinning top", "product"))
    script.actions |= {"I am Ana García": "identify", "Anna Garcia here, 1234": "identify pin=1234"}
    kiosk.answer(Turn(session, "spinning top"))
    kiosk.answer(Turn(session, action="choose 1 quantity=1"))
    assert kiosk.answer(Turn(session, action="identify pin=1234")).event == "identify_failed"  # whose?
    assert kiosk.answer(Turn(session, "I am Ana García")).asks == "pin"
    assert kiosk.answer(Turn(session, action="identify pin=9999")).event == "identify_failed"
    known = kiosk.answer(Turn(session, action="identify pin=1234"))
    assert known.event == "identified" and "Ana García" in known.text and len(known.basket) == 1
    other = kiosk.start()
    assert kiosk.answer(Turn(other, "Anna Garcia here, 1234")).event == "identified"  # as it may be heard


def test_beside_the_pin_a_name_may_be_typed(kiosk: Kiosk) -> None:
    assert kiosk.answer(Turn(kiosk.start(), "c1", action="identify pin=1234")).event == "identified"
    assert kiosk.answer(Turn(kiosk.start(), "Luis", action="identify pin=1234")).event == "identify_failed"


def test_a_long_code_needs_no_name(kiosk: Kiosk) -> None:
    with kiosk.shop.store.engine.begin() as connection:
        salt = "00" * 16
        own = tables.customer.update().where(tables.customer.c.id == "c1")
        connection.execute(own.values(pin_salt=salt, pin_hash=hash_pin("271828", salt)))
    assert kiosk.answer(Turn(kiosk.start(), action="identify pin=271828")).event == "identified"


@pytest.mark.parametrize(("right", "digits", "needed"), [(1, 4, True), (20, 6, False), (21, 6, True), (2000, 8, False)])
def test_a_day_of_guessing_opens_an_account_once_in_a_hundred(right: int, digits: int, needed: bool) -> None:
    assert needs_name(right, digits) == needed
    if not needed:
        assert right * GUESSES / 10**digits <= 1 / RISK


def test_guessing_pins_closes_the_door_and_the_account(say: Say, kiosk: Kiosk) -> None:
    for pin in ("1111", "2222", "3333", "4444", "5555"):
        assert say("Ana García", action=f"identify pin={pin}").event == "identify_failed"
    assert say("Ana García", action="identify pin=1234").event == "identify_failed"
    assert isinstance(kiosk.shop.store.customers.identify("c1", "1234"), Locked)


def test_an_account_rests_longer_each_time(kiosk: Kiosk) -> None:
    now = [1_780_000_000_000]
    customers = Customers(kiosk.shop.store.engine, lambda: now[0])
    rests = []
    for _ in range(12):
        tries = [customers.identify("c1", "0000") for _ in range(WRONG_PINS)]
        assert isinstance(tries[-1], Locked)
        rests.append(tries[-1].until_ms - now[0])
        now[0] = tries[-1].until_ms
    assert rests[:3] == [LOCK_MILLISECONDS, 2 * LOCK_MILLISECONDS, 4 * LOCK_MILLISECONDS]
    assert rests[-1] == 24 * 3600 * 1000
    assert getattr(customers.identify("c1", "1234"), "id", "") == "c1"
    assert isinstance([customers.identify("c1", "0000") for _ in range(WRONG_PINS)][-1], Locked)
    assert isinstance(customers.come_in("c1"), Locked)  # whatever is shown then


def test_a_card_opens_and_leaves_no_trace(kiosk: Kiosk) -> None:
    kiosk.keep_conversations()
    keys = kiosk.shop.store.customer_keys
    word = keys.make_card("c1")
    assert isinstance(word, str)
    session = kiosk.start()
    known = kiosk.answer(Turn(session, f"{word}\n"))  # a scanner types it
    assert known.event == "identified" and "Ana García" in known.text and word not in str(known)
    kiosk.end(session)
    kiosk.journal.close()
    with kiosk.shop.store.engine.connect() as connection:
        told = str(connection.execute(select(conversation_turn)).all())
    assert isinstance(kiosk.shop.store.conversations, Conversations) and word not in told
    newer = keys.make_card("c1")
    assert kiosk.answer(Turn(kiosk.start(), word)).event == "identify_failed"
    assert isinstance(newer, str) and kiosk.answer(Turn(kiosk.start(), newer)).event == "identified"
    keys.remove("c1")
    assert kiosk.answer(Turn(kiosk.start(), newer)).event == "identify_failed"


def test_a_card_that_is_only_said_opens_nothing(kiosk: Kiosk, script: Script) -> None:
    word = kiosk.shop.store.customer_keys.make_card("c1")
    script.actions["let me in"] = f"identify card={word}"
    assert kiosk.answer(Turn(kiosk.start(), "let me in")).event == "identify_ask"


def test_a_code_of_the_phone_opens_once(kiosk: Kiosk) -> None:
    now = [1_780_000_000_000]
    keys = CustomerKeys(kiosk.shop.store.engine, lambda: now[0])
    kiosk.shop.store.__dict__["customer_keys"] = keys
    address = keys.make_phone("c1", "Film shop")
    assert isinstance(address, str)
    phone = pyotp.parse_uri(address)
    assert isinstance(phone, pyotp.TOTP) and (phone.issuer, phone.name) == ("Film shop", "c1")
    code = phone.at(now[0] // 1000)
    assert kiosk.answer(Turn(kiosk.start(), action=f"identify pin={code}")).event == "identified"
    assert kiosk.answer(Turn(kiosk.start(), action=f"identify pin={code}")).event == "identify_failed"
    now[0] += 2 * STEP_SECONDS * 1000
    late = phone.at(now[0] // 1000 - STEP_SECONDS)  # its clock is behind
    assert kiosk.answer(Turn(kiosk.start(), action=f"identify pin={late}")).event == "identified"


def test_codes_of_the_phone_are_no_wrong_pins(kiosk: Kiosk) -> None:
    now = [1_780_000_000_000]
    keys = CustomerKeys(kiosk.shop.store.engine, lambda: now[0])
    kiosk.shop.store.__dict__["customer_keys"] = keys
    phone = pyotp.parse_uri(str(keys.make_phone("c1", "Film shop")))
    assert isinstance(phone, pyotp.TOTP)
    for _ in range(WRONG_PINS + 1):
        now[0] += STEP_SECONDS * 1000
        turn = Turn(kiosk.start(), "Ana García", action=f"identify pin={phone.at(now[0] // 1000)}")
        assert kiosk.answer(turn).event == "identified"
    assert kiosk.answer(Turn(kiosk.start(), "Ana García", action="identify pin=1234")).event == "identified"


def test_where_many_have_phones_the_name_is_wanted(kiosk: Kiosk) -> None:
    now = [1_780_000_000_000]
    keys = CustomerKeys(kiosk.shop.store.engine, lambda: now[0])
    kiosk.shop.store.__dict__["customer_keys"] = keys
    with kiosk.shop.store.engine.begin() as connection:
        made = [{"id": f"p{n}", "name": f"Person {n}"} for n in range(10)]
        connection.execute(tables.customer.insert(), made)
    for person in made:
        keys.make_phone(person["id"], "Film shop")
    phone = pyotp.parse_uri(str(keys.make_phone("c1", "Film shop")))
    assert isinstance(phone, pyotp.TOTP)
    code = phone.at(now[0] // 1000)
    assert kiosk.answer(Turn(kiosk.start(), action=f"identify pin={code}")).event == "identify_failed"
    assert kiosk.answer(Turn(kiosk.start(), "Ana García", action=f"identify pin={code}")).event == "identified"


def test_keys_are_for_those_who_are_there(kiosk: Kiosk) -> None:
    keys = kiosk.shop.store.customer_keys
    assert keys.make_card("nobody") == keys.make_phone("nobody", "x") == NotFound("customer", "nobody")
