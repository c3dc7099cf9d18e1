"""What one visitor may have: who floods is limited, and everybody else is served meanwhile."""

from __future__ import annotations

import asyncio
import socket as sockets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

import pytest
import uvicorn
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from typer.testing import CliRunner

from tests.web.conftest import vitals
from tests.web.customer import Customer
from tests.web.fake_kiosk import FakeKiosk
from walkiosk import cli
from walkiosk.crew import Crew, Hung
from walkiosk.kiosk import Kiosk, Line, Reply
from walkiosk.listening import SAMPLE_RATE
from walkiosk.pausing import Way, way
from walkiosk.web import line, throttle
from walkiosk.web.allowance import Allowance
from walkiosk.web.app import create_app
from walkiosk.web.limits import Bucket, Buckets, Limits, Purse, Purses, address_of
from walkiosk.web.messages import Problem
from walkiosk.web.throttle import Throttle
from walkiosk.web.traffic import Traffic
from walkiosk.web.turns import BUYS, CROWDED, FLOODS, SERVED, Turns

FRAME = bytes(1024)
BASKET = Reply("added", "", "en", basket=(Line("boots", 1, 100),))


class Clock:
    """Seconds that go forward when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


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


def test_ranks(clock: Clock) -> None:
    turns = Turns(Limits(), 4, clock)
    asking, other = (turns.standing("a", Purse(Limits(), clock)) for _ in range(2))
    asking.spend(9)
    assert (asking.rank, other.rank) == (FLOODS, SERVED)
    other.follow(BASKET)
    assert other.rank == BUYS
    asking.follow(BASKET)
    assert asking.rank == BUYS
    asking.spend(8)
    assert (asking.rank, other.rank) == (FLOODS, BUYS)  # a basket is no licence to flood
    other.leave()
    assert other.rank == CROWDED and turns.standing("b", Purse(Limits(), clock)).rank == SERVED
    asking.follow(Reply("thanks", "", "en", stage="thanks"))
    assert asking.rank == CROWDED
    turns.close()


def test_who_floods_gives_way_between_two_steps() -> None:
    """A flood's turn is under way; a customer's begins after it and ends before its next step."""
    clock = Clock()
    turns = Turns(Limits(), 4)
    flood, customer = (turns.standing(name, Purse(Limits(), clock)) for name in ("a", "b"))
    flood.spend(1000)
    began, met, done = threading.Event(), threading.Event(), []

    def flooding() -> None:
        began.set()
        met.wait()
        way.get().give()
        done.append("flood")

    def buying() -> None:
        way.get().give()
        met.set()
        done.append("customer")

    async def both() -> None:
        first = asyncio.create_task(turns.answered(flood, flooding))
        await asyncio.to_thread(began.wait)
        await turns.answered(customer, buying)
        await first

    asyncio.run(both())
    turns.close()
    assert done == ["customer", "flood"]


def test_what_gives_way_does_not_hang() -> None:
    """A job that stands still for others longer than it may take ends well; one that just stands still does not."""
    over, never = threading.Event(), threading.Event()

    class Stood(Way):
        """Has stood still for 1000 s when it is looked at again."""

        seen = 0

        @property
        def given_seconds(self) -> float:  # type: ignore[override]
            self.seen += 1
            over.set()
            return 0.0 if self.seen == 1 else 1000.0

    class Standing(Way):
        given_seconds = 1000.0  # as it was before the job began

    def hung(paused: Way, job: Callable[[], object]) -> bool:
        token = way.set(paused)
        try:
            Crew("test").call(job, 1e-6)
        except Hung:
            return True
        finally:
            way.reset(token)
        return False

    assert not hung(Stood(), over.wait) and hung(Standing(), never.wait)
    never.set()


def test_floods_have_one_place_together(clock: Clock) -> None:
    turns = Turns(Limits(), 4, clock)
    floods = [turns.standing(name, Purse(Limits(), clock)) for name in "abc"]
    for each in floods:
        each.spend(9)
    at_once, most, gate = [0], [0], threading.Event()

    def answer() -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        gate.wait()
        at_once[0] -= 1

    async def all_of_them() -> None:
        waiting = [asyncio.create_task(turns.answered(each, answer)) for each in floods]
        customer = turns.standing("d", Purse(Limits(), clock))
        assert await turns.answered(customer, lambda: "served") == "served"
        gate.set()
        await asyncio.gather(*waiting)

    asyncio.run(all_of_them())
    turns.close()
    assert most == [1]


@contextmanager
def listening(fake: FakeKiosk, **limits: float) -> Iterator[int]:
    """The port of the fake kiosk as `walkiosk serve` opens it."""
    wanted = Limits(**limits)  # type: ignore[arg-type]
    app = create_app(cast(Kiosk, fake), shown=vitals(fake, wanted))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, **line.options(wanted)))
    with sockets.create_server(("127.0.0.1", 0)) as port:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]})
        thread.start()
        try:
            yield port.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def answer_to(port: int, data: bytes, *rest: bytes) -> bytes:
    """What comes back to these bytes until the kiosk ends the connection."""
    with sockets.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(data)
        found = connection.recv(65536) if rest else b""  # what follows an opening comes when it is answered
        try:
            for piece in rest:
                connection.sendall(piece)
            while got := connection.recv(65536):
                found += got
        except (ConnectionResetError, BrokenPipeError):
            pass
        return found


SLOW = b"POST /callbacks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nslow"


@pytest.mark.parametrize("data", [b"", b"GET / HT", SLOW])
def test_a_request_without_an_end_is_ended(fake: FakeKiosk, data: bytes) -> None:
    with listening(fake, request_seconds=0.1) as port:
        assert b" 200 " not in answer_to(port, data)
        assert b" 200 " in answer_to(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


def test_a_head_without_bounds_is_refused(fake: FakeKiosk) -> None:
    with listening(fake) as port:
        assert b" 400 " in answer_to(port, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000)


def test_too_many_connections_are_ended(fake: FakeKiosk) -> None:
    with listening(fake, lines_by_address=2) as port, ExitStack() as stack:
        for _ in range(2):
            held = stack.enter_context(sockets.create_connection(("127.0.0.1", port)))
            held.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert held.recv(10)
        assert answer_to(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") == b""


PING = b"\x89\x80\x00\x00\x00\x00"
OPENING = (
    b"GET /kiosk HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def test_a_socket_that_does_nothing_but_ping_is_ended(fake: FakeKiosk) -> None:
    with listening(fake) as port:
        assert b" 101 " in answer_to(port, OPENING, PING * 500)


@pytest.mark.parametrize(
    "broken", [b"\x81\x83\x00\x00\x00\x00\xff\xfe\xfa", b"\x83\x80\x00\x00\x00\x00", b"\x81\x02{}"]
)
def test_broken_frames_end_the_socket_and_are_no_fault_of_ours(
    fake: FakeKiosk, broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(fake) as port:
        assert b" 101 " in answer_to(port, OPENING, broken)
    assert not [record for record in caplog.records if record.exc_info]


def test_who_breaks_the_protocol_before_it_is_opened_is_no_fault_of_ours(
    fake: FakeKiosk, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(fake) as port:
        answer_to(port, OPENING + b"\xff" * 100_000)
    assert not [record for record in caplog.records if record.exc_info]


def test_a_body_that_breaks_off_is_no_fault_of_ours(fake: FakeKiosk, caplog: pytest.LogCaptureFixture) -> None:
    with listening(fake) as port:
        with sockets.create_connection(("127.0.0.1", port)) as leaving:
            leaving.sendall(SLOW)
        assert b" 200 " in answer_to(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert not [record for record in caplog.records if record.exc_info]


async def _nobody(_: Problem) -> None:
    raise AssertionError("nobody is told")


def test_what_is_within_bounds_passes_at_once(clock: Clock) -> None:
    allowance = Allowance(Traffic(clock=clock), "a", clock)
    assert asyncio.run(allowance.admits(None, _nobody)) and not allowance.is_left
    clock.now = 301.0
    assert allowance.is_left
