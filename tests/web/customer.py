"""The page's end of the socket, for tests without a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from starlette.testclient import WebSocketTestSession

from walkiosk.web.messages import AUDIO_HEADER, END_OF_REPLY

Message = dict[str, Any]


class Customer:
    """Sends messages and sound, and takes what comes until it is what was waited for."""

    def __init__(self, socket: WebSocketTestSession) -> None:
        self._socket = socket
        self.shop = self.until("shop")

    def send(self, kind: str, **fields: object) -> None:
        self._socket.send_text(json.dumps({"kind": kind, **fields}))

    def send_raw(self, text: str) -> None:
        self._socket.send_text(text)

    def speak(self, frames: Iterable[bytes]) -> None:
        for frame in frames:
            self._socket.send_bytes(frame)

    def until(self, kind: str, **fields: object) -> Message:
        """The next message of a kind with these fields; what comes before is dropped."""
        while True:
            message = self._next()
            if isinstance(message, dict) and message["kind"] == kind and fields.items() <= message.items():
                return message

    def answer(self) -> Message:
        """The next reply."""
        reply: Message = self.until("answer")["reply"]
        return reply

    def all_sound(self) -> list[tuple[int, int, int, int, int]]:
        """The headers of a reply's sound to its end, with the bytes of sound behind each."""
        headers: list[tuple[int, int, int, int, int]] = []
        while True:
            message = self._next()
            if isinstance(message, bytes):
                reply, sentence, last, rate = AUDIO_HEADER.unpack_from(message)
                if sentence == END_OF_REPLY:
                    return headers
                headers.append((reply, sentence, last, rate, len(message) - AUDIO_HEADER.size))

    def _next(self) -> Message | bytes:
        frame = self._socket.receive()
        if frame["type"] != "websocket.send":
            raise AssertionError(f"the socket was closed: {frame}")
        if frame.get("bytes") is not None:
            return bytes(frame["bytes"])
        message: Message = json.loads(frame["text"])
        return message
