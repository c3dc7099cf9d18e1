"""A clock for tests of what takes its time."""

from __future__ import annotations


class Clock:
    """Seconds that go forward when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now
