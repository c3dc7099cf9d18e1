"""The contract of a payment provider, kept by Stripe's: call by call, and how it is set up."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from walkiosk.store import Store
from walkiosk.store.folder import FolderError
from walkiosk.store.outcome import Declined
from walkiosk.store.payment import Authorised, PaymentMisconfigured, ProviderUnreachable, SimulatedReader
from walkiosk.store.stripe_line import StripeConfig, minor_units
from walkiosk.store.stripe_terminal import LOST_LOOKS, WEEK_SECONDS, StripeTerminal

from .fake_stripe import AFTER, BEFORE, KEY, FakeStripe
from .stripe_account import PAYS, READER
from .stripe_till import terminal


@pytest.fixture
def stripe() -> Iterator[FakeStripe]:
    with FakeStripe() as running:
        yield running


@pytest.fixture
def provider(stripe: FakeStripe) -> StripeTerminal:
    return terminal(stripe)


def held(provider: StripeTerminal, stripe: FakeStripe, key: str = "k-authorise-1", cents: int = 1250) -> str:
    stripe.customers.append(PAYS)
    answer = provider.authorise(key, cents, "EUR")
    assert isinstance(answer, Authorised)
    return answer.reference


def test_a_repeated_call_changes_nothing(provider: StripeTerminal, stripe: FakeStripe) -> None:
    reference = held(provider, stripe)
    assert provider.authorise("k-authorise-1", 1250, "EUR") == Authorised(reference)
    for _ in range(2):
        provider.capture("k-capture-1", reference, 1000)
    assert stripe.keys() >= {"k-authorise-1", "k-capture-1"}
    stripe.forget_keys()
    provider.capture("k-capture-1", reference, 1000)
    for _ in range(2):
        provider.refund("k-refund-1", reference, 300)
    assert {"k-refund-1"} <= stripe.keys()
    stripe.forget_keys()
    provider.refund("k-refund-1", reference, 300)
    provider.refund("k-refund-2", reference, 300)
    assert (stripe.taken(), stripe.held()) == (400, 0)
    other = held(provider, stripe, "m-authorise-1")
    for _ in range(2):
        provider.release("m-release-1", other)
    assert (stripe.taken(), stripe.held()) == (400, 0)


def test_taken_by_another_process_meanwhile(
    provider: StripeTerminal, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, take = held(provider, stripe), provider._line.take

    def late(*question: Any) -> None:
        terminal(stripe).capture("k-capture-0", reference, 1000)
        take(*question)

    monkeypatch.setattr(provider._line, "take", late)
    provider.capture("k-capture-1", reference, 1000)
    assert (stripe.taken(), stripe.held()) == (1000, 0)


def test_more_than_there_is(provider: StripeTerminal, stripe: FakeStripe) -> None:
    reference = held(provider, stripe)
    with pytest.raises(ValueError, match="amount_too_large"):
        provider.capture("k-capture-1", reference, 1251)
    provider.capture("k-capture-2", reference, 1000)
    with pytest.raises(ValueError, match="1000 taken: 1250 cannot be taken"):
        provider.capture("k-capture-3", reference, 1250)
    with pytest.raises(ValueError, match="payment_intent_unexpected_state"):
        provider.release("k-release-1", reference)
    with pytest.raises(ValueError, match="charge_already_refunded"):
        provider.refund("k-refund-1", reference, 1001)
    with pytest.raises(ValueError, match="is canceled"):
        released = held(provider, stripe, "m-authorise-1")
        provider.release("m-release-1", released)
        provider.capture("m-capture-1", released, 100)
    assert (stripe.taken(), stripe.held()) == (1000, 0)


def test_a_refund_that_failed_is_given_by_hand(provider: StripeTerminal, stripe: FakeStripe) -> None:
    reference = held(provider, stripe)
    provider.capture("k-capture-1", reference, 1250)
    provider.refund("k-refund-1", reference, 1250)
    stripe.refunds[0]["status"] = "failed"
    with pytest.raises(ValueError, match="re_0 of pi_0 is failed: give this money back by hand"):
        provider.refund("k-refund-1", reference, 1250)


def test_what_never_arrived_never_will(provider: StripeTerminal, stripe: FakeStripe) -> None:
    for _ in range(2):
        assert provider.find("k-authorise-1") is None
    stripe.customers.append(PAYS)
    assert provider.authorise("k-authorise-1", 1250, "EUR") == Declined("canceled")  # it was under way for long
    assert (stripe.held(), stripe.waiting(), len(stripe.intents)) == (0, 0, 1)


def test_what_waits_for_a_card_waits_no_more(provider: StripeTerminal, stripe: FakeStripe) -> None:
    stripe.fail(AFTER, "show")
    for _ in range(LOST_LOOKS - 1):
        stripe.fail(BEFORE, "intent", 1)
    with pytest.raises(ProviderUnreachable):
        provider.authorise("k-authorise-1", 1250, "EUR")
    assert stripe.reader["action"]["status"] == "in_progress"
    assert provider.look("k-authorise-1") is None
    assert stripe.waiting() == 1  # to look changes nothing
    stripe.troubles.append("terminal_reader_busy")
    with pytest.raises(ProviderUnreachable, match="a card is being authorised"):
        provider.find("k-authorise-1")
    assert provider.find("k-authorise-1") == provider.find("k-authorise-1") == Declined("canceled")
    assert (stripe.waiting(), stripe.reader["action"]) == (0, None)


def test_found_among_many(provider: StripeTerminal, stripe: FakeStripe) -> None:
    reference = held(provider, stripe)
    for number in range(250):
        stripe.add(500, "eur", {"order": str(number)})
    assert provider.find("k-authorise-1") == provider.look("k-authorise-1") == Authorised(reference)
    assert provider.look("k-authorise-1", reference) == Authorised(reference)
    assert stripe.calls[-1] == "intent"  # without a search
    for wrong in ("pi_1", "pi_999"):
        assert provider.look("k-authorise-1", wrong) == Authorised(reference)
    assert provider.look("m-authorise-1", reference) is None
    stripe.intents[reference]["created"] -= WEEK_SECONDS + 1000
    assert provider.look("k-authorise-1") == Authorised(reference)  # the last one that is looked at
    stripe.intents["pi_1"]["created"] -= WEEK_SECONDS + 1000
    assert provider.look("k-authorise-1") is None


def test_answers_that_say_nothing(provider: StripeTerminal, stripe: FakeStripe) -> None:
    reference, other = held(provider, stripe), held(provider, stripe, "n-authorise-1")
    for fault in (BEFORE, AFTER, "429", "500", "503", "409"):
        stripe.fail(fault, "list")
        with pytest.raises(ProviderUnreachable):
            provider.find("m-authorise-1")
        stripe.fail(fault, "intent")
        with pytest.raises(ProviderUnreachable):
            provider.capture("k-capture-1", reference, 100)
        stripe.fail(fault, "cancel")
        with pytest.raises(ProviderUnreachable):
            provider.release("m-release-1", other)
        stripe.fail(fault, "refunds")
        with pytest.raises(ProviderUnreachable):
            provider.refund("k-refund-1", reference, 100)
    assert (stripe.held(), stripe.taken()) == (1250, 0)


def test_too_little_is_declined(provider: StripeTerminal) -> None:
    assert provider.authorise("k-authorise-1", 30, "EUR") == Declined("amount_too_small")


@pytest.mark.parametrize(
    ("cents", "currency", "units"),
    [(1250, "EUR", 1250), (125000, "JPY", 1250), (1250, "KWD", 12500), (50000, "ISK", 50000), (500, "ugx", 500),
     (125000, "MGA", 1250), (1245, "HUF", 1245)],
)  # fmt: skip
def test_amounts_as_stripe_counts_them(cents: int, currency: str, units: int) -> None:
    assert minor_units(cents, currency) == units


@pytest.mark.parametrize("currency", ["JPY", "ISK", "UGX", "KRW"])
def test_parts_of_a_unit_that_cannot_be_paid(currency: str) -> None:
    with pytest.raises(ValueError, match=f"1250 hundredths of {currency}: this currency is paid in whole units"):
        minor_units(1250, currency)


def test_a_sale_in_yen(stripe: FakeStripe) -> None:
    provider = terminal(stripe, currency="JPY")
    stripe.customers.append(PAYS)
    answer = provider.authorise("k-authorise-1", 150_000, "JPY")
    assert isinstance(answer, Authorised)
    provider.capture("k-capture-1", answer.reference, 120_000)
    provider.refund("k-refund-1", answer.reference, 20_000)
    assert stripe.taken() == 1000
    with pytest.raises(ValueError, match="whole units"):
        provider.authorise("m-authorise-1", 150_050, "JPY")


def test_what_an_operator_has_to_mend(stripe: FakeStripe) -> None:
    with pytest.raises(PaymentMisconfigured, match="WALKIOSK_STRIPE_KEY: Stripe refuses to open a payment with this"):
        terminal(stripe, key="sk_test_wrong").authorise("k-authorise-1", 1250, "EUR")
    with pytest.raises(PaymentMisconfigured, match="WALKIOSK_STRIPE_READER: there is no reader 'tmr_other'"):
        terminal(stripe, reader="tmr_other").authorise("k-authorise-1", 1250, "EUR")
    with pytest.raises(ValueError, match=r"Stripe refuses to tell of pi_9: resource_missing: No such payment_intent"):
        terminal(stripe).capture("k-capture-1", "pi_9", 1250)
    assert "sk_test" not in repr(StripeConfig("sk_test_1", READER))


GOOD = {"WALKIOSK_STRIPE_KEY": "rk_live_1", "WALKIOSK_STRIPE_READER": "tmr_1"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("KEY", ""), ("KEY", "pk_live_1"), ("READER", "reader"), ("API", "http://example.com"), ("SIMULATED", "maybe")],
)
def test_an_environment_that_is_wrong(name: str, value: str) -> None:
    with pytest.raises(PaymentMisconfigured, match=f"^WALKIOSK_STRIPE_{name}: ") as caught:
        StripeConfig.of_environment(GOOD | {f"WALKIOSK_STRIPE_{name}": value})
    assert "pk_live_1" not in str(caught.value)  # nor anything else that may be a key


def test_an_environment() -> None:
    assert StripeConfig.of_environment(GOOD) == StripeConfig("rk_live_1", "tmr_1")
    more = {"WALKIOSK_STRIPE_API": "http://localhost:12111/", "WALKIOSK_STRIPE_SIMULATED": "true"}
    config = StripeConfig.of_environment(GOOD | more)
    assert (config.api, config.simulated) == ("http://localhost:12111", True)


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walkiosk.store.stripe_line.find_spec", lambda _: None)
    with pytest.raises(PaymentMisconfigured, match=r"pip install 'walkiosk\[stripe\]'"):
        StripeTerminal(StripeConfig("sk_test_1", "tmr_1"), "EUR")


def test_a_shop_says_who_takes_its_money(film_shop: Path, monkeypatch: pytest.MonkeyPatch, stripe: FakeStripe) -> None:
    opened = Store.open(film_shop, "sqlite://")
    assert isinstance(opened.sales.provider, SimulatedReader)
    opened.close()
    settings = film_shop / "store.toml"
    settings.write_text(f'{settings.read_text()}payment = "stripe"\n')
    for name, value in {"KEY": KEY, "READER": READER, "API": stripe.url}.items():
        monkeypatch.setenv(f"WALKIOSK_STRIPE_{name}", value)
    opened = Store.open(film_shop, "sqlite://")
    provider = opened.sales.provider
    assert isinstance(provider, StripeTerminal)
    assert provider.config == StripeConfig(KEY, READER, stripe.url)
    opened.close()
    monkeypatch.delenv("WALKIOSK_STRIPE_KEY")
    opened = Store.open(film_shop, "sqlite://")
    with pytest.raises(PaymentMisconfigured, match="WALKIOSK_STRIPE_KEY"):
        _ = opened.sales
    opened.close()
    settings.write_text(settings.read_text().replace('"stripe"', '"cash"'))
    with pytest.raises(FolderError, match="one of simulated, stripe expected"):
        Store.open(film_shop, "sqlite://")


def test_nothing_of_a_card_or_a_key_is_logged(
    provider: StripeTerminal, stripe: FakeStripe, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        stripe.customers.append("stolen_card")
        provider.authorise("k-authorise-1", 1250, "EUR")
    assert [record for record in caplog.records if record.name == "stripe"] == []
    assert KEY not in caplog.text
