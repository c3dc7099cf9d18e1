"""Giving way: long work asks between its steps whether something more urgent goes first, and notes how long it took."""

from __future__ import annotations

from contextvars import ContextVar


class Way:
    """Of work that gives way to nobody; `given_seconds` is how long it has stood still for others."""

    given_seconds = 0.0

    def give(self) -> None:
        """Returns when the work may go on; called in the work's own thread."""


GOES_ON = Way()
way: ContextVar[Way] = ContextVar("way", default=GOES_ON)  # of the work that runs in this context
