"""The edge where the provider calls back: what is signed is looked into, everything else gets no answer."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.store.fake_stripe import BEFORE, SECRET, FakeStripe, signed
from tests.store.stripe_account import PAYS
from tests.store.stripe_till import Till
from walkiosk.store.outcome import PaymentUnavailable
from walkiosk.store.sale_book import Sale
from walkiosk.store.stripe_terminal import LOST_LOOKS
from walkiosk.web import callbacks
from walkiosk.web.callbacks import LONGEST, TOLERANCE_SECONDS

PATH = "/callbacks/stripe"


@pytest.fixture
def till(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    monkeypatch.setenv(callbacks.SECRET, SECRET)
    with FakeStripe() as stripe:
        opened = Till(stripe, tmp_path)
        yield opened
        opened.engine.dispose()


@pytest.fixture
def client(till: Till) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(callbacks.router(lambda: till.sales))
    with TestClient(app) as opened:
        yield opened


def lost(till: Till) -> Sale:
    """A sale that was paid at the reader, of which the till had no answer."""
    sale = till.reserved(TO_1=1)
    till.stripe.customers.append(PAYS)
    for _ in range(LOST_LOOKS):
        till.stripe.fail(BEFORE, "intent", 1)
    assert till.sales.pay(sale.id) == PaymentUnavailable(sale.id)
    return sale


def send(client: TestClient, body: bytes, signature: str) -> int:
    response = client.post(PATH, content=body, headers={"Stripe-Signature": signature})
    assert response.content == b""
    return response.status_code


def test_a_signed_event_moves_its_sale_on(till: Till, client: TestClient) -> None:
    sale = lost(till)
    (event,) = till.stripe.events
    till.stripe.calls.clear()
    assert [send(client, *signed(event)) for _ in range(3)] == [204] * 3
    assert (till.state(sale), till.money()) == ("authorised", (0, 1250, 0))
    assert till.stripe.calls == ["intent"]  # nothing of the event was believed, and it was asked for once


def test_the_event_of_a_charge(till: Till, client: TestClient) -> None:
    sale = lost(till)
    charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_0", "metadata": {"walkiosk_key": _key(sale)}}
    assert send(client, *signed({"object": "event", "type": "charge.updated", "data": {"object": charge}})) == 204
    assert till.state(sale) == "authorised"


def test_an_event_that_lies(till: Till, client: TestClient) -> None:
    sale = lost(till)
    lie = {"id": "pi_0", "status": "canceled", "amount": 1, "metadata": {"walkiosk_key": _key(sale)}}
    assert send(client, *signed({"object": "event", "type": "payment_intent.canceled", "data": {"object": lie}})) == 204
    assert (till.state(sale), till.money()) == ("authorised", (0, 1250, 0))


def test_what_is_not_signed_gets_no_answer(till: Till, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = lost(till)
    body, signature = signed(till.stripe.events[0])
    assert client.post(PATH, content=body).status_code == 400
    for wrong in ("", "t=1", "v1=0", "nonsense", "t=x,v1=y", signature[:-1], signature + "0", f"{signature},v0=1"[2:]):
        assert send(client, body, wrong) == 400, wrong
    assert client.post(PATH, content=body, headers={"Stripe-Signature": "t=1,v1=é".encode()}).status_code == 400
    assert send(client, body + b" ", signature) == 400
    assert send(client, *signed(till.stripe.events[0], "whsec_other")) == 400
    assert send(client, *signed(till.stripe.events[0], age_seconds=TOLERANCE_SECONDS + 10)) == 400
    monkeypatch.setenv(callbacks.SECRET, "")
    assert send(client, *signed(till.stripe.events[0], "")) == 400
    assert till.state(sale) == "reserved"


def test_what_is_signed_and_says_nothing(till: Till, client: TestClient) -> None:
    till.stripe.calls.clear()
    for event in (
        {},
        {"data": None},
        {"data": {"object": []}},
        {"data": {"object": {"metadata": {"walkiosk_key": 3}}}},
    ):
        assert send(client, *signed(event)) == 204
    for odd in ([], "event", 3):
        assert send(client, *signed(odd)) == 400  # type: ignore[arg-type]
    long = {"object": "event", "padding": "x" * LONGEST}
    assert send(client, *signed(long)) == 400
    assert till.stripe.calls == []
    assert client.get(PATH).status_code == 405


def test_told_again_when_the_provider_is_away(till: Till, client: TestClient) -> None:
    sale = lost(till)
    event = signed(till.stripe.events[0])
    till.stripe.fail("500", "intent")
    assert send(client, *event) == 503
    assert till.state(sale) == "reserved"
    assert send(client, *event) == 204
    assert till.state(sale) == "authorised"


def test_many_callers_at_once(till: Till, client: TestClient) -> None:
    sales = [lost(till) for _ in range(3)]
    statuses: list[int] = []
    events = till.stripe.events * 4
    callers = [threading.Thread(target=lambda e=e: statuses.append(send(client, *signed(e)))) for e in events]  # type: ignore[misc]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert statuses == [204] * 12
    assert [till.state(sale) for sale in sales] == ["authorised"] * 3


def test_the_kiosk_takes_callbacks(app: FastAPI) -> None:
    with TestClient(app) as opened:
        assert opened.post(PATH, content=json.dumps({})).status_code == 400


def _key(sale: Sale) -> str:
    return f"{sale.key}-authorise-1"
