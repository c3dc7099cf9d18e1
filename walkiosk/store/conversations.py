"""What was said at the kiosk, without who said it, for as long as the shop keeps it. No sound is ever kept."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, Engine, delete, insert, select, update

from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.office_tables import conversation, conversation_turn, sale_language

DAY_MILLISECONDS = 24 * 60 * 60 * 1000
LONGEST = 2000  # letters of what was said that are kept
LEFT_OUT = "…"
# Numbers as long as a PIN or longer, in one, in groups, or digit by digit as they are dictated.
_LONG_NUMBER = re.compile(r"\d(?:[\s\-–]?\d){3,}|(?<!\d)\d(?:[\s,.\-–]+\d(?!\d)){3,}")


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """What a customer said or touched (`heard` is "" for a touch), what the model proposed, and the reply.

    `answer_ms` is None for a reply that nobody waited for, as while a sale goes on; `skus` were on the screen, what the
    reply was about first; `facts` are the texts that the reply could rest on; `sale_id` came to its end in this turn.
    """

    number: int  # 1-based
    at_ms: int
    heard: str
    action: str
    event: str
    reply: str
    answer_ms: int | None = None
    skus: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    sale_id: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One visit; `ended_ms` is None while it goes on, and for good where nobody saw its end."""

    id: str
    started_ms: int
    ended_ms: int | None
    language: str | None
    known: bool  # whether the customer was one of ours; not which
    turns: tuple[KeptTurn, ...] = ()
    kiosk: str | None = None  # that it was held at; None for here

    @property
    def sale_ids(self) -> tuple[str, ...]:
        """The sales that it led to."""
        return tuple(turn.sale_id for turn in self.turns if turn.sale_id is not None)


def without_long_numbers(text: str) -> str:
    """A text without numbers of four digits or more: PINs, cards, telephones; years too, for the same reason."""
    return _LONG_NUMBER.sub(LEFT_OUT, text)


class Conversations:
    """Keeps conversations for `keep_days`, and with 0 nothing at all; `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, keep_days: int, clock: Callable[[], int] = now_ms) -> None:
        self.engine = engine
        self.keep_days = keep_days
        self.clock = clock

    def write(self, told: Conversation) -> None:
        """Adds the turns of a conversation to those that are kept, and notes how it stands now."""
        if not self.keep_days:
            return
        stands = {"ended_ms": told.ended_ms, "language": told.language, "known": told.known}
        own = conversation.c.id == told.id
        with writing(self.engine).begin() as connection:
            if connection.execute(select(conversation.c.id).where(own)).first() is None:
                connection.execute(insert(conversation).values(id=told.id, started_ms=told.started_ms, **stands))
            else:
                connection.execute(update(conversation).where(own).values(**stands))
            if told.turns:
                connection.execute(insert(conversation_turn), [_row(told.id, turn) for turn in told.turns])
            _note_language(connection, told)

    def purge(self) -> int:
        """Deletes what is older than the shop keeps it; returns how many conversations those were."""
        until_ms = self.clock() - self.keep_days * DAY_MILLISECONDS
        old = conversation.c.started_ms < until_ms if self.keep_days else conversation.c.id.is_not(None)
        turn = conversation_turn
        with writing(self.engine).begin() as connection:
            connection.execute(delete(turn).where(turn.c.conversation_id.in_(select(conversation.c.id).where(old))))
            return connection.execute(delete(conversation).where(old)).rowcount

    def between(self, since_ms: int, until_ms: int, kiosk: str | None = None) -> tuple[Conversation, ...]:
        """The conversations that began from `since_ms` on and before `until_ms`, oldest first; of one kiosk or all."""
        own, turn = conversation, conversation_turn
        meant = (own.c.started_ms >= since_ms) & (own.c.started_ms < until_ms)
        if kiosk is not None:
            meant &= own.c.kiosk == kiosk
        lines = select(turn).join(own, own.c.id == turn.c.conversation_id).where(meant)
        with self.engine.connect() as connection:
            heads = connection.execute(select(own).where(meant).order_by(own.c.started_ms, own.c.id)).mappings().all()
            turns: dict[str, list[KeptTurn]] = {}
            ordered = lines.order_by(turn.c.conversation_id, turn.c.number)
            for row in connection.execute(ordered).mappings():
                kept = {name: value for name, value in row.items() if name != "conversation_id"}
                kept |= {name: tuple(json.loads(row[name])) for name in ("skus", "facts")}
                turns.setdefault(row["conversation_id"], []).append(KeptTurn(**kept))
        return tuple(Conversation(**head, turns=tuple(turns.get(head["id"], ()))) for head in heads)


def _row(conversation_id: str, turn: KeptTurn) -> dict[str, str | int | None]:
    kept = replace(turn, heard=without_long_numbers(turn.heard[:LONGEST]), action=without_long_numbers(turn.action))
    texts = {"skus": _json(kept.skus), "facts": _json(kept.facts)}
    return {**asdict(kept), **texts, "conversation_id": conversation_id}


def _json(texts: Iterable[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


def _note_language(connection: Connection, told: Conversation) -> None:
    """Writes down the language of the sales, which reports want when the conversation is long forgotten."""
    for sale_id in told.sale_ids if told.language else ():
        own = sale_language
        if connection.execute(select(own.c.sale_id).where(own.c.sale_id == sale_id)).first() is None:
            connection.execute(insert(own).values(sale_id=sale_id, language=told.language))
