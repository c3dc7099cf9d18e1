"""What one visitor may have: who floods is limited, and everybody else is served meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from typing import cast

import pytest
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from typer.testing import CliRunner

from tests.web.clock import Clock
from tests.web.conftest import vitals
from tests.web.customer import Customer
from tests.web.fake_kiosk import FakeKiosk
from walkiosk import cli
from walkiosk.kiosk import Kiosk
from walkiosk.listening import SAMPLE_RATE
from walkiosk.web import throttle
from walkiosk.web.allowance import Allowance
from walkiosk.web.app import create_app
from walkiosk.web.limits import Bucket, Buckets, Limits, Purse, Purses, address_of
from walkiosk.web.messages import Problem
from walkiosk.web.throttle import Throttle
from walkiosk.web.traffic import Traffic

FRAME = bytes(1024)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(fake: FakeKiosk) -> Callable[..., TestClient]:
    """The fake kiosk's application, held to other limits."""
    return lambda **limits: TestClient(create_app(cast(Kiosk, fake), shown=vitals(fake, Limits(**limits))))


def test_a_bucket_may_be_overdrawn_and_fills_again(clock: Clock) -> None:
    bucket = Bucket(2.0, 10.0, clock)
    assert bucket.draw(10) == 0 and bucket.draw(4) == 2.0 and bucket.level == -4
    clock.now = 3.0
    assert bucket.owed_seconds == 0 and bucket.level == 2
    clock.now = 1000.0
    assert bucket.level == 10


def test_buckets_that_are_full_are_forgotten_first(clock: Clock) -> None:
    buckets = Buckets(1.0, 5.0, clock, kept=2)
    owing, full = buckets.of("a"), buckets.of("b")
    owing.draw(3)
    buckets.of("c")
    assert buckets.of("a") is owing and buckets.of("b") is not full


def test_a_socket_that_is_opened_anew_owes_what_the_last_one_owed(clock: Clock) -> None:
    purses = Purses(Limits(), clock, kept=2)
    first = purses.take("a")
    first.model.draw(100)
    purses.leave("a", first)
    purses.leave("a", Purse(Limits(), clock))  # a full one is nothing to be remembered
    assert purses.take("b") is not first and purses.take("a") is first and purses.take("a") is not first
    purses.leave("a", first)
    clock.now = 10_000.0
    purses.leave("b", purses.take("b"))
    assert purses.take("a") is not first


def test_a_page_with_its_microphone_on_is_never_too_fast(clock: Clock) -> None:
    allowance = Allowance(Traffic(clock=clock), "a", clock)
    for number in range(31 * 600):  # ten minutes, and a touch every second
        clock.now += 0.032
        assert not allowance.take(FRAME).wait_seconds and (number % 31 or not allowance.take(None).wait_seconds)


@pytest.mark.parametrize("pcm", [None, FRAME, b"\x00\x00"])
def test_a_flood_is_told_once_slowed_and_then_over(clock: Clock, pcm: bytes | None) -> None:
    allowance = Allowance(Traffic(clock=clock), "a", clock)
    taken = [allowance.take(pcm) for _ in range(5000)]
    assert [each.is_news for each in taken].count(True) == 1 and taken[-1].wait_seconds and not taken[-1].is_over
    clock.now = 10.0
    assert allowance.take(pcm).is_over
    clock.now = 10_000.0
    assert not allowance.take(pcm).wait_seconds
    assert [allowance.take(pcm).is_news for _ in range(5000)].count(True) == 1


def test_addresses_are_those_of_machines() -> None:
    told = [address_of((host, 1)) for host in ("127.0.0.1", "::ffff:10.0.0.7", "2001:db8::5", "2001:db8::6", "name")]
    assert told == ["127.0.0.1", "10.0.0.7", "2001:db8::/64", "2001:db8::/64", "name"] and address_of(None) == ""


@pytest.mark.parametrize(("told", "wrong"), [("soap=3", "'soap'"), ("sockets=1.5", "whole"), ("sockets=0", "above 0"),
                                             ("flood_seconds=inf", "above 0"), ("sockets", "whole")])  # fmt: skip
def test_limits_are_told_on_the_command_line(told: str, wrong: str) -> None:
    assert Limits().changed(["sockets=9", "flood_seconds=2.5"]) == Limits(sockets=9, flood_seconds=2.5)
    done = CliRunner().invoke(cli.app, ["serve", "--limit", told])
    assert done.exit_code == 2 and wrong in done.stderr and done.stderr.count("\n") == 1


def test_a_socket_that_floods_is_slowed_and_another_is_answered_meanwhile(limited: Callable[..., TestClient]) -> None:
    with (
        limited(messages_at_once=20, messages_per_second=0.01) as client,
        client.websocket_connect("/kiosk") as flooding,
        client.websocket_connect("/kiosk") as other,
    ):
        flood, customer = Customer(flooding), Customer(other)
        for _ in range(200):
            flood.send("barge_in")
        assert flood.until("problem")["what"] == "too_fast"
        flood.send("text", text="the shoes")  # is not read before the others' time
        customer.send("text", text="the shoes")
        assert customer.answer()["event"] == "found_product"


def test_a_socket_that_does_not_stop_is_closed(limited: Callable[..., TestClient]) -> None:
    with limited(sound_at_once=1, flood_seconds=1e-9) as client, client.websocket_connect("/kiosk") as flooding:
        flood = Customer(flooding)
        flood.speak([bytes(2 * SAMPLE_RATE)] * 3)
        assert flood.until("problem")["what"] == "too_fast"
        with pytest.raises(AssertionError, match="1008"):
            flood.until("answer")


def test_who_was_quiet_longest_makes_room_and_a_customer_does_not(limited: Callable[..., TestClient]) -> None:
    with limited(sockets_by_address=2) as client, ExitStack() as stack:
        first, second = (Customer(stack.enter_context(client.websocket_connect("/kiosk"))) for _ in range(2))
        first.send("text", text="the shoes")
        assert first.answer()["event"] == "found_product"
        third = Customer(stack.enter_context(client.websocket_connect("/kiosk")))
        with pytest.raises(AssertionError, match="1013"):
            second.until("answer")
        third.send("text", text="the shoes")
        assert third.answer()["event"] == "found_product"
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/kiosk"):
            pass
        first.send("text", text="the shoes")
        assert first.answer()["event"] == "found_product"


def test_requests_that_come_too_fast_wait_then_are_refused(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("served")(scope, receive, send)

    monkeypatch.setattr(throttle.asyncio, "sleep", sleep)
    slow = Throttle(served, Limits(requests_at_once=4, requests_per_second=1, requests_of_line=1e9), clock)
    here, there = (TestClient(slow, client=(host, 7)) for host in ("10.0.0.1", "10.0.0.2"))
    assert [here.get("/").status_code for _ in range(11)] == [200] * 10 + [429]
    assert max(waited) == 6.0 and here.get("/").headers["retry-after"] == "5"
    assert there.get("/").status_code == 200
    clock.now = 60.0
    assert here.get("/").status_code == 200


async def _nobody(_: Problem) -> None:
    raise AssertionError("nobody is told")


def test_what_is_within_bounds_passes_at_once(clock: Clock) -> None:
    allowance = Allowance(Traffic(clock=clock), "a", clock)
    assert asyncio.run(allowance.admits(None, _nobody)) and not allowance.is_left
    clock.now = 301.0
    assert allowance.is_left
