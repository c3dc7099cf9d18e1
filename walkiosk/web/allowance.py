"""What one socket may send: beyond it, it is told so and read more slowly, and closed when it does not stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from walkiosk.listening import SAMPLE_RATE
from walkiosk.web.limits import Clock
from walkiosk.web.messages import Problem
from walkiosk.web.traffic import Traffic

SHORTEST_FRAME = 0.01  # seconds of sound that a frame counts for, however short it is
BYTES_A_SECOND = 2 * SAMPLE_RATE
LEFT_SECONDS = 300.0  # without a word, after which nobody is there; a page of ours begins anew long before
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """How long to wait before the next frame is read; `is_news` when too much came only now, `is_over` to close."""

    wait_seconds: float = 0.0
    is_news: bool = False
    is_over: bool = False


class Allowance:
    """One socket's, of messages and of sound."""

    def __init__(self, traffic: Traffic, address: str, clock: Clock = time.monotonic) -> None:
        self.purse = traffic.purses.take(address)
        self._traffic, self._address, self._clock = traffic, address, clock
        self._flooded_since: float | None = None
        self.received = clock()  # when the last frame came

    @property
    def is_left(self) -> bool:
        """Whether nothing has come for so long that nobody is there any more."""
        return self._clock() - self.received > LEFT_SECONDS

    def leave(self) -> None:
        """The socket is closed: what is owed is left to the next one from there."""
        self._traffic.purses.leave(self._address, self.purse)

    async def admits(self, pcm: bytes | None, tell: Callable[[Problem], Awaitable[None]]) -> bool:
        """Counts a frame as `take` does; returns when the next one may be read, False if the socket is to be closed."""
        taken = self.take(pcm)
        if taken.is_news:
            log.warning("a socket sends too fast: it is read slowly")
            await tell(Problem("too_fast", f"{'messages' if pcm is None else 'audio'}: too fast, slow down"))
        if taken.wait_seconds and not taken.is_over:
            await asyncio.sleep(taken.wait_seconds)
        return not taken.is_over

    def take(self, pcm: bytes | None) -> Taken:
        """Counts a frame of sound, or a message where there is none."""
        self.received = self._clock()
        if pcm is None:
            wait = self.purse.messages.draw(1)
        else:
            wait = self.purse.sound.draw(max(SHORTEST_FRAME, len(pcm) / BYTES_A_SECOND))
        if not wait:
            if min(each.level / each.most for each in (self.purse.messages, self.purse.sound)) > 0.5:
                self._flooded_since = None  # it has stopped, and not only been slowed
            return Taken()
        now, is_news = self._clock(), self._flooded_since is None
        self._flooded_since = now if self._flooded_since is None else self._flooded_since
        return Taken(wait, is_news, now - self._flooded_since >= self._traffic.limits.flood_seconds)
