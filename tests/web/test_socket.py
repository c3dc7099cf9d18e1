"""The socket: turns in, replies and sound out, whatever is sent."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import cast

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.web.conftest import vitals
from tests.web.customer import Customer
from tests.web.fake_kiosk import REASON, FakeKiosk
from tests.web.sound import frames, said, silence
from walkiosk import espeak
from walkiosk.kiosk import Kiosk
from walkiosk.listening import SAMPLE_RATE
from walkiosk.web.app import create_app
from walkiosk.web.limits import Limits

PAUSE = silence(1)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as opened:
        yield opened


@pytest.fixture
def customer(client: TestClient) -> Iterator[Customer]:
    with client.websocket_connect("/kiosk") as socket:
        yield Customer(socket)


def test_the_shop_comes_first(customer: Customer) -> None:
    assert customer.shop["name"] == "The Film Shop"
    assert (customer.shop["wake_phrase"], customer.shop["currency"]) == ("OK Walmrt", "EUR")
    assert customer.shop["languages"][:2] == ["en", "es"]


def test_a_typed_turn(customer: Customer, fake: FakeKiosk) -> None:
    customer.send("text", text="  the shoes of the first scene ")
    assert customer.until("caption")["text"] == "the shoes of the first scene"
    message = customer.until("answer")
    assert message["number"] == 1 and len(message["sentences"]) == 2
    assert message["reply"]["trace"] == list(REASON)
    assert message["reply"]["cards"][0]["deal_cents"] == 15120
    assert fake.turns[0].text == "the shoes of the first scene"


def test_the_reply_is_spoken_sentence_by_sentence(customer: Customer) -> None:
    customer.send("text", text="the shoes")
    headers = customer.all_sound()
    assert [sentence for _, sentence, last, _, _ in headers if last] == [0, 1]
    assert {(reply, rate) for reply, _, _, rate, _ in headers} == {(1, SAMPLE_RATE)}
    assert all(size % 2 == 0 and size > 0 for *_, size in headers)
    customer.send("played", reply=1)
    assert customer.until("state", state="listening")


def test_a_whole_sale(customer: Customer, fake: FakeKiosk) -> None:
    customer.send("text", text="the shoes")
    customer.send("touch", action="choose 1 size=42 quantity=1")
    customer.send("touch", action="checkout")
    assert [customer.answer()["stage"] for _ in range(3)] == ["talk", "talk", "checkout"]
    customer.send("touch", action="pay")
    assert [customer.answer()["stage"] for _ in range(3)] == ["paying", "dispensing", "thanks"]
    customer.send("touch", action="feedback stars=4 words", text="quick and kind")
    assert customer.answer()["event"] == "feedback_thanks"
    assert (fake.turns[-1].action, fake.turns[-1].text) == ("feedback stars=4 words", "quick and kind")
    customer.send("start_over")
    customer.until("state", state="attract")
    assert fake.ended == ["session-1"]


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ("no json", "JSON"), ("[]", "object"), ("{}", "kind"), ('{"kind": "dance"}', "dance"),
        ('{"kind": "text"}', "text.text"), ('{"kind": "text", "text": 7}', "string"),
        ('{"kind": "touch", "action": "pay", "price": 0}', "price"), ('{"kind": "touch", "action": ""}', "action"),
        ('{"kind": "text", "text": "\\ud800"}', "JSON"), ("[" * 5000, "JSON"), ("", "JSON"),
    ],
)  # fmt: skip
def test_a_malformed_message_is_named_and_the_socket_lives_on(customer: Customer, sent: str, named: str) -> None:
    customer.send_raw(sent)
    problem = customer.until("problem")
    assert problem["what"] == "malformed" and named in problem["detail"]
    customer.send("text", text="the shoes")
    assert customer.answer()["event"] == "found_product"


def test_bad_sound_empty_words_and_unknown_languages_are_named(customer: Customer) -> None:
    customer.speak([b"odd"])
    assert customer.until("problem")["what"] == "audio"
    customer.speak([bytes(40_000)])
    assert "32000" in customer.until("problem")["detail"]
    customer.send("text", text=" \n ")
    assert customer.until("problem")["what"] == "empty"
    customer.send("language", language="tlh")
    assert "'tlh'" in customer.until("problem")["detail"]
    customer.send("wake", language="tlh")
    assert customer.until("problem")["what"] == "language"


def test_a_megabyte_of_text_is_too_long_and_loses_nothing(customer: Customer, fake: FakeKiosk) -> None:
    customer.send("text", text="the shoes")
    shown = customer.answer()
    customer.send("text", text="a" * 1_000_000)
    reply = customer.answer()
    assert (reply["event"], reply["cards"]) == ("too_long", shown["cards"])
    assert len(fake.turns[-1].text or "") == 1001
    customer.send("text", text="a" * 1000)
    assert customer.answer()["event"] == "not_understood"


def test_a_broken_turn_is_told_and_the_next_one_works(customer: Customer) -> None:
    customer.send("text", text="break")
    assert customer.until("problem") == {"kind": "problem", "what": "failed", "detail": "RuntimeError"}
    customer.send("text", text="the shoes")
    assert customer.answer()["event"] == "found_product"


def test_a_slow_turn_blocks_nobody_else(client: TestClient, customer: Customer, fake: FakeKiosk) -> None:
    fake.gate.clear()
    customer.send("text", text="slow")
    customer.until("state", state="thinking")
    with client.websocket_connect("/kiosk") as socket:
        other = Customer(socket)
        other.send("text", text="the shoes")
        assert other.answer()["event"] == "found_product"
    for _ in range(4):
        customer.send("text", text="and this")
    customer.send("text", text="and that")
    assert customer.until("problem")["what"] == "busy"
    fake.gate.set()
    assert [customer.answer()["heard"] for _ in range(5)] == ["slow", *["and this"] * 4]


def test_many_customers_at_once(client: TestClient, fake: FakeKiosk) -> None:
    with ExitStack() as stack:
        customers = [Customer(stack.enter_context(client.websocket_connect("/kiosk"))) for _ in range(8)]
        for number, each in enumerate(customers):
            each.send("text", text=f"the shoes {number}")
        with ThreadPoolExecutor() as pool:
            heard = list(pool.map(lambda each: each.answer()["heard"], customers))
    assert heard == [f"the shoes {number}" for number in range(8)]
    assert len({turn.session for turn in fake.turns}) == 8


def test_a_tap_wakes_and_then_any_speech_is_a_turn(customer: Customer, fake: FakeKiosk) -> None:
    customer.send("wake", language="es")
    assert customer.answer()["text"] == "Buenos días. ¿Qué desea?"
    customer.speak(frames(PAUSE, said("Quiero los zapatos.", "es"), PAUSE))
    assert customer.until("state", state="hearing")
    assert customer.answer()["event"] == "found_product"
    turn = fake.turns[0]
    assert turn.language == "es" and turn.text is None and turn.audio is not None
    assert turn.audio.dtype == np.float32 and turn.audio.ndim == 1
    assert SAMPLE_RATE < len(turn.audio) < 3 * SAMPLE_RATE and 0.1 < np.abs(turn.audio).max() <= 1


def test_without_a_tap_the_wake_phrase_is_needed(customer: Customer, fake: FakeKiosk) -> None:
    fake.hears = "we are late for the film"
    customer.speak(frames(PAUSE, said("We are late for the film."), PAUSE))
    assert fake.gone.wait(10)
    fake.hears = "Okay Walmart, I want the slow shoes."
    fake.gate.clear()
    customer.speak(frames(said("OK Walmart, I want the shoes."), PAUSE))
    assert customer.until("caption")["text"] == fake.hears  # what the passers-by said was not shown
    customer.until("state", state="thinking")
    fake.gate.set()
    assert customer.answer()["heard"] == fake.hears
    assert fake.turns[-1].session == "session-2" and fake.ended == ["session-1"]


def test_what_was_heard_comes_while_the_reply_is_worked_out(customer: Customer, fake: FakeKiosk) -> None:
    fake.hears = "the slow shoes"
    fake.gate.clear()
    customer.send("wake")
    assert customer.answer()["event"] == "greeting"
    customer.speak(frames(PAUSE, said("The shoes."), PAUSE))
    assert customer.until("caption")["text"] == fake.hears
    fake.gate.set()
    assert customer.answer()["heard"] == fake.hears


def test_a_language_without_a_voice_is_written(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "has_voice", lambda language: language == "en")
    customer.send("wake", language="es")
    message = customer.until("answer")
    assert message["reply"]["text"].startswith("I only write this. ") and message["sentences"] == []
    customer.until("state", state="listening")
    customer.send("wake", language="en")
    assert customer.until("answer")["sentences"]


def test_the_wake_phrase_alone_greets(customer: Customer, fake: FakeKiosk) -> None:
    fake.hears = "Okay, Walmart."
    customer.speak(frames(PAUSE, said("OK Walmart."), PAUSE))
    assert customer.answer()["event"] == "greeting"


def test_speech_over_speech_hushes_and_nothing_else(customer: Customer, fake: FakeKiosk) -> None:
    customer.send("text", text="the shoes")
    customer.until("state", state="speaking")
    customer.speak(frames(PAUSE, said("Wait, please."))[:45])
    assert customer.until("hush")["number"] == 1
    assert customer.until("state", state="hearing")
    assert len(fake.turns) == 1 and not fake.ended
    customer.speak(frames(PAUSE))
    assert customer.answer()["heard"] == fake.hears


def test_a_touch_hushes_too(customer: Customer) -> None:
    customer.send("text", text="the shoes")
    customer.until("state", state="speaking")
    customer.send("barge_in")
    assert customer.until("hush")["number"] == 1
    assert customer.until("state", state="listening")


def test_a_sale_goes_on_when_the_customer_has_gone(client: TestClient, fake: FakeKiosk) -> None:
    fake.gate.clear()
    with client.websocket_connect("/kiosk") as socket:
        customer = Customer(socket)
        customer.send("touch", action="choose 1 size=42 quantity=1")
        customer.send("touch", action="pay")
        while customer.answer()["stage"] != "paying":
            pass
        customer.send("text", text="never mind")
        socket.close()
        fake.gate.set()
        assert fake.sold.wait(10) and fake.gone.wait(10)
    assert fake.ended == ["session-1"]
    assert [turn.text for turn in fake.turns] == [None, None]


def test_start_over_waits_for_the_sale_only(customer: Customer, fake: FakeKiosk) -> None:
    fake.gate.clear()
    customer.send("touch", action="choose 1 size=42 quantity=1")
    customer.send("touch", action="pay")
    while customer.answer()["stage"] != "paying":
        pass
    customer.send("text", text="forgotten")
    customer.send("start_over")
    fake.gate.set()
    customer.until("state", state="attract")
    assert fake.sold.is_set() and fake.ended == ["session-1"]
    assert all(turn.text is None for turn in fake.turns)


def test_an_hour_of_silence_is_nothing(fake: FakeKiosk) -> None:
    at_once = create_app(cast(Kiosk, fake), shown=vitals(fake, Limits(sound_at_once=3601)))
    with TestClient(at_once) as client, client.websocket_connect("/kiosk") as socket:
        customer, second = Customer(socket), bytes(2 * SAMPLE_RATE)
        customer.speak(second for _ in range(3600))
        customer.send("text", text="the shoes")
        assert customer.answer()["event"] == "found_product"
    assert len(fake.turns) == 1


def test_the_language_chosen_on_the_screen_is_kept(customer: Customer, fake: FakeKiosk) -> None:
    customer.send("text", text="the shoes")
    assert customer.answer()["language"] == "en"
    customer.send("language", language="es")
    customer.send("text", text="los zapatos")
    assert [customer.answer()["language"] for _ in range(2)] == ["es", "es"]
    assert [turn.action for turn in fake.turns] == [None, "language es", None]


def test_other_peoples_pages_are_turned_away(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/kiosk", headers={"origin": "https://evil.org"}):
        pass
    with client.websocket_connect("/kiosk", headers={"origin": "http://testserver"}) as socket:
        assert Customer(socket).shop
