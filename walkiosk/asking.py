"""`walkiosk ask`: turns without the page, and the account of each."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from walkiosk.kiosk import Account, Kiosk, Turn
from walkiosk.modality import audio

LONGEST_SECONDS = 601.0  # read of a recording; the kiosk refuses more than 600


@dataclass(frozen=True)
class Customer:
    """Who asks (`id` of a known customer or None), the language they chose, and what to print how often."""

    id: str | None = None
    language: str | None = None
    as_json: bool = False
    repeat: int = 1


def ask_each(kiosk: Kiosk, customer: Customer, lines: Iterable[str], recording: Path | None) -> Iterator[str]:
    """What to print for each line, or for the recording."""
    for line in lines:
        try:
            samples = audio.read(recording, LONGEST_SECONDS) if recording else None
        except audio.Unreadable:
            session = kiosk.start(customer.id)
            account, english = Account(kiosk.refuse(session, "unreadable")), ""
        else:
            account, english = _ask(kiosk, customer, None if recording else line, samples)
        yield json.dumps(report(account, english), ensure_ascii=False) if customer.as_json else account.reply.text


def _ask(kiosk: Kiosk, customer: Customer, text: str | None, samples: audio.Samples | None) -> tuple[Account, str]:
    times: list[dict[str, float]] = []
    for _ in range(customer.repeat + (customer.repeat > 1)):  # the first only warms up
        session = kiosk.start(customer.id)
        turn = Turn(session, text, samples, language=customer.language)
        account = kiosk.account(turn)
        times.append(dict(account.reply.milliseconds))
        kiosk.end(session)
    english = kiosk.english(turn, account) if customer.as_json else ""
    counted = times[1:] or times
    account.reply.milliseconds.update(
        {step: statistics.median(each.get(step, 0.0) for each in counted) for step in counted[-1]}
    )
    return account, english


def report(account: Account, english: str) -> dict[str, Any]:
    """The object of `--json`, as docs/design has it."""
    reply = account.reply
    told = {
        "heard": reply.heard,
        "language": reply.language,
        "english": english,
        "entities": [asdict(entity) for entity in account.entities],
        "relations": list(account.relations),
        "program": account.program,
        "trace": list(reply.trace),
        "answers": list(account.answers),
        "product": account.product,
        "reply": reply.text,
        "milliseconds": {step: round(value, 2) for step, value in reply.milliseconds.items()},
        "event": reply.event,
        "action": account.action,
    }
    return told | ({"asks": reply.asks} if reply.asks else {})
