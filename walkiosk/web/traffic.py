"""What is going on at the kiosk's sockets at this moment, and who may open another."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from walkiosk.web.limits import Buckets, Clock, Limits, Purses

OPENING_PATIENCE = 10.0  # seconds that an opening is put off before it is refused
REFUSED_AFTER = 1.0  # seconds, so that asking again and again costs us nothing
log = logging.getLogger(__name__)


class Waits(Protocol):
    """Somebody's conversation."""

    @property
    def address(self) -> str:
        """Whose it is, as `limits.address_of` tells it."""

    @property
    def quiet_since(self) -> float | None:
        """Since when nothing came, in seconds of the clock; None while a customer is there."""

    @property
    def waiting(self) -> int:
        """Turns of theirs that nobody has begun to answer."""

    async def make_room(self) -> None:
        """Ends the conversation, which nobody is having."""


class Traffic:
    """The conversations that are open; used in the event loop, counted from anywhere."""

    def __init__(self, limits: Limits | None = None, clock: Clock = time.monotonic) -> None:
        self.limits = limits or Limits()
        self.purses = Purses(self.limits, clock)
        self._open: set[Waits] = set()
        self._openings = Buckets(self.limits.openings_per_second, self.limits.openings_at_once, clock)

    async def admits(self, address: str) -> bool:
        """Whether one more may be opened; who opens many waits, and who was quiet longest makes room."""
        openings = self._openings.of(address)
        if openings.owed_seconds > OPENING_PATIENCE:
            await asyncio.sleep(REFUSED_AFTER)
            return False
        await asyncio.sleep(openings.draw(1))
        of_address = [each for each in self._open if each.address == address]
        if len(of_address) >= self.limits.sockets_by_address:
            return await self._make_room(of_address)
        if len(self._open) >= self.limits.sockets:
            (most, _), *_ = Counter(each.address for each in self._open).most_common(1)
            return await self._make_room(each for each in self._open if each.address == most)
        return True

    async def _make_room(self, among: Iterable[Waits]) -> bool:
        quiet = [(each.quiet_since, each) for each in among if each.quiet_since is not None]
        if not quiet:
            log.warning(
                "%d sockets are open, a customer at each that could make room: another is refused", self.sockets
            )
            return False
        _, leaving = min(quiet, key=lambda pair: pair[0])
        self._open.discard(leaving)
        await leaving.make_room()
        return True

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
