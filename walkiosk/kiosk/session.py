"""What the kiosk remembers of one customer, as long as they stand before it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from walkiosk.kiosk.turn import Card, Line, Reply
from walkiosk.skill.conversation import Said
from walkiosk.skill.understanding import Understood
from walkiosk.store.customers import Customer
from walkiosk.store.linking import Link

HISTORY = 3  # utterances that the model reads, the customer's newest included
REMEMBERED_LETTERS = 200  # of an utterance in the history
EARLIER = 8  # screens that can be gone back to
FEW_WORDS = 3  # fewer do not tell the language: "ok", "Inception"


@dataclass(frozen=True)
class Which:
    """We asked which of several things of one name is meant by mention number `mention` (0-based) of the question."""

    question: Understood
    mention: int
    options: tuple[Link, ...]


@dataclass(frozen=True)
class WantedSize:
    """We asked for the size of card `card` (0-based); with `buy` so many go into the basket then."""

    card: int
    quantity: int = 1
    buy: bool = False
    then: tuple[int, ...] = ()  # what else was chosen at once, on the screen (1-based)


@dataclass(frozen=True)
class Screen:
    """What was found once, and how far the customer had turned its pages."""

    found: tuple[str, ...]
    shown_from: int
    trace: tuple[str, ...]
    clip: str


@dataclass
class Session:
    """One customer's visit. Nothing is written to the shop's books before something is chosen."""

    id: str
    customer: Customer | None = None
    language: str | None = None  # that the customer speaks, once we know
    forced: str | None = None  # that the customer chose
    on_screen: str | None = None  # the choice that the page sent last
    rumour: str | None = None  # another language that was heard once
    told_unknown: bool = False  # that we do not speak the customer's language
    told_no_voice: bool = False  # that we only write the customer's language
    basket_id: str | None = None
    age_seen_by: str | None = None  # the clerk who has seen that this customer is old enough
    sale_id: str | None = None  # reserved, being paid
    sold_id: str | None = None  # the last one that went through
    receipt: tuple[Line, ...] = ()
    found: tuple[str, ...] = ()  # a sku of each thing found, best first
    shown_from: int = 0
    cards: tuple[Card, ...] = ()
    cards_for: tuple[str, str | None, int] = ("", None, 0)  # language, customer, and which loading of the shop
    earlier: tuple[Screen, ...] = ()  # what was on the screen before, the latest last
    focus: int | None = None  # the card last spoken of, 0-based
    trace: tuple[str, ...] = ()
    told: tuple[str, ...] = ()  # the facts of the last reply that can be repeated
    clip: str = ""
    sizes: dict[str, str] = field(default_factory=dict)  # by category, folded
    pending: Which | WantedSize | None = None
    asked_which: set[str] = field(default_factory=set)
    history: list[Said] = field(default_factory=list)
    stage: str = "talk"
    last: Reply | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def fresh(self) -> bool:
        """Whether the customer has said nothing yet and sees nothing."""
        return not self.cards and not any(said.who == "customer" for said in self.history)

    def choose_language(self, language: str | None) -> None:
        """Notes the page's choice; one that it sent before does not undo what the customer said since."""
        if language != self.on_screen:
            self.on_screen = self.forced = language

    def hear_language(self, language: str, text: str, sure: bool) -> str:
        """The language to go on in, after an utterance that seems to be in `language`."""
        telling = sure and (len(text.split()) >= FEW_WORDS or _is_dense(text))
        if self.forced is not None:
            return self.forced
        if self.language is None or language == self.language or telling or language == self.rumour:
            self.rumour = None
            return language
        self.rumour = language
        return self.language

    def say(self, who: str, text: str) -> None:
        """Adds an utterance to the history."""
        self.history = [*self.history, Said(who, text[:REMEMBERED_LETTERS])][-HISTORY:]

    def keep_screen(self) -> None:
        """Notes what is on the screen, for who wants it back."""
        if self.found:
            kept = Screen(self.found, self.shown_from, self.trace, self.clip)
            self.earlier = (*self.earlier, kept)[-EARLIER:]

    def forget_customer(self) -> None:
        """Forgets who was here and what they said, wore and bought; the basket and the screen are left as they are."""
        self.customer = self.age_seen_by = self.sold_id = self.last = None
        self.receipt, self.told, self.earlier, self.history = (), (), (), []
        self.sizes.clear()
        self.asked_which.clear()

    def forget_goods(self) -> None:
        """Clears the screen and what was asked about it."""
        self.found, self.cards, self.shown_from, self.focus = (), (), 0, None
        self.trace, self.clip, self.pending = (), "", None


def _is_dense(text: str) -> bool:
    """Whether a text without spaces says enough, as Chinese does."""
    return sum("\u3040" <= letter <= "\u9fff" for letter in text) >= FEW_WORDS
