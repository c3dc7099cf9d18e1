"""What a kiosk measures of itself: every figure moves, no label tells who, and there is an end to the labels."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from tests.web.customer import Customer
from walkiosk.kiosk import Kiosk, Reply
from walkiosk.store import Store, outbox
from walkiosk.web.app import create_app
from walkiosk.web.metrics import PARTS, STEPS, Metrics
from walkiosk.web.traffic import Traffic
from walkiosk.web.vitals import Vitals

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def vitals(film_kiosk: Kiosk) -> Vitals:
    made = Vitals.of(film_kiosk)
    film_kiosk.observer = made.metrics
    return made


def figures(metrics: Metrics) -> Figures:
    """Every sample by its name and labels."""
    found = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def test_a_purchase_moves_the_figures(film_kiosk: Kiosk, vitals: Vitals) -> None:
    with TestClient(create_app(film_kiosk, shown=vitals), client=("127.0.0.1", 1)) as client:
        with client.websocket_connect("/kiosk") as socket:
            customer = Customer(socket)
            assert vitals.traffic.sockets == 1
            customer.send("text", text="spinning top")
            customer.all_sound()
            for action in ("choose 1 quantity=2", "checkout", "pay"):
                customer.send("touch", action=action)
            while customer.answer()["event"] != "thanks":
                pass
        told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain") and b"walkiosk_turns_total" in told.content
    found = figures(vitals.metrics)
    for event in ("found_product", "added", "checkout", "paying", "dispensing", "thanks"):
        assert found["walkiosk_turns_total", (("event", event), ("language", "en"))] == 1, event
    for step in ("hear", "understand", "look_up", "decide", "word", "first_sound"):
        assert found["walkiosk_step_seconds_count", (("step", step),)] >= 1, step
    assert found["walkiosk_answer_seconds_count", ()] >= 4
    assert found["walkiosk_sales", (("ending", "captured"),)] == 1
    assert found["walkiosk_money_cents", (("currency", "EUR"), ("kind", "taken"))] == 2500
    assert found["walkiosk_money_cents", (("currency", "EUR"), ("kind", "refunded"))] == 0
    assert found["walkiosk_unfinished_sales", ()] == 0 == found["walkiosk_open_sockets", ()]
    assert found["walkiosk_waiting_turns", ()] == 0 and found["process_resident_memory_bytes", ()] > 1 << 20
    assert {part for name, ((_, part),) in _labelled(found, "walkiosk_restarts_total")} == set(PARTS)


def _labelled(found: Figures, name: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    return [key for key in found if key[0] == name]  # type: ignore[misc]


def test_no_label_is_made_of_what_a_customer_can_say(film_kiosk: Kiosk, vitals: Vitals) -> None:
    reply = Reply("greeting", "Ana García", "en", "my PIN is 1234", milliseconds={"hear": 1.0, "Ana": 2.0})
    for number in range(50):
        vitals.metrics.replied(replace(reply, event=f"Ana {number}", language=f"x{number}"))
        vitals.metrics.restarted(f"Ana {number}")
    text = vitals.metrics.text().decode()
    assert "Ana" not in text and "1234" not in re.sub(r"\s\S+\n", "\n", text)
    turns = _labelled(figures(vitals.metrics), "walkiosk_turns_total")
    assert turns == [("walkiosk_turns_total", (("event", "other"), ("language", "other")))]
    steps = {dict(labels)["step"] for _, labels in _labelled(figures(vitals.metrics), "walkiosk_step_seconds_count")}
    assert steps == set(STEPS)


def test_waiting_turns_are_those_of_all_sockets() -> None:
    class Talk:
        address, quiet_since, waiting = "", None, 3

        async def make_room(self) -> None:
            raise AssertionError("nobody needs room")

    traffic = Traffic()
    with traffic.of(Talk()), traffic.of(Talk()):
        assert (traffic.sockets, traffic.waiting) == (2, 6)
    assert (traffic.sockets, traffic.waiting) == (0, 0)


def test_books_that_do_not_answer_leave_the_other_figures() -> None:
    def gone() -> Store:
        raise OperationalError("select", None, Exception("gone"))

    found = figures(Metrics(gone, Traffic(), 7))
    assert found["walkiosk_model_bytes", ()] == 7 and not _labelled(found, "walkiosk_unfinished_sales")


def test_a_kiosk_of_several_tells_what_waits_for_headquarters(film_kiosk: Kiosk, vitals: Vitals) -> None:
    store = film_kiosk.shop.store
    assert ("walkiosk_events_waiting", ()) not in figures(vitals.metrics)
    film_kiosk.shop = replace(film_kiosk.shop, store=replace(store, settings=replace(store.settings, kiosk="lobby")))
    outbox.watch(store.engine)
    before = figures(vitals.metrics)["walkiosk_events_waiting", ()]
    store.feedback.add(3)
    found = figures(vitals.metrics)
    assert found["walkiosk_events_waiting", ()] == before + 1
    assert found["walkiosk_oldest_event_seconds", ()] >= 0
    assert found["walkiosk_headquarters_reached_timestamp_seconds", ()] == 0
