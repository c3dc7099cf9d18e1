"""Receipt printers that are not there: one in memory, and one at the end of a socket, each in any state."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Any

from escpos.printer import Dummy

from walkiosk.store.receipt_printer import CAUSE, ONLINE, PAPER, PROFILE

READY = {ONLINE: 0x12, CAUSE: 0x12, PAPER: 0x12}
STATES: dict[str, dict[bytes, int]] = {
    "ready": READY,
    "no paper": READY | {PAPER: 0x7E},
    "stopped": READY | {ONLINE: 0x1A, CAUSE: 0x32},
    "little paper": READY | {PAPER: 0x1E},
    "cover open": READY | {ONLINE: 0x1A, CAUSE: 0x16},
    "off line": READY | {ONLINE: 0x1A},
    "silent": {},
}
QUESTIONS = tuple(READY)


class FakePrinter(Dummy):  # type: ignore[misc]
    """python-escpos's printer in memory, which also says what state it is in.

    After `lasts` bytes its paper is used up. `printed` is what was sent, without the questions.
    """

    def __init__(self, state: str = "ready", lasts: int | None = None) -> None:
        super().__init__(profile=PROFILE)
        self.state, self.lasts = state, lasts
        self.printed = b""
        self._asked = b""

    def _raw(self, msg: bytes) -> None:
        if msg in QUESTIONS:
            self._asked = msg
            return
        self.printed += msg
        if self.lasts is not None and len(self.printed) > self.lasts:
            self.state = "no paper"

    def _read(self) -> bytes:
        state = STATES[self.state].get(self._asked)
        return b"" if state is None else bytes([state])


class PrinterSocket:
    """A printer on the network: `place` is its host and port; `printed` has one entry for each connection."""

    def __init__(self, state: str = "ready") -> None:
        self.state = state
        self.printed: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> PrinterSocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line:
                self.printed.append(self._print(line))

    def _print(self, line: socket.socket) -> bytes:
        got = b""
        while more := line.recv(65536):
            got += more
            for question in QUESTIONS:  # they come by themselves: each waits for its answer
                if got.endswith(question):
                    got = got[: -len(question)]
                    answer = STATES[self.state].get(question)
                    line.sendall(b"" if answer is None else bytes([answer]))
        return got


def texts(printed: bytes) -> list[str]:
    """The lines of text in what was printed; a picture's rows are no text."""
    found: list[str] = []
    rest: Any = printed
    while rest:
        if rest.startswith(b"\x1dv0"):
            width, height = rest[4] + 256 * rest[5], rest[6] + 256 * rest[7]
            rest = rest[8 + width * height :]
        elif rest[:1] in b"\x1b\x1c\x1d":
            rest = rest[{b"\x1b@": 2, b"\x1c.": 2}.get(rest[:2], 3) :]
        else:
            end = rest.find(b"\n") + 1 or len(rest)
            found.append(rest[:end].decode("cp858").rstrip("\n"))
            rest = rest[end:]
    return found
