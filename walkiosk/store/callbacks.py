"""What a payment provider's callback sets off: a look, and no more. It may come twice, late, or in any order.

Of a callback only the key is taken, and perhaps where to look; what became of the payment is asked of the provider.
The key leads to a sale only while its question `authorise` stands unanswered in the book. Such a sale is one of two:

* Somebody may be at the reader. `pay` is in flight in another thread or process, or it had no answer and the customer
  is about to press again. `pay` holds the goods anew each time that it asks, so until that time is over the sale is
  its customer's. We must not bring it to an end: that would cancel the payment under their card, or let go of what they
  have just paid. We write down what is final and leave the rest alone. An amount that is held makes the sale
  authorised; a `pay` that comes back finds it so and goes on, and its own answer changes nothing, since both asked with
  one key. A decline closes the question, so that the next card is a new one. If the customer never comes back, their
  session's end lets go of the money, else `Sales.tend`.

* It is lost: its time is over, or it was released, and nobody waits for it, here or elsewhere. It is settled as on a
  start: what is held is let go of, and what is not held yet never will be.

Which of the two it is, the clock decides. A clock that jumps ends a payment that could have gone on; the customer sees
a decline, and no money moves. Each step locks the sale and looks at its state first, so the second callback, the other
process and the customer's own return find the step done.
"""

from sqlalchemy import Engine, select

from walkiosk.store import tables
from walkiosk.store.database import writing
from walkiosk.store.outcome import Declined, NotFound
from walkiosk.store.payment import Authorised, ProviderUnreachable
from walkiosk.store.sale import HOLD_MILLISECONDS, Sales
from walkiosk.store.sale_book import Sale, pending, read_sale

WAITING = ("reserved", "released")  # states in which the question may have no answer


def told(sales: Sales, key: str, reference: str | None = None) -> Sale | NotFound | None:
    """Looks up what became of the question with this key, and moves its sale on; None when no sale waits for it.

    `reference` is where the provider may find it sooner. Raises `ProviderUnreachable` when it has to be told again.
    """
    sale_id = _waiting(sales.engine, key)
    if sale_id is None:
        return None
    answer = sales.provider.look(key, reference)
    lost = _is_lost(sales.sale(sale_id), sales.clock())
    if answer is not None:
        _write(sales, sale_id, key, answer)
    if not lost:
        return sales.sale(sale_id)
    settled = sales.settlement.settle(sale_id)
    if _waiting(sales.engine, key) is not None:
        raise ProviderUnreachable(f"sale {sale_id} waits for {key} on")
    return settled


def _is_lost(sale: Sale | NotFound, now_ms: int) -> bool:
    """Whether nobody stands before it; one that is kept longer than any is was made before the clock was set back."""
    if isinstance(sale, NotFound) or sale.state not in WAITING:  # it has gone on meanwhile
        return False
    return sale.state == "released" or not now_ms < sale.reserved_until_ms <= now_ms + HOLD_MILLISECONDS


def _waiting(engine: Engine, key: str) -> str | None:
    """The id of the sale that has no answer to this question."""
    sale, arrow = tables.sale, tables.sale_arrow
    wanted = (
        select(sale.c.id)
        .join(arrow, arrow.c.sale_id == sale.c.id)
        .where(sale.c.key == key.rpartition("-authorise-")[0], sale.c.state.in_(WAITING), sale.c.kiosk.is_(None))
        .where(arrow.c.key == key, arrow.c.name == "authorise", arrow.c.outcome.is_(None))
    )
    with engine.connect() as connection:
        return connection.execute(wanted).scalar()


def _write(sales: Sales, sale_id: str, key: str, answer: Authorised | Declined) -> None:
    with writing(sales.engine).begin() as connection:
        sale = read_sale(connection, sale_id, lock=True)
        arrow = pending(connection, sale_id, "authorise")
        if isinstance(sale, NotFound) or arrow is None or arrow.key != key:
            return
        sales.settlement.answered(connection, sale, arrow, answer)
