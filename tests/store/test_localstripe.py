"""Intents, captures, cancellations and refunds on localstripe, a stateful server that others wrote.

It has neither readers nor idempotency keys: the card is presented behind the till's back, while it waits for a reader.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from walkiosk.store.database import open_database
from walkiosk.store.loading import load_folder
from walkiosk.store.payment import Authorised, ProviderUnreachable
from walkiosk.store.sale_book import Sale
from walkiosk.store.stripe_line import StripeConfig
from walkiosk.store.stripe_terminal import StripeTerminal

from .conftest import FILM_SHOP
from .shop import Shop

KEY = "sk_test_12345"


class Local:
    """A localstripe of our own, and a customer who has a card there."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, path: str, **values: str) -> Any:
        address = f"{self.address}/v1/{path}"
        asked = requests.post(address, values, auth=(KEY, "")) if values else requests.get(address, auth=(KEY, ""))
        return asked.json()

    def intents(self) -> list[Any]:
        return list(self.ask("payment_intents")["data"])

    def present_a_card(self) -> None:
        for intent in self.intents():
            if intent["status"] == "requires_payment_method":
                self.ask(f"payment_intents/{intent['id']}", payment_method="pm_card_visa")
                self.ask(f"payment_intents/{intent['id']}/confirm", expand="")

    def terminal(self) -> StripeTerminal:
        config = StripeConfig(KEY, "tmr_none", self.address, retries=0)
        return StripeTerminal(config, "EUR", lambda _: self.present_a_card(), lambda: 0.0)


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-m", "localstripe", "--port", str(port), "--from-scratch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        assert any("Running on" in line for line in running.stdout)
        yield f"http://127.0.0.1:{port}"
        running.terminate()


@pytest.fixture
def local(served: str) -> Local:
    requests.delete(f"{served}/_config/data").raise_for_status()
    return Local(served)


def test_whole_sales(local: Local, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'shop.db'}")
    load_folder(engine, FILM_SHOP)
    shop = Shop(engine, local.terminal())
    sold = shop.delivered(shop.paid(TO_1=2)).sale
    assert (sold.state, sold.captured_cents) == ("captured", 2500)
    part = shop.sales.refund(sold.id, 1000)
    assert isinstance(part, Sale)
    shop.dispenser.set_empty(["B3"])
    nothing = shop.delivered(shop.paid(LP_1=1)).sale
    assert nothing.state == "released"
    by_id = {intent["id"]: intent for intent in local.intents()}
    assert by_id[sold.authorisation]["status"] == "succeeded"
    assert by_id[nothing.authorisation]["status"] == "canceled"
    given_back = local.ask("refunds")["data"]
    assert [(refund["payment_intent"], refund["amount"]) for refund in given_back] == [(sold.authorisation, 1000)]
    engine.dispose()


def test_calls_that_are_repeated(local: Local) -> None:
    terminal = local.terminal()
    answer = terminal.authorise("k-authorise-1", 1250, "EUR")
    assert isinstance(answer, Authorised)
    assert terminal.find("k-authorise-1") == terminal.look("k-authorise-1", answer.reference) == answer
    for _ in range(2):
        terminal.capture("k-capture-1", answer.reference, 1250)
    for _ in range(2):
        terminal.refund("k-refund-1", answer.reference, 250)
    assert [refund["amount"] for refund in local.ask("refunds")["data"]] == [250]
    with pytest.raises(ValueError, match="Stripe refuses to cancel"):
        terminal.release("k-release-1", answer.reference)
    other = terminal.authorise("m-authorise-1", 1250, "EUR")
    assert isinstance(other, Authorised)
    for _ in range(2):
        terminal.release("m-release-1", other.reference)
    with pytest.raises(ValueError, match="is canceled"):
        terminal.capture("m-capture-1", other.reference, 1250)


def test_no_reader_no_answer(local: Local) -> None:
    terminal = StripeTerminal(StripeConfig(KEY, "tmr_none", local.address, retries=0), "EUR", lambda _: None)
    with pytest.raises(ProviderUnreachable):
        terminal.authorise("k-authorise-1", 1250, "EUR")
    (intent,) = local.intents()
    assert (intent["status"], intent["metadata"]) == ("requires_payment_method", {"walkiosk_key": "k-authorise-1"})
    assert terminal.look("k-authorise-1") is None
