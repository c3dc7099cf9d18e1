"""Whose turn is answered next, and who gives way meanwhile.

The model has two cores. A socket that has had more than its share of the model's time is answered after the others, no
more than one of its kind at a time, and stops between two steps of the model while another's turn is under way. A
customer with something in the basket comes before all. Who is alone with the kiosk has all of it.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar
from weakref import WeakKeyDictionary

from walkiosk.kiosk import Reply
from walkiosk.pausing import Way, way
from walkiosk.web.limits import Bucket, Buckets, Clock, Limits, Purse

BUYS, SERVED, CROWDED, FLOODS = range(4)  # ranks; whoever has a lower one goes first
LONGEST_PACE = 10.0  # seconds that a turn of a socket that floods is put off
LATELY = 60.0  # seconds: who was answered since then is somebody that others give way to
PATIENCE = 60.0  # seconds that a turn gives way in all

Returned = TypeVar("Returned")


class Standing:
    """What one socket has had of the model's time lately, and whether it is buying."""

    def __init__(self, own: Bucket, of_address: Bucket) -> None:
        self._own, self._of_address = own, of_address
        self._buys = False

    @property
    def rank(self) -> int:
        """Its place in the row; a basket lends credit, but no more than once the bucket's size."""
        if self._buys and self._own.level > -self._own.most:
            return BUYS
        if self._own.level < 0:
            return FLOODS
        return CROWDED if self._of_address.level < 0 else SERVED

    @property
    def owed_seconds(self) -> float:
        """How long it takes until it has had no more than its share."""
        return self._own.owed_seconds

    def spend(self, seconds: float) -> None:
        """Notes the model's time that a turn took."""
        self._own.draw(seconds)
        self._of_address.draw(seconds)

    def follow(self, reply: Reply) -> None:
        """Notes from what is shown whether something is in the basket or being paid; who has paid owes nothing."""
        self._buys = bool(reply.basket) or reply.stage not in ("talk", "thanks")
        if reply.stage == "thanks":
            self._own.fill()

    def leave(self) -> None:
        """Notes that the customer has gone; what was had was had by the socket."""
        self._buys = False


class Turn(Way):
    """A turn under way."""

    def __init__(self, turns: Turns, rank: int) -> None:
        self._turns, self.rank = turns, rank
        self._since: float | None = None  # when it began to stand still
        self._given = 0.0

    @property
    def given_seconds(self) -> float:  # type: ignore[override]
        """How long it has stood still, this moment included."""
        since = self._since
        return self._given if since is None else self._given + self._turns.clock() - since

    def give(self) -> None:
        """Returns when nobody who goes first is being answered, or when patience ends; called in any thread.

        Who has a share of their own does not wait for somebody who buys: a card reader takes its time.
        """
        if self.rank >= CROWDED and self._given < PATIENCE:
            self._since = begun = self._turns.clock()
            self._turns.wait_for_others(self.rank, PATIENCE - self._given)
            self._given, self._since = self._given + self._turns.clock() - begun, None


class Turns:
    """The turns of all sockets; so many are under way at once."""

    def __init__(self, limits: Limits, at_once: int, clock: Clock = time.monotonic) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="turn")
        self._at_once, self.clock = at_once, clock
        self._by_address = Buckets(2 * limits.model_per_second, 2 * limits.model_at_once, clock)
        self._changed = threading.Condition()
        self._under_way: set[Turn] = set()
        self._row: list[tuple[Standing, asyncio.Future[Turn]]] = []
        self._lately: WeakKeyDictionary[Standing, float] = WeakKeyDictionary()  # when those with a share were answered

    def standing(self, address: str, purse: Purse) -> Standing:
        """A new socket's."""
        return Standing(purse.model, self._by_address.of(address))

    def slows(self, standing: Standing) -> bool:
        """Whether a socket has had more than its share, and there is somebody else who wants theirs."""
        if standing.rank != FLOODS:
            return False
        since = self.clock() - LATELY
        return any(other is not standing and at > since for other, at in self._lately.items())

    def close(self) -> None:
        """Returns when the turns under way have ended."""
        self._pool.shutdown(wait=True)

    async def in_thread(self, call: Callable[[], Returned]) -> Returned:
        """What the call returns, which neither is a turn nor asks the model."""
        run = contextvars.copy_context().run  # what is traced here goes on in the thread
        return await asyncio.get_running_loop().run_in_executor(self._pool, run, call)

    async def answered(self, standing: Standing, call: Callable[[], Returned]) -> Returned:
        """What the call returns, which answers a turn."""
        async with self._under(standing) as turn:
            begun = self.clock()
            try:
                return await self.in_thread(call)
            finally:
                standing.spend(max(0.0, self.clock() - begun - turn.given_seconds))

    async def sold(self, standing: Standing, call: Callable[[], Returned]) -> Returned:
        """What the call returns, which goes a step on in a sale: most of its time is a card reader's."""
        async with self._under(standing):
            return await self.in_thread(call)

    @asynccontextmanager
    async def _under(self, standing: Standing) -> AsyncIterator[Turn]:
        """Entered while a turn is under way; entering waits for its place in the row."""
        if self.slows(standing):
            await asyncio.sleep(min(LONGEST_PACE, standing.owed_seconds))
        turn = await self._place(standing)
        if turn.rank < FLOODS:
            self._lately[standing] = self.clock()
        token = way.set(turn)
        try:
            yield turn
        finally:
            way.reset(token)
            self._end(turn)

    def wait_for_others(self, rank: int, seconds: float) -> None:
        """Waits while a turn of a lower rank is under way, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: all(turn.rank >= rank for turn in self._under_way), seconds)

    async def _place(self, standing: Standing) -> Turn:
        called: asyncio.Future[Turn] = asyncio.get_running_loop().create_future()
        self._row.append((standing, called))
        self._call()
        try:
            return await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self._end(called.result())
            raise

    def _call(self) -> None:
        """Lets in who can be let in, the lowest rank first and then whoever came first."""
        self._row = [waiting for waiting in self._row if not waiting[1].done()]
        for standing, called in sorted(self._row, key=lambda waiting: waiting[0].rank):
            if self._has_room(standing.rank):
                turn = Turn(self, standing.rank)
                with self._changed:
                    self._under_way.add(turn)
                called.set_result(turn)

    def _has_room(self, rank: int) -> bool:
        """Whoever has had too much leaves a place free; those who flood have one together."""
        free = self._at_once - len(self._under_way)
        if rank < CROWDED or not self._under_way:
            return free > 0
        floods = any(turn.rank == FLOODS for turn in self._under_way)
        return free > 1 and not (rank == FLOODS and floods)

    def _end(self, turn: Turn) -> None:
        with self._changed:
            self._under_way.discard(turn)
            self._changed.notify_all()
        self._call()
