"""Five kiosks and headquarters: what goes up goes up once and in order, whatever breaks; with a real PostgreSQL."""

import random
import shutil
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.store.conftest import FILM_SHOP
from tests.store.several_kiosks import (
    GOODS,
    Headquarters,
    Kiosk,
    answer_lost,
    cut_at,
    cut_before_commit,
    ready,
    verdict,
)
from tests.store.shop import Shop
from walkiosk.store import Store, outbox, tables
from walkiosk.store.conversations import DAY_MILLISECONDS, Conversation, Conversations, KeptTurn
from walkiosk.store.database import writing
from walkiosk.store.feedback import Feedback
from walkiosk.store.headquarters import HeadquartersRefuses
from walkiosk.store.kiosk_tables import KEPT, SHIPPED, kiosk, kiosk_event
from walkiosk.store.kiosks import EVENTS_KEPT_MILLISECONDS, drop_old_events
from walkiosk.store.refunds import RefundNote
from walkiosk.store.sale_book import Sale
from walkiosk.store.shipping import line_of


def sell(made: Kiosk, draw: random.Random) -> Sale:
    """A customer, who may be refused, meet a jam, or bring something back; and what is said of it."""
    shop, sku = made.shop, draw.choice(list(GOODS))
    if draw.random() < 0.2:
        shop.reader.decline_next()
    if draw.random() < 0.2:
        shop.dispenser.jam_next(GOODS[sku])
    sale = shop.reserved(**{sku: draw.randint(1, 2)})
    shop.sales.pay(sale.id)
    shop.sales.dispense(sale.id)
    now = shop.sales.sale(sale.id)
    assert isinstance(now, Sale)
    if now.state == "captured" and draw.random() < 0.3:
        shop.sales.refund(sale.id, 1, RefundNote(f"form-{sale.id}", "scratched", "Ana"))
    if draw.random() < 0.5:
        Feedback(made.engine, shop.clock).add(draw.randint(1, 5), "it spins", "en", sale.id)
    told = KeptTurn(1, made.now, "a top", "pay", "thanks", "Thank you", None, (), (), sale.id)
    talk = Conversation(f"talk-{sale.id}", made.now, None, "en", False, (told,))
    Conversations(made.engine, 30, shop.clock).write(talk)
    made.now += 1000
    return now


def test_every_table_comes_down_or_goes_up_or_stays_for_a_reason() -> None:
    places = [*tables.FACTS, *SHIPPED, *KEPT]
    assert len(places) == len(set(places)) and set(places) == set(tables.metadata.tables.values())


def test_five_kiosks_sell_with_the_network_down_and_nothing_is_lost_or_doubled(
    headquarters: Headquarters, tmp_path: Path
) -> None:
    draw = random.Random(5)
    kiosks = [ready(Kiosk(f"kiosk-{number}", tmp_path, headquarters)) for number in range(5)]
    sold = []
    for _ in range(12):
        made = draw.choice(kiosks)
        sold += [sell(made, draw) for _ in range(draw.randint(1, 3))]
        if draw.random() < 0.3:  # for the others the network is down
            made.ship()
    for made in kiosks:
        made.ship()
        assert made.ship().applied.new == 0
    found = verdict(headquarters, *kiosks)
    assert found.faults == []
    assert found.rows["sale"] == len(sold) and min(found.events.values()) > 0
    assert found.rows["sale_arrow"] > found.rows["sale"] / 2 and found.rows["feedback"] and found.rows["refund_note"]


def test_a_lost_answer_has_the_batch_sent_again_and_changes_nothing(headquarters: Headquarters, lobby: Kiosk) -> None:
    sell(lobby, random.Random(1))
    waiting = line_of(lobby.engine).waiting.events
    with answer_lost(lobby.shipper), pytest.raises(DBAPIError):
        lobby.ship()
    assert line_of(lobby.engine).waiting.events == waiting and line_of(lobby.engine).error == "OperationalError"
    again = lobby.ship()
    assert (again.applied.new, again.applied.repeated, again.waiting) == (0, waiting, 0)
    assert line_of(lobby.engine).error is None
    assert verdict(headquarters, lobby).faults == []


def test_a_line_that_is_cut_before_the_commit_leaves_headquarters_as_it_was(
    headquarters: Headquarters, lobby: Kiosk
) -> None:
    lobby.ship()
    before = headquarters_rows(headquarters)
    sell(lobby, random.Random(1))
    with cut_before_commit(lobby.shipper), pytest.raises(DBAPIError):
        lobby.ship()
    assert headquarters_rows(headquarters) == before
    assert lobby.ship().applied.repeated == 0
    assert verdict(headquarters, lobby).faults == []


def headquarters_rows(headquarters: Headquarters) -> list[object]:
    with headquarters.engine.connect() as connection:
        return [connection.execute(select(table)).all() for table in (*SHIPPED, kiosk_event, kiosk)]


def test_a_session_that_the_server_ends_behind_any_statement(headquarters: Headquarters, lobby: Kiosk) -> None:
    draw, number, cuts = random.Random(2), 0, 0
    while cuts == number:
        number += 1
        sell(lobby, draw)
        with cut_at(lobby.shipper, headquarters, number):
            try:
                lobby.ship()
            except DBAPIError:
                cuts += 1
    assert cuts > 15
    lobby.ship()
    assert verdict(headquarters, lobby).faults == []


def test_an_event_is_written_with_its_row_or_not_at_all(lobby: Kiosk) -> None:
    lobby.ship()
    connection = writing(lobby.engine).connect()
    transaction = connection.begin()
    connection.execute(insert(tables.feedback).values(stars=1, words="never said", at_ms=1))
    assert outbox.waiting(connection).events == 1
    transaction.rollback()
    connection.close()
    assert line_of(lobby.engine).waiting.events == 0


def test_books_of_before_headquarters_are_shipped_too(headquarters: Headquarters, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FILM_SHOP, tmp_path / "old"))
    books = f"sqlite:///{folder / 'books.db'}"
    store = Store.open(folder, books)
    shop = Shop(store.engine)
    shop.delivered(shop.paid(TO_1=1))
    assert line_of(store.engine).waiting.events == 0
    store.close()
    with (folder / "store.toml").open("a") as file:
        file.write('kiosk = "old"\n')
    old = Kiosk("new", tmp_path, headquarters)
    old.folder, old.name = folder, "old"
    old.begin_again()
    before = old.store.inventory.available_of(["TO-1"])
    old.ship()
    assert verdict(headquarters, old).faults == []
    assert old.store.inventory.available_of(["TO-1"]) == before, "headquarters' files do not count a kiosk's goods"


def test_a_kiosk_that_leaves_headquarters_writes_no_events(lobby: Kiosk) -> None:
    path = lobby.folder / "store.toml"
    path.write_text(path.read_text().replace('kiosk = "lobby"\n', ""))
    for name in ("products.csv", "entities.csv", "relations.csv", "edges.csv"):
        shutil.copy(FILM_SHOP / name, lobby.folder)
    lobby.begin_again()
    Feedback(lobby.engine).add(3)
    assert line_of(lobby.engine).waiting.events == 0 and line_of(lobby.engine).revision is None


def test_who_ships_beside_another_waits_and_sends_what_is_newer(headquarters: Headquarters, lobby: Kiosk) -> None:
    sale = sell(lobby, random.Random(1))
    with headquarters.engine.begin() as other:
        other.execute(select(kiosk).with_for_update())
        shipping = threading.Thread(target=lobby.ship)
        shipping.start()
        waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        while not _ask(headquarters.engine, waits):
            pass
        with writing(lobby.engine).begin() as connection:
            connection.execute(update(tables.sale).values(updated_ms=77))
    shipping.join()
    with headquarters.engine.connect() as connection:
        own = select(tables.sale.c.updated_ms).where(tables.sale.c.id == sale.id)
        assert connection.execute(own).scalar() == 77


def _ask(engine: Engine, question: object) -> object:
    with engine.connect() as connection:
        return connection.execute(question).scalar()  # type: ignore[call-overload]


def test_an_old_copy_of_the_books_is_refused(headquarters: Headquarters, lobby: Kiosk, tmp_path: Path) -> None:
    lobby.ship()
    copy = tmp_path / "copy.db"
    _copy(lobby.engine, copy)
    sell(lobby, random.Random(1))
    lobby.ship()
    lobby.store.close()
    for leftover in lobby.folder.glob("books.db-*"):
        leftover.unlink()
    shutil.copy(copy, lobby.folder / "books.db")
    lobby.open()
    before = headquarters_rows(headquarters)
    with pytest.raises(HeadquartersRefuses, match="an old copy"):
        lobby.ship()
    assert headquarters_rows(headquarters) == before
    assert "an old copy" in (line_of(lobby.engine).error or "")


def _copy(engine: Engine, to: Path) -> None:
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("VACUUM INTO ?", (str(to),))  # type: ignore[union-attr]


def test_new_books_of_one_name_do_not_meet_the_old(headquarters: Headquarters, lobby: Kiosk) -> None:
    for round_ in range(2):
        Feedback(lobby.engine).add(4, f"said {round_}")
        lobby.ship()
        lobby.store.close()
        for file in lobby.folder.glob("books.db*"):
            file.unlink()
        lobby.open()
    with headquarters.engine.connect() as connection:
        said = connection.execute(select(tables.feedback.c.words).order_by("id")).scalars().all()
    assert said == ["said 0", "said 1"]


def test_headquarters_is_updated_first(headquarters: Headquarters, lobby: Kiosk) -> None:
    with headquarters.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0006'"))
    try:
        with pytest.raises(HeadquartersRefuses, match="its tables are 0006, this kiosk's 0007"):
            lobby.ship()
    finally:
        with headquarters.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))


def test_a_till_at_headquarters_leaves_the_sales_of_kiosks_alone(headquarters: Headquarters, lobby: Kiosk) -> None:
    shop = lobby.shop
    open_sale = shop.reserved(TO_1=2)
    paid = shop.delivered(shop.paid(TO_1=1)).sale
    lobby.ship()
    here = Shop(headquarters.engine)
    here.now += DAY_MILLISECONDS
    assert here.sales.reconcile() == here.sales.tend() == ()
    found = here.sales.sale(open_sale.id)
    assert isinstance(found, Sale) and (found.state, found.kiosk) == ("reserved", "lobby")
    with pytest.raises(ValueError, match="lobby has its card reader"):
        here.sales.refund(paid.id)


def test_filing_at_headquarters_stays_and_remarks_that_go_go(headquarters: Headquarters, lobby: Kiosk) -> None:
    Feedback(lobby.engine, lambda: lobby.now).add(2, "the queue was long")
    lobby.ship()
    there = Feedback(headquarters.engine)
    (remark,) = there.remarks()
    there.file(remark.id, "queue")
    with writing(lobby.engine).begin() as connection:
        connection.execute(update(tables.feedback).values(stars=3))
    lobby.ship()
    assert [(each.stars, each.filed, each.kiosk) for each in there.remarks()] == [(3, "queue", "lobby")]
    with writing(lobby.engine).begin() as connection:
        connection.execute(delete(tables.feedback))
    lobby.ship()
    assert there.remarks() == ()


def test_events_have_ids_of_their_own_and_are_forgotten_in_time(headquarters: Headquarters, lobby: Kiosk) -> None:
    lobby.ship()
    with headquarters.engine.connect() as connection:
        ids = connection.execute(select(kiosk_event.c.id)).scalars().all()
        assert len(set(ids)) == len(ids) > 0 and all(len(each) == 32 for each in ids)
        assert connection.execute(select(func.count()).select_from(kiosk)).scalar() == 1
    for late, left in ((0, len(ids)), (1, 0)):
        with headquarters.engine.begin() as connection:
            drop_old_events(connection, lobby.now + EVENTS_KEPT_MILLISECONDS + late)
            assert connection.execute(select(func.count()).select_from(kiosk_event)).scalar() == left


def test_the_comparison_sees_what_is_lost_doubled_or_other(headquarters: Headquarters, lobby: Kiosk) -> None:
    sell(lobby, random.Random(1))
    lobby.ship()
    assert verdict(headquarters, lobby).faults == []
    movement = tables.stock_movement
    tampered = {
        "is not at headquarters": delete(tables.sale_line),
        "is at headquarters alone": insert(movement).values(
            id=9, key="x", sku="TO-1", quantity=1, reason="count", at_ms=1, kiosk="lobby"
        ),
        "77": update(tables.sale).values(total_cents=77),
        "events were written": delete(kiosk_event).where(kiosk_event.c.seq == 3),
    }
    for told, change in tampered.items():
        with headquarters.engine.begin() as connection:
            connection.execute(change)
        assert any(told in fault for fault in verdict(headquarters, lobby).faults), told
    Feedback(lobby.engine).add(1)
    assert "lobby: 1 events still wait" in verdict(headquarters, lobby).faults
