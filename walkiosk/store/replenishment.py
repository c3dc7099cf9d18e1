"""What to order, how much of it, and why: reorder point and order-up-to level of each product, from its forecast.

An order of today is there after the lead time, and the next one a review period later. So what is there or on its way
has to last for both: the reorder point is what is enough for those days at the shop's service level. Below it an order
brings the stock up to the level, which lasts for some days more where the shop wants fewer and larger orders.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from walkiosk.store.lead_time_demand import DAY_CORRELATION, Demand, Values, at_least, moments, over_days

Source = Literal["history", "category", "nothing"]
Bound = Literal[
    "level", "pack", "minimum", "slot", "shelf_life", "budget", "enough", "no_demand", "not_counted"
]  # what decided how much is ordered
SURE_LEVEL = 0.2  # what sells before it expires, or before the goods are there, in all but one case of five
TOLD_LEVELS = (0.1, 0.5, 0.9)  # of the demand that a proposal shows
SOURCES: dict[Source, str] = {
    "history": "from its own sales",
    "category": "from its category's sales, as it is new",
    "nothing": "from no sales at all",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A product as an order sees it: units, cents, days. `on_hand` is None where it is not counted; `capacity` is its
    slot's, None where it has no slot or nobody said; `minimum` are the units below which it is ordered in any case."""

    sku: str
    name: str
    on_hand: int | None
    on_order: int = 0
    unit_cost_cents: int = 0
    unit_margin_cents: int = 0
    pack_size: int = 1
    capacity: int | None = None
    shelf_life_days: int | None = None
    minimum: int = 0

    def __post_init__(self) -> None:
        """Raises `ValueError` for units, packs or money that cannot be."""
        wrong = [
            f"{name} {value}"
            for name, value, least in (
                ("on order", self.on_order, 0),
                ("unit cost", self.unit_cost_cents, 0),
                ("pack size", self.pack_size, 1),
                ("capacity", self.capacity, 0),
                ("shelf life", self.shelf_life_days, 0),
                ("minimum", self.minimum, 0),
            )
            if value is not None and value < least
        ]
        if wrong:
            raise ValueError(f"{self.sku}: {', '.join(wrong)}")

    @property
    def position(self) -> int:
        """What is there or on its way."""
        return max(0, self.on_hand or 0) + self.on_order


@dataclass(frozen=True)
class Forecast:
    """The days to come: mean and variance of each, H both, in units and units²; and what they rest on."""

    mean: Values
    variance: Values
    source: Source = "history"

    @classmethod
    def of_quantiles(
        cls, quantiles: Values, levels: Sequence[float], rate: float = 0.0, source: Source = "history"
    ) -> Forecast:
        """From quantiles of each day, H × K; `rate` is the units a day of lately, for goods that rarely sell."""
        mean, variance = moments(quantiles, levels)
        return cls(*at_least(mean, variance, quantiles.max(-1), rate), source)


@dataclass(frozen=True, slots=True)
class Terms:
    """How the shop orders. An order covers `cover_days` beyond the days until the next one could be there."""

    lead_days: int
    review_days: int = 1
    service_level: float = 0.95
    cover_days: int = 0
    correlation: float = DAY_CORRELATION

    @property
    def protected_days(self) -> int:
        """Days for which what is there or on its way has to last."""
        return self.lead_days + self.review_days


@dataclass(frozen=True)
class Proposal:
    """So many units of a product, and everything that this rests on. `cut_units` were left out for the budget."""

    item: Item
    units: int
    bound: Bound
    reorder_point: int
    level: int
    days: int  # for which the reorder point has to last
    demand: Demand  # over those days
    source: Source
    sellable: int | None = None  # before it expires, where it does
    cut_units: int = 0

    @property
    def packs(self) -> int:
        """How many packs that are."""
        return self.units // self.item.pack_size

    @property
    def cost_cents(self) -> int:
        """What the units cost the shop."""
        return self.units * self.item.unit_cost_cents

    @property
    def quantiles(self) -> tuple[tuple[float, int], ...]:
        """Level and units of the demand over its days."""
        return tuple((level, self.demand.quantile(level)) for level in TOLD_LEVELS)

    @property
    def reason(self) -> str:
        """All of it in a sentence."""
        low, _, high = (units for _, units in self.quantiles)
        there = "not counted" if self.item.on_hand is None else f"{self.item.on_hand} there"
        return (
            f"{self.demand.mean:.1f} expected to sell in {self.days} days ({low} to {high} in eight cases of ten), "
            f"{SOURCES[self.source]}; order below {self.reorder_point}, {there} and {self.item.on_order} on order; "
            f"{self._decision()}"
        )

    def _decision(self) -> str:
        item = self.item
        packs = f"{self.packs} pack{'' if self.packs == 1 else 's'} of {item.pack_size}"
        return {
            "level": f"{self.units} bring it up to {self.level}",
            "pack": f"{packs} bring it up to {self.level} or more",
            "minimum": f"{packs} bring it up to its minimum of {item.minimum}",
            "slot": f"its slot takes {item.capacity}: room for {packs if self.units else 'none'} when they arrive",
            "shelf_life": f"no more than {self.sellable} sell before they expire: {packs}",
            "budget": f"{packs} within the budget, {self.cut_units} units cut: others earn more for the money",
            "enough": "enough for now",
            "no_demand": "nobody asks for it",
            "not_counted": "nothing is ordered of what is not counted",
        }[self.bound]


def propose(item: Item, forecast: Forecast, terms: Terms) -> Proposal:
    """What to order of one product today, before any budget."""

    def over(days: int) -> Demand:
        return over_days(forecast.mean, forecast.variance, 0, days, terms.correlation)

    protected = over(terms.protected_days)
    enough = protected.quantile(terms.service_level)
    reorder_point = max(enough, item.minimum)
    level = max(over(terms.protected_days + terms.cover_days).quantile(terms.service_level), item.minimum)
    plan = Proposal(item, 0, "enough", reorder_point, level, terms.protected_days, protected, forecast.source)
    if item.on_hand is None:
        return replace(plan, bound="not_counted")
    if item.position >= reorder_point:
        return replace(plan, bound="enough" if protected.mean > 0 else "no_demand")
    wanted = level - item.position
    packs = -(-wanted // item.pack_size)
    bound: Bound = "minimum" if item.minimum > enough else "pack" if packs * item.pack_size > wanted else "level"
    if item.capacity is not None:
        days = max(0, terms.lead_days - 1)  # today's sales may be over
        gone = over_days(forecast.mean, forecast.variance, 1, days, terms.correlation).quantile(SURE_LEVEL)
        left = max(item.on_order, item.position - gone)  # what has not come yet is not taken for sold
        room = max(0, item.capacity - left)  # when the goods are there
        if (fit := room // item.pack_size) < packs:
            packs, bound = fit, "slot"
    sellable = None
    if item.shelf_life_days is not None:
        sellable = over(terms.lead_days + max(1, item.shelf_life_days)).quantile(SURE_LEVEL)
        if (fresh := max(0, sellable - item.position) // item.pack_size) < packs:
            packs, bound = fresh, "shelf_life"
    return replace(plan, units=packs * item.pack_size, bound=bound, sellable=sellable)


def within_budget(proposals: Sequence[Proposal], budget_cents: int | None) -> tuple[Proposal, ...]:
    """The same proposals in the same order, cut to what the money buys.

    Packs are bought one after another, first the one that is expected to avoid most lost margin for its money; a pack
    that is too dear for what is left is cut with the packs behind it, and cheaper ones go on.
    """
    if budget_cents is None or sum(proposal.cost_cents for proposal in proposals) <= budget_cents:
        return tuple(proposals)
    left = budget_cents
    bought = [0] * len(proposals)
    queue = [(-worth(proposal, 0), place) for place, proposal in enumerate(proposals) if proposal.units]
    heapq.heapify(queue)
    while queue:
        _, place = heapq.heappop(queue)
        proposal = proposals[place]
        pack = proposal.item.pack_size
        if (cost := pack * proposal.item.unit_cost_cents) > left:
            continue
        left -= cost
        bought[place] += pack
        if bought[place] < proposal.units:
            heapq.heappush(queue, (-worth(proposal, bought[place]), place))
    return tuple(
        proposal
        if units == proposal.units
        else replace(proposal, units=units, bound="budget", cut_units=proposal.units - units)
        for proposal, units in zip(proposals, bought, strict=True)
    )


def worth(proposal: Proposal, bought: int) -> float:
    """Cents of lost margin that the next pack behind `bought` units is expected to avoid, for each cent it costs."""
    item = proposal.item
    there = item.position + bought
    avoided = proposal.demand.short(there) - proposal.demand.short(there + item.pack_size)
    cost = item.pack_size * item.unit_cost_cents
    return avoided * item.unit_margin_cents / cost if cost else float("inf")
