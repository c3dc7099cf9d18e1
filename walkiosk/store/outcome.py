"""What a customer can bring about, as values: each gets a good reply, none is an exception."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NotFound:
    """There is no such thing; `what` says of which kind: product, size, customer, basket, sale, offer."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class OutOfStock:
    """Fewer units are free than were wanted."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True, slots=True)
class OverCap:
    """More units than the shop sells at once, of one product (`sku`) or in one sale (`sku` is None)."""

    sku: str | None
    wanted: int
    cap: int


@dataclass(frozen=True, slots=True)
class EmptyBasket:
    """There is nothing to pay for."""


@dataclass(frozen=True, slots=True)
class AgeRestricted:
    """A clerk has to see the customer's age first."""

    sku: str
    minimum_age: int


@dataclass(frozen=True, slots=True)
class Expired:
    """The goods were held for a while and are free again."""

    sale_id: str


@dataclass(frozen=True, slots=True)
class WrongPin:
    """The customer's id or PIN is wrong; which of the two is not told."""


@dataclass(frozen=True, slots=True)
class WrongPassword:
    """The name or the password of an account is wrong; which of the two is not told."""


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many wrong PINs or passwords; until then not even the right one opens."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class Declined:
    """The bank or the reader said no; `reason` is the provider's word for it."""

    reason: str


@dataclass(frozen=True, slots=True)
class PaymentUnavailable:
    """The provider could not be reached; nothing was taken as far as we know, and the books will be settled later."""

    sale_id: str


@dataclass(frozen=True, slots=True)
class Jammed:
    """The dispenser's sensor saw nothing fall."""

    slot: str


@dataclass(frozen=True, slots=True)
class SlotEmpty:
    """The slot has nothing in it, whatever the books say."""

    slot: str


@dataclass(frozen=True, slots=True)
class OutOfPaper:
    """The receipt printer has no paper, or ran out of it in mid-receipt."""


@dataclass(frozen=True, slots=True)
class PrinterUnreachable:
    """The receipt printer is not there, has its cover open, or does not answer; `reason` is for the log."""

    reason: str
