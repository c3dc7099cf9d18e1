"""Where a till can be stopped: before and after every commit and every call to a device.

A process that reaches its n-th point is killed there, by SIGKILL. Commits go one after the other while points are
counted, so that nothing outside follows a commit that is about to be torn.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from sqlalchemy import Engine


class Points:
    """Counts points over all threads; `kill_at` is the number of the one that is not survived, 0 for none."""

    def __init__(self, kill_at: int = 0, only: str = "") -> None:
        self.kill_at = kill_at
        self.only = only  # points of another name are not counted
        self.passed = 0
        self._lock = threading.RLock()

    def reach(self, name: str) -> None:
        """Passes a point, or dies at it."""
        with self._lock:
            if self.only and name != self.only:
                return
            self.passed += 1
            if self.passed == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """Makes every commit of an engine two points."""
        commit = engine.dialect.do_commit

        changed: dict[int, int] = {}  # rows that each connection has changed so far

        def do_commit(connection: Any) -> None:
            with self._lock:
                self.reach("before commit")
                commit(connection)
                rows = getattr(connection, "total_changes", None)  # SQLite's; one that changed nothing writes no frame
                wrote = rows is None or rows != changed.get(id(connection), 0)
                changed[id(connection)] = rows or 0
                self.reach("after commit" if wrote else "after reading")

        engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
