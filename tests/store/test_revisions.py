"""What comes down from headquarters: facts, whole and checked; goods; and who is to be forgotten, everywhere."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import ProgrammingError

from tests.store.several_kiosks import Headquarters, Kiosk, ready, verdict
from tests.store.test_forgetting import everything
from walkiosk.store import Store, tables
from walkiosk.store.basket import Basket
from walkiosk.store.catalogue import Product
from walkiosk.store.conversations import DAY_MILLISECONDS, Conversation, KeptTurn
from walkiosk.store.customers import Customer, Customers
from walkiosk.store.database import writing
from walkiosk.store.editing import Change, Editor, NotEditable
from walkiosk.store.feedback import Feedback
from walkiosk.store.forgetting import forget
from walkiosk.store.headquarters import connect_to
from walkiosk.store.inventory import on_hand
from walkiosk.store.kiosk_tables import fact_file
from walkiosk.store.order_book import Wanted
from walkiosk.store.orders import Orders
from walkiosk.store.outcome import NotFound
from walkiosk.store.retention import Retention
from walkiosk.store.sale_book import Sale
from walkiosk.store.shipping import PUT_OFF_MILLISECONDS, line_of

HINT = ": digits, a point, no sign of a currency"
ROOT = Path(__file__).parents[2]
DEARER = ("Spinning top,Toys,12.5", "Spinning top,Toys,13.5")


def price(made: Kiosk, sku: str = "TO-1") -> int:
    product = made.store.catalogue.product(sku)
    assert isinstance(product, Product)
    return product.price_cents


def test_facts_come_down_whole_and_the_kiosk_keeps_what_is_its_own(headquarters: Headquarters, lobby: Kiosk) -> None:
    assert price(lobby) == 1250 and lobby.store.graph.run("1 >directed first", ["nolan"]).ids == ("memento",)
    sold = lobby.shop
    sold.delivered(sold.paid(TO_1=1))
    headquarters.publish(
        products=DEARER,
        relations=("directed", "staged"),
        edges=("directed", "staged"),
        offers=(",Shoes,gold,10", ",Shoes,gold,20"),
        customers=("Ana García", "Ana María García"),
        store=("item_cap = 4", 'item_cap = 3\npayment = "stripe"\nservice_level = 0.9'),
    )
    down = lobby.ship()
    assert down.revision == line_of(lobby.engine).revision and down.refused is None
    renewed = lobby.store.renewed()
    assert price(lobby) == 1350 and renewed.graph.run("1 >staged first", ["nolan"]).ids == ("memento",)
    assert renewed.settings.service_level == 0.9 and renewed.settings.payment == "simulated"
    assert renewed.settings.item_cap == 4, "its own store.toml says so"
    assert renewed.settings.kiosk == "lobby"
    ana = Customers(lobby.engine).identify("c1", "1234")
    assert isinstance(ana, Customer) and ana.name == "Ana María García" and ana.sizes["shoes"] == "42"
    assert lobby.store.inventory.available_of(["TO-1"]) == {"TO-1": 19}
    assert lobby.ship().revision is None
    lobby.begin_again()
    assert price(lobby) == 1350 and line_of(lobby.engine).revision == down.revision


def test_what_the_kiosks_own_file_says_is_read_again_without_headquarters(lobby: Kiosk) -> None:
    before = line_of(lobby.engine).revision
    path = lobby.folder / "store.toml"
    path.write_text(path.read_text().replace('name = "Film shop"', 'name = "Lobby"'))
    lobby.begin_again()
    assert lobby.store.settings.name == "Lobby" and price(lobby) == 1250
    assert isinstance(lobby.store.customers.customer("c1"), Customer)
    assert line_of(lobby.engine).revision == before


def test_facts_that_come_from_headquarters_are_edited_there(lobby: Kiosk) -> None:
    editor = Editor(lobby.engine, lobby.folder)
    with pytest.raises(NotEditable, match="come from headquarters"):
        editor.edit("Ana", [Change("products.csv", None, {"sku": "N", "name": "N", "category": "N", "price": "1"})])


def test_faulty_facts_load_nothing_and_are_told(headquarters: Headquarters, lobby: Kiosk) -> None:
    before, good = facts_of(lobby), line_of(lobby.engine).revision
    spoil(headquarters, "products.csv", "12.5", "a lot")
    down = lobby.ship()
    assert down.revision is None
    assert down.refused == "products.csv:8: price: 'a lot': an amount such as 89.90 expected" + HINT
    line = line_of(lobby.engine)
    assert (line.refused, line.revision, facts_of(lobby)) == (down.refused, good, before)
    lobby.ship()
    (state,) = headquarters_kiosks(headquarters)
    assert (state.refused, state.revision) == (down.refused, good)
    headquarters.publish(products=DEARER)
    assert lobby.ship().refused is None
    assert line_of(lobby.engine).refused is None and price(lobby) == 1350


def spoil(headquarters: Headquarters, name: str, before: str, after: str) -> None:
    """Somebody writes into headquarters' database by hand."""
    with headquarters.engine.begin() as connection:
        own = fact_file.c.name == name
        content = connection.execute(select(fact_file.c.content).where(own)).scalar_one()
        assert before in content
        connection.execute(update(fact_file).where(own).values(content=content.replace(before, after)))
        mark = tables.setting.c.key == "fingerprint"
        connection.execute(update(tables.setting).where(mark).values(value=f"{before} {after}"))


def facts_of(made: Kiosk) -> list[object]:
    with made.engine.connect() as connection:
        return [connection.execute(select(table)).all() for table in tables.FACTS]


def headquarters_kiosks(headquarters: Headquarters):  # type: ignore[no-untyped-def]
    return Store.open(headquarters.url).kiosks.states()


def test_prices_of_another_currency_are_refused(headquarters: Headquarters, lobby: Kiosk) -> None:
    headquarters.publish(store=('currency = "EUR"', 'currency = "USD"'))
    assert lobby.ship().refused == "store.toml: currency: 'EUR': headquarters' prices are in USD"
    assert price(lobby) == 1250


def test_new_facts_wait_for_who_is_buying_and_not_for_ever(headquarters: Headquarters, lobby: Kiosk) -> None:
    lobby.store.baskets.clock = lambda: lobby.now
    basket = lobby.store.baskets.create()
    assert isinstance(lobby.store.baskets.add(basket.id, "TO-1"), Basket)
    headquarters.publish(products=DEARER)
    assert lobby.ship().revision is None
    sale = lobby.shop.sales.reserve(basket.id)
    assert lobby.ship().revision is None and isinstance(sale, Sale) and sale.total_cents == 1250
    with lobby.engine.begin() as connection:
        connection.execute(update(tables.basket).values(created_ms=lobby.now + PUT_OFF_MILLISECONDS))
        connection.execute(update(tables.sale).values(updated_ms=lobby.now + PUT_OFF_MILLISECONDS))
    lobby.now += PUT_OFF_MILLISECONDS
    assert lobby.ship().revision is not None and price(lobby) == 1350
    kept = lobby.shop.sales.sale(sale.id)
    assert isinstance(kept, Sale) and (kept.total_cents, kept.lines[0].unit_cents) == (1250, 1250)


def test_goods_that_headquarters_books_for_a_kiosk_arrive_once(headquarters: Headquarters, lobby: Kiosk) -> None:
    orders = Orders(headquarters.engine)
    order = orders.propose("list", [Wanted("TO-1", 30), Wanted("OX-42", 2)], "Ana")
    orders.place(order.id, "Ana")
    with pytest.raises(ValueError, match="no kiosk is called 'cellar'"):
        orders.arrive(order.id, "lorry", {"TO-1": 10}, "cellar")
    orders.arrive(order.id, "lorry", {"TO-1": 10}, "lobby")
    arrived = orders.arrive(order.id, "lorry", {"TO-1": 10}, "lobby")
    assert not isinstance(arrived, NotFound) and arrived.known
    assert orders.on_order() == {"TO-1": 20, "OX-42": 2}
    assert [state.coming for state in headquarters_kiosks(headquarters)] == [10]
    assert (lobby.ship().deliveries, lobby.ship().deliveries) == (1, 0)
    assert lobby.store.inventory.available_of(["TO-1"]) == {"TO-1": 30}
    kiosks = Store.open(headquarters.url).kiosks
    assert kiosks.stock(["TO-1"]) == {"TO-1": {"lobby": 30}} and [each.coming for each in kiosks.states()] == [0]
    with headquarters.engine.connect() as connection:
        assert on_hand(connection, ["TO-1"]) == {"TO-1": 20}, "what is there itself"
        assert on_hand(connection, ["TO-1"], everywhere=True) == {"TO-1": 50}
    assert verdict(headquarters, lobby).faults == []


@pytest.fixture
def others(headquarters: Headquarters, lobby: Kiosk, tmp_path: Path) -> tuple[Kiosk, Kiosk]:
    """Two kiosks at which Ana has bought something and said something, and nothing is shipped yet."""
    cellar = ready(Kiosk("cellar", tmp_path, headquarters))
    for made in (lobby, cellar):
        shop = made.shop
        assert isinstance(Customers(made.engine, shop.clock).identify("c1", "1234"), Customer)
        basket = shop.baskets.create("c1")
        shop.baskets.add(basket.id, "TO-1")
        sale = shop.sales.reserve(basket.id)
        assert isinstance(sale, Sale)
        shop.sales.pay(sale.id)
        shop.sales.dispense(sale.id)
        Feedback(made.engine, shop.clock).add(4, "Ana likes the loud top", "en", sale.id)
        turn = KeptTurn(1, made.now, "a top for Ana", "pay", "thanks", "Thank you", None, (), (), sale.id)
        made.store.conversations.write(Conversation(f"talk-{made.name}", made.now, None, "en", True, (turn,)))
        made.now += 1
    return lobby, cellar


def assert_forgotten(*engines: Engine) -> None:
    for engine in engines:
        held = everything(engine)
        assert not any(word in held for word in ("García", "loud top", "top for Ana", "'c1'", '"c1"'))
        with engine.connect() as connection:
            assert connection.execute(select(func.count()).select_from(tables.sale)).scalar()


def test_who_is_forgotten_at_a_kiosk_is_forgotten_everywhere(
    headquarters: Headquarters, others: tuple[Kiosk, Kiosk]
) -> None:
    here, there = others
    there.ship()
    forget(here.engine, "c1", here.now)
    assert_forgotten(here.engine)
    assert here.ship().applied.new
    assert_forgotten(headquarters.engine)
    there.ship()
    assert_forgotten(there.engine)
    assert verdict(headquarters, here, there).faults == []
    headquarters.publish(products=DEARER)
    for made in others:
        made.ship()
        assert price(made) == 1350
    assert_forgotten(headquarters.engine, here.engine, there.engine)


def test_who_is_forgotten_at_headquarters_is_not_brought_back_by_what_waits(
    headquarters: Headquarters, others: tuple[Kiosk, Kiosk]
) -> None:
    forget(headquarters.engine, "c1", 1)
    for made in others:
        made.ship()
    assert_forgotten(headquarters.engine, *(made.engine for made in others))
    assert verdict(headquarters, *others).faults == []


def test_what_a_kiosk_does_not_keep_goes_from_headquarters_too(
    headquarters: Headquarters, others: tuple[Kiosk, Kiosk]
) -> None:
    made = others[0]
    made.ship()
    settings = made.store.settings.__class__(**{**_fields(made), "keep_remarks_days": 1, "keep_customers_days": 1})
    later = made.now + 400 * DAY_MILLISECONDS
    done = Retention(made.engine, settings, lambda: later).tidy()
    assert (done.conversations, done.remarks, done.customers) == (1, 1, ()), "headquarters knows who was where"
    made.ship()
    held = everything(headquarters.engine)
    assert "loud top" not in held and "top for Ana" not in held and "García" in held
    assert verdict(headquarters, made).faults == []


def _fields(made: Kiosk) -> dict[str, object]:
    return {name: getattr(made.store.settings, name) for name in made.store.settings.__slots__}


def test_a_role_that_can_do_what_shipping_needs_and_nothing_else(
    headquarters: Headquarters, others: tuple[Kiosk, Kiosk]
) -> None:
    (sql,) = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "deployment.md").read_text(), re.DOTALL)
    with headquarters.engine.begin() as connection:
        connection.exec_driver_sql(sql.replace("%", "%%"))
    try:
        for made in others:
            made.shipper.there = connect_to(headquarters.url.replace("shop@", "kiosk@"))
            headquarters.publish(products=("Grey coat", "Greyer coat") if made is others[0] else ("Greyer", "Greyest"))
            assert made.ship().revision is not None
        made.store.feedback.add(3, "gone soon")
        made.ship()
        with writing(made.engine).begin() as connection:
            connection.execute(delete(tables.feedback))
        forget(made.engine, "c1", made.now)
        made.ship()
        others[0].ship()
        assert_forgotten(headquarters.engine, *(each.engine for each in others))
        for table in ("account", "login", "stock_order", "past_sale"):
            with made.shipper.there.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
                connection.exec_driver_sql(f"SELECT * FROM {table}")
    finally:
        with headquarters.engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY kiosk; DROP ROLE kiosk")
