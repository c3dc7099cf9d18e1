"""A receipt: what fell, what it cost, the tax in it, and what was given back since."""

import datetime
import io
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass

import segno
from sqlalchemy import Connection, Engine, select

from walkiosk.store import tables
from walkiosk.store.offers import WHOLE
from walkiosk.store.outcome import NotFound
from walkiosk.store.sale_book import Sale, SaleLine, State, read_sale
from walkiosk.store.settings import Settings
from walkiosk.store.settlement import FREE

SOLD: tuple[State, ...] = ("dispensed", "captured", "refunded")  # states in which goods have fallen and are paid for
NUMBER_LETTERS = 8  # of the sale's id
REFERENCE_LETTERS = 6  # of the provider's reference that are told


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """Units of one product that fell."""

    name: str
    units: int
    unit_cents: int
    list_cents: int

    @property
    def cents(self) -> int:
        """What they cost."""
        return self.units * self.unit_cents


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one rate within the prices: net and tax make gross."""

    basis_points: int
    net_cents: int
    tax_cents: int

    @property
    def gross_cents(self) -> int:
        """What was paid."""
        return self.net_cents + self.tax_cents


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund that the provider has made."""

    cents: int
    on: datetime.date


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sale as its customer is told of it; instants in the shop's zone, `payment` the end of the card's reference."""

    shop: str
    number: str
    sold_at: datetime.datetime
    currency: str
    lines: tuple[ReceiptLine, ...]
    taxes: tuple[TaxLine, ...]
    refunds: tuple[GivenBack, ...]
    payment: str

    @property
    def total_cents(self) -> int:
        """The price of what fell."""
        return sum(line.cents for line in self.lines)

    @property
    def saved_cents(self) -> int:
        """What offers took off the shelf's prices."""
        return sum(line.units * (line.list_cents - line.unit_cents) for line in self.lines)


def receipt_of(engine: Engine, settings: Settings, sale_id: str, language: str | None = None) -> Receipt | NotFound:
    """The receipt of a sale, its goods named in a language where the shop has their names in it.

    `NotFound` for a sale that is not there, and for one of which nothing has fallen.
    """
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    with engine.connect() as connection:
        sale = read_sale(connection, sale_id)
        if isinstance(sale, NotFound):
            return sale
        if sale.state not in SOLD or not any(line.dropped for line in sale.lines):
            return NotFound("receipt", sale_id)
        names = _names(connection, sale, language)
        sold_ms, refunds = _instants(connection, sale, zone)
    given = [line for line in sale.lines if line.dropped]
    return Receipt(
        settings.name,
        receipt_number(sale_id),
        datetime.datetime.fromtimestamp(sold_ms / 1000, zone),
        sale.currency,
        tuple(
            ReceiptLine(names.get(line.sku, line.name), line.dropped, line.unit_cents, line.list_cents)
            for line in given
        ),
        _taxes(given),
        refunds,
        "" if sale.authorisation in (None, FREE) else str(sale.authorisation)[-REFERENCE_LETTERS:],
    )


def receipt_number(sale_id: str) -> str:
    """What a customer can read out and the shop finds the sale by: the first letters of its id."""
    letters = sale_id[:NUMBER_LETTERS].upper()
    return f"{letters[:4]}-{letters[4:]}"


def qr_svg(text: str) -> str:
    """A QR code of a text as an SVG document, dark on white with its quiet zone."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m", encoding="utf-8", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, border=4, dark="#000", light="#fff", omitsize=True)
    return drawn.getvalue().decode()


def _names(connection: Connection, sale: Sale, language: str | None) -> Mapping[str, str]:
    own = tables.product_translation
    skus = [line.sku for line in sale.lines]
    wanted = select(own.c.sku, own.c.name).where(own.c.language == (language or ""), own.c.sku.in_(skus))
    return {sku: name for sku, name in connection.execute(wanted) if name}


def _instants(connection: Connection, sale: Sale, zone: zoneinfo.ZoneInfo) -> tuple[int, tuple[GivenBack, ...]]:
    """When the money was taken, in milliseconds, and what was given back since."""
    arrow = tables.sale_arrow
    begun = connection.execute(select(tables.sale.c.created_ms).where(tables.sale.c.id == sale.id)).scalar_one()
    wanted = select(arrow.c.name, arrow.c.cents, arrow.c.outcome, arrow.c.at_ms).where(arrow.c.sale_id == sale.id)
    asked = connection.execute(wanted.order_by(arrow.c.id)).all()
    taken = next((row.at_ms for row in asked if row.name == "capture"), begun)
    return taken, tuple(
        GivenBack(row.cents, datetime.datetime.fromtimestamp(row.at_ms / 1000, zone).date())
        for row in asked
        if row.name == "refund" and row.outcome is not None
    )


def _taxes(lines: list[SaleLine]) -> tuple[TaxLine, ...]:
    """By rate, the highest first; each line is rounded to the nearest cent, as the sale's tax is."""
    found: list[TaxLine] = []
    for rate in sorted({line.tax_basis_points for line in lines}, reverse=True):
        own = [line for line in lines if line.tax_basis_points == rate]
        tax = sum(round(line.given_cents * rate / (WHOLE + rate)) for line in own)
        found.append(TaxLine(rate, sum(line.given_cents for line in own) - tax, tax))
    return tuple(found)
