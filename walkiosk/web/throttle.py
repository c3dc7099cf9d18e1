"""Requests that come too fast wait their turn; of those that would wait for long the client is told to come later."""

from __future__ import annotations

import asyncio
import time

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from walkiosk.web.limits import Buckets, Clock, Limits, address_of

PATIENCE = 5.0  # seconds that a request is put off before it is refused
REFUSED_AFTER = 1.0  # seconds, so that asking again and again costs us nothing


class Throttle:
    """In front of an application: its requests are counted by connection and by address, sockets are not."""

    def __init__(self, app: ASGIApp, limits: Limits, clock: Clock = time.monotonic) -> None:
        self.app = app
        self._of_line = Buckets(limits.requests_of_line, limits.requests_at_once / 4, clock)
        self._of_address = Buckets(limits.requests_per_second, limits.requests_at_once, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, now or later, or refuses it with 429."""
        if scope["type"] == "http":
            client = scope.get("client")
            await asyncio.sleep(self._of_line.of(client and tuple(client)).draw(1))
            bucket = self._of_address.of(address_of(client))
            if bucket.owed_seconds > PATIENCE:
                await asyncio.sleep(REFUSED_AFTER)
                refusal = PlainTextResponse("Too many requests.", 429, {"Retry-After": str(round(PATIENCE))})
                await refusal(scope, receive, send)
                return
            await asyncio.sleep(bucket.draw(1))
        await self.app(scope, receive, send)
