"""The port as `walkiosk serve` opens it: what no application sees is bounded too."""

from __future__ import annotations

import socket as sockets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

import pytest
import uvicorn

from tests.web.conftest import vitals
from tests.web.fake_kiosk import FakeKiosk
from walkiosk.kiosk import Kiosk
from walkiosk.web import line
from walkiosk.web.app import create_app
from walkiosk.web.limits import Limits


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


def test_who_goes_on_when_we_have_closed_is_heard_no_longer(fake: FakeKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = line.Socket.__init__

    def patient(self: line.Socket, *args: object, **named: object) -> None:
        opened(self, *args, **named)
        self.close_timeout = 1e6

    monkeypatch.setattr(line, "FAREWELL_SECONDS", 0.0)
    monkeypatch.setattr(line.Socket, "__init__", patient)
    message = b"\x81\x82\x00\x00\x00\x00{}"
    with listening(fake, messages_at_once=1, flood_seconds=1e-9) as port:
        told = answer_to(port, OPENING, message * 20_000)
    assert b"\x89" not in told  # it was not even asked whether it is still there


def test_a_body_that_breaks_off_is_no_fault_of_ours(fake: FakeKiosk, caplog: pytest.LogCaptureFixture) -> None:
    with listening(fake) as port:
        with sockets.create_connection(("127.0.0.1", port)) as leaving:
            leaving.sendall(SLOW)
        assert b" 200 " in answer_to(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert not [record for record in caplog.records if record.exc_info]
