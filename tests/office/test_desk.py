"""The office's one thread: customers first, one thing after the other, and nothing worked out twice."""

from __future__ import annotations

import asyncio
import threading
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.office.remarks import Script
from tests.store.conftest import FILM_SHOP
from walkiosk.kiosk.counter import Counter
from walkiosk.modality.history import History
from walkiosk.office.desk import SERIES_AT_ONCE, TEXTS_AT_ONCE, Office, OfficeSkills
from walkiosk.skill import Untrained
from walkiosk.store import Store

NOON_MS = 1_780_394_400_000  # 2 June 2026, noon in Madrid
DAY_MS = 86_400_000


class Desk:
    """An office whose clock, skills and customers a test moves."""

    def __init__(self, place: Path) -> None:
        self.now = NOON_MS
        self.done: list[str] = []
        skills = OfficeSkills(lambda: self.forecaster, Script().skills)
        store = Store.open(FILM_SHOP, f"sqlite:///{place / 'shop.db'}")
        self.office = Office(store, skills, lambda: self.now, lambda: self.done.append("gave way"))

    def forecaster(self, histories: object, horizon: int) -> list[np.ndarray]:  # type: ignore[type-arg]
        self.done.append("forecast")
        return [np.zeros((horizon, 9)) for _ in histories]  # type: ignore[attr-defined]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_customers_go_first(desk: Desk) -> None:
    history = History(np.ones(30), date(2026, 5, 1))
    assert len(desk.office.forecast([history] * (SERIES_AT_ONCE + 1), 7)) == SERIES_AT_ONCE + 1
    assert desk.done == ["gave way", "forecast"] * 2
    desk.done.clear()
    texts = [f"the queue {number}" for number in range(2 * TEXTS_AT_ONCE + 1)]
    skills = desk.office.remark_skills()
    assert skills.vectors(texts).shape == (len(texts), 64)
    assert skills.categorise(texts, ["one"], ()) == ["one"] * len(texts)
    assert desk.done == ["gave way"] * 6


def test_nothing_is_worked_out_twice(desk: Desk) -> None:
    made: list[int] = []

    def job() -> int:
        made.append(1)
        return len(made)

    kept = desk.office.kept
    assert [kept("a", 1, job), kept("a", 1, job), kept("b", 1, job), kept("a", 2, job)] == [1, 1, 2, 3]
    desk.now += DAY_MS
    assert kept("a", 2, job) == 4


def test_work_is_done_one_after_the_other_beside_the_loop(desk: Desk) -> None:
    under_way: list[str] = []

    def job() -> tuple[str, int]:
        under_way.append(threading.current_thread().name)
        return threading.current_thread().name, len(under_way)

    async def both() -> list[tuple[str, int]]:
        return await asyncio.gather(desk.office.work(job), desk.office.work(job))

    first, second = asyncio.run(both())
    assert first[0] == second[0] != threading.current_thread().name
    assert (first[1], second[1]) == (1, 2)


def test_what_is_not_trained_is_an_error_that_says_so(tmp_path: Path) -> None:
    store = Store.open(FILM_SHOP, f"sqlite:///{tmp_path / 'shop.db'}")

    def untrained() -> None:
        raise Untrained("forecasting is not trained yet")

    office = Office(store, OfficeSkills(untrained, untrained))  # type: ignore[arg-type]
    with pytest.raises(Untrained, match="forecasting"):
        office.forecast([], 7)
    with pytest.raises(Untrained):
        office.remark_skills()


def test_who_can_wait_waits_while_a_customer_is_answered() -> None:
    counter, answered = Counter(), threading.Event()
    with counter:
        assert not counter.wait_until_free(0)
        waiting = threading.Thread(target=lambda: counter.wait_until_free() and answered.set())
        waiting.start()
        assert not answered.is_set()
    waiting.join(10)
    assert answered.is_set()
