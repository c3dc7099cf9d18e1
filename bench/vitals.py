"""What measuring, tracing and watching cost a turn, in microseconds.

    PYTHONPATH=. python bench/vitals.py [--turns N] [--json]

A turn of six steps in which nothing is done, so that only the cost is left: looked away from, measured, and traced with
spans that are made and thrown away; a call of a part as it is and under watch; a frame of silence (32 ms) heard as it
is and under watch; a reading of `/metrics`, and of the books behind it with so many sales.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial

from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy import insert

from walkiosk.kiosk.observing import Observer
from walkiosk.kiosk.replying import Watch
from walkiosk.kiosk.turn import Reply
from walkiosk.kiosk.watchdog import Part, Restart
from walkiosk.listening import WINDOW, TurnDetector
from walkiosk.skill.understanding import TooLong
from walkiosk.store import Store, tables
from walkiosk.store.database import open_database
from walkiosk.store.settings import Settings
from walkiosk.web.ear import Ear
from walkiosk.web.metrics import Metrics
from walkiosk.web.telemetry import Spans
from walkiosk.web.traffic import Traffic

STEPS = ("hear", "understand", "look_up", "decide", "word", "speak")
SALES = 100_000


def main() -> None:
    """Prints the median of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measured(given.turns)
    if given.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:44} {microseconds:10.1f} µs" for name, microseconds in found.items()))


def measured(turns: int) -> dict[str, float]:
    """The median microseconds of each, by name."""
    store = _books(SALES)
    metrics = Metrics(lambda: store, Traffic())
    part = Part("hearing", Restart("it", lambda: None), 30.0, Observer, TooLong)
    silence, ear, detector = bytes(2 * WINDOW), Ear(Observer()), TurnDetector()
    observers = {"looked away from": Observer(), "measured": metrics, "traced": Spans(TracerProvider())}
    found = {f"a turn, {name}": median(partial(turn, each), turns) for name, each in observers.items()}
    found["a call of a part"] = median(int, turns)
    found["a call of a part, watched"] = median(lambda: part.call(int), turns)
    found["a frame of silence"] = median(lambda: detector.hear(silence), turns)
    found["a frame of silence, watched"] = median(lambda: ear.hear(silence), turns)
    found[f"/metrics over {SALES} sales"] = median(metrics.text, 20)
    return found


def turn(observer: Observer) -> None:
    """A turn in which nothing is done."""
    watch = Watch(observer=observer)
    with observer.turn():
        for step in STEPS:
            with watch.step(step):
                pass
        observer.replied(Reply("found_product", "", "en", milliseconds=watch.milliseconds))
        observer.sounded(0.1)


def median(call: Callable[[], object], times: int) -> float:
    """Microseconds of a call."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent) * 1e6


def _books(sales: int) -> Store:
    """Books in memory with so many sales."""
    engine = open_database("sqlite://")
    instants = {"reserved_until_ms": 0, "created_ms": 0, "updated_ms": 0}
    money = {"currency": "EUR", "total_cents": 1250, "captured_cents": 1250, "refunded_cents": 0}
    with engine.begin() as connection:
        connection.execute(insert(tables.basket).values(id="b", open=False, created_ms=0))
        rows = [
            {"id": str(n), "basket_id": "b", "state": "captured", "key": str(n), **money, **instants}
            for n in range(sales)
        ]
        connection.execute(insert(tables.sale), rows)
    return Store(engine, Settings("", ("",), "EUR", "UTC", ("en",)))


if __name__ == "__main__":
    main()
