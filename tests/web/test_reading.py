"""Reading aloud over the socket: the newest text in the page's language, until somebody speaks or is answered."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.web.customer import Customer
from tests.web.fake_kiosk import FakeKiosk
from tests.web.sound import frames, said, silence
from walkiosk.web.messages import LONGEST_READING

LONG = "This is a long sentence that is read aloud, about shoes, hats, coats, gloves and many other goods. " * 4


@pytest.fixture
def customer(app: FastAPI) -> Iterator[Customer]:
    with TestClient(app) as client, client.websocket_connect("/kiosk") as socket:
        yield Customer(socket)


def test_what_has_the_focus_is_read(customer: Customer, fake: FakeKiosk) -> None:
    customer.send("read", text="I’ll take it, button.", language="en")
    headers = customer.all_sound()
    assert {number for number, *_ in headers} == {1} and sum(size for *_, size in headers) > 10_000
    customer.send("played", reply=1)
    customer.send("text", text="the shoes")
    assert customer.until("answer")["number"] == 2
    assert len(fake.turns) == 1  # what is read is no turn


def test_the_newest_is_read(customer: Customer) -> None:
    customer.send("read", text=LONG, language="en")
    customer.send("read", text=LONG, language="es")
    customer.send("read", text="The last one.", language="en")
    assert [customer.until("hush")["number"] for _ in range(2)] == [1, 2]
    while 3 not in {number for number, *_ in customer.all_sound()}:
        pass


def test_a_voice_ends_the_reading(customer: Customer, fake: FakeKiosk) -> None:
    customer.send("wake")
    customer.send("barge_in")
    customer.send("read", text=LONG, language="en")
    customer.speak(frames(silence(1), said("Wait, please."))[:45])
    while customer.until("hush")["number"] != 2:
        pass
    assert customer.until("state", state="hearing")
    assert not fake.turns


def test_a_touch_and_an_answer_end_the_reading(customer: Customer) -> None:
    customer.send("read", text=LONG, language="en")
    customer.send("barge_in")
    assert customer.until("hush")["number"] == 1
    customer.send("read", text=LONG, language="en")
    customer.send("text", text="the shoes")
    assert customer.until("hush")["number"] == 2
    assert customer.until("answer")["number"] == 3


def test_a_reading_ends_the_reply(customer: Customer) -> None:
    customer.send("text", text="the shoes")
    customer.until("state", state="speaking")
    customer.send("read", text="Size, 43, chosen.", language="en")
    assert customer.until("hush")["number"] == 1
    assert customer.until("state", state="listening")
    customer.all_sound()


@pytest.mark.parametrize(
    ("text", "language", "what"),
    [("", "en", "malformed"), ("a" * (LONGEST_READING + 1), "en", "malformed"), ("Sveiki.", "lv", "language")],
)
def test_what_cannot_be_read_is_named(customer: Customer, text: str, language: str, what: str) -> None:
    customer.send("read", text=text, language=language)
    assert customer.until("problem")["what"] == what
    customer.send("read", text="Hello.", language="en")
    assert customer.all_sound()


def test_a_hundred_at_once_are_one(customer: Customer) -> None:
    for _ in range(100):
        customer.send("read", text=LONG, language="en")
    customer.send("read", text="Now.", language="en")
    heard: set[int] = set()
    while 101 not in heard:
        heard |= {number for number, *_ in customer.all_sound()}
    assert len(heard) < 20  # one was read at a time, and most were never begun
