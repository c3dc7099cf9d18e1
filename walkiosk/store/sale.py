"""A sale: reserved → authorised → dispensing → dispensed → captured, with released and refunded as ways out.

What is about to be asked of the payment provider or the dispenser is committed first, with its idempotency key; the
answer is committed next, with the state it leads to. So whenever the process stops, `reconcile` can ask what became of
the last question and bring every sale to an end: money taken is the price of goods that fell, less refunds.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from walkiosk.store import tables
from walkiosk.store.basket import Baskets
from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.dispenser import Dispensed, Dispenser, DispenserUnreachable
from walkiosk.store.outcome import (
    AgeRestricted,
    Declined,
    EmptyBasket,
    Expired,
    Jammed,
    NotFound,
    OutOfStock,
    OverCap,
    PaymentUnavailable,
    SlotEmpty,
)
from walkiosk.store.payment import Authorised, PaymentMisconfigured, PaymentProvider, ProviderUnreachable
from walkiosk.store.refunds import RefundNote, is_noted, take_back, write_note
from walkiosk.store.sale_book import (
    UNFINISHED,
    Sale,
    open_sale,
    pending,
    read_sale,
    set_state,
    units_of,
    write_arrow,
    write_units,
)
from walkiosk.store.settings import Settings
from walkiosk.store.settlement import FREE, Settlement

log = logging.getLogger(__name__)
HOLD_MILLISECONDS = 5 * 60 * 1000  # goods are held for a customer who goes to pay
QUIET_MILLISECONDS = 2 * HOLD_MILLISECONDS  # after which nobody stands before an unfinished sale any more


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came out, and what did not; the sale says what was taken for it."""

    sale: Sale
    failures: tuple[Jammed | SlotEmpty, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything fell."""
        return all(line.dropped == line.quantity for line in self.sale.lines)


class Sales:
    """Takes money and gives goods; one object serves any number of customers."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        baskets: Baskets,
        provider: PaymentProvider,
        dispenser: Dispenser,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.baskets = baskets
        self.provider = provider
        self.dispenser = dispenser
        self.clock = clock
        self.settlement = Settlement(engine, provider, dispenser, clock)
        self.reconciled_ms: int | None = None  # when this till last brought sales to their end

    def sale(self, sale_id: str) -> Sale | NotFound:
        """A sale as it stands."""
        with self.engine.connect() as connection:
            return read_sale(connection, sale_id)

    def reserve(
        self, basket_id: str, *, age_checked: bool = False
    ) -> Sale | NotFound | EmptyBasket | OverCap | OutOfStock | AgeRestricted:
        """Holds the basket's goods for a while, at the prices of now; a basket that is being sold gives that sale."""
        with writing(self.engine).begin() as connection:
            own = select(tables.basket.c.id).where(tables.basket.c.id == basket_id)
            connection.execute(own.with_for_update())  # asked twice at once, it is sold once
            same = (tables.sale.c.basket_id == basket_id) & tables.sale.c.state.in_(UNFINISHED)
            if (running := connection.execute(select(tables.sale.c.id).where(same)).scalar()) is not None:
                return read_sale(connection, running)
            basket = self.baskets.basket_in(connection, basket_id)
            if isinstance(basket, NotFound):
                return basket
            if not basket.lines:
                return EmptyBasket()
            skus = [line.product.sku for line in basket.lines]
            product = tables.product  # kiosks that want the same goods take turns
            connection.execute(select(product.c.sku).where(product.c.sku.in_(skus)).order_by("sku").with_for_update())
            units = sum(line.quantity for line in basket.lines)
            for line in basket.lines:
                if refusal := self.baskets.refusal(connection, line.product, line.quantity, units):
                    return refusal
                if line.product.minimum_age and not age_checked:
                    return AgeRestricted(line.product.sku, line.product.minimum_age)
            now = self.clock()
            until = now + HOLD_MILLISECONDS
            tax = self.settings.tax_basis_points
            return read_sale(connection, open_sale(connection, basket, self.settings.currency, tax, now, until))

    def pay(self, sale_id: str) -> Sale | NotFound | Declined | PaymentUnavailable | Expired:
        """Holds the total on the customer's card; after a decline it may be tried again with another card."""
        with writing(self.engine).begin() as connection:
            sale = read_sale(connection, sale_id, lock=True)
            if isinstance(sale, NotFound) or sale.state in ("authorised", "dispensing", "dispensed", "captured"):
                return sale
            arrow = pending(connection, sale_id, "authorise")
            if sale.state != "reserved" or (arrow is None and sale.reserved_until_ms <= self.clock()):
                if sale.state == "reserved":
                    set_state(connection, sale, "released", self.clock())
                return Expired(sale_id)
            arrow = arrow or write_arrow(connection, sale, "authorise", sale.total_cents, self.clock())
            set_state(connection, sale, "reserved", self.clock(), reserved_until_ms=self.clock() + HOLD_MILLISECONDS)
        try:
            free = sale.total_cents == 0
            answer = Authorised(FREE) if free else self.provider.authorise(arrow.key, arrow.cents, sale.currency)
        except ProviderUnreachable:
            return PaymentUnavailable(sale_id)
        with writing(self.engine).begin() as connection:
            sale = read_sale(connection, sale_id, lock=True)
            if isinstance(sale, NotFound):
                return sale
            self.settlement.answered(connection, sale, arrow, answer)
        if isinstance(answer, Declined):
            return answer
        self.settlement.ask_again(sale_id)
        return self.sale(sale_id)

    def dispense(self, sale_id: str) -> Delivery | NotFound:
        """Drops what was paid for, unit by unit, and takes the price of what fell; a sale not paid drops nothing.

        A slot that jams or is empty is left alone; other slots go on. When nothing fell, the hold is let go.
        """
        with writing(self.engine).begin() as connection:
            sale = read_sale(connection, sale_id, lock=True)
            if isinstance(sale, NotFound):
                return sale
            if sale.state != "authorised" or pending(connection, sale_id, "release"):
                return Delivery(sale)
            write_units(connection, sale, self.clock())
            set_state(connection, sale, "dispensing", self.clock())
            units = units_of(connection, sale_id)
        failures: dict[str, Jammed | SlotEmpty] = {}
        for unit in units:
            if unit.slot in failures:
                self.settlement.close_unit(sale_id, unit, None)
                continue
            try:
                drop = self.dispenser.dispense(unit.key, unit.slot)
            except DispenserUnreachable:
                break  # `settle` asks what became of it and closes the units after it
            self.settlement.close_unit(sale_id, unit, drop)
            if not isinstance(drop, Dispensed):
                failures[unit.slot] = drop
        return Delivery(self.settlement.settle(sale_id), tuple(failures.values()))

    def cancel(self, sale_id: str) -> Sale | NotFound:
        """Lets go of goods and money that are held; once goods are on their way the sale goes on."""
        sale = self.sale(sale_id)
        return (
            self.settlement.settle(sale_id, goods_fall=True)
            if isinstance(sale, Sale) and sale.state in ("reserved", "authorised")
            else sale
        )

    def refund(
        self,
        sale_id: str,
        cents: int | None = None,
        note: RefundNote | None = None,
        returned: Mapping[str, int] | None = None,
    ) -> Sale | NotFound | PaymentUnavailable:
        """Gives back some of what was taken, or all that is left; raises `ValueError` for more than that.

        With a note it is done once however often it is asked for; asked again it finds out what became of it.
        `returned` (sku → units) are in stock again at once, whatever the provider says; raises `ValueError` for more
        than fell, earlier refunds counted.
        """
        with writing(self.engine).begin() as connection:
            sale = read_sale(connection, sale_id, lock=True)
            if isinstance(sale, NotFound):
                return sale
            if note is None or not is_noted(connection, note):
                self._write_refund(connection, sale, cents, note, returned or {})
        return self.sale(sale_id) if self.settlement.ask(sale_id, "refund") else PaymentUnavailable(sale_id)

    def _write_refund(
        self,
        connection: Connection,
        sale: Sale,
        cents: int | None,
        note: RefundNote | None,
        returned: Mapping[str, int],
    ) -> None:
        if sale.kiosk is not None:
            raise ValueError(f"sale {sale.id}: {sale.kiosk} has its card reader; give the money back there")
        left = sale.captured_cents - sale.refunded_cents
        wanted = left if cents is None else cents
        if sale.state != "captured" or not 0 < wanted <= left:
            raise ValueError(f"sale {sale.id} is {sale.state}; {wanted} cents cannot be refunded of {left}")
        before = pending(connection, sale.id, "refund")
        if note is not None and before is not None:
            raise ValueError(f"sale {sale.id}: a refund of {before.cents} cents has not been answered yet")
        arrow = write_arrow(connection, sale, "refund", wanted, self.clock())
        if note is not None:
            write_note(connection, note, sale.id, arrow.key, arrow.cents, self.clock())
        if before is None:  # else it is the refund of before, whose goods are booked
            take_back(connection, sale, arrow.key, returned, self.clock())

    def expire(self) -> tuple[Sale, ...]:
        """Releases reservations whose time is over and whose customer is not at the card reader.

        One that would last longer than any does was made before somebody set the clock back; it is over too.
        """
        sale, arrow, now = tables.sale, tables.sale_arrow, self.clock()
        paying = select(arrow.c.sale_id).where(arrow.c.outcome.is_(None))
        late = ~sale.c.reserved_until_ms.between(now + 1, now + HOLD_MILLISECONDS)
        own = (sale.c.state == "reserved") & late & sale.c.id.not_in(paying) & sale.c.kiosk.is_(None)
        with self.engine.connect() as connection:
            ids = connection.execute(select(sale.c.id).where(own)).scalars().all()
        return self._settle_all(ids)

    def tend(self) -> tuple[Sale, ...]:
        """While customers are served: expires, and settles what a device did not answer for when it was asked.

        A sale that anything happened to of late may have its customer before it, so it is left alone.
        """
        sale, arrow, now = tables.sale, tables.sale_arrow, self.clock()
        asked = select(arrow.c.sale_id).where(arrow.c.outcome.is_(None))
        quiet = ~sale.c.updated_ms.between(now - QUIET_MILLISECONDS, now + QUIET_MILLISECONDS)
        left = (sale.c.state.in_(UNFINISHED) | sale.c.id.in_(asked)) & quiet & sale.c.kiosk.is_(None)
        expired = self.expire()
        with self.engine.connect() as connection:
            ids = connection.execute(select(sale.c.id).where(left).order_by(sale.c.created_ms)).scalars().all()
        return (*expired, *self._settle_all(ids))

    def reconcile(self) -> tuple[Sale, ...]:
        """On start, when no customer is there: brings every unfinished sale to its end, as far as devices answer."""
        sale, arrow = tables.sale, tables.sale_arrow
        asked = select(arrow.c.sale_id).where(arrow.c.outcome.is_(None))
        unfinished = (sale.c.state.in_(UNFINISHED) | sale.c.id.in_(asked)) & sale.c.kiosk.is_(None)
        with self.engine.connect() as connection:
            ids = connection.execute(select(sale.c.id).where(unfinished).order_by(sale.c.created_ms)).scalars().all()
        settled = self._settle_all(ids)
        self.reconciled_ms = self.clock()
        return settled

    def _settle_all(self, sale_ids: Iterable[str]) -> tuple[Sale, ...]:
        """Settles one after the other; one that a provider will never carry out is logged and stops no other."""
        settled = []
        for sale_id in sale_ids:
            try:
                settled.append(self.settlement.settle(sale_id))
            except PaymentMisconfigured:
                raise  # it would be so for every sale
            except ValueError:  # a hold that has ended, say: a clerk has to look at it
                log.exception("sale %s cannot be brought to its end", sale_id)
        return tuple(settled)
