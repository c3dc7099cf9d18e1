"""Word: from what was decided to the reply, and how it came about."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from walkiosk.kiosk.goods import Shop, basket_of, language_of, lines_of
from walkiosk.kiosk.hearing import Hearing
from walkiosk.kiosk.observing import Observer
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.question import Finding
from walkiosk.kiosk.session import Session
from walkiosk.kiosk.turn import Account, Reply
from walkiosk.kiosk.understand import Wish
from walkiosk.kiosk.wording import Telling, say

NOT_REPEATED = ("slower", "louder")
NOT_UNDERSTOOD = ("not_understood", "not_found")


@dataclass
class Watch:
    """Milliseconds of each step of a turn; `observer` is there while a step is done."""

    milliseconds: dict[str, float] = field(default_factory=dict)
    observer: Observer = field(default_factory=Observer)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Adds the time that passes within."""
        start = time.perf_counter()
        try:
            with self.observer.step(name):
                yield
        finally:
            self.milliseconds[name] = self.milliseconds.get(name, 0.0) + (time.perf_counter() - start) * 1000


def reply_to(shop: Shop, session: Session, outcome: Outcome, heard: str, watch: Watch) -> Reply:
    """Words an outcome, beside all that is on the screen, and keeps in the session what can be repeated."""
    language = language_of(shop, session)
    with watch.step("word"):
        text = say(shop.skills, outcome.tellings, language)
    session.say("kiosk", text)
    basket = lines_of(basket_of(shop, session)) or session.receipt
    reply = Reply(
        outcome.event,
        text,
        language,
        heard,
        session.cards,
        session.trace,
        basket,
        sum(line.quantity * line.price_cents for line in basket),
        session.stage,
        outcome.asks,
        outcome.options,
        watch.milliseconds,
    )
    if outcome.event not in NOT_REPEATED:
        session.last = reply
        session.told = tuple(fact for telling in outcome.tellings for fact in telling.facts.values())
    return reply


def with_language_told(session: Session, outcome: Outcome, heard: Hearing) -> Outcome:
    """Says, once, that the customer's language is not ours; it is all there is to say when nothing was understood."""
    if not heard.foreign or session.told_unknown:
        return outcome
    session.told_unknown = True
    if outcome.event in NOT_UNDERSTOOD:
        return Outcome("language_unknown", options=outcome.options, stage=outcome.stage)
    return replace(outcome, before=(Telling("language_unknown"), *outcome.before))


def account_of(session: Session, reply: Reply, wish: Wish, finding: Finding | None) -> Account:
    """The reply with what was understood and looked up."""
    cards = reply.cards
    product = cards[session.focus or 0].sku if cards else None
    if finding is None:
        return Account(reply, wish.said, product=product)
    program = finding.question.program
    return Account(
        reply,
        wish.said,
        finding.entities,
        finding.relations,
        str(program) if program is not None else None,
        finding.ids,
        product,
    )
