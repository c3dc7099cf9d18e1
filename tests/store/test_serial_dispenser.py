"""The dispenser behind a serial line: whole sales with a controller that works, lies and goes away."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from walkiosk.store.database import open_database
from walkiosk.store.dispenser import Dispensed, DispenserUnreachable
from walkiosk.store.dispenser_line import Timing
from walkiosk.store.loading import load_folder
from walkiosk.store.outcome import Jammed, SlotEmpty
from walkiosk.store.sale_book import UNFINISHED
from walkiosk.store.serial_dispenser import SerialDispenser

from .conftest import FILM_SHOP
from .fake_controller import AFTER, BEFORE, FakeController, crc
from .shop import Shop

QUICK = Timing(again=0.05, gone=3, whole=6, linger=0.01, reopen=0.01)
HASTY = replace(QUICK, gone=0.3, whole=0.3)  # for what is not answered at all
PRICES = {"B2": 1250, "B3": 2499}  # of TO-1 and LP-1
FORGETTING = ("forget_before", "forget_after")


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeController]:
    with FakeController(tmp_path) as controller:
        yield controller


@pytest.fixture
def dispenser(fake: FakeController, tmp_path: Path) -> SerialDispenser:
    return SerialDispenser(str(fake.place), tmp_path / "journal.db", QUICK)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The books of a film shop that has sold nothing."""
    file = tmp_path_factory.mktemp("books") / "shop.db"
    engine = open_database(f"sqlite:///{file}")
    load_folder(engine, FILM_SHOP)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture
def shop(dispenser: SerialDispenser, books: Path, tmp_path: Path) -> Iterator[Shop]:
    engine = open_database(f"sqlite:///{shutil.copy(books, tmp_path / 'shop.db')}")
    yield Shop(engine, dispenser=dispenser)
    engine.dispose()


def settle(shop: Shop, fake: FakeController, tmp_path: Path) -> None:
    """The process starts anew, with the same journal, and brings every sale to its end."""
    again = Shop(shop.engine, shop.reader, SerialDispenser(str(fake.place), tmp_path / "journal.db", QUICK))
    again.sales.reconcile()
    assert not [sale for sale in again.sales.reconcile() if sale.state in UNFINISHED]


def check(shop: Shop, fake: FakeController, forgotten: bool = False) -> None:
    """No unit fell twice, nothing is held, and what was taken is what the goods that fell cost.

    Of a unit whose controller has forgotten it nobody can know: it may be in the tray, and is not charged.
    """
    keys = [key for key, _ in fake.fallen]
    assert len(keys) == len(set(keys))
    given = sum(PRICES[slot] for _, slot in fake.fallen)
    assert shop.reader.held_cents() == 0
    assert 0 <= given - shop.reader.taken_cents() <= max(PRICES.values()) * forgotten
    left = {"B2": shop.inventory.available("TO-1"), "B3": shop.inventory.available("LP-1")}
    booked = {"B2": 20 - (left["B2"] or 0), "B3": 4 - (left["B3"] or 0)}
    missing = {slot: fake.dropped().get(slot, 0) - booked[slot] for slot in booked}
    assert set(missing.values()) <= ({0, 1} if forgotten else {0})


def test_a_sale(shop: Shop, fake: FakeController) -> None:
    delivery = shop.delivered(shop.paid(TO_1=2, LP_1=1))
    assert (delivery.complete, delivery.sale.state, fake.dropped()) == (True, "captured", {"B2": 2, "B3": 1})
    assert shop.reader.taken_cents() == 2 * 1250 + 2499
    check(shop, fake)


def test_a_jam_and_an_empty_slot(shop: Shop, fake: FakeController) -> None:
    fake.jams.append("B2")
    fake.empty.add("B3")
    delivery = shop.delivered(shop.paid(TO_1=1, LP_1=1))
    assert (delivery.failures, delivery.sale.state) == ((Jammed("B2"), SlotEmpty("B3")), "released")
    assert (fake.fallen, shop.reader.taken_cents(), shop.inventory.available("LP-1")) == ([], 0, 0)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_whatever_happens_to_a_drop(shop: Shop, fake: FakeController, tmp_path: Path, fault: str) -> None:
    sale = shop.paid(TO_1=2, LP_1=1)
    fake.faults.append(("DROP", fault))
    shop.delivered(sale)
    assert fake.faults == []
    settle(shop, fake, tmp_path)
    check(shop, fake, forgotten=fault in FORGETTING)
    if fault not in ("error", "error_after", *FORGETTING):
        assert shop.state(sale) == "captured" and fake.dropped() == {"B2": 2, "B3": 1}  # the customer waits, no more


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_whatever_happens_to_the_question_what_became_of_it(
    shop: Shop, fake: FakeController, tmp_path: Path, fault: str
) -> None:
    sale = shop.paid(TO_1=2)
    fake.faults += [("DROP", "error_after"), ("OUTCOME", fault)]  # it fell, and was said not to have been asked
    shop.delivered(sale)
    assert fake.faults == []
    settle(shop, fake, tmp_path)
    assert fake.dropped() == {"B2": 1}
    check(shop, fake, forgotten=fault in FORGETTING)


@pytest.mark.parametrize("seed", range(8))
def test_one_fault_after_the_other(shop: Shop, fake: FakeController, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    for word in ("HELLO", "DROP", "DROP", "DROP", "OUTCOME", "OUTCOME"):
        fault = dice.choice([each for each in (*BEFORE, *AFTER) if each not in FORGETTING])
        named = word == "HELLO" and fault not in (
            "silent",
            "vanish_before",
            "mute",
            "wrong_crc",
            "cut",
            "late",
            "noise",
        )
        fake.faults.append((word, "silent" if named else fault))
    sale = shop.paid(TO_1=2, LP_1=1)
    shop.delivered(sale)
    settle(shop, fake, tmp_path)
    check(shop, fake)


@pytest.mark.parametrize("fault", ["vanish_before", "vanish_after"])
def test_gone_for_a_while(
    shop: Shop, dispenser: SerialDispenser, fake: FakeController, tmp_path: Path, fault: str
) -> None:
    dispenser.timing = HASTY
    sale = shop.paid(TO_1=2)
    fake.stays_away = True
    fake.faults.append(("DROP", fault))
    assert shop.delivered(sale).sale.state == "dispensing"
    assert (shop.reader.taken_cents(), shop.reader.held_cents()) == (0, 2500)
    fake.come_back()
    settle(shop, fake, tmp_path)
    fell = 1 if fault == "vanish_after" else 0
    assert (shop.state(sale), fake.dropped().get("B2", 0)) == ("captured" if fell else "released", fell)
    check(shop, fake)


def test_a_controller_that_has_lost_its_memory_is_not_asked_to_drop_again(
    dispenser: SerialDispenser, fake: FakeController, caplog: pytest.LogCaptureFixture
) -> None:
    fake.faults.append(("DROP", "forget_after"))
    with pytest.raises(DispenserUnreachable, match="lost its memory"):
        dispenser.dispense("k-1", "A1")
    with pytest.raises(DispenserUnreachable, match="lost its memory"):
        dispenser.dispense("k-1", "A1")
    assert [words for words in fake.heard if words[0] == "DROP"] == [("DROP", "k-1", "A1")]
    assert dispenser.outcome("k-1") == Jammed("A1")  # it fell, and nobody can know: it is not charged
    assert "slot A1: the dispenser has forgotten" in caplog.text
    assert dispenser.outcome("k-1") == Jammed("A1") == dispenser.dispense("k-1", "A1")
    assert fake.fallen == [("k-1", "A1")]


def test_a_key_that_may_have_left_its_memory_is_as_good_as_forgotten(tmp_path: Path) -> None:
    with FakeController(tmp_path, keys=4) as fake:
        dispenser = SerialDispenser(str(fake.place), timing=QUICK)
        fake.faults.append(("DROP", "error_after"))
        with pytest.raises(DispenserUnreachable, match="refuses DROP: error 3"):
            dispenser.dispense("k-0", "A1")
        for number in range(1, 6):
            assert dispenser.dispense(f"k-{number}", "A1") == Dispensed("A1")
        with pytest.raises(DispenserUnreachable):
            dispenser.dispense("k-0", "A1")
        assert dispenser.outcome("k-0") == Jammed("A1")
        assert [key for key, _ in fake.fallen] == [f"k-{number}" for number in range(6)]


def test_a_key_asked_about_before_it_arrived_never_drops(dispenser: SerialDispenser, fake: FakeController) -> None:
    assert dispenser.outcome("k-1") is None
    assert dispenser.dispense("k-1", "A1") == Jammed("A1")
    fake.forget()  # even by a controller that would do it
    assert dispenser.dispense("k-1", "A1") == Jammed("A1")
    assert dispenser.outcome("k-1") is None and fake.fallen == []


def test_the_controller_alone_closes_a_key(fake: FakeController, dispenser: SerialDispenser, tmp_path: Path) -> None:
    assert SerialDispenser(str(fake.place), timing=QUICK).outcome("k-1") is None  # with another journal
    assert dispenser.dispense("k-1", "A1") == Jammed("A1")
    assert fake.fallen == []


def test_a_drop_that_was_never_asked_for_is_not_believed(
    dispenser: SerialDispenser, fake: FakeController, caplog: pytest.LogCaptureFixture
) -> None:
    fake.memory["k-1"] = ("DROPPED", "A1")
    assert dispenser.outcome("k-1") is None
    assert "DROPPED k-1 A1 of a drop that was never asked for" in caplog.text


def test_the_first_answer_stands(
    dispenser: SerialDispenser, fake: FakeController, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    fake.faults.append(("DROP", "contradicts"))
    assert dispenser.dispense("k-1", "A1") == Dispensed("A1")
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
    fake.memory["k-1"] = ("JAMMED", "A1")
    assert dispenser.outcome("k-1") == dispenser.dispense("k-1", "A1") == Dispensed("A1")
    after = SerialDispenser(str(fake.place), tmp_path / "journal.db", QUICK)
    assert after.outcome("k-1") == Dispensed("A1")
    fake.faults.append(("DROP", "late"))  # and a later word about it, in mid-request, is logged
    fake.late.append(f"<0000 JAMMED k-1 A1*{crc('<0000 JAMMED k-1 A1')}\n")
    caplog.clear()
    assert dispenser.dispense("k-2", "A1") == Dispensed("A1")
    assert "JAMMED k-1 A1, after DROPPED" in caplog.text


def test_nobody_at_the_port(tmp_path: Path) -> None:
    dispenser = SerialDispenser(str(tmp_path / "nothing"), timing=HASTY)
    for ask in (lambda: dispenser.dispense("k-1", "A1"), lambda: dispenser.outcome("k-1"), dispenser.status):
        with pytest.raises(DispenserUnreachable, match="nothing"):
            ask()


def test_a_controller_that_says_nothing(shop: Shop, dispenser: SerialDispenser, fake: FakeController) -> None:
    dispenser.timing = HASTY
    fake.faults += [("DROP", "mute")] * 50  # it fell, and no word of it comes back
    sale = shop.paid(TO_1=1)
    assert shop.delivered(sale).sale.state == "captured"  # it was asked what became of it
    assert len([words for words in fake.heard if words[0] == "DROP"]) > 1
    assert fake.dropped() == {"B2": 1}


def test_another_version_is_not_spoken_to(dispenser: SerialDispenser, fake: FakeController) -> None:
    fake.version = "2"
    with pytest.raises(DispenserUnreachable, match="version 2"):
        dispenser.dispense("k-1", "A1")
    assert fake.fallen == []


def test_a_journal_that_cannot_be_written_drops_nothing(
    dispenser: SerialDispenser, fake: FakeController, tmp_path: Path
) -> None:
    dispenser._journal._log.execute("PRAGMA query_only = ON")
    with pytest.raises(DispenserUnreachable, match="journal"):
        dispenser.dispense("k-1", "A1")
    assert fake.fallen == []


def test_two_processes_ask_at_once(dispenser: SerialDispenser, fake: FakeController, tmp_path: Path) -> None:
    office = SerialDispenser(str(fake.place), tmp_path / "journal.db", replace(QUICK, gone=20, whole=20))
    dispenser.timing = office.timing
    with ThreadPoolExecutor(2) as processes:
        drops = processes.map(lambda number: dispenser.dispense(f"k-{number}", "A1"), range(4))
        answers = processes.map(lambda _: office.outcome("health"), range(4))
    assert list(drops) == [Dispensed("A1")] * 4 and list(answers) == [None] * 4


def test_status_slots_and_reset(dispenser: SerialDispenser, fake: FakeController) -> None:
    fake.state, fake.empty = ("FAULT", "15"), {"B%201"}
    status = dispenser.status()
    assert (status.state, status.code, status.controller.device, status.controller.keys) == (
        "FAULT",
        "15",
        "fake-1",
        256,
    )
    assert (dispenser.slot("B 1"), dispenser.slot("A1")) == ("EMPTY", "OK")
    dispenser.reset()
    assert dispenser.status().state == "READY"


def test_names_of_slots(dispenser: SerialDispenser, fake: FakeController, caplog: pytest.LogCaptureFixture) -> None:
    assert dispenser.dispense("k-1", "Fach 3*ä") == Dispensed("Fach 3*ä")
    assert fake.fallen == [("k-1", "Fach%203%2A%C3%A4")]
    assert dispenser.dispense("k-2", "ä" * 17) == Jammed("ä" * 17)
    assert "its name is longer" in caplog.text and dispenser.outcome("k-2") is None
