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
        """Makes every commit of an engine two points; the one after it is named for whether it wrote."""
        commit, roll_back = engine.dialect.do_commit, engine.dialect.do_rollback

        changed: dict[Any, int] = {}  # rows by the driver's connection, held here: an id would be given again

        def do_commit(connection: Any) -> None:
            with self._lock:
                self.reach("before commit")
                commit(connection)
                wrote = note(connection)  # one that changed nothing writes no frame: the last written is an older one
                self.reach("after commit" if wrote else "after reading")

        def do_rollback(connection: Any) -> None:
            roll_back(connection)
            with self._lock:
                note(connection)  # rows are counted though taken back

        def note(connection: Any) -> bool:
            own = getattr(connection, "dbapi_connection", connection)  # the pool lends a wrapper, another each time
            rows: int | None = getattr(own, "total_changes", None)  # SQLite's
            before = changed.get(own, 0)
            changed[own] = rows or 0
            return rows is None or rows != before

        engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
        engine.dialect.do_rollback = do_rollback  # type: ignore[method-assign]
