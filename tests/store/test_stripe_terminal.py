"""Whole sales at a reader of Stripe's, over HTTP: as they go well, badly, and with answers lost at every call."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from walkiosk.store.outcome import Declined, PaymentUnavailable
from walkiosk.store.sale_book import UNFINISHED
from walkiosk.store.stripe_line import Action
from walkiosk.store.stripe_terminal import AUTHORISING_SECONDS, LOOK_SECONDS, LOST_LOOKS, StripeTerminal

from .fake_stripe import AFTER, BEFORE, KEPT, LATE, FakeStripe
from .stripe_account import CANCELS, LEAVES, PAYS, UNSEEN, UNTOLD
from .stripe_till import Till, terminal

ALL = 1250  # cents of a TO-1
LAST = math.ceil(90 / LOOK_SECONDS)  # the pause after which the customer's time is over


@pytest.fixture
def stripe() -> Iterator[FakeStripe]:
    with FakeStripe() as running:
        yield running


@pytest.fixture
def till(stripe: FakeStripe, tmp_path: Path) -> Iterator[Till]:
    opened = Till(stripe, tmp_path)
    yield opened
    opened.engine.dispose()


def test_a_sale(till: Till, stripe: FakeStripe) -> None:
    stripe.customers.append(PAYS)
    sale = till.paid(TO_1=2)
    (intent,) = stripe.intents.values()
    assert (sale.state, sale.authorisation, till.money()) == ("authorised", intent["id"], (0, 2 * ALL, 0))
    assert intent["metadata"] == {"walkiosk_key": f"{sale.key}-authorise-1"}
    assert (intent["amount"], intent["currency"]) == (2 * ALL, "eur")
    delivery = till.delivered(sale)
    assert (delivery.complete, delivery.sale.state, till.money()) == (True, "captured", (2 * ALL, 0, 0))
    assert getattr(till.sales.refund(sale.id, 250), "refunded_cents", None) == 250
    assert getattr(till.sales.refund(sale.id), "state", None) == "refunded"
    assert till.money() == (0, 0, 0)


def test_part_of_a_sale_and_none_of_it(till: Till, stripe: FakeStripe) -> None:
    stripe.customers += [PAYS, PAYS]
    part = till.paid(TO_1=1, LP_1=1)
    till.dispenser.set_empty(["B3"])
    assert till.delivered(part).sale.captured_cents == ALL
    nothing = till.paid(TO_1=1)
    till.dispenser.jam_next("B2")
    assert till.delivered(nothing).sale.state == "released"
    assert till.money() == (ALL, 0, 0)


@pytest.mark.parametrize("code", ["insufficient_funds", "lost_card"])
def test_declined_then_another_card(till: Till, stripe: FakeStripe, code: str) -> None:
    stripe.customers += [code, PAYS]
    sale = till.reserved(TO_1=1)
    assert till.sales.pay(sale.id) == Declined(code)
    assert till.money() == (0, 0, 0)  # the declined one can be paid no more
    assert getattr(till.sales.pay(sale.id), "state", None) == "authorised"
    assert till.money() == (0, ALL, 0)
    assert len(stripe.intents) == 2


def test_the_customer_presses_cancel(till: Till, stripe: FakeStripe) -> None:
    stripe.customers.append(CANCELS)
    assert till.sales.pay(till.reserved(TO_1=1).id) == Declined("customer_canceled")
    assert till.money() == (0, 0, 0)


def test_nobody_presents_a_card(till: Till, stripe: FakeStripe) -> None:
    assert till.sales.pay(till.reserved(TO_1=1).id) == Declined("timeout")
    assert till.money() == (0, 0, 0)
    assert stripe.reader["action"] is None
    assert 90 <= till.waiting.seconds < 95


def test_a_card_at_the_last_moment(till: Till, stripe: FakeStripe) -> None:
    till.waiting.meanwhile = {
        LAST: lambda: stripe.troubles.append("terminal_reader_busy"),  # when it is to stop
        LAST + 1: lambda: stripe.act(stripe.intents["pi_0"], PAYS),
    }
    assert getattr(till.sales.pay(till.reserved(TO_1=1).id), "state", None) == "authorised"
    assert till.money() == (0, ALL, 0)


def test_a_reader_that_authorises_for_ever(till: Till, stripe: FakeStripe) -> None:
    sale = till.reserved(TO_1=1)
    till.waiting.meanwhile = {LAST: lambda: stripe.troubles.extend(["terminal_reader_busy"] * 100)}
    assert till.sales.pay(sale.id) == PaymentUnavailable(sale.id)
    assert till.waiting.seconds >= 90 + AUTHORISING_SECONDS
    assert getattr(till.sales.cancel(sale.id), "state", None) == "reserved"  # nobody knows yet
    stripe.troubles.clear()
    assert [each.state for each in till.sales.reconcile()] == ["released"]
    assert till.money() == (0, 0, 0)


@pytest.mark.parametrize("deed", [UNSEEN, UNTOLD])
def test_the_reader_does_not_know_that_it_was_paid(till: Till, stripe: FakeStripe, deed: str) -> None:
    stripe.customers.append(deed)
    assert till.paid(TO_1=1).state == "authorised"
    assert till.money() == (0, ALL, 0)


@pytest.mark.parametrize("code", ["terminal_reader_timeout", "terminal_reader_busy"])
def test_a_reader_that_is_asked_again(till: Till, stripe: FakeStripe, code: str) -> None:
    stripe.troubles.append(code)
    stripe.customers.append(PAYS)
    assert till.paid(TO_1=1).state == "authorised"
    assert stripe.calls.count("show") == 2


def test_a_reader_that_was_left_busy(till: Till, stripe: FakeStripe) -> None:
    stripe.stuck = True
    stripe.customers.append(PAYS)
    assert till.paid(TO_1=1).state == "authorised"
    assert stripe.calls.count("reset") == 1


def test_authorised_between_two_looks(till: Till, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(till.reader, StripeTerminal)
    action = till.reader._line.action

    def late() -> Action | None:
        if stripe.reader["action"]:
            stripe.act(stripe.intents["pi_0"], UNSEEN)  # the intent was looked at, the reader is about to be
        return action()

    monkeypatch.setattr(till.reader._line, "action", late)
    assert till.paid(TO_1=1).state == "authorised"
    assert till.money() == (0, ALL, 0)


def test_a_reader_that_is_away(till: Till, stripe: FakeStripe) -> None:
    stripe.troubles += ["terminal_reader_offline"] * LOST_LOOKS
    stripe.customers.append(PAYS)
    sale = till.reserved(TO_1=1)
    assert till.sales.pay(sale.id) == PaymentUnavailable(sale.id)
    assert getattr(till.sales.pay(sale.id), "state", None) == "authorised"
    assert len(stripe.intents) == 1


def test_a_reader_that_goes_away_with_the_intent(till: Till, stripe: FakeStripe) -> None:
    till.waiting.meanwhile = {LAST: lambda: stripe.troubles.append("terminal_reader_offline")}
    assert till.sales.pay(till.reserved(TO_1=1).id) == Declined("timeout")
    assert till.money() == (0, 0, 0)


def test_who_came_last_is_served(till: Till, stripe: FakeStripe) -> None:
    first, second = till.reserved(TO_1=1), till.reserved(LP_1=1)
    stripe.customers += [LEAVES, PAYS]
    till.waiting.meanwhile = {1: lambda: till.sales.pay(second.id)}
    assert till.sales.pay(first.id) == Declined("interrupted")
    assert till.money() == (0, 2499, 0)


def test_cancelled_while_the_reader_waits(till: Till, stripe: FakeStripe) -> None:
    sale = till.reserved(TO_1=1)
    till.waiting.meanwhile = {1: lambda: till.sales.cancel(sale.id)}
    assert till.sales.pay(sale.id) == Declined("canceled")
    assert (till.state(sale), till.money()) == ("released", (0, 0, 0))
    assert stripe.reader["action"] is None


def test_a_simulated_reader_needs_no_hand(till: Till, stripe: FakeStripe) -> None:
    provider = terminal(stripe, till.waiting, simulated=True)
    till.sales.provider = till.sales.settlement.provider = provider
    assert till.delivered(till.paid(TO_1=1)).complete
    assert stripe.calls.count("present") == 1


def test_the_line_is_down_for_a_moment(till: Till, stripe: FakeStripe) -> None:
    stripe.customers.append(PAYS)
    for skip in range(LOST_LOOKS - 1):
        stripe.fail(BEFORE, "intent", skip)
    assert till.paid(TO_1=1).state == "authorised"  # the customer did not notice


def test_an_answer_that_comes_too_late(till: Till, stripe: FakeStripe) -> None:
    provider = terminal(stripe, till.waiting, answer_seconds=0.2)
    till.sales.provider = till.sales.settlement.provider = provider
    sale = till.reserved(TO_1=1)
    stripe.fail(LATE, "open")
    stripe.customers.append(PAYS)
    assert till.sales.pay(sale.id) == PaymentUnavailable(sale.id)
    assert getattr(till.sales.pay(sale.id), "state", None) == "authorised"
    assert len(stripe.intents) == 1


def buy_and_return(till: Till) -> None:
    sale = till.reserved(TO_1=1)
    for _ in range(3):
        if not isinstance(till.sales.pay(sale.id), PaymentUnavailable):
            break
    till.sales.dispense(sale.id)
    if till.state(sale) == "captured":
        till.sales.refund(sale.id, 250)


def walk_away(till: Till) -> None:
    till.stripe.customers.clear()
    sale = till.reserved(TO_1=1)
    till.sales.pay(sale.id)
    till.sales.cancel(sale.id)


def jam(till: Till) -> None:
    till.dispenser.jam_next("B2")
    sale = till.reserved(TO_1=1)
    till.sales.pay(sale.id)
    till.sales.dispense(sale.id)


@pytest.mark.parametrize("fault", [BEFORE, AFTER, KEPT, "500", "429"])
@pytest.mark.parametrize("story", [buy_and_return, walk_away, jam], ids=lambda story: story.__name__)
def test_answers_lost_at_every_call(till: Till, stripe: FakeStripe, story: Any, fault: str) -> None:
    till.waiting.pace = 60  # nobody is looked at for long
    skip = 0
    while True:
        till.inventory.book(f"arrival-{skip}", "TO-1", 1, "arrival")
        stripe.customers.append(PAYS)
        stripe.calls.clear()
        stripe.fail(fault, skip=skip)
        story(till)
        reached = len(stripe.calls) > skip
        stripe.mend()
        stripe.forget_keys()  # it is a day later
        assert all(sale.state not in UNFINISHED for sale in till.sales.reconcile())
        captured, refunded = till.book()
        assert till.money() == (captured - refunded, 0, 0)
        assert captured == till.dispenser.dropped().get("B2", 0) * ALL
        skip += 1
        if not reached:
            break
    assert skip > 6
