"""What page and server tell each other: dataclasses here, JSON at the socket, checked and written by pydantic.

Audio is binary. Page → server: mono PCM s16le at 16 kHz, at most a second a frame. Server → page: `AUDIO_HEADER`,
then mono PCM s16le; the header names reply, sentence (0-based), sample rate in Hz and whether the sentence ends here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from walkiosk.kiosk import Reply
from walkiosk.listening import SAMPLE_RATE
from walkiosk.speech import Spoken
from walkiosk.store.receipt_text import Row

AUDIO_HEADER = struct.Struct("<IHHI")  # reply, sentence, last (0 or 1), sample rate: 12 bytes
END_OF_REPLY = 0xFFFF  # stands for the sentence in a frame without sound: all of the reply has been sent
LONGEST_FRAME = 2 * SAMPLE_RATE  # bytes, a second of sound
LONGEST_ACTION = 200  # letters; the longest touch is a few words
LONGEST_READING = 600  # letters; six cards with their names and prices
LONGEST_LANGUAGE = 20  # letters of a code
STRICT = ConfigDict(extra="forbid")
StateName = Literal["attract", "listening", "hearing", "thinking", "speaking"]


@dataclass(frozen=True)
class Wake:
    """The customer touched the attract screen."""

    kind: Literal["wake"]
    language: str | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Text:
    """The customer typed."""

    kind: Literal["text"]
    text: str
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Touch:
    """The customer touched something: an action in the words of `Turn.action`; `text` has the words of feedback."""

    kind: Literal["touch"]
    action: Annotated[str, Field(min_length=1, max_length=LONGEST_ACTION)]
    text: str | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Language:
    """The customer chose a language; None lets the kiosk find it from what is said."""

    kind: Literal["language"]
    language: str | None
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class StartOver:
    """Forget this customer, back to the attract screen."""

    kind: Literal["start_over"]
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class BargeIn:
    """Stop speaking, nothing else."""

    kind: Literal["barge_in"]
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Played:
    """The page has played all that was spoken of a reply."""

    kind: Literal["played"]
    reply: int
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Microphone:
    """The microphone was switched; what was half said when it went off is dropped."""

    kind: Literal["microphone"]
    on: bool
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Read:
    """Read something of the screen aloud, for who does not see it: what has the focus, or the goods shown."""

    kind: Literal["read"]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_READING)]
    language: str
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class WantReceipt:
    """Show the receipt of the sale that went through in this conversation, or print it; in the page's language."""

    kind: Literal["receipt"]
    language: Annotated[str, Field(max_length=LONGEST_LANGUAGE)]
    printed: bool = False
    __pydantic_config__ = STRICT


FromPage = Annotated[
    Wake | Text | Touch | Language | StartOver | BargeIn | Played | Microphone | Read | WantReceipt,
    Field(discriminator="kind"),
]


@dataclass(frozen=True)
class Shop:
    """Sent first: whose kiosk this is."""

    name: str
    wake_phrase: str
    currency: str
    languages: tuple[str, ...]
    jingle: bool  # whether /jingle.wav is there to be played
    keeps: bool  # whether what is said is kept as text
    hearing_loop: bool  # whether a hearing aid set to T receives the kiosk's voice
    kind: Literal["shop"] = "shop"


@dataclass(frozen=True)
class State:
    """What the kiosk does now."""

    state: StateName
    kind: Literal["state"] = "state"


@dataclass(frozen=True)
class Caption:
    """What was heard or typed, as soon as it is known: before the answer, which has it too.

    To somebody on the attract screen it comes only after the wake phrase or a typed turn: their visit begins with it.
    """

    text: str
    kind: Literal["caption"] = "caption"


@dataclass(frozen=True)
class Answer:
    """A reply, numbered from 1 in each socket, with its sentences as they will be spoken, if they will."""

    number: int
    reply: Reply
    sentences: tuple[str, ...]
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True)
class Hush:
    """Stop playing every reply up to this number."""

    number: int
    kind: Literal["hush"] = "hush"


@dataclass(frozen=True)
class ReceiptShown:
    """A receipt row by row, its QR code as an SVG document, and whether it can be printed."""

    language: str
    rows: tuple[Row, ...]
    code: str
    prints: bool
    kind: Literal["receipt"] = "receipt"


@dataclass(frozen=True)
class ReceiptPrinted:
    """What became of a printing: `enough` when it was printed before."""

    outcome: Literal["printed", "paper", "unreachable", "enough"]
    kind: Literal["receipt_printed"] = "receipt_printed"


@dataclass(frozen=True)
class Problem:
    """A message could not be taken: `what` is a fixed word, `detail` names what is wrong, for the page's author."""

    what: Literal["malformed", "audio", "language", "empty", "busy", "failed", "receipt", "too_fast"]
    detail: str
    kind: Literal["problem"] = "problem"


ToPage = Annotated[
    Shop | State | Caption | Answer | Hush | ReceiptShown | ReceiptPrinted | Problem, Field(discriminator="kind")
]

_from_page: TypeAdapter[FromPage] = TypeAdapter(FromPage)
_to_page: TypeAdapter[ToPage] = TypeAdapter(ToPage)


def read(message: str) -> FromPage | Problem:
    """The page's message, or what is wrong with it."""
    try:
        return _from_page.validate_json(message, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return Problem("malformed", f"{place}: {first['msg']}" if place else first["msg"])


def frame_problem(pcm: bytes) -> Problem | None:
    """What is wrong with a frame of the microphone's, if anything."""
    if len(pcm) % 2 == 0 and len(pcm) <= LONGEST_FRAME:
        return None
    told = f"audio: a frame is 16-bit samples, at most {LONGEST_FRAME} bytes; this one has {len(pcm)}"
    return Problem("audio", told)


def write(message: ToPage) -> str:
    """A message to the page as JSON."""
    return _to_page.dump_json(message).decode()


def audio_frame(reply: int, spoken: Spoken) -> bytes:
    """A piece of a spoken reply as a binary frame."""
    return AUDIO_HEADER.pack(reply, spoken.sentence, spoken.last, spoken.sample_rate) + spoken.pcm


def end_frame(reply: int) -> bytes:
    """Says that all sound of a reply has been sent, none if it has no voice."""
    return AUDIO_HEADER.pack(reply, END_OF_REPLY, 1, 0)
