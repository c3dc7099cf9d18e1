"""Whatever is sent to the kiosk's edge, nothing breaks and the next customer is served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from starlette.websockets import WebSocketDisconnect

from tests.web.customer import Customer
from tests.web.malformed import malformed_messages, malformed_sound
from walkiosk.crew import Hung
from walkiosk.kiosk import Kiosk
from walkiosk.web.app import create_app
from walkiosk.web.limits import Limits
from walkiosk.web.vitals import Vitals

CALM = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
FIXED = settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=CALM)
FEW = settings(FIXED, max_examples=6)
WIDE = Limits(
    messages_at_once=10**6, sound_at_once=10**6, requests_at_once=10**6, model_at_once=10**6, openings_at_once=10**6
)


@pytest.fixture
def film_app(film_kiosk: Kiosk) -> FastAPI:
    """The film shop's application, which lets everything through that comes."""
    return create_app(film_kiosk, shown=Vitals.of(film_kiosk, limits=WIDE))


@contextmanager
def at_the_kiosk(app: FastAPI) -> Iterator[Customer]:
    with TestClient(app) as client, client.websocket_connect("/kiosk") as socket:
        yield Customer(socket)


def is_served(customer: Customer) -> bool:
    """Whether somebody who asks for tops gets one, whatever was sent before."""
    customer.send("start_over")
    customer.send("language", language=None)
    customer.send("text", text="spinning top")
    while (reply := customer.answer())["heard"] != "spinning top":
        pass
    return bool(reply["cards"]) and "top" in reply["cards"][0]["name"].casefold()


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What broke; that an ear was slow is this machine's doing."""
    broken = [record.exc_info[1] for record in caplog.records if record.exc_info]
    return [repr(error) for error in broken if not isinstance(error, Hung)]


def test_malformed_messages(film_app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    with at_the_kiosk(film_app) as customer:

        @FIXED
        @given(malformed_messages())
        def send(message: str) -> None:
            customer.send_raw(message)
            assert is_served(customer)

        send()
    assert not errors(caplog)


def test_malformed_sound(film_app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    with at_the_kiosk(film_app) as customer:

        @FIXED
        @given(st.lists(malformed_sound(), max_size=4))
        def send(sound: list[bytes]) -> None:
            customer.speak(sound)
            customer.send("microphone", on=False)
            assert is_served(customer)

        send()
    assert not errors(caplog)


@pytest.mark.parametrize("origin", ["http://[", "http://]", "null", "", "http://testserver.evil.example", "\x00"])
def test_an_origin_that_cannot_be_read_is_not_ours(film_app: FastAPI, origin: str) -> None:
    with TestClient(film_app) as client:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/kiosk", headers={"origin": origin}):
            pass
        with client.websocket_connect("/kiosk", headers={"origin": "http://testserver"}) as socket:
            assert is_served(Customer(socket))


def operations(app: FastAPI) -> dict[str, Any]:
    """What schemathesis makes of the routes, by name; the applications do not show their schema to anybody."""
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    return {each.ok().label: each.ok() for each in schema.get_all_operations()}


def test_every_route_of_the_kiosk(film_app: FastAPI) -> None:
    found = operations(film_app)
    assert {"GET /", "GET /healthz", "GET /store/{path}", "POST /callbacks/stripe"} <= found.keys()
    for operation in found.values():

        @FEW
        @given(operation.as_strategy())
        def ask(case: Any) -> None:
            case.validate_response(case.call(), checks=[not_a_server_error])

        ask()
    with at_the_kiosk(film_app) as customer:
        assert is_served(customer)


PATHS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(["..", ".", "%2e%2e", "images", "customers.csv", "store.toml", "etc", "passwd", "\x00", "",
                              "js", "a" * 300, "%", "%ff", "\\", "C:"]), max_size=8).map("/".join),
)  # fmt: skip
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "BREW"])
HEADERS = st.dictionaries(
    st.sampled_from(["Range", "Host", "Content-Type", "Accept", "If-None-Match", "If-Modified-Since", "Cookie"]),
    st.sampled_from(["bytes=-1", "bytes=9-1,0-", "bytes=" + "0-1," * 500, "bytes=a-b", "évil", "a" * 3000,
                     "text/html; charset=\\", "*/*", '"', "Thu, 99 Foo 0000 99:99:99 GMT", "[::1"]),
    max_size=3,
)  # fmt: skip


def test_paths_methods_and_headers_of_the_kiosk(film_app: FastAPI) -> None:
    with TestClient(film_app) as client:

        @FIXED
        @given(
            st.sampled_from(["store", "static", "shelf", "tile", "ground", "nothing"]),
            PATHS,
            METHODS,
            HEADERS,
            st.booleans(),
        )
        def ask(room: str, path: str, method: str, headers: dict[str, str], is_quoted: bool) -> None:
            sent = {name: value.encode("latin-1", "replace") for name, value in headers.items()}
            target = (
                quote(path.encode("utf-8", "replace"), safe="/%.")
                if is_quoted
                else quote(path.encode("utf-8", "replace"))
            )
            answer = client.request(method, f"/{room}/{target}", headers=sent)
            assert answer.status_code < 500
            assert (
                "wake_phrase" not in answer.text and "percent_off" not in answer.text
            )  # of files that nobody is shown

        ask()
