"""How a kiosk says it is: each check by name, what makes it fail, and who is told what."""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert, update

from tests.kiosk.script import Script
from walkiosk.kiosk import Kiosk, Turn
from walkiosk.kiosk.guarding import watch_over
from walkiosk.kiosk.watchdog import Bounds
from walkiosk.store import kiosk_tables, outbox, tables
from walkiosk.store.customers import now_ms
from walkiosk.store.dispenser import DispenserUnreachable
from walkiosk.store.payment import SimulatedReader
from walkiosk.web import health as healths
from walkiosk.web.app import create_app
from walkiosk.web.health import (
    ASK_AGAIN_SECONDS,
    ASK_SECONDS,
    KEPT_SECONDS,
    SILENT_SECONDS,
    Answering,
    Check,
    Health,
    checks_of,
)
from walkiosk.web.vitals import Vitals

HERE, ELSEWHERE = ("127.0.0.1", 50_000), ("192.0.2.7", 50_000)


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def kiosk(film_kiosk: Kiosk, script: Script) -> Kiosk:
    """A kiosk under watch."""
    watch_over(film_kiosk, Bounds(), script.skills)
    return film_kiosk


def told(kiosk: Kiosk, waiting: int = 0) -> dict[str, Any]:
    """The report of a fresh look."""
    report: dict[str, Any] = Health(checks_of(kiosk, lambda: waiting)).look().as_json()
    assert json.loads(json.dumps(report)) == report
    return report


def bad(report: Mapping[str, Any]) -> dict[str, str]:
    """The checks that are not well."""
    return {name: check["status"] for name, check in report["checks"].items() if check["status"] != "ok"}


def test_all_is_well(kiosk: Kiosk) -> None:
    report = told(kiosk)
    assert report["status"] == "ok" and bad(report) == {}
    assert set(report["checks"]) == {
        "database", "disk", "sales", "card_reader", "dispenser", "turns", "model", "hearing", "speaking",
    }  # fmt: skip


def test_books_that_do_not_answer(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.shop.store.engine.dispose()
    (tmp_path / "shop.db").unlink()
    (tmp_path / "shop.db").mkdir()
    report = told(kiosk)
    assert report["status"] == "failing" and bad(report)["database"] == "failing"
    assert report["checks"]["database"]["error"] == "OperationalError"


@pytest.mark.parametrize(("free", "status"), [(1 << 40, "ok"), (100 << 20, "degraded"), (1 << 20, "failing")])
def test_a_disk_that_fills_up(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, free: int, status: str) -> None:
    monkeypatch.setattr(healths, "disk", lambda store: (free, 1 << 41))
    assert told(kiosk)["status"] == status


def test_a_sale_that_lost_its_customer(kiosk: Kiosk) -> None:
    session = kiosk.start()
    for turn in (Turn(session, "spinning top"), Turn(session, action="choose 1"), Turn(session, action="pay")):
        kiosk.answer(turn)
    assert told(kiosk)["status"] == "ok"  # its customer is at the card reader
    with kiosk.shop.store.engine.begin() as connection:
        connection.execute(update(tables.sale).values(created_ms=1))
    report = told(kiosk)
    assert bad(report) == {"sales": "degraded"} and report["checks"]["sales"]["unfinished"] == 1


def test_many_turns_wait(kiosk: Kiosk) -> None:
    assert bad(told(kiosk, healths.MANY_WAITING)) == {"turns": "degraded"}


def test_a_device_that_does_not_answer_is_asked_again_and_is_away_after_a_while() -> None:
    clock, asked, answers = Clock(), [], [True]

    def answer() -> bool:
        asked.append(clock.now)
        return answers[-1]

    device = Answering(answer, clock)
    assert device().status == "ok" and device().told == {"answered_seconds_ago": 0}
    clock.now = ASK_SECONDS - 1
    assert device().status == "ok" and asked == [0]
    answers.append(False)
    for at in (ASK_SECONDS, ASK_SECONDS + 1, ASK_SECONDS + ASK_AGAIN_SECONDS):
        clock.now = at
        assert device().status == "degraded"
    assert asked == [0, ASK_SECONDS, ASK_SECONDS + ASK_AGAIN_SECONDS]
    clock.now = SILENT_SECONDS
    assert device().status == "failing"
    answers.append(True)
    clock.now += ASK_AGAIN_SECONDS
    assert device().status == "ok"


def test_a_device_that_is_busy_is_given_the_same_time() -> None:
    clock, busy = Clock(), threading.Event()
    device = Answering(lambda: busy.wait() or True, clock, seconds=0.05)
    assert device().status == "degraded"
    busy.set()


def test_a_reader_that_is_gone(kiosk: Kiosk) -> None:
    reader = kiosk.shop.store.sales.provider
    assert isinstance(reader, SimulatedReader)
    reader.lose_next("look", "before")
    assert bad(told(kiosk)) == {"card_reader": "degraded"}


def test_a_dispenser_that_is_gone(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(key: str) -> None:
        raise DispenserUnreachable("no cable")

    monkeypatch.setattr(kiosk.shop.store.sales.dispenser, "outcome", gone)
    assert bad(told(kiosk)) == {"dispenser": "degraded"}


def test_parts_that_were_given_up(kiosk: Kiosk) -> None:
    guards = kiosk.guards
    assert guards is not None
    guards.speaking.restart._failed = True
    assert bad(told(kiosk)) == {"speaking": "degraded"}  # one can read
    guards.hearing.restart._failed = True  # which is the model's too
    report = told(kiosk)
    assert bad(report) == {"model": "failing", "hearing": "degraded", "speaking": "degraded"}
    assert report["status"] == "failing"


def test_a_check_that_hangs_is_failing_and_keeps_nobody() -> None:
    never = threading.Event()

    def hang() -> Check:
        never.wait()
        return Check("ok", {})

    hanging = Health({"slow": hang}, seconds=0.05)
    report = hanging.look()
    assert report.status == "failing" and report.checks["slow"].told == {"error": "no answer in 0.05 s"}
    never.set()


def test_whoever_asks_often_is_told_the_same() -> None:
    clock, looks = Clock(), []

    def look() -> Check:
        looks.append(clock.now)
        return Check("ok", {})

    health = Health({"it": look}, clock)
    for _ in range(100):
        health.look()
    clock.now += KEPT_SECONDS
    health.look()
    assert looks == [0.0, KEPT_SECONDS]


@pytest.mark.parametrize(
    ("asks", "details"),
    [(HERE, True), (("::1", 1), True), (("::ffff:127.0.0.1", 1), True), (("172.17.0.1", 1), True), (ELSEWHERE, False)],
)
def test_details_are_for_this_machine(kiosk: Kiosk, asks: tuple[str, int], details: bool) -> None:
    vitals = Vitals.of(kiosk, [ipaddress.ip_network("172.17.0.0/16")])
    with TestClient(create_app(kiosk, shown=vitals), client=asks) as client:
        answer = client.get("/healthz")
        assert answer.status_code == 200 and answer.json()["status"] == "ok"
        assert (set(answer.json()) == {"status"}) is not details
        assert answer.headers["cache-control"] == "no-store"
        assert client.get("/metrics").status_code == (200 if details else 404)


def test_who_cannot_sell_answers_503(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healths, "disk", lambda store: (0, 1 << 41))
    with TestClient(create_app(kiosk), client=ELSEWHERE) as client:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "failing"})


def test_a_kiosk_without_headquarters_sells_on_and_says_how_long(film_kiosk: Kiosk) -> None:
    assert "headquarters" not in checks_of(film_kiosk, lambda: 0)
    store = film_kiosk.shop.store
    store = replace(store, settings=replace(store.settings, kiosk="lobby", offline_hours=1))
    film_kiosk.shop = replace(film_kiosk.shop, store=store)
    outbox.watch(store.engine)
    look = checks_of(film_kiosk, lambda: 0)["headquarters"]
    assert look().status == "ok" and look().told["events_waiting"]
    with store.engine.begin() as connection:
        connection.execute(update(kiosk_tables.outbox).values(at_ms=now_ms() - 2 * 3_600_000))
    late = look()
    assert late.status == "degraded" and late.told["error"] == "no address" and late.told["revision"] is None
    assert float(late.told["oldest_seconds"] or 0) >= 7200 and late.told["reached_seconds_ago"] is None
    with store.engine.begin() as connection:
        connection.execute(delete(kiosk_tables.outbox))
        connection.execute(insert(kiosk_tables.link_note).values(key="refused", value="products.csv: bad"))
    assert look().status == "degraded" and look().told["facts_refused"] == "products.csv: bad"
