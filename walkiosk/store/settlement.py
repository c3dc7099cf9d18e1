"""Brings sales to their end without their customers: asks what became of the last question, then asks the next."""

from collections.abc import Callable
from typing import Literal, assert_never

from sqlalchemy import Connection, Engine

from walkiosk.store.database import writing
from walkiosk.store.dispenser import Dispensed, Dispenser, DispenserUnreachable, Drop
from walkiosk.store.inventory import DROPPED
from walkiosk.store.outcome import Declined, Jammed, NotFound, SlotEmpty
from walkiosk.store.payment import Authorised, PaymentProvider, ProviderUnreachable
from walkiosk.store.sale_book import (
    EMPTY,
    NOT_STARTED,
    Arrow,
    Sale,
    State,
    Unit,
    close_arrow,
    close_unit,
    pending,
    read_sale,
    set_state,
    units_of,
    write_arrow,
)

FREE = "free"  # the authorisation of a sale that costs nothing
JAMMED = "jammed"
Ending = Literal["capture", "release", "refund"]
STARTS: dict[Ending, tuple[State, ...]] = {  # states in which a question of that kind is asked
    "capture": ("dispensed",),
    "release": ("authorised", "dispensing", "released"),
    "refund": ("captured",),
}


class Settlement:
    """Talks to the payment provider and the dispenser about sales that are under way."""

    def __init__(
        self, engine: Engine, provider: PaymentProvider, dispenser: Dispenser, clock: Callable[[], int]
    ) -> None:
        self.engine = engine
        self.provider = provider
        self.dispenser = dispenser
        self.clock = clock

    def settle(self, sale_id: str, goods_fall: bool = False) -> Sale:
        """Brings a sale to its end; leaves it where it is when a device does not answer. Raises `LookupError`.

        `goods_fall` says that somebody else may be having its goods dispensed: that goes on.
        """
        sale = self._sale(sale_id)
        if sale.state in ("reserved", "released") and self._find_authorisation(sale_id):
            sale = self._sale(sale_id)
        if sale.state == "dispensing" and not goods_fall and self._find_units(sale_id):
            sale = self._finish_dispensing(sale_id)
        match sale.state:
            case "authorised":
                self.ask(sale_id, "release")
            case "dispensed":
                self.ask(sale_id, "capture")
            case "captured" | "released" | "refunded":
                self.ask_again(sale_id)
            case "reserved" | "dispensing":
                pass  # a device does not answer
            case _:
                assert_never(sale.state)
        return self._sale(sale_id)

    def ask(self, sale_id: str, ending: Ending) -> bool:
        """Writes down a question to the provider, asks it, and writes down the answer; False when there was none.

        A refund, and the release of a sale that was released already, must have been written before.
        """
        with writing(self.engine).begin() as connection:
            sale = self._locked(connection, sale_id)
            if sale.state not in STARTS[ending] or (ending == "release" and _may_fall(connection, sale)):
                return True
            arrow = pending(connection, sale_id, ending)
            if arrow is None:
                if ending == "refund" or sale.state == "released":
                    return True
                cents = sale.given_cents if ending == "capture" else 0
                arrow = write_arrow(connection, sale, ending, cents, self.clock())
        try:
            self._send(sale, arrow)
        except ProviderUnreachable:
            return False
        with writing(self.engine).begin() as connection:
            sale = self._locked(connection, sale_id)
            if close_arrow(connection, arrow, "done"):
                self._end(connection, sale, arrow)
        return True

    def ask_again(self, sale_id: str) -> None:
        """Repeats what was asked of a finished sale and not answered."""
        state = self._sale(sale_id).state
        if state in ("captured", "released"):
            self.ask(sale_id, "refund" if state == "captured" else "release")

    def close_unit(self, sale_id: str, unit: Unit, drop: Drop | None) -> None:
        """Writes down what became of a unit; None when it was not asked for."""
        with writing(self.engine).begin() as connection:
            self._locked(connection, sale_id)  # who lets the money go must see the question or the goods
            close_unit(connection, sale_id, unit, _outcome(drop), self.clock())

    def _send(self, sale: Sale, arrow: Arrow) -> None:
        reference = sale.authorisation
        if reference is None or reference == FREE:
            return
        if arrow.name == "refund":
            self.provider.refund(arrow.key, reference, arrow.cents)
        elif arrow.name == "capture" and arrow.cents:
            self.provider.capture(arrow.key, reference, arrow.cents)
        else:
            self.provider.release(arrow.key, reference)

    def _end(self, connection: Connection, sale: Sale, arrow: Arrow) -> None:
        now = self.clock()
        if arrow.name == "capture":
            set_state(connection, sale, "captured", now, captured_cents=arrow.cents)
        elif arrow.name == "refund":
            refunded = sale.refunded_cents + arrow.cents
            whole = refunded == sale.captured_cents
            set_state(connection, sale, "refunded" if whole else "captured", now, refunded_cents=refunded)
        else:
            set_state(connection, sale, "released", now)

    def _find_authorisation(self, sale_id: str) -> bool:
        """Moves a reserved sale on by what the provider knows of it; False when it does not answer.

        A sale that was released before its question was answered may be authorised nevertheless: the hold is let go.
        """
        with writing(self.engine).begin() as connection:
            sale, arrow = self._locked(connection, sale_id), pending(connection, sale_id, "authorise")
            if arrow is None:  # nothing was asked, and once released nothing will be
                if sale.state == "reserved":
                    set_state(connection, sale, "released", self.clock())
                return True
        try:
            answer = self.provider.find(arrow.key)
        except ProviderUnreachable:
            return False
        with writing(self.engine).begin() as connection:
            sale = self._locked(connection, sale_id)
            if close_arrow(connection, arrow, type(answer).__name__ if answer else "never arrived"):
                self.authorised(connection, sale, answer)
        return True

    def answered(self, connection: Connection, sale: Sale, arrow: Arrow, answer: Authorised | Declined) -> None:
        """Writes down the answer to a question whose customer may still be there, once, and moves the sale on by it.

        After a decline the sale stays as it is: there may be another card.
        """
        if isinstance(answer, Declined):
            close_arrow(connection, arrow, f"declined: {answer.reason}")
            return
        unasked = sale.state == "released" and sale.authorisation is None  # a provider that changed its mind
        if close_arrow(connection, arrow, "authorised") or unasked:
            self.authorised(connection, sale, answer)

    def authorised(self, connection: Connection, sale: Sale, answer: Authorised | Declined | None) -> None:
        """Moves a sale on by the answer to its authorisation, which has just been written down."""
        now = self.clock()
        if not isinstance(answer, Authorised):
            if sale.state == "reserved":
                set_state(connection, sale, "released", now)
        elif sale.state == "reserved":
            set_state(connection, sale, "authorised", now, authorisation=answer.reference)
        else:  # released while the card was in the reader
            set_state(connection, sale, "released", now, authorisation=answer.reference)
            write_arrow(connection, sale, "release", 0, now)

    def _find_units(self, sale_id: str) -> bool:
        """Writes down what the dispenser knows of units with no answer; False when it does not answer."""
        with self.engine.connect() as connection:
            units = units_of(connection, sale_id)
        for unit in units:
            try:
                drop = self.dispenser.outcome(unit.key)
            except DispenserUnreachable:
                return False
            self.close_unit(sale_id, unit, drop)
        return True

    def _finish_dispensing(self, sale_id: str) -> Sale:
        with writing(self.engine).begin() as connection:
            sale = self._locked(connection, sale_id)
            if sale.state == "dispensing" and any(line.dropped for line in sale.lines):
                set_state(connection, sale, "dispensed", self.clock())
                return self._locked(connection, sale_id)
        if sale.state == "dispensing":
            self.ask(sale_id, "release")
        return self._sale(sale_id)

    def _sale(self, sale_id: str) -> Sale:
        with self.engine.connect() as connection:
            return _there(read_sale(connection, sale_id), sale_id)

    def _locked(self, connection: Connection, sale_id: str) -> Sale:
        return _there(read_sale(connection, sale_id, lock=True), sale_id)


def _may_fall(connection: Connection, sale: Sale) -> bool:
    """Whether goods of a sale fell or may still: then its money is not let go, whoever asked for that meanwhile."""
    dispensing = sale.state == "dispensing"
    return dispensing and (any(line.dropped for line in sale.lines) or bool(units_of(connection, sale.id)))


def _there(sale: Sale | NotFound, sale_id: str) -> Sale:
    if isinstance(sale, NotFound):
        raise LookupError(f"no sale {sale_id!r} in this shop's book")  # it is not there
    return sale


def _outcome(drop: Drop | None) -> str:
    match drop:
        case Dispensed():
            return DROPPED
        case Jammed():
            return JAMMED
        case SlotEmpty():
            return EMPTY
    return NOT_STARTED
