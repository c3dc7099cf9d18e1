"""The line to a dispenser's controller: its words and its serial port, as docs/dispenser-protocol.md has them."""

import binascii
import importlib
import logging
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from walkiosk.store.dispenser import DispenserMisconfigured, DispenserUnreachable

if TYPE_CHECKING:
    from serial import Serial

BAUD = 115_200
LONGEST_LINE = 200  # bytes, its end included
LONGEST_WORD = 96  # bytes of a key or of a slot's name
LOOK_SECONDS = 0.02  # that one look at the port lasts
UNDER_WAY = ("BEGUN", "WAIT")  # the answer will follow; nothing was begun, ask again
_WORD = re.compile(r"[!-)+-~]+")  # ASCII that can be seen, but for the star that ends the words
_LINE = re.compile(rb"<([0-9A-F]{4})((?: [!-)+-~]+)+)\*([0-9A-F]{4})\r?$")
_faults: list[type[Exception]] = [OSError]
if os.name == "posix":
    _faults.append(importlib.import_module("termios").error)
FAULTS = tuple(_faults)  # what a port that is gone raises

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the kiosk waits, in seconds."""

    again: float = 1.0  # for an answer, until the same line is sent again
    gone: float = 5.0  # for a controller that does not answer or is not there
    whole: float = 40.0  # for everything about one request: a motor that turns, a controller that comes back
    linger: float = 0.05  # after an answer, for a second one that would contradict it
    reopen: float = 0.2  # between two tries to open the port


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of the controller's: the number of the request that it answers, and its words."""

    number: str
    words: tuple[str, ...]

    def word(self, place: int) -> str:
        """The word at a place; "" where there is none."""
        return self.words[place] if place < len(self.words) else ""


def checksum(text: bytes) -> str:
    """CRC-16/CCITT-FALSE as four digits: polynomial 0x1021, first value 0xFFFF; "123456789" has 29B1."""
    return f"{binascii.crc_hqx(text, 0xFFFF):04X}"


def request(number: int, words: tuple[str, ...]) -> bytes:
    """A line to the controller; raises `ValueError` for words that do not fit it."""
    if not all(map(_WORD.fullmatch, words)):
        raise ValueError(f"{words}: not words of the dispenser's line")
    text = f">{number:04X} {' '.join(words)}".encode("ascii")
    line = text + b"*" + checksum(text).encode("ascii") + b"\n"
    if len(line) > LONGEST_LINE:
        raise ValueError(f"{words}: {len(line)} bytes, a line has at most {LONGEST_LINE}")
    return line


def read_answer(raw: bytes) -> Answer | None:
    """What a line without its end says, whatever noise stands before its sign; None for one that is not whole."""
    match = _LINE.search(raw)
    if match is None or checksum(match[0].split(b"*")[0]).encode("ascii") != match[3]:
        return None
    return Answer(match[1].decode(), tuple(match[2].decode().split()))


def wire_name(slot: str) -> str:
    """A slot's name as it stands in a line: letters, digits, `-._~`; the bytes of everything else as `%XX`."""
    return quote(slot, safe="")


@dataclass
class Patience:
    """How long one request is waited for yet."""

    timing: Timing
    end: float = field(init=False)
    until: float = field(init=False)

    def __post_init__(self) -> None:
        self.end = time.monotonic() + self.timing.whole
        self.vanished()

    @property
    def left(self) -> float:
        """Seconds."""
        return self.until - time.monotonic()

    def under_way(self) -> None:
        """The controller works on it."""
        self.until = self.end

    def vanished(self) -> None:
        """The controller has gone and may come back."""
        self.until = min(self.end, time.monotonic() + self.timing.gone)


class DispenserLine:
    """An open port, for one request at a time; raises one of `FAULTS` when the controller is not there."""

    def __init__(self, place: str, timing: Timing) -> None:
        try:
            import serial
        except ImportError:
            message = f"dispenser = \"serial:{place}\": its library is missing: pip install 'walkiosk[serial]'"
            raise DispenserMisconfigured(message) from None
        self._timing = timing
        self._rest = b""
        self._number = secrets.randbelow(0x10000)
        # Exclusive: the operator's pages ask too, from another process.
        self._port = serial.Serial(place, BAUD, timeout=LOOK_SECONDS, write_timeout=timing.gone, exclusive=True)
        try:
            _keep_awake(self._port)
        except FAULTS:
            self._port.close()
            raise

    def __enter__(self) -> "DispenserLine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._port.close()
        except FAULTS:
            log.debug("the dispenser's port was gone before it was closed")

    def ask(
        self,
        words: tuple[str, ...],
        answers: Callable[[Answer], bool],
        patience: Patience,
        notice: Callable[[Answer], None],
    ) -> Answer:
        """Sends a request, again and again, until there is an answer to it that `answers` takes.

        `notice` gets all other lines. Raises `TimeoutError` when patience has ended, `DispenserUnreachable` for a
        request that the controller refuses.
        """
        self._number = (self._number + 1) & 0xFFFF
        line, number = request(self._number, words), f"{self._number:04X}"
        while patience.left > 0:
            self._write(line, patience)
            again = time.monotonic() + min(self._timing.again, max(patience.left, 0))
            while (left := again - time.monotonic()) > 0:
                answer = self.next(left, patience)
                if answer is None:
                    break
                if answer.number == number and answers(answer):
                    return answer
                if answer.number == number and answer.word(0) in UNDER_WAY and answer.word(1) == words[1]:
                    patience.under_way()
                elif answer.number == number and answer.word(0) == "ERR":
                    raise DispenserUnreachable(f"the dispenser refuses {words[0]}: error {answer.word(1)}")
                else:
                    notice(answer)
        raise TimeoutError(f"no answer to {words[0]}")

    def next(self, seconds: float, patience: Patience | None = None) -> Answer | None:
        """The next line of the controller's that is whole; None when none came for so many seconds."""
        until = time.monotonic() + seconds
        while True:
            while b"\n" in self._rest:
                raw, self._rest = self._rest.split(b"\n", 1)
                if (answer := read_answer(raw)) is not None:
                    return answer
                log.debug("noise from the dispenser: %r", raw[:LONGEST_LINE])
            if time.monotonic() >= until:
                return None
            self._rest = self._rest[-LONGEST_LINE:] + self._look(patience)

    def _look(self, patience: Patience | None) -> bytes:
        try:
            first = bytes(self._port.read(1))
            return first + bytes(self._port.read(self._port.in_waiting)) if first else b""
        except FAULTS:
            if patience is not None:
                patience.vanished()
            raise

    def _write(self, line: bytes, patience: Patience) -> None:
        try:
            self._port.write(line)
        except FAULTS:
            patience.vanished()
            raise


def _keep_awake(port: "Serial") -> None:
    """Leaves DTR up when the port is closed: boards that reset when it rises are not reset by the next request."""
    if os.name != "posix":
        return
    termios: Any = importlib.import_module("termios")
    attributes = termios.tcgetattr(port.fileno())
    attributes[2] &= ~termios.HUPCL
    termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
