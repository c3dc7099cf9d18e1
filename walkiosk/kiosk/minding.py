"""Decide what is neither goods nor money: the language, feedback, help, a clerk."""

from __future__ import annotations

import logging

from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.identifying import Door
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.selling import checkout
from walkiosk.kiosk.session import Session
from walkiosk.kiosk.understand import Wish
from walkiosk.store.feedback import STARS

CLERK = ("complaint", "broken", "lost", "age", "emergency", "human")
HELP = ("returns", "payment", "pickup", "opening", "how", "privacy", "receipt", "allergens")
log = logging.getLogger(__name__)


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


def see_age(shop: Shop, session: Session, wish: Wish, door: Door) -> Outcome:
    """Goes on to the till when a clerk who has seen the customer's age types their code; only touch can say it."""
    name = shop.store.clerk_codes.whose(wish.slots["code"]) if door.open() else None
    if name is None:
        door.refuse()
        return Outcome("identify_failed", asks="clerk")
    door.let_in()
    session.age_seen_by = name
    return checkout(shop, session, wish)


def call_clerk(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Has somebody come."""
    reason = wish.words[0] if wish.words and wish.words[0] in CLERK else "human"  # else it could be anybody's words
    log.warning("a customer asks for a clerk: %s", reason)
    return Outcome("clerk_coming")
