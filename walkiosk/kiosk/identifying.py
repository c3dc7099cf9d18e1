"""Decide who the customer is: by a card's QR code, by a code on their phone, or by name and PIN.

A short PIN is no name: among thirty customers a blind guess at four digits opens somebody's account once in three
hundred tries. So the name has to be said or typed with it, unless the code is so long, or the customers so few, that a
day of guessing at this kiosk would open an account with a chance of one in a hundred at most.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from sqlalchemy import select

from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.session import Session
from walkiosk.kiosk.turn import Turn
from walkiosk.kiosk.understand import Wish
from walkiosk.store import tables
from walkiosk.store.customer_keys import CARD_WORD, CODE_DIGITS, STEPS
from walkiosk.store.customers import LOCK_MILLISECONDS, WRONG_PINS, Customer
from walkiosk.store.folding import fold
from walkiosk.store.loading import hash_pin

DAY_MILLISECONDS = 24 * 3600 * 1000
GUESSES = WRONG_PINS * DAY_MILLISECONDS // LOCK_MILLISECONDS  # that a door lets through in a day
RISK = 100  # one in so many, of a day's guessing
ALIKE = 85  # of 100, that a name as heard is to a customer's


class Door:
    """Lets customers in; after a few wrong codes in a row at this kiosk nobody comes in for a while."""

    def __init__(self) -> None:
        self.wrong: list[float] = []  # seconds of a clock that only goes forward

    def open(self) -> bool:
        """Whether a code may be tried now."""
        since = time.monotonic() - LOCK_MILLISECONDS / 1000
        self.wrong = [at for at in self.wrong if at > since]
        return len(self.wrong) < WRONG_PINS

    def knock(self, right: bool) -> None:
        """Notes a try."""
        self.wrong = [] if right else [*self.wrong, time.monotonic()]


@dataclass(frozen=True)
class Person:
    """A customer with a PIN, as the books have them."""

    id: str
    name: str
    pin_hash: str
    pin_salt: str

    def has_pin(self, pin: str) -> bool:
        """Whether it is theirs."""
        return hmac.compare_digest(hash_pin(pin, self.pin_salt), self.pin_hash)


def is_card(text: str) -> bool:
    """Whether a text is what a scanner reads from a customer's card."""
    return CARD_WORD.fullmatch(text.strip()) is not None


def as_touch(turn: Turn) -> Turn:
    """A turn in which a scanner typed a card's word is a touch: the word is no utterance, and is kept nowhere."""
    if turn.action is None and turn.text is not None and is_card(turn.text):
        return replace(turn, text=None, action=f"identify card={turn.text.strip()}")
    return turn


def identify(shop: Shop, session: Session, wish: Wish, door: Door) -> Outcome:
    """Asks who it is, or opens their account."""
    pin = "".join(wish.slots.get("pin", "").split())
    card = wish.slots.get("card", "").strip() if wish.touched else ""
    if not pin and not card:
        return Outcome("identify_ask", asks="pin")
    found: Customer | None = None
    if door.open():
        found = _by_card(shop, card) if card else _by_code(shop, pin, _said(session, wish))
    door.knock(found is not None)
    if found is None:
        return Outcome("identify_failed", asks="pin")
    session.customer = found
    if session.basket_id is not None:
        shop.store.baskets.assign(session.basket_id, found.id)
    return Outcome("identified", {"name": found.name} | ({"tier": found.tier} if found.tier else {}))


def _said(session: Session, wish: Wish) -> str:
    """What the customer has said of late, and written beside the code."""
    return " ".join([*(said.text for said in session.history if said.who == "customer"), wish.text])


def _by_card(shop: Shop, word: str) -> Customer | None:
    found = shop.store.customer_keys.of_card(word)
    return _come_in(shop, found)


def _come_in(shop: Shop, customer_id: str | None) -> Customer | None:
    found = shop.store.customers.come_in(customer_id) if customer_id is not None else None
    return found if isinstance(found, Customer) else None


def _by_code(shop: Shop, code: str, said: str) -> Customer | None:
    """The customer whose PIN it is, or whose phone shows it now; with a short one, of those whose name was said."""
    people = _people(shop)
    named = [person for person in people if is_named(person, said)]
    candidates = named if needs_name(len(people), len(code)) else people
    theirs = [person for person in candidates if person.has_pin(code)]
    if len(theirs) > 1:
        theirs = [person for person in theirs if person in named]
    if len(theirs) == 1:
        known = shop.store.customers.identify(theirs[0].id, code)
        return known if isinstance(known, Customer) else None
    found = _by_phone(shop, code, said)
    if found is None and not theirs and len(named) == 1:
        shop.store.customers.identify(named[0].id, code)  # counted against the account that was meant
    return found


def _by_phone(shop: Shop, code: str, said: str) -> Customer | None:
    if len(code) != CODE_DIGITS or not code.isdecimal():
        return None
    among = None
    if needs_name(shop.store.customer_keys.phones() * len(STEPS), CODE_DIGITS):
        among = [person.id for person in _everybody(shop) if is_named(person, said)]
    return _come_in(shop, shop.store.customer_keys.of_code(code, among))


def needs_name(right: int, digits: int) -> bool:
    """Whether a code of so many digits, of which so many would open some account, is too easily guessed alone."""
    return int(10**digits) < right * GUESSES * RISK


def is_named(person: Person, said: str) -> bool:
    """Whether a customer's name, as well as it may be heard, or their id stands in what was said."""
    words, name = fold(said), fold(person.name)
    if f" {fold(person.id)} " in f" {words} ":
        return True
    alike: float = fuzz.partial_ratio(name, words)
    return len(words) >= len(name) > 0 and alike >= ALIKE


def _people(shop: Shop) -> Sequence[Person]:
    return [person for person in _everybody(shop) if person.pin_hash]


def _everybody(shop: Shop) -> Sequence[Person]:
    person = tables.customer
    with shop.store.engine.connect() as connection:
        rows = connection.execute(select(person.c.id, person.c.name, person.c.pin_hash, person.c.pin_salt)).all()
    return [Person(row.id, row.name, row.pin_hash or "", row.pin_salt or "") for row in rows]
