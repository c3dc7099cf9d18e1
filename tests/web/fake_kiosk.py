"""A kiosk that understands a handful of sentences, for tests of the page and its socket."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.web.fake_store import FakeShop
from walkiosk.kiosk import Card, Line, Reply, Turn
from walkiosk.kiosk.observing import Observer
from walkiosk.skill.speech_generation import Speaker

OXFORD = Card(
    1, "oxford-42", "Cobb’s black Oxford", 18900, 15120, "black", "42", ("40", "41", "42", "43", "44"),
    "images/oxford.jpg", "clips/scene-1.mp4", 3,
)  # fmt: skip
GOODS = (
    OXFORD,
    Card(2, "runner-42", "Rooftop runner", 9950, None, "blue", "42", ("41", "42", "43"), "images/runner.jpg", "", 12),
    Card(3, "boot-43", "Snow fortress boot", 21900, None, "white", "43", ("42", "43"), "images/boot.jpg", "", 0),
)
REASON = ("Leonardo DiCaprio", "Inception", "First scene", "Worn by Cobb", "Cobb’s black Oxford")
FOUND = {
    "en": "Here they are: Cobb’s black Oxfords, in your size 42. They cost €189.00, and €151.20 for you.",
    "es": "Aquí los tiene: los Oxford negros de Cobb, en su talla 42. Cuestan 189,00 €, y para usted 151,20 €.",
}
# What may be said instead of touched.
SAID = {
    "take it": "choose 1 size=42 quantity=1", "check out": "checkout", "pay": "pay", "five stars": "feedback stars=5",
}  # fmt: skip
TOO_LONG = "That was a lot at once. Please say it in a sentence or two."
GREETING = {"en": "Good day. What may I find for you?", "es": "Buenos días. ¿Qué desea?"}


@dataclass
class Visit:
    """What the fake remembers of a session."""

    basket: list[Line] = field(default_factory=list)
    shown: Reply | None = None
    language: str = "en"


class FakeKiosk:
    """Follows the contract of `walkiosk.kiosk.Kiosk`; `turns` has every turn, `ended` every session that ended.

    The word "slow" waits for `gate`, "break" raises; sound is heard as the next of `script`, then as `hears`.
    `sold` and `gone` are set when a sale went through and when a session ended.
    """

    def __init__(self, store_folder: Path, hears: str = "the shoes of the first scene") -> None:
        self.store_folder, self.shop = store_folder, FakeShop()
        self.name, self.currency, self.wake_phrases = "The Film Shop", "EUR", ("OK Walmrt",)
        self.languages = ("en", "es", "fr", "de", "it", "pt", "ru", "hi", "zh")
        self.hears, self.speaker = hears, Speaker()
        self.keeps_conversations = False
        self.observer = Observer()
        self.jingle: NDArray[np.float32] | None = None
        self.script: list[str] = []
        self.turns: list[Turn] = []
        self.ended: list[str] = []
        self.gate = threading.Event()
        self.sold = threading.Event()
        self.gone = threading.Event()
        self._visits: dict[str, Visit] = {}
        self._numbers = itertools.count(1)

    @property
    def voices(self) -> dict[str, str]:
        return {language: self.speaker.voice(language) or "nobody" for language in self.languages}

    @property
    def plays_jingle(self) -> bool:
        return self.jingle is not None

    def start(self, customer: str | None = None) -> str:
        session = f"session-{next(self._numbers)}"
        self._visits[session] = Visit()
        return session

    def greet(self, session: str, language: str | None = None) -> Reply:
        self._visits[session].language = language or "en"
        return self._reply(session, "greeting", GREETING.get(language or "en", GREETING["en"]))

    def answer(self, turn: Turn, on_heard: Callable[[str], None] | None = None) -> Reply:
        self.turns.append(turn)
        visit = self._visits[turn.session]
        visit.language = turn.language or visit.language
        heard = turn.text or (self._hear() if turn.audio is not None else "")
        if on_heard is not None and heard and not turn.action:
            on_heard(heard)
        said = next((action for words, action in SAID.items() if words in heard.casefold()), None)
        touched = replace(turn, action=turn.action or said)
        reply = self._act(touched, visit) if touched.action else self._understand(turn.session, heard)
        visit.shown = reply = replace(reply, heard=heard)
        return reply

    def _hear(self) -> str:
        return self.script.pop(0) if self.script else self.hears

    def without_voice(self, session: str, reply: Reply) -> Reply:
        return replace(reply, text=f"I only write this. {reply.text}", spoken=False)

    def pay(self, session: str) -> Iterator[Reply]:
        yield self._reply(session, "paying", "That makes €151.20. One moment.", stage="paying")
        self.gate.wait()
        yield self._reply(session, "dispensing", "Your black Oxfords are coming.", stage="dispensing")
        self._visits[session].basket.clear()
        self.sold.set()
        yield self._reply(session, "thanks", "Thank you, Marta. Enjoy your shoes!", stage="thanks")

    def end(self, session: str) -> None:
        del self._visits[session]
        self.ended.append(session)
        self.gone.set()

    def _reply(self, session: str, event: str, text: str, **more: object) -> Reply:
        visit = self._visits[session]
        total = sum(line.price_cents * line.quantity for line in visit.basket)
        plain = Reply(event, text, visit.language, basket=tuple(visit.basket), total_cents=total)
        return replace(plain, **more)  # type: ignore[arg-type]

    def _understand(self, session: str, heard: str) -> Reply:
        language, shown = self._visits[session].language, self._visits[session].shown
        if len(heard) > 1000:
            return self._reply(session, "too_long", TOO_LONG, cards=shown.cards if shown else ())
        if "tongues" in heard:
            return self._reply(session, "language_unknown", "I do not speak that one.", options=self.languages)
        if "slow" in heard:
            self.gate.wait()
        if "break" in heard:
            raise RuntimeError("the fake was told to break")
        if "everything" in heard:
            return self._reply(session, "found_products", "I have found three things.", cards=GOODS)
        if "which" in heard:
            options = ("Cobb’s black Oxford", "Rooftop runner")
            return self._reply(session, "which_one", "Which one do you mean?", asks="which", options=options)
        if "customer" in heard:
            return self._reply(session, "identify_ask", "Please type your PIN.", asks="pin")
        if "shoes" in heard or "zapatos" in heard:
            text = FOUND.get(language, FOUND["en"])
            return self._reply(session, "found_product", text, cards=(OXFORD,), trace=REASON)
        return self._reply(session, "not_understood", "I did not understand that. Please say it again.")

    def _act(self, turn: Turn, visit: Visit) -> Reply:
        action = str(turn.action)
        shown = visit.shown
        if action.startswith("choose"):
            card = GOODS[int(re.findall(r"\d+", action)[0]) - 1]
            visit.basket.append(Line(card.name, 1, card.deal_cents or card.price_cents))
            cards, trace = (shown.cards, shown.trace) if shown else ((card,), ())
            return self._reply(turn.session, "added", "It is in your basket.", cards=cards, trace=trace)
        if action.startswith("show"):
            cards = tuple(card for card in GOODS if card.sku in action)
            return self._reply(turn.session, "found_product", "Here it is.", cards=cards)
        if action.startswith("remove"):
            del visit.basket[int(action.split()[1]) - 1]
            return self._reply(turn.session, "removed", "I have taken it out.", cards=shown.cards if shown else ())
        if action == "checkout":
            return self._reply(turn.session, "checkout", "That makes €151.20.", stage="checkout")
        if action == "pay":
            return self._reply(turn.session, "paying", "That makes €151.20. One moment.", stage="paying")
        if action.startswith("feedback"):
            return self._reply(turn.session, "feedback_thanks", "Thank you, that helps us.")
        if action.startswith("language"):
            visit.language = action.split()[1]
            return self._reply(turn.session, "language_changed", "Con mucho gusto.", cards=shown.cards if shown else ())
        if action.startswith("identify"):
            return self._reply(turn.session, "identified", "Good to see you, Marta.")
        return self._reply(turn.session, "not_understood", "I did not understand that.")
