"""`walkiosk serve` as a whole: what it puts together, and what is not to be reached from the kiosk's port."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from typer.testing import CliRunner

from walkiosk import cli, logs
from walkiosk.kiosk import Kiosk
from walkiosk.kiosk.observing import Observers
from walkiosk.kiosk.watchdog import Bounds
from walkiosk.web import serving, telemetry
from walkiosk.web.app import create_app
from walkiosk.web.office.app import PAGES

OFFICE = [
    *(f"/{page}" for page in PAGES), "/login", "/office/style.css", "/customers?q=Ana", "/customers/person?id=c1",
    "/_nicegui_ws/socket.io/", "/orders/1.pdf", "/docs", "/openapi.json",
]  # fmt: skip


@pytest.mark.parametrize("path", OFFICE)
def test_the_offices_pages_are_not_on_the_kiosks_port(film_kiosk: Kiosk, path: str) -> None:
    with TestClient(create_app(film_kiosk), follow_redirects=False) as client:
        answers = [client.request(method, path) for method in ("GET", "POST", "PUT", "DELETE")]
    assert {answer.status_code for answer in answers} <= {404, 405}
    assert answers[0].status_code == 404 and "Ana" not in answers[0].text


def test_the_offices_socket_is_not_there_either(film_kiosk: Kiosk) -> None:
    address = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    client = TestClient(create_app(film_kiosk))
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(address):
        pass


def test_both_are_this_machines_unless_somebody_says_otherwise() -> None:
    told = {name: each.default for name, each in inspect.signature(cli.serve).parameters.items()}
    assert told["host"] == told["office_host"] == "127.0.0.1" and told["port"] != told["office_port"]


@pytest.fixture
def served(film_kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs `walkiosk serve` with what is served handed over in place of being served."""
    monkeypatch.setattr(cli, "open_kiosk", lambda *_: film_kiosk)
    monkeypatch.setattr(serving, "beside", lambda *_: nullcontext())
    monkeypatch.setattr(logs, "set_up", lambda *_, **__: None)  # the tests' own logging stays

    def run(*words: str) -> Any:
        apps: list[FastAPI] = []
        monkeypatch.setattr(serving.uvicorn, "run", lambda app, **_: apps.append(app))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        done = CliRunner().invoke(cli.app, ["serve", "--port", str(port), *words])
        return done, apps[0] if apps else None

    return run


def test_what_is_served_is_watched_and_measured(film_kiosk: Kiosk, served: Callable[..., Any]) -> None:
    done, app = served("--patience", "7", "--inspect-from", "172.17.0.0/16")
    assert done.exit_code == 0, done.stderr
    guards = film_kiosk.guards
    assert guards is not None and guards.hearing.seconds == guards.understanding.seconds == guards.wording.seconds == 7
    assert film_kiosk.keeps_conversations and film_kiosk.shop.store.sales.reconciled_ms
    with TestClient(app, client=("172.17.0.9", 1)) as client:
        assert client.get("/healthz").json()["checks"]["hearing"]["status"] == "ok"
        assert "walkiosk_turns_total" in client.get("/metrics").text


def test_patience_bounds_our_own_wording_no_longer_than_it_needs() -> None:
    usual = Bounds()
    assert serving.bounds(usual.hear) == usual
    assert serving.bounds(60) == Bounds(60, 60, usual.word, usual.speak)


def test_spans_are_made_when_asked_for(
    film_kiosk: Kiosk, served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    served()
    assert not isinstance(film_kiosk.observer, Observers)
    served("--telemetry")
    assert isinstance(film_kiosk.observer, Observers)
    assert any(isinstance(each, telemetry.Spans) for each in film_kiosk.observer.each)


@pytest.mark.parametrize(
    ("words", "line"),
    [(("--log-level", "loud"), "'loud' is no level"), (("--inspect-from", "the moon"), "'the moon' does not appear")],
)
def test_mistakes_are_told_in_a_line(served: Callable[..., Any], words: tuple[str, ...], line: str) -> None:
    done, app = served(*words)
    assert app is None and done.exit_code == 2 and line in done.stderr and done.stderr.count("\n") == 1


def test_missing_spans_are_told_in_a_line(served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise telemetry.NoTelemetry("pip install 'walkiosk[telemetry]'")

    monkeypatch.setattr(telemetry, "exporting", missing)
    done, app = served("--telemetry")
    assert app is None and done.exit_code == 2 and "walkiosk[telemetry]" in done.stderr
