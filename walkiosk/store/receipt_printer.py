"""Printers of receipts: the contract, and one that speaks ESC/POS through python-escpos.

Whatever a printer does, it is told in a value: a sale goes on without its receipt, which is on the screen as well.
"""

from __future__ import annotations

import array
import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from anyascii import anyascii

from walkiosk.store.outcome import OutOfPaper, PrinterUnreachable
from walkiosk.store.receipt_text import UNBROKEN, Row, lines_of
from walkiosk.store.settings import Settings

if TYPE_CHECKING:
    from walkiosk.store.receipt_picture import Brush  # Pillow is loaded when something is printed

PROFILE = "TM-T20II"  # what python-escpos is told: 576 dots, a cutter, the usual code pages
PAGE = "CP858"  # the letters of Western Europe and the euro
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "–": "-", "−": "-", "№": "No"})
ANSWER_SECONDS = 3.0  # for a printer to connect, and to answer what state it is in
PRINT_SECONDS = 20.0  # for all of a receipt; a customer waits no longer
NETWORK_PORT = 9100
NO_CHINESE = b"\x1c."  # FS .: printers made for China take two letters for one otherwise
ONLINE, CAUSE, PAPER = b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04"  # DLE EOT n: what state it is in
OFF, COVER_OPEN, STOPPED, NO_PAPER = 0x08, 0x04, 0x20, 0x60  # bits of the answers, as Epson's reference has them
FIXED, FIXED_AS = 0x93, 0x12  # the bits that are the same in every answer
LPGETSTATUS, LP_NO_PAPER = 0x060B, 0x20  # linux/lp.h, for /dev/usb/lp0

log = logging.getLogger(__name__)


class PrinterMisconfigured(ValueError):
    """The printer cannot be used as it is set up; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Printed:
    """The receipt is in the tray, as far as the printer tells."""


Printing = Printed | OutOfPaper | PrinterUnreachable


class ReceiptPrinter(Protocol):
    """Prints receipts; never raises for what a printer does."""

    def print(self, rows: Sequence[Row], code: str) -> Printing:
        """Prints rows and, below them, a text as a QR code."""


@dataclass
class EscposPrinter:
    """A printer that `connect` opens, anew for each receipt; `columns` letters to a line."""

    connect: Callable[[], Any]
    columns: int
    seconds: float = PRINT_SECONDS
    _one: threading.Lock = field(default_factory=threading.Lock)

    def print(self, rows: Sequence[Row], code: str) -> Printing:
        """Prints, in a thread of its own: a device whose file blocks must not keep a customer."""
        if not self._one.acquire(timeout=self.seconds):
            return PrinterUnreachable("it is still at an earlier receipt")
        outcome: list[Printing] = []

        def work() -> None:
            try:
                outcome.append(self._print(rows, code))
            finally:
                self._one.release()

        thread = threading.Thread(target=work, name="receipt", daemon=True)
        thread.start()
        thread.join(self.seconds)
        result = outcome[0] if outcome else PrinterUnreachable(f"it takes longer than {self.seconds:g} s")
        if not isinstance(result, Printed):
            log.warning("receipt not printed: %s", result)
        return result

    def _print(self, rows: Sequence[Row], code: str) -> Printing:
        try:
            printer = self.connect()
            try:
                if trouble := _trouble(printer):
                    return trouble
                self._write(printer, rows, code)
                return _trouble(printer) or Printed()
            finally:
                printer.close()
        except Exception as error:  # drivers raise errors of USB, sockets, files, and bare assertions
            log.debug("the receipt printer", exc_info=error)
            return PrinterUnreachable(f"{type(error).__name__}: {error}")

    def _write(self, printer: Any, rows: Sequence[Row], code: str) -> None:
        from walkiosk.store.receipt_picture import Brush, code_picture

        brush = Brush.of_machine()
        printer.hw("INIT")
        printer._raw(NO_CHINESE)
        printer.charcode(PAGE)
        for row in rows:
            self._write_row(printer, row, brush)
        printer.ln()
        printer.image(code_picture(code, self.columns))
        printer.cut()

    def _write_row(self, printer: Any, row: Row, brush: Brush) -> None:
        row = Row(row.kind, row.left.translate(PLAIN), row.right.translate(PLAIN))
        if not _fits_page(row.left + row.right):
            if brush.knows(row.left + row.right):
                printer.image(brush.row(row, self.columns))
                return
            row = Row(row.kind, _latin(row.left), _latin(row.right))
        bold = row.kind in ("head", "total")
        if bold:
            printer.set(bold=True)
        for line in lines_of((row,), self.columns):
            printer.textln(line)
        if bold:
            printer.set(bold=False)


def printer_of(settings: Settings) -> ReceiptPrinter | None:
    """The shop's receipt printer, None where it has none; raises `PrinterMisconfigured` without the library for it."""
    return None if settings.printer == "none" else _printer(settings.printer, settings.printer_columns)


@lru_cache(maxsize=8)
def _printer(named: str, columns: int) -> EscposPrinter:
    """One object for a printer, whoever asks: receipts are printed one after the other."""
    kind, _, place = named.partition(":")
    for library in ("escpos", *{"usb": ["usb"], "serial": ["serial"]}.get(kind, [])):
        if find_spec(library) is None:
            message = f"printer = \"{named}\": its library is missing: pip install 'walkiosk[printer]'"
            raise PrinterMisconfigured(message)
    return EscposPrinter(lambda: _connected(kind, place), columns)


def _connected(kind: str, place: str) -> Any:
    from escpos.printer import File, Network, Serial, Usb

    if kind == "network":
        host, _, port = place.partition(":")
        printer = Network(host, int(port or NETWORK_PORT), timeout=ANSWER_SECONDS, profile=PROFILE)
    elif kind == "usb":
        vendor, product = (int(number, 16) for number in place.split(":"))
        printer = Usb(vendor, product, timeout=int(1000 * PRINT_SECONDS), profile=PROFILE)
    elif kind == "serial":
        printer = Serial(place, timeout=ANSWER_SECONDS, profile=PROFILE)
    else:
        printer = File(place, profile=PROFILE)
    printer.open()
    return printer


def _trouble(printer: Any) -> OutOfPaper | PrinterUnreachable | None:
    """What keeps the printer from printing; a file tells only of paper, where it is a printer's."""
    from escpos.printer import File

    if isinstance(printer, File):
        return _trouble_of_file(printer.device.fileno())
    paper, cause = _state(printer, PAPER), _state(printer, CAUSE)
    if paper & NO_PAPER == NO_PAPER or cause & STOPPED:
        return OutOfPaper()
    if cause & COVER_OPEN:
        return PrinterUnreachable("its cover is open")
    return PrinterUnreachable("it is off line") if _state(printer, ONLINE) & OFF else None


def _state(printer: Any, question: bytes) -> int:
    """The printer's answer; raises `TimeoutError` without one: such a printer may be off, with its line open."""
    answer = bytes(printer.query_status(question))
    states = [byte for byte in answer if byte & FIXED == FIXED_AS]
    if not states:
        raise TimeoutError("it does not say what state it is in")
    return states[-1]


def _trouble_of_file(number: int) -> OutOfPaper | None:
    if os.name != "posix":
        return None
    import fcntl

    state = array.array("i", [0])
    try:
        fcntl.ioctl(number, LPGETSTATUS, state)
    except OSError:  # no printer's file, or one that does not tell
        return None
    return OutOfPaper() if state[0] & LP_NO_PAPER else None


def _fits_page(text: str) -> bool:
    try:
        text.translate(UNBROKEN).encode(PAGE)
    except UnicodeEncodeError:
        return False
    return True


def _latin(text: str) -> str:
    """In Latin letters what neither the page nor a font has; Chinese syllables apart."""
    return "".join(
        letter if _fits_page(letter) else anyascii(letter) + (" " if "\u3400" <= letter <= "\u9fff" else "")
        for letter in text
    )
