"""Receipts at the page: shown, as a code, printed; and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from tests.store.fake_printer import PrinterSocket, texts
from tests.store.test_receipt import RECEIPT
from tests.web.customer import Customer, Message
from tests.web.screens import Stage
from tests.web.shopping import say, stage, tab_to
from tests.web.test_accessibility import COLOURS, EVERY_RULE, SMALL, WEAR, faults
from tests.web.words import word, words
from walkiosk.kiosk import Kiosk
from walkiosk.store.receipt import Receipt, qr_svg
from walkiosk.store.receipt_text import rows_of
from walkiosk.web import messages
from walkiosk.web.app import create_app
from walkiosk.web.messages import ReceiptPrinted, ReceiptShown

SLIP = "dialog[open]"
BUY = ("choose 1 quantity=1", "checkout", "pay")


@pytest.fixture
def app(film_kiosk: Kiosk) -> FastAPI:
    """The application of a real kiosk, so that what a test buys is in its books."""
    return create_app(film_kiosk)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as opened:
        yield opened


@pytest.fixture
def printer(film_kiosk: Kiosk) -> Iterator[PrinterSocket]:
    """The shop's receipt printer."""
    with PrinterSocket() as connected:
        shop = film_kiosk.shop
        settings = replace(shop.store.settings, printer=f"network:{connected.place}")
        film_kiosk.shop = replace(shop, store=replace(shop.store, settings=settings))
        yield connected


def buy(customer: Customer) -> None:
    customer.send("text", text="spinning top")
    assert customer.answer()["event"] == "found_product"
    for action in BUY:
        customer.send("touch", action=action)
    while customer.answer()["event"] != "thanks":
        pass


def asked(customer: Customer, printed: bool = False, language: str = "en") -> Message:
    """What comes back when the receipt is asked for."""
    customer.send("receipt", language=language, printed=printed)
    while True:
        message = customer._next()
        if isinstance(message, dict) and message["kind"] in ("receipt", "receipt_printed", "problem"):
            return message


def test_who_has_bought_sees_the_receipt(client: TestClient, film_kiosk: Kiosk) -> None:
    with client.websocket_connect("/kiosk") as socket:
        customer = Customer(socket)
        buy(customer)
        shown = asked(customer)
        rows = {row["left"]: row["right"] for row in shown["rows"]}
        assert rows["Spinning top"] == rows["Total"] == "€12.50" and "Film shop" in rows
        assert shown["code"].startswith("<svg") and (shown["prints"], shown["language"]) == (False, "en")
        spanish = asked(customer, language="es")
        assert {row["left"] for row in spanish["rows"]} > {"Peonza", "Total"}
        assert asked(customer, printed=True) == {"kind": "receipt_printed", "outcome": "unreachable"}  # there is none


def test_nobody_else_sees_it(client: TestClient, film_kiosk: Kiosk) -> None:
    nothing = {"kind": "problem", "what": "receipt", "detail": "receipt: nothing was bought in this conversation"}
    with client.websocket_connect("/kiosk") as one, client.websocket_connect("/kiosk") as other:
        buyer, stranger = Customer(one), Customer(other)
        assert asked(buyer) == asked(stranger) == nothing  # nobody has begun
        buy(buyer)
        stranger.send("text", text="spinning top")
        assert stranger.answer()["event"] == "found_product"
        assert asked(stranger) == asked(stranger, printed=True) == nothing
        with film_kiosk.shop.store.engine.connect() as connection:
            sale_id = connection.exec_driver_sql("SELECT id FROM sale").scalar_one()
        for field in ("sale", "sale_id", "session", "number", "id"):  # and no message can name one
            stranger.send("receipt", language="en", **{field: sale_id})
            assert stranger.until("problem")["what"] == "malformed"
        assert asked(buyer)["kind"] == "receipt"
        buyer.send("start_over")
        assert asked(buyer) == nothing
        buyer.send("text", text="spinning top")  # who comes next
        assert asked(buyer) == nothing


def test_it_is_printed_twice_at_most(client: TestClient, printer: PrinterSocket) -> None:
    with client.websocket_connect("/kiosk") as socket:
        customer = Customer(socket)
        buy(customer)
        assert asked(customer)["prints"]
        outcomes = []
        for state in ("no paper", "cover open", "ready", "ready", "ready"):
            printer.state = state
            outcomes.append(asked(customer, printed=True, language="de")["outcome"])
        assert outcomes == ["paper", "unreachable", "printed", "printed", "enough"]
        buy(customer)
        assert asked(customer, printed=True)["outcome"] == "printed"  # another sale
    copies = [texts(each) for each in printer.printed if each]
    assert len(copies) == 3 and copies[0] == copies[1] != copies[2]
    assert any(line.startswith("Summe") and line.endswith("12,50 €") for line in copies[0])


def test_a_printer_whose_library_is_missing_is_none(
    client: TestClient, printer: PrinterSocket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("walkiosk.store.receipt_printer.find_spec", lambda name: None)
    with client.websocket_connect("/kiosk") as socket:
        customer = Customer(socket)
        buy(customer)
        assert not asked(customer)["prints"]
    assert "pip install 'walkiosk[printer]'" in caplog.text


@pytest.mark.parametrize("wrong", [{"language": "e" * 21}, {"language": None}, {"language": "en", "printed": 1}, {}])
def test_malformed(wrong: dict[str, Any]) -> None:
    problem = messages.read(json.dumps({"kind": "receipt", **wrong}))
    assert isinstance(problem, messages.Problem) and problem.what == "malformed"


@pytest.fixture
def shopper(browser: Browser, address: str) -> Iterator[Page]:
    """The film shop's page, as its customer has it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(address)
    expect(page.locator("#languages button")).to_have_count(2)
    yield page
    context.close()
    assert not errors


def test_on_the_page_from_the_sale_to_paper(shopper: Page, printer: PrinterSocket) -> None:
    page = shopper
    say(page, "spinning top")
    page.get_by_role("button", name="I’ll take it").click()
    page.locator("#checkout").click()
    expect(page.locator("#receipt")).to_be_hidden()
    page.locator("#pay").click()
    stage(page, "thanks")
    tab_to(page, page.locator("#receipt"))
    page.keyboard.press("Enter")
    slip = page.get_by_role("dialog", name="Receipt")
    expect(slip).to_be_visible()
    expect(page.locator("#slip-rows")).to_contain_text("Spinning top")
    expect(page.locator("#slip-rows .total")).to_have_text("Total€12.50")
    code = slip.get_by_role("img", name=word("receipt_code"))
    assert code.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    printer.state = "no paper"
    page.locator("#slip-print").click()
    expect(page.locator("#slip-told")).to_have_text(word("receipt_paper"))
    printer.state = "ready"
    page.locator("#slip-print").click()
    expect(page.locator("#slip-told")).to_have_text(word("receipt_printed"))
    expect(page.locator("#slip-print")).to_be_disabled()
    assert "Spinning top" in " ".join(texts(printer.printed[-1]))
    page.keyboard.press("Escape")
    expect(slip).to_be_hidden()
    page.get_by_role("radio", name="4 of 5 stars").check(force=True)
    page.get_by_role("button", name="Send feedback").click()
    expect(page.locator("#feedback")).to_have_class("feedback sent")
    page.locator("#receipt").click()  # still there for who thinks of it now
    expect(slip).to_be_visible()
    page.locator("#slip-close").click()
    page.get_by_role("button", name="Done").click()
    stage(page, "attract")
    assert page.locator("#slip-rows li").count() == 0
    expect(page.locator("#receipt")).to_be_hidden()


def shown(receipt: Receipt, language: str) -> ReceiptShown:
    return ReceiptShown(language, rows_of(receipt, language), qr_svg("a" * 300), True)


@pytest.mark.parametrize("language", words())
def test_no_rule_is_broken(browser: Browser, address: str, language: str) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 600}, reduced_motion="reduce")
    screen = Stage(context.new_page(), address, language)
    screen.open()
    page = screen.page
    screen.show("thanks")
    expect(page.locator("#receipt")).to_have_text(word("receipt", language))
    screen._send(shown(RECEIPT, language))
    screen._send(ReceiptPrinted("paper"))
    expect(page.locator("#slip-told")).to_have_text(word("receipt_paper", language))
    expect(page.locator("#slip-title")).to_have_text(word("receipt", language))
    page.evaluate(AXE_SCRIPT)
    assert faults(page, EVERY_RULE, SLIP) == []
    for colours in ("contrast", "dark") if language == "en" else ():
        page.evaluate(WEAR, colours)
        assert faults(page, COLOURS, SLIP) == []
    assert page.evaluate(SMALL, 44) == []
    beyond = "[...document.querySelectorAll('#slip *')].filter(each => each.getBoundingClientRect().right > innerWidth)"
    assert page.evaluate(f"{beyond}.length") == 0
    context.close()
