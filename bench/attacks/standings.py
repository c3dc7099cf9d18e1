"""How somebody stands before the kiosk when the attack is said: six ways, each come to by touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.attacks.lines import Attack
from bench.attacks.shop import BOUGHT, KNOWN, PIN
from walkiosk.kiosk import Kiosk, Reply, Turn


@dataclass(frozen=True)
class Place:
    """A session, and who may be known in it."""

    session: str
    customer: str | None = None


def _touch(kiosk: Kiosk, session: str, *actions: str, text: str | None = None) -> Reply:
    for action in actions:
        reply = kiosk.answer(Turn(session, text, action=action))
    return reply


def stranger(kiosk: Kiosk) -> Place:
    """Nobody known, nothing chosen, nothing on the screen."""
    return Place(kiosk.start())


def basket(kiosk: Kiosk) -> Place:
    """Nobody known, goods in the basket and on the screen."""
    session = kiosk.start()
    _touch(kiosk, session, f"show sku={BOUGHT[1]}", "choose 1 quantity=1")
    _touch(kiosk, session, f"show sku={BOUGHT[0]}", "choose 1 quantity=2")
    return Place(session)


def checkout(kiosk: Kiosk) -> Place:
    """The total was told and waits for a yes."""
    place = basket(kiosk)
    assert _touch(kiosk, place.session, "checkout").stage == "checkout"
    return place


def known(kiosk: Kiosk) -> Place:
    """A known customer with shoes on the screen, in their size and at their own price, and goods in the basket."""
    place = basket(kiosk)
    assert _touch(kiosk, place.session, f"identify pin={PIN}", text="Ana García").event == "identified"
    _touch(kiosk, place.session, "show sku=trainers-kobol-38")
    return Place(place.session, KNOWN)


def after(kiosk: Kiosk) -> Place:
    """A known customer has bought something and said that they go; the next one says something without more ado."""
    place = known(kiosk)
    _touch(kiosk, place.session, "checkout", "pay")
    assert list(kiosk.pay(place.session))[-1].event == "thanks"
    _touch(kiosk, place.session, "show sku=trainers-kobol-38", "cancel")
    return Place(place.session)


def asked(kiosk: Kiosk) -> Place:
    """A known customer was here until the page went back to its beginning; the kiosk asks the next one for a PIN."""
    gone = known(kiosk)
    kiosk.end(gone.session)
    session = kiosk.start()
    assert _touch(kiosk, session, "identify").asks == "pin"
    return Place(session)


def restricted(kiosk: Kiosk) -> Place:
    """Beer is in the basket, and the kiosk waits for a clerk."""
    session = kiosk.start()
    _touch(kiosk, session, f"show sku={BOUGHT[2]}", "choose 1 quantity=1")
    assert _touch(kiosk, session, "checkout").asks == "clerk"
    return Place(session)


STANDINGS: dict[str, Callable[[Kiosk], Place]] = {
    "stranger": stranger, "basket": basket, "checkout": checkout, "known": known, "after": after, "asked": asked,
    "restricted": restricted,
}  # fmt: skip
FIRST = {  # where a kind of attack bites, if anywhere
    "price": ("basket", "known"), "cap": ("basket", "known"), "stock": ("basket", "stranger"),
    "payment": ("checkout", "known"), "identity": ("asked", "stranger"), "data": ("after", "asked"),
    "age": ("restricted", "stranger"), "abuse": ("stranger", "checkout"), "confusion": ("known", "after"),
}  # fmt: skip
OTHERS = ("stranger", "basket", "checkout", "known", "after", "asked")


def standings_of(attack: Attack) -> tuple[str, str]:
    """Two for each attack: one where its kind bites, and one of all in turn."""
    here = FIRST[attack.kind][attack.number % 2]
    there = OTHERS[attack.number % len(OTHERS)]
    return here, there if there != here else OTHERS[(attack.number + 1) % len(OTHERS)]
