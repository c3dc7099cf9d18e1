"""The fake shop's folder, the application that serves it, and a browser in front of it."""

from __future__ import annotations

import socket as sockets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.web.fake_kiosk import FakeKiosk
from tests.web.pictures import draw_shop
from walkiosk.kiosk import Kiosk
from walkiosk.web.app import create_app

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store folder with three pictures and a clip."""
    path = tmp_path_factory.mktemp("film-shop")
    draw_shop(path)
    return path


@pytest.fixture
def fake(folder: Path) -> FakeKiosk:
    """A fresh fake kiosk, whose gate is open."""
    kiosk = FakeKiosk(folder)
    kiosk.gate.set()
    return kiosk


@pytest.fixture
def app(fake: FakeKiosk) -> FastAPI:
    """The application of the fake kiosk."""
    return create_app(cast(Kiosk, fake))


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """Where the fake kiosk is being served."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with sockets.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium without a microphone."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield chromium
    chromium.close()
