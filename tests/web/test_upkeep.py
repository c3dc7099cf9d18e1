"""What a kiosk does by itself while it is served, and what systemd hears of it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from walkiosk.kiosk import Kiosk, Turn
from walkiosk.store import Store, tables
from walkiosk.store.conversations import DAY_MILLISECONDS
from walkiosk.store.customers import now_ms
from walkiosk.store.feedback import Feedback
from walkiosk.web.app import create_app
from walkiosk.web.health import Check, Health
from walkiosk.web.notify import notify, watchdog_seconds
from walkiosk.web.upkeep import report, tend, tidy, upkeep

WELL = Health({"it": lambda: Check("degraded", {})})
ILL = Health({"it": lambda: Check("failing", {})})
Hear = Callable[[], list[str]]


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hear]:
    """What was told to systemd so far."""
    abstract = f"walkiosk-test-{os.getpid()}"
    name = f"\0{abstract}" if request.param == "abstract" else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{abstract}" if request.param == "abstract" else name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name)
        listening.setblocking(False)

        def hear() -> list[str]:
            heard = []
            while True:
                try:
                    heard.append(listening.recv(1000).decode())
                except BlockingIOError:
                    return heard

        yield hear


def test_systemd_hears_that_we_are_well_unless_we_cannot_sell(systemd: Hear) -> None:
    report(WELL)
    report(ILL)
    assert systemd() == ["WATCHDOG=1"]


def test_systemd_hears_of_the_beginning_and_the_end(
    systemd: Hear, film_kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    kept = upkeep(WELL, lambda: film_kiosk.shop.store)
    with TestClient(create_app(film_kiosk, upkeep=kept)) as client:
        client.get("/healthz")
    heard = systemd()
    assert heard[-1] == "STOPPING=1" and "READY=1" in heard


def test_without_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for address in ("", "nonsense", str(tmp_path / "nobody")):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert not notify("READY=1")


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [("60000000", None, 30.0), ("60000000", "own", 30.0), ("60000000", "1", None), ("", None, None), ("0", None, None)],
)
def test_how_often_systemd_wants_to_hear(
    monkeypatch: pytest.MonkeyPatch, usec: str, pid: str | None, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if pid is not None:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "own" else pid)
    assert watchdog_seconds() == seconds


def test_what_the_shop_does_not_keep_is_deleted_when_it_opens(film_kiosk: Kiosk) -> None:
    store = replace(film_kiosk.shop.store, settings=replace(film_kiosk.shop.store.settings, keep_remarks_days=1))
    Feedback(store.engine, lambda: now_ms() - 2 * DAY_MILLISECONDS).add(4, "old words")

    async def open_for_a_moment() -> None:
        async with upkeep(WELL, lambda: store):
            while store.feedback.remarks()[0].words:
                await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(open_for_a_moment(), 20))
    assert [remark.stars for remark in store.feedback.remarks()] == [4]


def test_sales_that_were_left_come_to_their_end(film_kiosk: Kiosk) -> None:
    session = film_kiosk.start()
    for turn in (Turn(session, "spinning top"), Turn(session, action="choose 1"), Turn(session, action="pay")):
        film_kiosk.answer(turn)
    with film_kiosk.shop.store.engine.begin() as connection:
        connection.execute(update(tables.sale).values(reserved_until_ms=1))
    tend(film_kiosk.shop.store)
    with film_kiosk.shop.store.engine.connect() as connection:
        assert connection.execute(tables.sale.select()).one().state == "released"


def test_books_that_fail_are_told_and_stop_nothing(caplog: pytest.LogCaptureFixture, film_kiosk: Kiosk) -> None:
    broken: Store = replace(film_kiosk.shop.store, engine=None)  # type: ignore[arg-type]
    tidy(broken)
    tend(broken)
    assert "could not be deleted" in caplog.text and "could not be brought to their end" in caplog.text


def test_what_was_written_is_shipped_while_customers_are_served(film_kiosk: Kiosk) -> None:
    turns = []

    class Counted:
        def turn(self) -> float:
            turns.append(None)
            return 0.0

    async def open_for_a_moment() -> None:
        async with upkeep(WELL, lambda: film_kiosk.shop.store, Counted()):  # type: ignore[arg-type]
            while len(turns) < 3:
                await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(open_for_a_moment(), 20))
