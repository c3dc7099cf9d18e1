"""The one door through which the operator's pages reach the shop and the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from walkiosk.store import Store

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class Office:
    """One shop's office. What takes the model or a while is done in one thread, one after the other."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="office")

    @classmethod
    def open(cls, store: Path, database: str | None = None) -> Office:
        """Opens a store folder; raises what `Store.open` raises."""
        return cls(Store.open(store, database))

    async def work(self, job: Callable[Arguments, Result], *given: Arguments.args, **named: Arguments.kwargs) -> Result:
        """Has a job done in the office's own thread, behind those that are waiting there."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: job(*given, **named))

    def close(self) -> None:
        """Finishes what is under way, and no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
