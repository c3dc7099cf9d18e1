"""Receipts on paper: what is sent to the printer, and what a printer that cannot print is told as."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from walkiosk.store import receipt_printer
from walkiosk.store.outcome import OutOfPaper, PrinterUnreachable
from walkiosk.store.receipt_picture import DOTS, Brush, code_picture
from walkiosk.store.receipt_printer import EscposPrinter, Printed, PrinterMisconfigured, printer_of
from walkiosk.store.receipt_text import Row, lines_of, rows_of, short_text
from walkiosk.store.settings import Settings, read_settings

from .fake_printer import FakePrinter, PrinterSocket, texts
from .test_receipt import RECEIPT

PICTURE, CUT, BOLD = b"\x1dv0", b"\x1dV", b"\x1bE\x01"
SETTINGS = Settings("Shop", ("Hello",), "EUR", "Europe/Madrid", ("en",))
ENGLISH = replace(RECEIPT, lines=RECEIPT.lines[:1])


def printed(fake: FakePrinter, language: str = "en", columns: int = 42) -> Any:
    printer = EscposPrinter(lambda: fake, columns, seconds=30)
    return printer.print(rows_of(ENGLISH, language), short_text(ENGLISH, language))


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_text_of_the_printers_page(language: str, columns: int) -> None:
    fake = FakePrinter()
    assert printed(fake, language, columns) == Printed()
    wanted = [line.replace("…", "...").replace("’", "'") for line in lines_of(rows_of(ENGLISH, language), columns)]
    assert [line for line in texts(fake.printed) if line] == wanted
    assert fake.printed.startswith(b"\x1b@\x1c.\x1bt\x13") and b"\xd5" in fake.printed  # page 19 has the euro there
    assert fake.printed.count(PICTURE) == 1 and fake.printed.count(BOLD) == 2  # the code; the shop and the total
    assert fake.printed.rindex(CUT) > fake.printed.rindex(PICTURE)


@pytest.mark.parametrize("language", ["hi", "zh", "ru"])
def test_other_letters_are_printed_as_pictures(language: str) -> None:
    fake = FakePrinter()
    assert printed(fake, language) == Printed()
    beyond = [row for row in rows_of(ENGLISH, language) if not (row.left + row.right).isascii()]
    assert 5 < fake.printed.count(PICTURE) <= len(beyond) + 1
    assert "The Film Shop" in [line.strip() for line in texts(fake.printed)]  # and the rest as text
    assert not any("?" in line for line in texts(fake.printed))


def test_without_a_font_in_latin_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Brush, "of_machine", classmethod(lambda cls: cls(())))
    fake = FakePrinter()
    assert printed(fake, "ru") == Printed()
    told = " ".join(texts(fake.printed))
    assert "Chek 4F2A-91C3" in told and "Itogo" in told and "170,82 €" in told
    assert fake.printed.count(PICTURE) == 1


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("no paper", OutOfPaper()),
        ("stopped", OutOfPaper()),
        ("cover open", PrinterUnreachable("its cover is open")),
        ("off line", PrinterUnreachable("it is off line")),
        ("silent", PrinterUnreachable("TimeoutError: it does not say what state it is in")),
    ],
)
def test_a_printer_that_cannot(state: str, outcome: object, caplog: pytest.LogCaptureFixture) -> None:
    fake = FakePrinter(state)
    assert printed(fake) == outcome
    assert fake.printed == b""
    assert [(record.levelno, str(outcome) in record.message) for record in caplog.records] == [(logging.WARNING, True)]


def test_little_paper_is_paper_and_none_left_at_the_end_is_told() -> None:
    assert printed(FakePrinter("little paper")) == Printed()
    assert printed(FakePrinter(lasts=200)) == OutOfPaper()


@pytest.mark.parametrize("error", [OSError("gone"), AssertionError("no device"), RuntimeError("driver"), ValueError()])
@pytest.mark.parametrize("where", ["connect", "_raw", "close"])
def test_nothing_that_a_driver_raises_reaches_a_sale(error: Exception, where: str) -> None:
    def fails(*_: object, **__: object) -> Any:
        raise error

    fake = FakePrinter()
    connect: Callable[[], Any] = fails
    if where != "connect":
        setattr(fake, where, fails)
        connect = lambda: fake  # noqa: E731
    outcome = EscposPrinter(connect, 42).print((), "code")
    fake.close = lambda: None
    assert isinstance(outcome, PrinterUnreachable) and type(error).__name__ in outcome.reason


def test_a_printer_that_blocks_keeps_nobody() -> None:
    release = threading.Event()
    fake = FakePrinter()
    fake.hw = lambda _: release.wait()
    printer = EscposPrinter(lambda: fake, 42, seconds=0.1)
    assert printer.print((), "code") == PrinterUnreachable("it takes longer than 0.1 s")
    assert printer.print((), "code") == PrinterUnreachable("it is still at an earlier receipt")
    release.set()
    printer.seconds = 30
    assert printer.print((), "code") == Printed()


def test_a_printer_on_the_network() -> None:
    with PrinterSocket() as other:
        printer = printer_of(replace(SETTINGS, printer=f"network:{other.place}", printer_columns=32))
        assert printer is printer_of(replace(SETTINGS, printer=f"network:{other.place}", printer_columns=32))
        assert printer is not None
        rows = rows_of(ENGLISH, "en")
        assert printer.print(rows, "code") == Printed()
        other.state = "no paper"
        assert printer.print(rows, "code") == OutOfPaper()
    assert texts(other.printed[0])[1] == "Receipt 4F2A-91C3" and other.printed[1] == b""
    gone = printer.print(rows, "code")
    assert isinstance(gone, PrinterUnreachable) and "DeviceNotFoundError" in gone.reason


def test_a_printer_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lp0"
    printer = printer_of(replace(SETTINGS, printer=f"file:{file}"))
    assert printer is not None
    assert printer.print(rows_of(ENGLISH, "en"), "code") == Printed()
    assert "Receipt 4F2A-91C3" in texts(file.read_bytes())

    def no_paper(number: int, question: int, state: Any) -> int:
        assert question == 0x060B and os.fstat(number)
        state[0] = 0x20
        return 0

    monkeypatch.setattr("fcntl.ioctl", no_paper)
    assert printer.print(rows_of(ENGLISH, "en"), "code") == OutOfPaper()
    assert isinstance(
        EscposPrinter(lambda: receipt_printer._connected("file", str(tmp_path)), 42).print((), ""), PrinterUnreachable
    )


def test_which_printer_a_shop_has(film_shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml = film_shop / "store.toml"
    plain = toml.read_text("utf-8")
    for value in (
        "none",
        "network:192.168.1.9",
        "network:till.local:9101",
        "usb:04b8:0e15",
        "file:/dev/usb/lp0",
        "serial:/dev/ttyS0",
    ):
        toml.write_text(f'{plain}printer = "{value}"\nprinter_columns = 32\n', "utf-8")
        settings, problems = read_settings(film_shop)
        assert settings is not None and (settings.printer, settings.printer_columns, problems) == (value, 32, [])
    for value in ("usb", "usb:1:2", "network:", "network:a b", "none:", "lpt:1"):
        toml.write_text(f'{plain}printer = "{value}"\n', "utf-8")
        settings, problems = read_settings(film_shop)
        assert settings is None and "none or network:…, usb:…, serial:…, file:… expected" in problems[0].reason
    assert printer_of(SETTINGS) is None
    monkeypatch.setattr(receipt_printer, "find_spec", lambda name: None if name == "usb" else True)
    with pytest.raises(PrinterMisconfigured, match=r"printer = \"usb:04b8:0e15\".*walkiosk\[printer\]"):
        printer_of(replace(SETTINGS, printer="usb:04b8:0e15"))
    monkeypatch.setattr(receipt_printer, "find_spec", lambda name: None)
    with pytest.raises(PrinterMisconfigured, match=r"walkiosk\[printer\]"):
        printer_of(replace(SETTINGS, printer="network:elsewhere"))


@pytest.mark.parametrize("text", ["कुल", "合计", "Итого", "€12.50 – ’…"])
def test_a_row_as_a_picture(text: str) -> None:
    brush = Brush.of_machine()
    assert brush.knows(text) and not brush.knows("\U0010fffe")
    row = Row("total", text, "€1,417.82")
    drawn = brush.row(row, 32)
    assert drawn.size == (32 * DOTS, 32)
    left, right = (drawn.crop(box) for box in ((0, 0, 192, 32), (192, 0, 384, 32)))
    assert ink(left) > 30 and ink(right) > 30
    assert ink(drawn.crop((383 - 12, 0, 384, 32))) > 0  # the amount ends at the edge
    long = brush.row(Row("detail", f"{text} " * 30, "€1.00"), 32)
    assert long.height > 64 and ink(long.crop((0, 0, 4, long.height))) == 0  # set in, over several lines


def test_hindi_is_shaped() -> None:
    brush = Brush.of_machine()
    assert brush.length("क्ष") < brush.length("क") + brush.length("ष")  # one letter of two


def test_the_code_as_a_picture() -> None:
    for columns in (32, 48):
        drawn = code_picture("x" * 300, columns)
        assert drawn.width == columns * DOTS
        assert ink(drawn.crop((0, 0, drawn.width, 8))) == 0  # its quiet zone


def ink(picture: Image.Image) -> int:
    """Black dots."""
    return picture.histogram()[0]
