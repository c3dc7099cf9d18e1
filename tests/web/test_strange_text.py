"""What is sent with the wrong letters in it, or for the next customer to find: at the socket of a real kiosk."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.kiosk.script import Script
from tests.web.customer import Customer
from walkiosk.kiosk import Kiosk
from walkiosk.web.app import create_app

UNSEEN = "\u202e\u2066\u200b\ufeff\u00ad\x00\x1b\x7f\U000e0041"


@pytest.fixture
def customer(film_kiosk: Kiosk) -> Iterator[Customer]:
    with TestClient(create_app(film_kiosk)) as client, client.websocket_connect("/kiosk") as socket:
        yield Customer(socket)


def test_letters_that_are_not_seen_come_no_further(customer: Customer, film_kiosk: Kiosk) -> None:
    customer.send("text", text=f"{UNSEEN} spinning {UNSEEN} top {UNSEEN}")
    assert customer.until("caption")["text"] == "spinning top"
    assert customer.answer()["event"] == "found_product"
    customer.send("touch", action="feedback stars=4 words", text=f"gr{UNSEEN}eat")
    assert customer.answer()["event"] == "feedback_thanks"
    assert [remark.words for remark in film_kiosk.shop.store.feedback.remarks()] == ["gr eat"]
    customer.send("touch", action=f"choose 1 quantity=1 size={UNSEEN}0 €")
    assert not set(UNSEEN) & set(str(customer.answer()))


@pytest.mark.parametrize(
    "text", ["word " * 200_000, "\u0336" * 900 + "a", "\u202e" * 900, "<|kiosk|>" * 111, "🏴\U000e0067\U000e007f" * 300]
)
def test_no_text_breaks_a_turn(customer: Customer, text: str) -> None:
    customer.send("text", text=text)
    reply = customer.answer()
    assert reply["event"] in ("too_long", "not_understood", "silence") and len(reply["heard"]) <= 1000
    customer.send("text", text="spinning top")
    assert customer.answer()["event"] == "found_product"


def test_half_a_letter_is_refused(customer: Customer) -> None:
    customer.send_raw('{"kind": "text", "text": "\\ud800"}')
    assert customer.until("problem")["what"] == "malformed"
    customer.send("text", text="spinning top")
    assert customer.answer()["event"] == "found_product"


def test_who_starts_over_leaves_nothing(customer: Customer, script: Script) -> None:
    script.actions["who was here?"] = "repeat"
    customer.send("text", text="spinning top")
    customer.send("touch", action="identify pin=1234", text="Ana García")
    for action in ("choose 1 quantity=1", "checkout", "pay"):
        customer.send("touch", action=action)
    while (reply := customer.answer())["stage"] != "thanks":
        assert reply["event"] != "identify_failed"
    assert "Ana García" in reply["text"]
    customer.send("start_over")
    customer.until("state", state="attract")
    for kind, fields in (("wake", {}), ("text", {"text": "who was here?"}), ("touch", {"action": "repeat"})):
        customer.send(kind, **fields)
        answer = customer.answer()
        assert "Ana" not in str(answer) and answer["basket"] == [] and answer["language"] == "en"
    customer.send("receipt", language="en")
    assert customer.until("problem")["what"] == "receipt"
