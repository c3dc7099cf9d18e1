"""How many customers are being answered at this moment: what can wait, waits until nobody is."""

from __future__ import annotations

import threading
from types import TracebackType


class Counter:
    """Entered while a customer is being answered."""

    def __init__(self) -> None:
        self._served = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._served += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._served -= 1
            self._changed.notify_all()

    def wait_until_free(self, seconds: float = 10.0) -> bool:
        """Returns when nobody is being answered, or after so many seconds; says which."""
        with self._changed:
            return self._changed.wait_for(lambda: self._served == 0, seconds)
