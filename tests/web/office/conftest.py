"""One office being served, a fresh shop in it for every test, and a browser that somebody has logged in with."""

from __future__ import annotations

import datetime
import shutil
import socket as sockets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.office.remarks import Script
from tests.store.conftest import FILM_SHOP
from walkiosk.modality.history import History, Values
from walkiosk.office.desk import Office, OfficeSkills
from walkiosk.store import Store
from walkiosk.store.accounts import Accounts
from walkiosk.web.office.app import create_app

expect.set_options(timeout=20_000)  # of a machine that does other things beside
PASSWORD = "a long sentence"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PHONE, LAPTOP = (390, 844), (1280, 800)


@pytest.fixture
def shop_folder(tmp_path: Path) -> Path:
    """A copy of the film shop's folder that a test may add to before it is opened."""
    return Path(shutil.copytree(FILM_SHOP, tmp_path / "film_shop"))


NOON = datetime.datetime(2026, 6, 2, 10, tzinfo=datetime.UTC)  # noon in Madrid, a Tuesday
SPREAD = np.array([-1.28, -0.84, -0.52, -0.25, 0.0, 0.25, 0.52, 0.84, 1.28])  # the normal's quantiles


def now() -> int:
    """The morning on which the office is looked at."""
    return int(NOON.timestamp() * 1000)


def level(histories: Sequence[History], horizon: int) -> list[Values]:
    """A forecaster that a test can follow: the mean of the past, and a spread around it."""
    means = [float(np.nanmean(history.values)) for history in histories]
    return [np.maximum(0, mean + np.sqrt(mean) * np.tile(SPREAD, (horizon, 1))) for mean in means]


@pytest.fixture
def office_skills() -> OfficeSkills:
    """What the office's pages are worked out with."""
    return OfficeSkills(lambda: level, lambda: Script().skills())


@pytest.fixture
def office(shop_folder: Path, tmp_path: Path, office_skills: OfficeSkills) -> Iterator[Office]:
    """The office of a fresh film shop, with an owner and a clerk."""
    store = Store.open(shop_folder, f"sqlite:///{tmp_path / 'shop.db'}")
    opened = Office(store, office_skills, now)
    opened.store.__dict__["accounts"] = Accounts(opened.store.engine, hasher=CHEAP)
    opened.store.accounts.add("Ana", PASSWORD, "owner")
    opened.store.accounts.add("Bob", PASSWORD, "clerk")
    yield opened
    opened.close()
    opened.store.close()


@pytest.fixture(scope="session")
def office_app() -> FastAPI:
    """The one application that a process can have; each test puts its own office into it."""
    return create_app(None)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def office_port(office_app: FastAPI) -> Iterator[int]:
    """Where it is served."""
    server = uvicorn.Server(uvicorn.Config(office_app, log_level="warning"))
    with sockets.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def office_address(office_app: FastAPI, office_port: int, office: Office) -> str:
    """Where this test's office is being served."""
    office_app.state.office = office
    return f"http://127.0.0.1:{office_port}"


def log_in(page: Page, address: str, name: str = "Ana", path: str = "/") -> None:
    """Logs in by the form and waits for the page behind it."""
    page.goto(address + path)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("main h1")).to_be_visible()


@pytest.fixture
def context(browser: Browser, office_address: str) -> Iterator[BrowserContext]:
    """A laptop's browser; a request to anywhere else and an error of a page fail the test."""
    made = browser.new_context(viewport={"width": LAPTOP[0], "height": LAPTOP[1]}, base_url=office_address)
    wrong: list[str] = []
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    made.on("request", lambda asked: wrong.append(asked.url) if _is_elsewhere(asked.url, office_address) else None)
    yield made
    made.close()
    assert not wrong


def _is_elsewhere(url: str, address: str) -> bool:
    return not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))


@pytest.fixture
def owner(context: BrowserContext, office_address: str) -> Page:
    """The morning page of an owner."""
    page = context.new_page()
    log_in(page, office_address)
    return page


@pytest.fixture
def clerk(context: BrowserContext, office_address: str) -> Page:
    """The morning page of a clerk."""
    page = context.new_page()
    log_in(page, office_address, "Bob")
    return page
