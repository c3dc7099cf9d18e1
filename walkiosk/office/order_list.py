"""What to order this morning: `reorder`'s proposals, from forecasts that are made once a day."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from walkiosk.modality.history import History, Values
from walkiosk.office.desk import Office
from walkiosk.office.reorder import reorder, terms_of
from walkiosk.store.loading import loaded_fingerprint
from walkiosk.store.office_tables import stock_order
from walkiosk.store.replenishment import Proposal, Terms


@dataclass(frozen=True)
class OrderList:
    """Proposals in the order of the shop's file; `key` names the list: the same state of the books makes the same."""

    key: str
    terms: Terms
    budget_cents: int | None
    proposals: tuple[Proposal, ...]

    @property
    def to_order(self) -> tuple[Proposal, ...]:
        """Those of which something is to be ordered, what is expected to run out first in front."""
        wanted = [each for each in self.proposals if each.units]
        return tuple(sorted(wanted, key=lambda each: each.item.position / max(each.demand.mean, 0.01)))


def order_list(office: Office) -> OrderList:
    """The list as of now; in the office's thread. Raises `Untrained`."""
    settings, loaded = office.store.settings, loaded_fingerprint(office.store.engine)

    def forecaster(histories: Sequence[History], horizon: int) -> list[Values]:
        rests_on = (loaded, len(histories), horizon)  # days up to yesterday: they stay as they are until tomorrow
        return office.kept("what orders rest on", rests_on, lambda: office.forecast(histories, horizon))

    key = _key(office)
    found = reorder(office.store, forecaster, office.today)
    return OrderList(key, terms_of(settings), settings.order_budget_cents, found)


def _key(office: Office) -> str:
    """The name of a list: two people who see the same one and order it, order it once, until orders have changed."""
    order = stock_order
    with office.store.engine.connect() as connection:
        orders, changed_ms = connection.execute(select(func.count(), func.max(order.c.updated_ms))).one()
    mark = hashlib.sha256(f"{office.today} {orders} {changed_ms}".encode()).hexdigest()[:16]
    return f"list-{office.today}-{mark}"
