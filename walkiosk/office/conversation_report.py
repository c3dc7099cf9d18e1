"""What came of conversations: sales, questions without an answer, time to answer, and customers who gave up.

A customer *asked* who wanted something of the shop, understood or not. Somebody who asked *gave up* when the
conversation is over and nothing was sold, unless all they wanted to know was a fact and they were told.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from walkiosk.office.digest_value import Floats, Period
from walkiosk.office.reports import UNKNOWN, milliseconds_of
from walkiosk.office.themes import ALONE, group_remarks
from walkiosk.skill.summarization import SAME_THEME
from walkiosk.store import Store
from walkiosk.store.conversations import Conversation, KeptTurn
from walkiosk.store.folding import fold

Vectors = Callable[[Sequence[str]], Floats]  # N texts → N D, of length 1
Missed = Literal["not_found", "not_sold", "not_understood", "out_of_stock"]
Place = Literal["payment", "basket", "unanswered", "shown"]
MISSED: dict[str, Missed] = {  # the event of a reply: what the customer did not get
    "not_found": "not_found",
    "nothing_sold": "not_sold",
    "none_other": "not_sold",
    "none_cheaper": "not_sold",
    "not_understood": "not_understood",
    "language_unknown": "not_understood",
    "out_of_stock": "out_of_stock",
    "size_missing": "out_of_stock",
}
ASKING = ("answer", "show", "compare", "cheaper", "other", "ask", "choose")  # actions that want something of the shop
TOLD = ("answer_entities", "answer_literal", "answer_count")  # a fact, no goods
AT_PAYMENT = ("paying", "declined", "jammed")
AT_BASKET = ("added", "checkout")
OVER_MILLISECONDS = 10 * 60 * 1000  # without a word; then a conversation is over, whether or not we saw its end
EXAMPLES = 3  # of what was said, in a group


@dataclass(frozen=True, slots=True)
class Conversion:
    """How far conversations came: of all, those that asked, that had something in the basket, that bought."""

    conversations: int = 0
    asked: int = 0
    basket: int = 0
    sold: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds to an answer: half of the answers were faster than `p50_ms`, nine of ten than `p90_ms`."""

    answers: int
    p50_ms: int
    p90_ms: int


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Something that customers wanted and did not get; `words` is the wording nearest to what all of them said.

    `sku` is the product that was sold out; `people` are conversations, `times` how often it was asked in them.
    """

    missed: Missed
    words: str
    sku: str | None
    people: int
    times: int
    examples: tuple[str, ...]
    languages: tuple[str, ...]
    last: datetime.date


@dataclass(frozen=True, slots=True)
class ConversationReport:
    """Conversations that began in a period; `kept_days` is for how long the shop keeps them, 0 for not at all."""

    period: Period
    kept_days: int
    turns: int
    conversion: Conversion
    by_language: tuple[tuple[str, Conversion], ...]
    times: Times | None
    missed: tuple[AskedFor, ...]
    gave_up: dict[Place, int]


def conversation_report(
    store: Store, period: Period, now_ms: int, vectors: Vectors | None = None, kiosk: str | None = None
) -> ConversationReport:
    """The conversations of a period, at one kiosk or at all.

    Without `vectors` only what was said in the same words is put together.
    """
    told = store.conversations.between(*milliseconds_of(period, store.settings.time_zone), kiosk)
    names = {product.sku: product.name for product in store.catalogue.all()}
    languages = Counter(each.language or UNKNOWN for each in told)
    return ConversationReport(
        period,
        store.settings.keep_conversations_days,
        sum(len(each.turns) for each in told),
        conversion(told),
        tuple(
            (code, conversion([each for each in told if (each.language or UNKNOWN) == code]))
            for code, _ in languages.most_common()
        ),
        times(told),
        missed(told, names, zoneinfo.ZoneInfo(store.settings.time_zone), vectors),
        gave_up(told, now_ms),
    )


def conversion(told: Sequence[Conversation]) -> Conversion:
    """How far these conversations came."""
    return Conversion(
        len(told),
        sum(any(map(asked, each.turns)) for each in told),
        sum(any(turn.event in AT_BASKET or turn.sale_id for turn in each.turns) for each in told),
        sum(bool(each.sale_ids) for each in told),
    )


def asked(turn: KeptTurn) -> bool:
    """Whether a customer wanted something of the shop in this turn."""
    return turn.event in MISSED or turn.action.partition(" ")[0] in ASKING


def times(told: Iterable[Conversation]) -> Times | None:
    """How long customers waited for an answer; None when nobody did."""
    waited = [turn.answer_ms for each in told for turn in each.turns if turn.answer_ms is not None]
    if not waited:
        return None
    half, most = np.percentile(waited, (50, 90), method="inverted_cdf")
    return Times(len(waited), round(half), round(most))


def is_over(told: Conversation, now_ms: int) -> bool:
    """Whether nothing more is to be expected of a conversation."""
    last_ms = told.turns[-1].at_ms if told.turns else told.started_ms
    return told.ended_ms is not None or last_ms + OVER_MILLISECONDS <= now_ms


def gave_up(told: Iterable[Conversation], now_ms: int) -> dict[Place, int]:
    """How many customers gave up, by how far they had come: all four places are there."""
    found: dict[Place, int] = {"payment": 0, "basket": 0, "unanswered": 0, "shown": 0}
    for each in told:
        place = where_given_up(each) if is_over(each, now_ms) else None
        if place is not None:
            found[place] += 1
    return found


def where_given_up(told: Conversation) -> Place | None:
    """How far a customer had come who bought nothing; None for one who bought, asked nothing, or was told a fact.

    Who left money or goods in our hands counts there; everybody else by the answer to what they asked last.
    """
    questions = [turn for turn in told.turns if asked(turn)]
    if told.sale_ids or not questions:
        return None
    events = [turn.event for turn in told.turns]
    if any(event in AT_PAYMENT for event in events):
        return "payment"
    if "added" in events:
        return "basket"
    if questions[-1].event in MISSED:
        return "unanswered"
    return None if questions[-1].event in TOLD else "shown"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One turn in which somebody did not get what they wanted."""

    missed: Missed
    words: str
    sku: str | None
    conversation: str
    language: str
    day: datetime.date


def missed(
    told: Iterable[Conversation], names: dict[str, str], zone: zoneinfo.ZoneInfo, vectors: Vectors | None
) -> tuple[AskedFor, ...]:
    """What customers did not get: what is sold out by product, all else by meaning; what most people wanted first."""
    wanted = [
        _Wanted(
            MISSED[turn.event],
            turn.heard,
            turn.skus[0] if turn.skus and MISSED[turn.event] == "out_of_stock" else None,
            each.id,
            each.language or UNKNOWN,
            datetime.datetime.fromtimestamp(turn.at_ms / 1000, zone).date(),
        )
        for each in told
        for turn in each.turns
        if turn.event in MISSED
    ]
    groups: dict[tuple[str, str], list[_Wanted]] = {}
    for each in wanted:
        if each.sku is not None:
            groups.setdefault((each.missed, each.sku), []).append(each)
    for kind in dict.fromkeys(each.missed for each in wanted):
        said = [each for each in wanted if each.missed == kind and each.sku is None and each.words]
        for place, group in enumerate(_alike(said, vectors)):
            groups[kind, f" {place}"] = group
    found = [_asked_for(group, names) for group in groups.values()]
    return tuple(sorted(found, key=lambda each: (-each.people, -each.times, each.missed, each.words)))


def _alike(said: list[_Wanted], vectors: Vectors | None) -> list[list[_Wanted]]:
    """What was said, put together by meaning; what stands for a group comes first in it."""
    texts = list({fold(each.words): each.words for each in reversed(said)}.values())
    if not texts:
        return []
    by_text: dict[str, list[_Wanted]] = {}
    for each in said:
        by_text.setdefault(fold(each.words), []).append(each)
    if vectors is None:
        return list(by_text.values())
    rows = vectors(texts)
    grouping = group_remarks(rows.astype(np.float16), SAME_THEME, SAME_THEME, least=1)
    together: dict[int, list[int]] = {}
    for place, number in enumerate(grouping.group):
        together.setdefault(int(number) if number != ALONE else -1 - place, []).append(place)
    groups = []
    for number, places in together.items():
        if number >= 0:
            places = sorted(places, key=lambda place: -float(rows[place] @ grouping.means[number]))
        groups.append([each for place in places for each in by_text[fold(texts[place])]])
    return groups


def _asked_for(group: list[_Wanted], names: dict[str, str]) -> AskedFor:
    first = group[0]
    words = first.words if first.sku is None else names.get(first.sku, first.sku)
    said = dict.fromkeys(each.words for each in group if each.words)
    return AskedFor(
        first.missed,
        words,
        first.sku,
        len({each.conversation for each in group}),
        len(group),
        tuple(said)[:EXAMPLES],
        tuple(sorted({each.language for each in group})),
        max(each.day for each in group),
    )
