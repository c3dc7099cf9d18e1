"""Decide: the only step that touches basket, stock and money. The model proposed an action, the shop decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from walkiosk.kiosk import browsing, choosing, identifying, minding, selling
from walkiosk.kiosk.answering import answer
from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.identifying import Door
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.question import Finding
from walkiosk.kiosk.session import Session
from walkiosk.kiosk.understand import Wish

Decide = Callable[[Shop, Session, Wish], Outcome]
# What is said in passing leaves the sale where it is; everything else leads back to the goods.
IN_PASSING = (
    "ask", "identify", "repeat", "slower", "louder", "language", "help", "feedback", "clerk", "smalltalk",
    "not_understood",
)  # fmt: skip
SAID_BY_NAME = ("smalltalk", "slower", "louder")  # the situation has the action's name
DECIDES: dict[str, Decide] = {
    "show": browsing.more,
    "choose": choosing.choose,
    "remove": choosing.remove,
    "compare": browsing.compare,
    "cheaper": browsing.cheaper,
    "other": browsing.other,
    "ask": browsing.ask,
    "checkout": selling.checkout,
    "pay": selling.pay,
    "cancel": selling.cancel,
    "language": minding.change_language,
    "help": minding.help_with,
    "feedback": minding.feedback,
    "clerk": minding.call_clerk,
}


@dataclass(frozen=True)
class Doors:
    """What wrong codes close for a while: the customers' door and the clerks' one."""

    customers: Door = field(default_factory=Door)
    clerks: Door = field(default_factory=Door)


def decide(shop: Shop, session: Session, wish: Wish, finding: Finding | None, doors: Doors) -> Outcome:
    """What becomes of a wish; the session is moved on."""
    if session.stage == "thanks" and wish.action not in IN_PASSING:
        session.receipt = ()
    if wish.action == "answer":
        outcome = answer(shop, session, finding) if finding is not None else Outcome("not_found")
    elif wish.action == "identify":
        outcome = identifying.identify(shop, session, wish, doors.customers)
    elif wish.action == "clerk" and wish.touched and "code" in wish.slots:
        outcome = minding.see_age(shop, session, wish, doors.clerks)
    elif wish.action in DECIDES:
        outcome = DECIDES[wish.action](shop, session, wish)
    else:  # `repeat` with nothing to repeat, and what is no action of ours
        outcome = Outcome(wish.action if wish.action in SAID_BY_NAME else "not_understood")
    if outcome.stage is not None:
        session.stage = outcome.stage
    elif wish.action not in IN_PASSING:
        session.stage = "talk"
    return outcome
