"""Callbacks of the provider: any number of times, in any order, in any process, while a customer pays and after."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from walkiosk.store import tables
from walkiosk.store.callbacks import told
from walkiosk.store.outcome import Declined, PaymentUnavailable
from walkiosk.store.payment import ProviderUnreachable
from walkiosk.store.sale import HOLD_MILLISECONDS
from walkiosk.store.sale_book import Sale
from walkiosk.store.stripe_terminal import LOST_LOOKS

from .fake_stripe import BEFORE, FakeStripe
from .shop import Shop
from .stripe_account import PAYS
from .stripe_till import Till

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop(engine: Engine) -> Shop:
    return Shop(engine)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with FakeStripe() as stripe:
        opened = Till(stripe, tmp_path)
        yield opened
        opened.engine.dispose()


def lost(shop: Shop, moment: Any = "after") -> Sale:
    """A sale whose customer has paid, and whose answer was lost."""
    sale = shop.reserved(TO_1=1)
    shop.reader.lose_next("authorise", moment)
    assert shop.sales.pay(sale.id) == PaymentUnavailable(sale.id)
    return sale


def key(sale: Sale, number: int = 1) -> str:
    return f"{sale.key}-authorise-{number}"


def outcomes(shop: Shop, sale: Sale) -> list[str | None]:
    arrow = tables.sale_arrow
    with shop.engine.connect() as connection:
        return list(connection.execute(select(arrow.c.outcome).where(arrow.c.sale_id == sale.id)).scalars())


def test_an_answer_that_was_lost(shop: Shop) -> None:
    sale = lost(shop)
    assert getattr(told(shop.sales, key(sale)), "state", None) == "authorised"
    assert told(shop.sales, key(sale)) is None
    assert getattr(shop.sales.pay(sale.id), "state", None) == "authorised"  # the customer is back
    assert shop.reader.held_cents() == 1250
    assert shop.delivered(sale).complete
    assert told(shop.sales, key(sale)) is None
    assert (shop.reader.taken_cents(), shop.dispenser.dropped()) == (1250, {"B2": 1})


def test_what_is_open_is_left_alone(shop: Shop) -> None:
    sale = lost(shop, "before")
    assert getattr(told(shop.sales, key(sale)), "state", None) == "reserved"
    assert outcomes(shop, sale) == [None]
    assert getattr(shop.sales.pay(sale.id), "state", None) == "authorised"


def test_told_while_the_customer_pays(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = shop.reserved(TO_1=1)
    ask = shop.reader.authorise

    def slow(asked: str, *question: Any) -> Any:
        assert getattr(told(shop.sales, asked), "state", None) == "reserved"
        answer = ask(asked, *question)
        assert getattr(told(shop.sales, asked), "state", None) == "authorised"
        assert told(shop.sales, asked) is None
        return answer

    monkeypatch.setattr(shop.reader, "authorise", slow)
    paid = shop.sales.pay(sale.id)
    assert isinstance(paid, Sale)
    assert (paid.state, shop.reader.held_cents(), outcomes(shop, sale)) == ("authorised", 1250, ["authorised"])
    assert shop.delivered(sale).complete


def test_a_decline_that_was_lost(shop: Shop) -> None:
    shop.reader.decline_next("stolen")
    sale = lost(shop)
    for _ in range(2):
        told(shop.sales, key(sale))
    assert (shop.state(sale), outcomes(shop, sale)) == ("reserved", ["declined: stolen"])
    assert getattr(shop.sales.pay(sale.id), "state", None) == "authorised"  # with another card
    assert told(shop.sales, key(sale)) is None
    assert outcomes(shop, sale) == ["declined: stolen", "authorised"]


def test_told_of_the_first_card_while_the_second_is_asked_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.reader.decline_next("stolen")
    sale, look = lost(shop), shop.reader.look

    def slow(*question: Any) -> Any:
        monkeypatch.setattr(shop.reader, "look", look)
        told(shop.sales, key(sale))  # the other process was quicker, and the customer as well
        shop.reader.lose_next("authorise", "before")
        assert shop.sales.pay(sale.id) == PaymentUnavailable(sale.id)
        return look(*question)

    monkeypatch.setattr(shop.reader, "look", slow)
    told(shop.sales, key(sale))
    assert outcomes(shop, sale) == ["declined: stolen", None]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_customer_who_is_gone(shop: Shop, moment: Any) -> None:
    sale = lost(shop, moment)
    shop.now += HOLD_MILLISECONDS
    assert getattr(told(shop.sales, key(sale)), "state", None) == "released"
    assert told(shop.sales, key(sale)) is None
    assert (shop.reader.held_cents(), shop.reader.taken_cents()) == (0, 0)


@pytest.mark.parametrize(("call", "later"), [("look", 0), ("find", HOLD_MILLISECONDS)])
def test_the_provider_does_not_answer(shop: Shop, call: str, later: int) -> None:
    sale = lost(shop, "before" if later else "after")
    shop.now += later
    shop.reader.lose_next(call, "before")
    with pytest.raises(ProviderUnreachable):
        told(shop.sales, key(sale))
    assert (shop.state(sale), outcomes(shop, sale)) == ("reserved", [None])
    assert getattr(told(shop.sales, key(sale)), "state", None) == ("released" if later else "authorised")


@pytest.mark.parametrize("hours", [-8760, -1, 1, 8760])
def test_the_clock_jumps(shop: Shop, hours: int) -> None:
    sale = lost(shop)
    shop.now += hours * 3_600_000
    assert getattr(told(shop.sales, key(sale)), "state", None) == "released"
    assert (shop.reader.held_cents(), shop.reader.taken_cents()) == (0, 0)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_sale_that_was_released_unanswered(shop: Shop, moment: Any) -> None:
    sale = lost(shop, moment)
    with shop.engine.begin() as connection:
        connection.execute(tables.sale.update().where(tables.sale.c.id == sale.id).values(state="released"))
    assert getattr(told(shop.sales, key(sale)), "state", None) == "released"
    assert None not in outcomes(shop, sale)
    assert told(shop.sales, key(sale)) is None
    assert shop.reader.held_cents() == 0


def test_everything_else_is_nothing(shop: Shop) -> None:
    sale, fresh = lost(shop), shop.reserved(LP_1=1)
    sold = shop.delivered(shop.paid(TO_1=1)).sale
    words = [
        "",
        "nope",
        "-authorise-1",
        key(sale, 2),
        key(fresh),
        key(sold),
        f"{sold.key}-capture-1",
        sale.id,
        sale.key,
    ]
    for word in words:
        assert told(shop.sales, word) is None
    assert [shop.state(each) for each in (sale, fresh, sold)] == ["reserved", "reserved", "captured"]


def test_told_by_many_at_once(shop: Shop) -> None:
    sales = [lost(shop) for _ in range(4)]
    with ThreadPoolExecutor(4) as callers:
        list(callers.map(lambda sale: told(shop.sales, key(sale)), sales * 4))
    assert [shop.state(sale) for sale in sales] == ["authorised"] * 4
    assert [outcomes(shop, sale) for sale in sales] == [["authorised"]] * 4


def test_a_card_is_not_taken_out_of_a_customers_hand(till: Till) -> None:
    sale = till.reserved(TO_1=1)
    seen = []
    till.waiting.meanwhile = {
        1: lambda: seen.append(told(till.sales, key(sale), "pi_0")),
        2: lambda: till.stripe.act(till.stripe.intents["pi_0"], PAYS),
    }
    assert getattr(till.sales.pay(sale.id), "state", None) == "authorised"
    assert [getattr(each, "state", None) for each in seen] == ["reserved"]
    assert till.money() == (0, 1250, 0)


def test_a_reader_whose_customer_is_gone_takes_no_card(till: Till) -> None:
    sale = till.reserved(TO_1=1)
    for _ in range(LOST_LOOKS):
        till.stripe.fail(BEFORE, "reader", 1)
    assert till.sales.pay(sale.id) == PaymentUnavailable(sale.id)
    assert till.money() == (0, 0, 1)
    till.now += HOLD_MILLISECONDS
    assert getattr(told(till.sales, key(sale), "pi_0"), "state", None) == "released"
    assert till.money() == (0, 0, 0)
    assert till.stripe.reader["action"] is None


def test_declined_at_the_reader_and_told_of_it(till: Till) -> None:
    till.stripe.customers += ["expired_card", PAYS]
    sale = till.reserved(TO_1=1)
    assert till.sales.pay(sale.id) == Declined("expired_card")
    assert told(till.sales, key(sale), "pi_0") is None
    assert getattr(till.sales.pay(sale.id), "state", None) == "authorised"


def test_shuffled_and_doubled_over_two_processes(url: str) -> None:
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    callbacks = 200 if kind == "sqlite" else 50
    command = [
        sys.executable,
        ROOT / "bench" / "callbacks.py",
        "--callbacks",
        str(callbacks),
        "--database",
        url,
        "--json",
    ]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    nothing = {"double_charges": 0, "double_dispenses": 0, "lost": 0, "cut_short": 0, "held_cents": 0}
    assert found | nothing == found
    assert (found["database"], found["sales"], found["delivered"]) == (kind, callbacks, 2 * callbacks)
