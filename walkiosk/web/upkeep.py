"""What a served kiosk does by itself: tells systemd that it is well, and daily deletes what the shop does not keep."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from walkiosk.store import Store
from walkiosk.store.retention import Retention
from walkiosk.web.health import Health
from walkiosk.web.notify import notify, watchdog_seconds

DAY_SECONDS = 24 * 60 * 60.0
log = logging.getLogger(__name__)


@asynccontextmanager
async def upkeep(health: Health, store: Callable[[], Store]) -> AsyncIterator[None]:
    """Entered while customers are served."""
    tasks = [asyncio.create_task(_tidy_daily(store))]
    if (every := watchdog_seconds()) is not None:
        tasks.append(asyncio.create_task(_report(health, every)))
    notify("READY=1")
    try:
        yield
    finally:
        notify("STOPPING=1")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def report(health: Health) -> bool:
    """Tells systemd that we are well, unless we cannot sell: then it starts us anew after its WatchdogSec."""
    return health.look().status != "failing" and notify("WATCHDOG=1")


def tidy(store: Store) -> None:
    """Deletes what is older than the shop keeps it; whatever goes wrong, customers are served."""
    try:
        done = Retention(store.engine, store.settings).tidy()
    except Exception:
        log.exception("what the shop does not keep could not be deleted")
    else:
        told = (done.conversations, done.remarks, len(done.customers))
        log.info("deleted: %d conversations, the words of %d remarks, %d customers", *told)


async def _report(health: Health, every: float) -> None:
    while True:
        await asyncio.to_thread(report, health)
        await asyncio.sleep(every)


async def _tidy_daily(store: Callable[[], Store]) -> None:
    while True:
        await asyncio.to_thread(lambda: tidy(store()))
        await asyncio.sleep(DAY_SECONDS)
