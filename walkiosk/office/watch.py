"""A watch over conversations: who was rude, what was risky, and what the kiosk said that no fact holds.

Rudeness and risk are the model's to find, among categories that people name; ordinary questions are categories too, so
that a bread knife is no weapon. What a reply rests on is compared by code: its figures and the shop's own names have to
be among the facts of the turn. Number words are not compared: the wordings that tell amounts have none.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, select

from walkiosk.office.digest_value import Filed
from walkiosk.store import tables
from walkiosk.store.conversations import LEFT_OUT, Conversation, KeptTurn

Categorise = Callable[[Sequence[str], Sequence[str], Filed], list[str]]  # texts, categories, what is filed by hand
Kind = Literal["rude_customer", "rude_reply", "risk", "distress", "promise"]
WATCHED: dict[str, Kind] = {  # categories that somebody should look at
    "rude to the shop": "rude_customer",
    "rude about the machine": "rude_customer",
    "threats": "risk",
    "asks for another customer's data": "risk",
    "tries to cheat on prices": "risk",
    "wants to break the machine": "risk",
    "buying for minors": "risk",
    "weapons and dangerous things": "risk",
    "customer in distress": "distress",
}
ORDINARY = (
    "looking for a product", "price and payment questions", "size, colour and stock",
    "questions about films, music and facts", "help with the shop", "thanks and praise", "polite complaint", "nonsense",
)  # fmt: skip
CATEGORIES = (*WATCHED, *ORDINARY)
RUDE_REPLIES = ("rude to the shop", "threats")  # said by the kiosk, they are rude to the customer
URGENCY: tuple[Kind, ...] = ("distress", "risk", "promise", "rude_reply", "rude_customer")
REPLIES = Path(__file__).parents[1] / "replies.json"  # the shop's own wordings
LEAST_NAME = 5  # letters of a name that is looked for in replies; two characters of Chinese
MOST_WORDS = 8  # of a name
_FIGURE = re.compile(r"\d+(?:[.,\u00a0\u202f'’]\d+)*")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff][\w\u0900-\u097f]*")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: the line it rests on, and why; `turn` is the turn's number in its conversation.

    `why` is a category of the watch, or the figure or name that no fact of the turn holds.
    """

    kind: Kind
    why: str
    line: str
    conversation: str
    turn: int
    at_ms: int
    language: str | None


def watch(told: Sequence[Conversation], categorise: Categorise | None, names: frozenset[str]) -> tuple[Finding, ...]:
    """Everything in these conversations that somebody should look at, what is most urgent first, then the newest.

    `names` are the shop's own, as `names_of_shop` reads them. Without `categorise` replies are still compared with
    their facts.
    """
    found = [*_promised(told, names)]
    if categorise is not None:
        found += [*_said(told, categorise), *_replied(told, categorise)]
    return tuple(sorted(found, key=lambda each: (URGENCY.index(each.kind), -each.at_ms, each.conversation, each.turn)))


def _said(told: Iterable[Conversation], categorise: Categorise) -> Iterator[Finding]:
    turns = [(each, turn) for each in told for turn in each.turns if turn.heard]
    texts = list(dict.fromkeys(turn.heard for _, turn in turns))
    category = dict(zip(texts, categorise(texts, CATEGORIES, ()), strict=True)) if texts else {}
    for each, turn in turns:
        if category[turn.heard] in WATCHED:
            yield _finding(WATCHED[category[turn.heard]], category[turn.heard], turn.heard, each, turn)


def _replied(told: Iterable[Conversation], categorise: Categorise) -> Iterator[Finding]:
    """Replies that are rude: of those that the model worded itself, without the facts in them."""
    turns = [(each, turn, _bare(turn)) for each in told for turn in each.turns if turn.reply]
    own = [(each, turn, bare) for each, turn, bare in turns if bare not in _wordings()]
    texts = list(dict.fromkeys(bare for _, _, bare in own))
    category = dict(zip(texts, categorise(texts, CATEGORIES, ()), strict=True)) if texts else {}
    for each, turn, bare in own:
        if category[bare] in RUDE_REPLIES:
            yield _finding("rude_reply", category[bare], turn.reply, each, turn)


def _promised(told: Iterable[Conversation], names: frozenset[str]) -> Iterator[Finding]:
    """Replies with a figure that is none of the turn's facts, or a name of the shop's that the customer did not say."""
    for each in told:
        for turn in each.turns:
            why = next(unfounded(turn, names), None)
            if why is not None:
                yield _finding("promise", why, turn.reply, each, turn)


def unfounded(turn: KeptTurn, names: frozenset[str]) -> Iterator[str]:
    """The figures and names of a reply that rest on nothing, as they are written."""
    rest = _without(turn.reply, turn.facts)
    held = {_digits(figure) for fact in turn.facts for figure in _FIGURE.findall(fact)}
    for figure in _FIGURE.findall(rest):
        if _digits(figure) not in held:
            yield figure
    said = f"{turn.heard}\n{' '.join(turn.facts)}".casefold()
    for name in _named(rest, names):
        if name.casefold() not in said:
            yield name


def names_of_shop(engine: Engine) -> frozenset[str]:
    """The names that a reply could promise: the shop's goods, and the things that its graph knows, in all languages."""
    product, own, entity = tables.product, tables.product_translation, tables.entity
    with engine.connect() as connection:
        columns = (product.c.name, own.c.name, entity.c.name)
        every = [name for column in columns for name in connection.execute(select(column)).scalars() if name]
    return frozenset(name for name in every if _is_telling(name))


def _is_telling(name: str) -> bool:
    """Whether a name is long enough not to be a word that any sentence may have."""
    return len(name) >= LEAST_NAME or (len(name) > 1 and "\u3400" <= name[0] <= "\u9fff")


def _named(text: str, names: frozenset[str]) -> Iterator[str]:
    """The names in a text, as the shop writes them."""
    words = list(_WORD.finditer(text))
    for first, word in enumerate(words):
        behind = reversed(words[first : first + 2 * MOST_WORDS])
        spans = (text[word.start() : last.end()] for last in behind)
        found = next((span for span in spans if span in names), None)
        if found is not None and not any(found in wording for wording in _wordings()):
            yield found


def _without(text: str, facts: Sequence[str]) -> str:
    """A text without its facts, the longest first; a fact that is a mere figure or letter stays, it is compared."""
    for fact in sorted(facts, key=len, reverse=True):
        if len(fact) > 1 and not _FIGURE.fullmatch(fact):
            text = re.sub(rf"{_edge(fact[0], '<!')}{re.escape(fact)}{_edge(fact[-1], '!')}", " ", text)
    return text


def _edge(letter: str, look: str) -> str:
    """Where a fact that starts or ends with a letter or digit may not go on; Chinese has no words that end."""
    return rf"(?{look}\w)" if letter.isalnum() and not "\u3040" <= letter <= "\u9fff" else ""


def _bare(turn: KeptTurn) -> str:
    """The words of a reply around its facts."""
    bare = _without(turn.reply, turn.facts).replace(LEFT_OUT, " ")
    return " ".join(_FIGURE.sub(" ", bare).split())


def _digits(figure: str) -> str:
    """A figure as its digits, whatever stands between them; cents that are none are left out."""
    digits = "".join(str(unicodedata.decimal(letter)) for letter in figure if letter.isdecimal())
    return digits[:-2] if re.search(r"[.,]\d\d$", figure) and digits.endswith("00") else digits


@lru_cache(maxsize=1)
def _wordings() -> frozenset[str]:
    """Our own wordings in all languages, as `_bare` leaves them."""
    replies: dict[str, dict[str, dict[str, str]]] = json.loads(REPLIES.read_text("utf-8"))
    texts = (text for every in replies.values() for event in every.values() for text in event.values())
    return frozenset(" ".join(_PLACEHOLDER.sub(" ", text).split()) for text in texts)


def _finding(kind: Kind, why: str, line: str, told: Conversation, turn: KeptTurn) -> Finding:
    return Finding(kind, why, line, told.id, turn.number, turn.at_ms, told.language)
