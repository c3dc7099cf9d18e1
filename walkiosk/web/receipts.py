"""Receipts at the kiosk's page: of the sale that went through in the conversation that asks, and of no other."""

from __future__ import annotations

import logging
from collections import Counter

from walkiosk.kiosk import Kiosk
from walkiosk.store.outcome import NotFound, OutOfPaper, PrinterUnreachable
from walkiosk.store.receipt import qr_svg, receipt_of
from walkiosk.store.receipt_printer import Printed, PrinterMisconfigured, ReceiptPrinter, printer_of
from walkiosk.store.receipt_text import Row, rows_of, short_text
from walkiosk.web.messages import Problem, ReceiptPrinted, ReceiptShown, WantReceipt

COPIES = 2  # of a receipt that a customer may print
log = logging.getLogger(__name__)


class Receipts:
    """One conversation's."""

    def __init__(self, kiosk: Kiosk) -> None:
        self._kiosk = kiosk
        self._printed: Counter[str] = Counter()  # by sale

    def answer(self, session: str | None, wanted: WantReceipt) -> ReceiptShown | ReceiptPrinted | Problem:
        """What the page is told; which sale it is about, the session alone says. Takes as long as a printer may."""
        sale_id = self._kiosk.sale_of(session) if session is not None else None
        store = self._kiosk.shop.store
        found = None if sale_id is None else receipt_of(store.engine, store.settings, sale_id, wanted.language)
        if sale_id is None or found is None or isinstance(found, NotFound):
            return Problem("receipt", "receipt: nothing was bought in this conversation")
        rows, short = rows_of(found, wanted.language), short_text(found, wanted.language)
        if wanted.printed:
            return self._print(sale_id, rows, short)
        return ReceiptShown(wanted.language, rows, qr_svg(short), self._printer() is not None)

    def _print(self, sale_id: str, rows: tuple[Row, ...], short: str) -> ReceiptPrinted:
        printer = self._printer()
        if self._printed[sale_id] >= COPIES:
            return ReceiptPrinted("enough")
        match printer.print(rows, short) if printer is not None else PrinterUnreachable("this shop has none"):
            case Printed():
                self._printed[sale_id] += 1
                return ReceiptPrinted("printed")
            case OutOfPaper():
                return ReceiptPrinted("paper")
            case PrinterUnreachable():
                return ReceiptPrinted("unreachable")

    def _printer(self) -> ReceiptPrinter | None:
        try:
            return printer_of(self._kiosk.shop.store.settings)
        except PrinterMisconfigured as error:  # its customers have the screen
            log.error("%s", error)
            return None
