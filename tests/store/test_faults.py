"""The till under faults, and whether the harness would see it fail; the whole is `python -m bench.faults.run`."""

import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.faults.books import Verdict, check
from bench.faults.points import Points
from bench.faults.run import FAULTS, Outcome, endure, on_postgresql, on_sqlite, sweep
from bench.faults.till import Place
from walkiosk.store.database import open_database

SALES, ON_POSTGRESQL = 100, 25


def verdict_of(place: Place) -> Verdict:
    engine = open_database(place.database)
    try:
        return check(engine, place.reader, place.dispenser)
    finally:
        engine.dispose()


@pytest.mark.parametrize("name", FAULTS)
def test_the_books_hold(name: str, tmp_path: Path) -> None:
    outcome = on_sqlite(FAULTS[name], tmp_path, SALES, seed=7)
    assert outcome.verdict.faults == []
    assert_it_happened(name, outcome, SALES)


@pytest.mark.parametrize("name", ["kill -9", "torn write", "reordered answers"])
def test_the_books_hold_on_postgresql(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:  # not pytest's own: the server runs as somebody else
        outcome = on_postgresql(FAULTS[name], Path(folder), ON_POSTGRESQL, seed=7)
    assert outcome.verdict.faults == []
    assert_it_happened(name, outcome, ON_POSTGRESQL)


def assert_it_happened(name: str, outcome: Outcome, sales: int) -> None:
    """A run in which nothing went wrong would prove nothing."""
    assert outcome.verdict.sales >= 0.8 * sales and outcome.verdict.units > 0 and outcome.verdict.taken_cents > 0
    assert set(outcome.verdict.endings) <= {"captured", "released", "refunded"}
    if FAULTS[name].killed:
        assert outcome.lives > 2 and outcome.left


def test_only_a_commit_that_wrote_is_torn(tmp_path: Path) -> None:
    """Behind any other one, the log's last transaction is older, and the goods it led to may have fallen."""
    engine = open_database(Place.made(tmp_path).database)
    points = Points(only="after commit")
    points.watch(engine)
    refill = text("UPDATE product SET price_cents = price_cents + 1")
    for write in (True, False, True, False, False):
        before = points.passed
        with engine.begin() as connection:
            connection.execute(refill if write else text("SELECT * FROM product"))
        assert points.passed - before == write
    with engine.connect() as connection:
        connection.execute(refill)
        connection.rollback()
    for _ in range(2):
        for other in [engine.connect() for _ in range(9)]:  # more than are kept: some are closed, and made anew
            other.execute(text("SELECT * FROM product"))
            other.commit()
            other.close()
    assert points.passed == 2
    engine.dispose()


@pytest.mark.parametrize("seed", [3, 4, 6])
def test_a_till_that_is_killed_at_each_of_its_points(seed: int, tmp_path: Path) -> None:
    place = Place.made(tmp_path)
    points = sweep(place, seed)
    verdict = verdict_of(place)
    assert verdict.faults == [] and points > 12 and verdict.sales > points / 4


TAMPERED: dict[str, Callable[[sqlite3.Connection, sqlite3.Connection], object]] = {
    "the bank took": lambda bank, _: bank.execute("UPDATE hold SET captured = captured + 1 WHERE captured > 0"),
    "the book has not": lambda bank, _: bank.execute("INSERT INTO hold (key, held) VALUES ('stranger', 0)"),
    "held for ever": lambda bank, _: bank.execute("UPDATE hold SET held = 5"),
    "fell and is not booked": lambda _, log: log.execute("INSERT INTO drop_log VALUES ('x', 'A1', 'Dispensed')"),
    "is booked and did not fall": lambda _, log: log.execute("DELETE FROM drop_log WHERE outcome = 'Dispensed'"),
    "charged by a hold": lambda bank, _: bank.execute("UPDATE hold SET reference = key"),
}


def test_the_harness_sees_what_does_not_hold(tmp_path: Path) -> None:
    place = Place.made(tmp_path)
    endure(FAULTS["none"], place, 12, seed=1)
    assert verdict_of(place).faults == []
    for told, tamper in TAMPERED.items():
        bank, log = sqlite3.connect(place.reader), sqlite3.connect(place.dispenser)
        kept = [memory.serialize() for memory in (bank, log)]
        tamper(bank, log)
        bank.commit()
        log.commit()
        assert any(told in fault for fault in verdict_of(place).faults), told
        bank.close()
        log.close()
        place.reader.write_bytes(kept[0])
        place.dispenser.write_bytes(kept[1])
    engine = open_database(place.database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE sale SET captured_cents = captured_cents + 1, state = 'dispensed'"))
        connection.execute(text("DELETE FROM stock_movement WHERE reason = 'sale'"))
    engine.dispose()
    faults = " ".join(verdict_of(place).faults)
    assert all(told in faults for told in ("is left dispensed", "worth of goods given", "stock went down by 0"))
