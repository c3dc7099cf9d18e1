"""The ear of a socket: one that hangs or breaks is replaced, and the customer can go on talking."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.web.customer import Customer
from tests.web.fake_kiosk import FakeKiosk
from walkiosk.kiosk.observing import Observer
from walkiosk.listening import Ended, Onset, TurnDetector
from walkiosk.web import kiosk_api
from walkiosk.web.ear import Ear

SOON, LATER = 0.05, 20.0  # seconds, for what never comes and for what does


class Noting(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def restarted(self, part: str) -> None:
        self.parts.append(part)


class Deaf(TurnDetector):
    """Hangs or breaks at the first sound."""

    def __init__(self, never: threading.Event | None = None) -> None:
        super().__init__()
        self.never = never

    def hear(self, pcm: bytes) -> list[Onset | Ended]:
        if self.never is None:
            raise RuntimeError("the detector broke")
        self.never.wait()
        return []


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What hangs waits for; set when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_an_ear_that_hangs_is_replaced(never: threading.Event) -> None:
    noting = Noting()
    made = iter([Deaf(never), TurnDetector()])
    ear = Ear(noting, lambda: next(made), SOON)
    assert ear.hear(bytes(1024)) == [Ended(None)]
    ear._hangs_seconds = LATER
    assert noting.parts == ["ear"] and ear.hear(bytes(1024)) == []


def test_an_ear_that_breaks_is_replaced() -> None:
    noting = Noting()
    made = iter([Deaf(), TurnDetector()])
    ear = Ear(noting, lambda: next(made), LATER)
    assert ear.hear(bytes(1024)) == [Ended(None)]
    assert noting.parts == ["ear"] and ear.hear(bytes(1024)) == []


def test_an_ear_knows_whether_the_kiosk_speaks() -> None:
    detector = TurnDetector()
    ear = Ear(Observer(), lambda: detector, LATER)
    ear.kiosk_speaks = True
    ear.hear(bytes(1024))
    assert detector.kiosk_speaks and not ear.hears_voice


def test_a_customer_whose_ear_broke_goes_on(app: FastAPI, fake: FakeKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    noting = Noting()
    made = iter([Deaf(), TurnDetector()])
    monkeypatch.setattr(kiosk_api, "Ear", lambda _: Ear(noting, lambda: next(made), LATER))
    with TestClient(app) as client, client.websocket_connect("/kiosk") as socket:
        customer = Customer(socket)
        customer.speak([bytes(3200)] * 3)
        customer.send("text", text="the shoes")
        assert customer.answer()["event"] == "found_product"
    assert noting.parts == ["ear"]
