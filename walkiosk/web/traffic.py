"""What is going on at the kiosk's sockets at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Waits(Protocol):
    """Somebody's conversation."""

    @property
    def waiting(self) -> int:
        """Turns of theirs that nobody has begun to answer."""


class Traffic:
    """The conversations that are open; used in the event loop, counted from anywhere."""

    def __init__(self) -> None:
        self._open: set[Waits] = set()

    @contextmanager
    def of(self, conversation: Waits) -> Iterator[None]:
        """Entered while a conversation goes on."""
        self._open.add(conversation)
        try:
            yield
        finally:
            self._open.discard(conversation)

    @property
    def sockets(self) -> int:
        """How many are open."""
        return len(self._open)

    @property
    def waiting(self) -> int:
        """How many turns wait in all of them."""
        return sum(each.waiting for each in tuple(self._open))
