"""Decide who the customer is: by a card's QR code, by a code on their phone, or by name and PIN.

A short PIN is no name: among thirty customers a blind guess at four digits opens somebody's account once in three
hundred tries. So the name has to be said or typed with it, unless the code is so long, or the customers so few, that a
day of guessing at this kiosk would open an account with a chance of one in a hundred at most.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from sqlalchemy import select

from walkiosk.kiosk.choosing import unlock
from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.session import REMEMBERED_LETTERS, Session
from walkiosk.kiosk.turn import Turn
from walkiosk.kiosk.understand import Wish
from walkiosk.store import tables
from walkiosk.store.customer_keys import CARD_WORD, CODE_DIGITS, STEPS
from walkiosk.store.customers import LOCK_MILLISECONDS, NOBODY, WRONG_PINS, Customer
from walkiosk.store.folding import fold, is_unspaced
from walkiosk.store.loading import hash_pin

DAY_MILLISECONDS = 24 * 3600 * 1000
GUESSES = WRONG_PINS * DAY_MILLISECONDS // LOCK_MILLISECONDS  # that a door lets through in a day
RISK = 100  # one in so many, of a day's guessing
ALIKE = 85  # of 100, that a name as heard is to a customer's


class Door:
    """Lets people in; after a few wrong codes at this kiosk nobody comes in for a while.

    Who comes in takes back the wrong codes that were tried for their own account, and no other: else a customer could
    guess at everybody's, with their own PIN in between.
    """

    def __init__(self) -> None:
        self.wrong: list[tuple[float, frozenset[str]]] = []  # seconds of a clock that only goes forward, and for whom

    def open(self) -> bool:
        """Whether a code may be tried now."""
        since = time.monotonic() - LOCK_MILLISECONDS / 1000
        self.wrong = [each for each in self.wrong if each[0] > since]
        return len(self.wrong) < WRONG_PINS

    def refuse(self, meant: Iterable[str] = ()) -> None:
        """Notes a wrong code, and the accounts that it was tried for."""
        self.wrong = [*self.wrong, (time.monotonic(), frozenset(meant))]

    def let_in(self, whose: str | None = None) -> None:
        """Notes a right code; without an account, one after which no other need be guarded."""
        self.wrong = [each for each in self.wrong if whose is not None and whose not in each[1]]


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
    people = _everybody(shop)
    named = [] if card else _named(people, session, wish)
    found: Customer | None = None
    if door.open():
        found = _by_card(shop, card) if card else _by_code(shop, pin, people, named)
    if found is None:
        door.refuse(person.id for person in named)
        return Outcome("identify_failed", asks="pin")
    door.let_in(found.id)
    return _welcome(shop, session, found)


def _welcome(shop: Shop, session: Session, found: Customer) -> Outcome:
    """Goes on with this customer; of another one who was here before them only the basket and the screen are left."""
    stage = None
    if session.customer is None or session.customer.id != found.id:
        if not unlock(shop, session):  # goods are held at the prices of who was here
            return Outcome("refused", stage=session.stage)
        stage = "checkout" if session.stage == "paying" else None
    if session.customer is not None and session.customer.id != found.id:
        session.forget_customer()
        stage = "talk" if session.stage == "thanks" else stage
    session.customer = found
    if session.basket_id is not None:
        shop.store.baskets.assign(session.basket_id, found.id)
    facts = {"name": found.name} | ({"tier": found.tier} if found.tier else {})
    return Outcome("identified", facts, stage=stage)


def _named(people: Sequence[Person], session: Session, wish: Wish) -> list[Person]:
    """Whose name was written beside the code or said last; nobody's where several are named at once.

    Customers of one name are all meant, their PINs tell them apart.
    """
    said = [each.text for each in session.history if each.who == "customer"]
    for text in (wish.text[:REMEMBERED_LETTERS], *reversed(said)):
        if named := [person for person in people if is_named(person, text)]:
            return named if _are_one_name(named) else []
    return []


def _are_one_name(named: Sequence[Person]) -> bool:
    longest, *others = sorted((fold(person.name) for person in named), key=len, reverse=True)
    return all(f" {name} " in f" {longest} " or fuzz.ratio(name, longest) >= ALIKE for name in others)


def _by_card(shop: Shop, word: str) -> Customer | None:
    found = shop.store.customer_keys.of_card(word)
    return _come_in(shop, found)


def _come_in(shop: Shop, customer_id: str | None) -> Customer | None:
    found = shop.store.customers.come_in(customer_id) if customer_id is not None else None
    return found if isinstance(found, Customer) else None


def _by_code(shop: Shop, code: str, people: Sequence[Person], named: Sequence[Person]) -> Customer | None:
    """The customer whose PIN it is, or whose phone shows it now; with a short one, of those whose name was said."""
    having = [person for person in people if person.pin_hash]
    theirs = [person for person in having if person.has_pin(code)]
    if len(theirs) > 1 or needs_name(len(having), len(code)):
        theirs = [person for person in theirs if person in named]
    if len(theirs) == 1:
        known = shop.store.customers.identify(theirs[0].id, code)
        return known if isinstance(known, Customer) else None
    found = _by_phone(shop, code, named)
    if found is None and not theirs:
        for meant in [person.id for person in named] or [NOBODY]:
            shop.store.customers.identify(meant, code)  # counted against the account that was meant
    return found


def _by_phone(shop: Shop, code: str, named: Sequence[Person]) -> Customer | None:
    if len(code) != CODE_DIGITS or not code.isdecimal():
        return None
    wanted = needs_name(shop.store.customer_keys.phones() * len(STEPS), CODE_DIGITS)
    return _come_in(shop, shop.store.customer_keys.of_code(code, [person.id for person in named] if wanted else None))


def needs_name(right: int, digits: int) -> bool:
    """Whether a code of so many digits, of which so many would open some account, is too easily guessed alone."""
    return int(10**digits) < right * GUESSES * RISK


def is_named(person: Person, said: str) -> bool:
    """Whether a customer's name, as well as it may be heard, or their id stands in what was said."""
    words, name = fold(said), fold(person.name)
    if f" {fold(person.id)} " in f" {words} ":
        return True
    if not name:
        return False
    if is_unspaced(name):
        return len(words) >= len(name) and fuzz.partial_ratio(name, words) >= ALIKE
    return any(fuzz.ratio(each, name.replace(" ", "")) >= ALIKE for each in _rows(words.split(), len(name.split())))


def _rows(words: Sequence[str], count: int) -> Iterator[str]:
    """Words that follow each other, as many as a name has, or one more or less, as a name may be heard."""
    for length in range(max(1, count - 1), count + 2):
        for first in range(len(words) - length + 1):
            yield "".join(words[first : first + length])


def _everybody(shop: Shop) -> Sequence[Person]:
    person = tables.customer
    with shop.store.engine.connect() as connection:
        rows = connection.execute(select(person.c.id, person.c.name, person.c.pin_hash, person.c.pin_salt)).all()
    return [Person(row.id, row.name, row.pin_hash or "", row.pin_salt or "") for row in rows]
