"""What a served kiosk does by itself: tells systemd that it is well, brings sales that were left to their end, ships
its books to headquarters, and daily deletes what the shop does not keep.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from walkiosk.store import Store
from walkiosk.store.retention import Retention
from walkiosk.store.shipping import Courier
from walkiosk.web.health import Health
from walkiosk.web.notify import notify, watchdog_seconds

MINUTE_SECONDS, DAY_SECONDS = 60.0, 24 * 60 * 60.0
log = logging.getLogger(__name__)


@asynccontextmanager
async def upkeep(health: Health, store: Callable[[], Store], courier: Courier | None = None) -> AsyncIterator[None]:
    """Entered while customers are served; without headquarters there is no courier."""
    duties = [(lambda: tidy(store()), DAY_SECONDS), (lambda: tend(store()), MINUTE_SECONDS)]
    if (every := watchdog_seconds()) is not None:
        duties.append((lambda: report(health), every))
    tasks = [asyncio.create_task(_again_and_again(duty, seconds)) for duty, seconds in duties]
    if courier is not None:
        tasks.append(asyncio.create_task(_ship(courier)))
    notify("READY=1")
    try:
        yield
    finally:
        notify("STOPPING=1")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def report(health: Health) -> None:
    """Tells systemd that we are well, unless we cannot sell: then it starts us anew after its WatchdogSec."""
    if health.look().status != "failing":
        notify("WATCHDOG=1")


def tend(store: Store) -> None:
    """Brings sales to their end that were left by their customers, or that a device did not answer for."""
    try:
        store.sales.tend()
    except Exception:
        log.exception("sales that were left could not be brought to their end")


def tidy(store: Store) -> None:
    """Deletes what is older than the shop keeps it; whatever goes wrong, customers are served."""
    try:
        done = Retention(store.engine, store.settings).tidy()
    except Exception:
        log.exception("what the shop does not keep could not be deleted")
    else:
        told = (done.conversations, done.remarks, len(done.customers))
        log.info("deleted: %d conversations, the words of %d remarks, %d customers", *told)


async def _ship(courier: Courier) -> None:
    while True:
        await asyncio.sleep(await asyncio.to_thread(courier.turn))


async def _again_and_again(duty: Callable[[], None], seconds: float) -> None:
    while True:
        await asyncio.to_thread(duty)
        await asyncio.sleep(seconds)
