"""The line to Stripe: how it is set up, each call that the till makes, and what Stripe's errors mean to it.

What comes back is told in the till's own words: an `Intent`, an `Action` of the reader, `Refused` with Stripe's code.
Nothing of a card comes this far: no number, no name, not its last digits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from walkiosk.store.payment import PaymentMisconfigured, ProviderUnreachable

if TYPE_CHECKING:
    from stripe import StripeError
    from stripe.params import PaymentIntentCreateParams

API = "https://api.stripe.com"
# Whatever library is installed, this is what we speak: from 2026-09-30.endive on `payment_method_types` is refused.
VERSION = "2025-09-30.clover"
KEY = "walkiosk_key"  # the metadata that carries our idempotency key
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 30.0  # a reader may take its time to say that it has understood
# Amounts as docs.stripe.com/currencies counts them; all others are in hundredths there as they are here.
ZERO_DECIMAL = frozenset((
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
))  # fmt: skip
WHOLE_HUNDREDTHS = frozenset(("ISK", "UGX"))  # counted in hundredths, but only whole units are taken
THREE_DECIMAL = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))

logging.getLogger("stripe").setLevel(logging.WARNING)  # below that it logs answers whole, with a card's last digits


@dataclass(frozen=True, slots=True)
class StripeConfig:
    """How the kiosk reaches Stripe; `simulated` is for Stripe's simulated reader, which needs no hand and no card."""

    key: str = field(repr=False)
    reader: str
    api: str = API
    simulated: bool = False
    customer_seconds: float = 90.0  # to present a card; shorter than goods are held
    retries: int = 2  # of a call that was not answered, with the same idempotency key
    answer_seconds: float = ANSWER_SECONDS

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> StripeConfig:
        """Reads WALKIOSK_STRIPE_KEY, _READER, _API and _SIMULATED; raises `PaymentMisconfigured` with what is wrong."""
        key, reader = (environment.get(f"WALKIOSK_STRIPE_{name}", "").strip() for name in ("KEY", "READER"))
        if not key.startswith(("sk_", "rk_")):
            raise PaymentMisconfigured('WALKIOSK_STRIPE_KEY: a secret key "sk_…" or a restricted one "rk_…" expected')
        if not reader.startswith("tmr_"):
            raise PaymentMisconfigured(f'WALKIOSK_STRIPE_READER: {reader!r}; a reader\'s id "tmr_…" expected')
        api = environment.get("WALKIOSK_STRIPE_API", "").strip().rstrip("/") or API
        address = urlsplit(api)
        if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise PaymentMisconfigured(f"WALKIOSK_STRIPE_API: {api!r}; the key would be sent in clear, https expected")
        simulated = environment.get("WALKIOSK_STRIPE_SIMULATED", "").strip().lower()
        if simulated not in ("", "0", "1", "true", "false"):
            raise PaymentMisconfigured(f"WALKIOSK_STRIPE_SIMULATED: {simulated!r}; true or false expected")
        return cls(key, reader, api, simulated in ("1", "true"))


class Refused(ValueError):
    """Stripe understood and said no; `code` is its word for why. An operator has something to mend where it escapes."""

    def __init__(self, doing: str, code: str, message: str) -> None:
        super().__init__(f"Stripe refuses {doing}: {code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Intent:
    """A PaymentIntent: `key` is the one that it was asked for with, `received` what was taken, in Stripe's units."""

    id: str
    key: str | None
    status: str
    currency: str
    created: int  # seconds since 1970 by Stripe's clock
    received: int | None = None
    refusal: str | None = None  # why the last card was declined


@dataclass(frozen=True, slots=True)
class Action:
    """What the reader does or did last, for which intent, and why it failed."""

    intent: str | None
    status: str
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Repaid:
    """A refund that was made with this key, if it is one of ours."""

    id: str
    key: str | None
    status: str


def minor_units(cents: int, currency: str) -> int:
    """Hundredths of a currency's unit as Stripe counts them; raises `ValueError` for parts that it cannot count."""
    code = currency.upper()
    if code in ZERO_DECIMAL | WHOLE_HUNDREDTHS and cents % 100:
        raise ValueError(f"{cents} hundredths of {code}: this currency is paid in whole units; mend the prices")
    if code in ZERO_DECIMAL:
        return cents // 100
    return cents * 10 if code in THREE_DECIMAL else cents


def _part(thing: object, *names: str) -> Any:
    for name in names:
        thing = getattr(thing, name, None)
    return thing


def _intent(raw: object) -> Intent:
    error = _part(raw, "last_payment_error")
    refusal = _part(error, "decline_code") or _part(error, "code")
    return Intent(
        _part(raw, "id"), _part(raw, "metadata", KEY), _part(raw, "status"), str(_part(raw, "currency")).upper(),
        _part(raw, "created"), _part(raw, "amount_received"), refusal,
    )  # fmt: skip


def _action(reader: object) -> Action | None:
    action = _part(reader, "action")
    if action is None:
        return None
    intent = _part(action, "process_payment_intent", "payment_intent")
    refusal = _part(action, "api_error", "decline_code") or _part(action, "failure_code")
    return Action(intent if isinstance(intent, str) else _part(intent, "id"), _part(action, "status"), refusal)


class StripeLine:
    """Every method may raise `ProviderUnreachable`, `Refused` and `PaymentMisconfigured`."""

    def __init__(self, config: StripeConfig) -> None:
        if find_spec("stripe") is None:
            raise PaymentMisconfigured("payment = \"stripe\": its library is missing: pip install 'walkiosk[stripe]'")
        import stripe

        stripe.enable_telemetry = False  # nobody is told how this machine is doing
        timeout = (CONNECT_SECONDS, config.answer_seconds)
        self._reader = config.reader
        self._api = stripe.StripeClient(
            config.key,
            base_addresses={"api": config.api},
            stripe_version=VERSION,
            max_network_retries=config.retries,
            http_client=stripe.RequestsClient(timeout=timeout),
        ).v1

    def open(self, key: str, amount: int, currency: str, metadata: dict[str, str]) -> Intent:
        """Opens an intent that holds an amount of a card that is present; the same key opens it once."""
        wanted = {
            "amount": amount,
            "currency": currency.lower(),
            "capture_method": "manual",
            "payment_method_types": ["card_present"],
            "metadata": metadata,
        }
        with _told("to open a payment"):
            asked = cast("PaymentIntentCreateParams", wanted)  # the library's types are of its own version
            return _intent(self._api.payment_intents.create(asked, {"idempotency_key": key}))

    def intent(self, reference: str) -> Intent:
        """An intent as it stands."""
        with _told(f"to tell of {reference}"):
            return _intent(self._api.payment_intents.retrieve(reference))

    def intents(self) -> Iterator[Intent]:
        """All intents of the account, the latest first, page by page."""
        with _told("to list payments"):
            yield from map(_intent, self._api.payment_intents.list({"limit": 100}).auto_paging_iter())

    def take(self, key: str, reference: str, amount: int) -> None:
        """Captures some of what an intent holds."""
        with _told(f"to take {amount} of {reference}"):
            self._api.payment_intents.capture(reference, {"amount_to_capture": amount}, {"idempotency_key": key})

    def cancel(self, reference: str) -> None:
        """Cancels an intent, and with it what it holds. Without a key: a repeated refusal could be an old answer."""
        with _told(f"to cancel {reference}"):
            self._api.payment_intents.cancel(reference)

    def repaid(self, reference: str) -> list[Repaid]:
        """The refunds of an intent."""
        with _told(f"to list refunds of {reference}"):
            found = self._api.refunds.list({"payment_intent": reference, "limit": 100}).auto_paging_iter()
            return [Repaid(_part(each, "id"), _part(each, "metadata", KEY), _part(each, "status")) for each in found]

    def repay(self, key: str, reference: str, amount: int) -> None:
        """Refunds some of what was captured; the same key does it once."""
        with _told(f"to refund {amount} of {reference}"):
            self._api.refunds.create(
                {"payment_intent": reference, "amount": amount, "metadata": {KEY: key}}, {"idempotency_key": key}
            )

    def action(self) -> Action | None:
        """What the reader does or did last."""
        with _told("to tell of the reader", self._reader):
            return _action(self._api.terminal.readers.retrieve(self._reader))

    def show(self, reference: str) -> None:
        """Has the reader ask for a card."""
        with _told("to show a payment on the reader", self._reader):
            self._api.terminal.readers.process_payment_intent(
                self._reader,
                {"payment_intent": reference, "process_config": {"enable_customer_cancellation": True}},
            )

    def reset(self) -> None:
        """Has the reader stop what it does."""
        with _told("to reset the reader", self._reader):
            self._api.terminal.readers.cancel_action(self._reader)

    def present(self) -> None:
        """Holds a test card to Stripe's simulated reader."""
        with _told("a card on a simulated reader", self._reader):
            self._api.test_helpers.terminal.readers.present_payment_method(self._reader)


@contextmanager
def _told(doing: str, reader: str | None = None) -> Iterator[None]:
    """Tells Stripe's errors in the till's words; `reader` is the one whose absence would be the operator's mistake."""
    import stripe

    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise PaymentMisconfigured(f"WALKIOSK_STRIPE_KEY: Stripe refuses {doing} with this key: {error}") from None
    except stripe.StripeError as error:
        code = _code(error)
        refused = isinstance(error, stripe.InvalidRequestError | stripe.CardError | stripe.IdempotencyError)
        if reader is not None and code == "resource_missing" and _part(error, "param") != "payment_intent":
            message = f"WALKIOSK_STRIPE_READER: there is no reader {reader!r} in this account"
            raise PaymentMisconfigured(message) from None
        if not refused and not code.startswith("terminal_reader_"):
            raise ProviderUnreachable(f"Stripe did not answer {doing}: {type(error).__name__}") from None
        raise Refused(doing, code, error.user_message or "") from None


def _code(error: StripeError) -> str:
    code = error.code or _part(error.error, "code") or _part(error.error, "type")
    return str(code or type(error).__name__)
