"""Connections as uvicorn takes them, bounded: how many, how long a request may take to come in, how many pings.

An application sees none of this: it is asked when a request's head is there, and told of messages, not of pings.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from walkiosk.web.limits import Bucket, Limits, address_of

READ_AT_ONCE = 16 * 1024  # bytes: what one connection sends holds up the others no longer than that takes
PINGS_PER_SECOND, PINGS_AT_ONCE = 5.0, 50  # browsers send none
NO_TEXT, BROKEN = 1007, 1002  # codes of a socket whose text is not UTF-8, and of one that breaks the protocol
UNHEARD, FAREWELL_SECONDS = 50, 1.0  # messages after we have closed, after which the other side has so long to notice
MESSAGE_BYTES = 2 << 20  # of a socket; who pastes a megabyte is told that it is too long


class Lines:
    """The open connections that have not become sockets, by address."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._open: Counter[str] = Counter()

    def begin(self, address: str) -> bool:
        """Counts one more, if there is room for it."""
        full = self._open.total() >= self.limits.lines or self._open[address] >= self.limits.lines_by_address
        if not full:
            self._open[address] += 1
        return not full

    def end(self, address: str) -> None:
        """One less."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]


class Line(H11Protocol):
    """A connection that is ended when too many are open, and when a request does not come in whole for long."""

    lines: Lines  # set by `protocols`

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.max_size = READ_AT_ONCE  # type: ignore[attr-defined]  # of asyncio's own transport
        self._seen: object = None
        self._timer: asyncio.TimerHandle | None = None
        self._address = address_of(self.client)
        self._counted = self.lines.begin(self._address)
        if self._counted:
            self._watch()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._leave()
        super().handle_websocket_upgrade(event)

    def _watch(self) -> None:
        self._timer = self.loop.call_later(self.lines.limits.request_seconds, self._look)

    def _look(self) -> None:
        """Ends the connection when since the last look no request came in whole."""
        if self.cycle is self._seen and self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self.transport.abort()
            return
        self._seen = self.cycle
        self._watch()

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._counted:
            self._counted = False
            self.lines.end(self._address)


class Socket(WebSocketsSansIOProtocol):
    """A socket that is ended when it does nothing but ping, and without an error of ours when its text is none."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._pings = Bucket(PINGS_PER_SECOND, PINGS_AT_ONCE)
        self._after_the_end = 0  # messages that came when we had closed

    def handle_ping(self) -> None:
        if self._pings.draw(1):
            self.transport.abort()
        else:
            super().handle_ping()

    def handle_parser_exception(self) -> None:
        if self.conn.close_sent is None:  # it broke the protocol before we had opened it: nobody is there to be told
            self.queue.put_nowait({"type": "websocket.disconnect", "code": BROKEN})
            self.transport.abort()
        else:
            super().handle_parser_exception()

    def send_receive_event_to_app(self) -> None:
        if self.close_sent:
            self.frames = []
            self._after_the_end += 1
            if self._after_the_end == UNHEARD:  # it floods, and what it has sent already would have to be read
                self.transport.pause_reading()
                self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)
        elif self.curr_msg_data_type == "text" and not _is_text(b"".join(self.frames)):
            self.frames = []
            self.conn.send_close(NO_TEXT)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def options(limits: Limits) -> dict[str, Any]:
    """What `uvicorn.Config` is given, so that a connection is one of these."""

    class Bounded(Line):
        lines = Lines(limits)

    # asyncio's loop, whose transports can be told how much they read at once; nothing is compressed, which would cost
    # each socket more memory than all else that it has
    return {
        "loop": "asyncio", "http": Bounded, "ws": Socket, "ws_max_size": MESSAGE_BYTES, "ws_per_message_deflate": False,
    }  # fmt: skip
