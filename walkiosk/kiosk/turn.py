"""What the page and the command line exchange with the kiosk."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Turn:
    """One customer's utterance or touch.

    `audio` is mono at 16 kHz, cut at the end of speech. `action` is a touch in the words of an action of chat
    ("choose 2 size=42 quantity=1", "pay", "feedback stars=4", "size 42"); with it `text` has the words of feedback.
    """

    session: str
    text: str | None = None
    audio: NDArray[np.float32] | None = None
    action: str | None = None
    language: str | None = None  # the customer's choice on the screen


@dataclass(frozen=True)
class Card:
    """A product on the screen; paths are relative to the store folder, "" if there is none."""

    number: int  # 1-based position
    sku: str
    name: str  # in the customer's language
    price_cents: int
    deal_cents: int | None  # the customer's own price
    colour: str
    size: str  # "" while it is still to be asked
    sizes: tuple[str, ...]
    image: str
    clip: str
    stock: int


@dataclass(frozen=True)
class Line:
    """A line of the basket; `price_cents` is what one costs."""

    name: str
    quantity: int
    price_cents: int


@dataclass(frozen=True)
class Reply:
    """What the kiosk shows and says."""

    event: str  # the situation: found_product, not_found, checkout, dispensing, thanks …
    text: str  # what to write and speak
    language: str
    heard: str = ""  # the transcript, or the typed text
    cards: tuple[Card, ...] = ()
    trace: tuple[str, ...] = ()  # the reason: names passed through
    basket: tuple[Line, ...] = ()
    total_cents: int = 0
    stage: str = "talk"  # talk | checkout | paying | dispensing | thanks
    asks: str = ""  # "size", "which", "stars", "pin" or ""
    options: tuple[str, ...] = ()  # what to choose from when it asks
    milliseconds: dict[str, float] = field(default_factory=dict)
    spoken: bool = True


@dataclass(frozen=True)
class Linked:
    """A name of the sentence, its type, and the id it was taken for (None: the shop has nothing of that name)."""

    text: str
    type: str
    id: str | None


@dataclass(frozen=True)
class Account:
    """A reply, and how it came about, for `walkiosk ask --json` and for scores."""

    reply: Reply
    action: str = ""  # what the model proposed, with its slots
    entities: tuple[Linked, ...] = ()
    relations: tuple[str, ...] = ()
    program: str | None = None
    answers: tuple[str, ...] = ()  # ids of entities, skus, literals
    product: str | None = None  # sku
