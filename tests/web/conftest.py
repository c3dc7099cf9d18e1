"""The fake shop's folder, the application that serves it, and a browser in front of it."""

from __future__ import annotations

import shutil
import socket as sockets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.kiosk.conftest import FILM_SHOP
from tests.kiosk.script import Script
from tests.web.fake_kiosk import FakeKiosk
from tests.web.pictures import draw_shop
from tests.web.shopping import opened
from walkiosk.kiosk import Kiosk
from walkiosk.store import Store
from walkiosk.web.app import create_app
from walkiosk.web.health import Health
from walkiosk.web.limits import Limits
from walkiosk.web.metrics import Metrics
from walkiosk.web.traffic import Traffic
from walkiosk.web.vitals import Vitals

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
    return create_app(cast(Kiosk, fake), shown=vitals(fake))


def vitals(fake: FakeKiosk, limits: Limits | None = None) -> Vitals:
    """What the fake kiosk tells of itself; it has no books to look at."""
    traffic = Traffic(limits)
    return Vitals(Health({}), Metrics(lambda: cast(Kiosk, fake).shop.store, traffic), traffic)


@pytest.fixture(scope="session")
def film_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books with the film shop, from which each test's own are copied."""
    path = tmp_path_factory.mktemp("books") / "shop.db"
    Store.open(FILM_SHOP, f"sqlite:///{path}").close()
    return path


@pytest.fixture
def script() -> Script:
    """What is said at the film shop's kiosk: customers ask for tops."""
    said = Script()
    said.ask("spinning top", "1", ("Spinning top", "product"))
    return said


@pytest.fixture
def film_kiosk(film_books: Path, script: Script, tmp_path: Path) -> Iterator[Kiosk]:
    """A real kiosk of the film shop with books of its own, whose skills follow the script."""
    store = Store.open(FILM_SHOP, f"sqlite:///{shutil.copy(film_books, tmp_path / 'shop.db')}")
    yield Kiosk(store, script.skills())
    store.close()


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


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The attract screen on a laptop; errors of the page fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield from opened(context.new_page(), address)
    context.close()
