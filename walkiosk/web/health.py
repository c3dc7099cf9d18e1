"""How the kiosk is: named checks, and whether it can sell.

`ok`: all is well. `degraded`: it sells, and somebody should look. `failing`: it cannot sell; `/healthz` answers 503
then, and systemd is no longer told that we are well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, select, text

from walkiosk.crew import Crew, Hung
from walkiosk.kiosk.watchdog import Condition, Part
from walkiosk.office.health import LEAST_FREE, disk, dispenser_answers, reader_answers
from walkiosk.store import Store, tables
from walkiosk.store.customers import now_ms
from walkiosk.store.sale_book import UNFINISHED
from walkiosk.store.shipping import address_of, line_of

if TYPE_CHECKING:
    from walkiosk.kiosk import Kiosk

Status = Literal["ok", "degraded", "failing"]
WORST: tuple[Status, ...] = ("ok", "degraded", "failing")
KEPT_SECONDS = 2.0  # that a look serves whoever asks: questions must not cost the customers
CHECK_SECONDS = 5.0  # that a check may take
ANSWER_SECONDS = 3.0  # that a device is waited for
ASK_SECONDS, ASK_AGAIN_SECONDS = 120.0, 20.0  # between questions to a device that answers, and to one that does not
SILENT_SECONDS = 300.0  # without an answer, after which a device is taken to be away
OLD_SALE_MILLISECONDS = 10 * 60 * 1000  # goods are held for five minutes: such a sale has lost its customer
NO_ROOM = 64 << 20  # bytes of a disk on which the next sale may not be written
MANY_WAITING = 16  # turns that wait


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found; `told` has plain figures and words of ours."""

    status: Status
    told: Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class Report:
    """All checks by name, and the worst of them."""

    checks: Mapping[str, Check]

    @property
    def status(self) -> Status:
        """How it is on the whole."""
        return WORST[max((WORST.index(check.status) for check in self.checks.values()), default=0)]

    def as_json(self) -> dict[str, Any]:
        """The report as `/healthz` tells it to this machine."""
        checks = {name: {"status": check.status, **check.told} for name, check in self.checks.items()}
        return {"status": self.status, "checks": checks}


class Health:
    """Runs the checks, each in a bounded time; a check that hangs or breaks is failing. `clock` is in seconds."""

    def __init__(
        self,
        checks: Mapping[str, Callable[[], Check]],
        clock: Callable[[], float] = time.monotonic,
        seconds: float = CHECK_SECONDS,
    ) -> None:
        self.checks = dict(checks)
        self._clock, self._seconds = clock, seconds
        self._lock = threading.Lock()
        self._crew = Crew("health")
        self._last: tuple[float, Report] | None = None

    def look(self) -> Report:
        """How it is now, or was a moment ago. Blocks for the time of the checks."""
        with self._lock:
            if self._last is None or self._clock() - self._last[0] >= KEPT_SECONDS:
                self._last = self._clock(), Report({name: self._run(check) for name, check in self.checks.items()})
            return self._last[1]

    def _run(self, check: Callable[[], Check]) -> Check:
        try:
            return self._crew.call(check, self._seconds)
        except Hung:
            return Check("failing", {"error": f"no answer in {self._seconds:g} s"})
        except Exception as error:
            return Check("failing", {"error": type(error).__name__})


def checks_of(kiosk: Kiosk, waiting: Callable[[], int]) -> dict[str, Callable[[], Check]]:
    """What is looked at in a kiosk that is being served."""

    def store() -> Store:
        return kiosk.shop.store

    checks: dict[str, Callable[[], Check]] = {
        "model": lambda: Check("ok", {"condition": "alive"}),
        "database": lambda: _database(store()),
        "disk": lambda: _disk(store()),
        "sales": lambda: _sales(store()),
        "card_reader": Answering(lambda: reader_answers(store())),
        "dispenser": Answering(lambda: dispenser_answers(store())),
        "turns": lambda: _turns(waiting()),
    }
    if store().settings.kiosk:
        checks["headquarters"] = lambda: _headquarters(store())
    guards = kiosk.guards
    if guards is not None:
        checks["model"] = lambda: _part(guards.understanding, "failing")
        checks["hearing"] = lambda: _part(guards.hearing, "degraded")  # one can type and touch
        checks["speaking"] = lambda: _part(guards.speaking, "degraded")  # and read
    return checks


class Answering:
    """Whether a device answers: it is asked now and then, and is away when it has not answered for long.

    One that is busy with a sale may not answer `seconds` long; nor for a while longer, and is there all the same.
    """

    def __init__(
        self, answers: Callable[[], bool], clock: Callable[[], float] = time.monotonic, seconds: float = ANSWER_SECONDS
    ) -> None:
        self._answers, self._clock, self._seconds = answers, clock, seconds
        self._crew = Crew("device")
        self._asked: float | None = None
        self._answered = clock()  # who has just come is given the time that others have
        self._is_there = False

    def __call__(self) -> Check:
        """Asks the device if it is time."""
        every = ASK_SECONDS if self._is_there else ASK_AGAIN_SECONDS
        if self._asked is None or self._clock() - self._asked >= every:
            self._asked, self._is_there = self._clock(), False
            with suppress(Hung):
                self._is_there = self._crew.call(self._answers, self._seconds)
            self._answered = self._clock() if self._is_there else self._answered
        ago = self._clock() - self._answered
        away: Status = "failing" if ago >= SILENT_SECONDS else "degraded"
        return Check("ok" if self._is_there else away, {"answered_seconds_ago": round(ago, 1)})


def _database(store: Store) -> Check:
    with store.engine.connect() as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return Check("ok" if revision else "failing", {"schema": revision})


def _disk(store: Store) -> Check:
    free, _ = disk(store)
    status: Status = "failing" if free < NO_ROOM else "degraded" if free < LEAST_FREE else "ok"
    return Check(status, {"free_bytes": free})


def _sales(store: Store) -> Check:
    sale = tables.sale
    old = sale.c.state.in_(UNFINISHED) & (sale.c.created_ms < now_ms() - OLD_SALE_MILLISECONDS)
    old &= sale.c.kiosk.is_(None)
    with store.engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(sale).where(old)).scalar_one()
    return Check("degraded" if count else "ok", {"unfinished": count})


def _headquarters(store: Store) -> Check:
    """The line to headquarters; without it the kiosk sells on, so nothing here is failing."""
    line, now = line_of(store.engine), now_ms()
    waits = (now - line.waiting.oldest_ms) / 1000 if line.waiting.oldest_ms is not None else 0.0
    late = max(0.0, waits) > store.settings.offline_hours * 3600
    told = {
        "events_waiting": line.waiting.events,
        "oldest_seconds": round(max(0.0, waits), 1),
        "reached_seconds_ago": None if line.reached_ms is None else round(max(0, now - line.reached_ms) / 1000),
        "revision": line.revision and line.revision[:12],
        "error": line.error if address_of(store.settings) else "no address",
        "facts_refused": line.refused,
    }
    return Check("degraded" if late or line.refused else "ok", told)


def _turns(waiting: int) -> Check:
    return Check("degraded" if waiting >= MANY_WAITING else "ok", {"waiting": waiting})


def _part(part: Part, given_up: Status) -> Check:
    condition = part.restart.condition
    statuses: dict[Condition, Status] = {"alive": "ok", "restarting": "degraded", "broken": given_up}
    return Check(statuses[condition], {"condition": condition})
