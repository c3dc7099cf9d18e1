"""Decide what is neither goods nor money: who the customer is, their language, feedback, help, a clerk."""

from __future__ import annotations

import hmac
import logging
import time

from sqlalchemy import select

from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.session import Session
from walkiosk.kiosk.understand import Wish
from walkiosk.store import tables
from walkiosk.store.customers import LOCK_MILLISECONDS, WRONG_PINS, Customer
from walkiosk.store.feedback import STARS
from walkiosk.store.folding import fold
from walkiosk.store.loading import hash_pin

HELP = ("returns", "payment", "pickup", "opening", "how", "privacy", "receipt", "allergens")
log = logging.getLogger(__name__)


class Door:
    """Lets customers in by PIN; after a few wrong ones in a row at this kiosk nobody comes in for a while."""

    def __init__(self) -> None:
        self.wrong: list[float] = []  # seconds of a clock that only goes forward

    def open(self) -> bool:
        """Whether a PIN may be tried now."""
        since = time.monotonic() - LOCK_MILLISECONDS / 1000
        self.wrong = [at for at in self.wrong if at > since]
        return len(self.wrong) < WRONG_PINS

    def knock(self, right: bool) -> None:
        """Notes a try."""
        self.wrong = [] if right else [*self.wrong, time.monotonic()]


def identify(shop: Shop, session: Session, wish: Wish, door: Door) -> Outcome:
    """Asks for the PIN, or opens with it."""
    pin = "".join(wish.slots.get("pin", "").split())
    if not pin:
        return Outcome("identify_ask", asks="pin")
    customer = _customer(shop, session, pin, wish) if door.open() else None
    door.knock(customer is not None)
    if customer is None:
        return Outcome("identify_failed", asks="pin")
    session.customer = customer
    if session.basket_id is not None:
        shop.store.baskets.assign(session.basket_id, customer.id)
    return Outcome("identified", {"name": customer.name} | ({"tier": customer.tier} if customer.tier else {}))


def _customer(shop: Shop, session: Session, pin: str, wish: Wish) -> Customer | None:
    """The customer whose PIN it is; of several, the one whose name was said."""
    person = tables.customer
    with shop.store.engine.connect() as connection:
        rows = connection.execute(select(person.c.id, person.c.name, person.c.pin_hash, person.c.pin_salt)).all()
    theirs = [row for row in rows if row.pin_hash and hmac.compare_digest(hash_pin(pin, row.pin_salt), row.pin_hash)]
    if len(theirs) > 1:
        said = f" {fold(' '.join([*(s.text for s in session.history if s.who == 'customer'), wish.text]))} "
        theirs = [row for row in theirs if f" {fold(row.name)} " in said or f" {fold(row.id)} " in said]
    if len(theirs) != 1:
        return None
    known = shop.store.customers.identify(theirs[0].id, pin)
    return known if isinstance(known, Customer) else None


def feedback(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Keeps the stars and the words."""
    first = (wish.slots.get("stars", "").split() or [""])[0]
    stars = int(first) if first.isdecimal() and len(first) < 3 and int(first) in STARS else None
    worded = wish.touched or "words" in wish.said.split() or (stars is None and wish.said.strip() != "feedback")
    words = wish.text if worded else ""
    if stars is None and not words.strip():
        return Outcome("thanks", asks="stars", stage="thanks")
    shop.store.feedback.add(stars, words, session.forced or session.language, session.sold_id)
    return Outcome("feedback_thanks", stage="thanks" if session.stage == "thanks" else None)


def change_language(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Goes on in the language that was asked for."""
    code = wish.words[0] if wish.words else ""
    if code not in shop.languages:
        return Outcome("language_unknown", options=shop.languages)
    session.forced = code
    return Outcome("language_changed")


def help_with(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Tells how things work here."""
    topic = wish.words[0] if wish.words else "how"
    return Outcome(f"help_{topic if topic in HELP else 'how'}")


def call_clerk(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Has somebody come."""
    log.warning("a customer asks for a clerk: %s", wish.words[0] if wish.words else "human")
    return Outcome("clerk_coming")
