"""A replay of recorded sales with lead times: what a way of ordering would have lost in sales and held in stock.

What was recorded is taken for what was asked for; what is not there is lost, and nobody comes back for it. A day goes:
what expired is thrown away, orders that are due arrive, the shop orders if it is a day for that, customers come.
Letters in shapes: N products, T days (or weeks: whatever a step of the series is), F factors of a sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Morning:
    """What a policy sees as it orders: units there and on their way, N both, and all sales before `day`, N × day."""

    day: int
    on_hand: Values
    on_order: Values
    past: Values

    @property
    def position(self) -> Values:
        """What is there or on its way."""
        return self.on_hand + self.on_order


Policy = Callable[[Morning], Values]  # units to order, N; whole packs are the policy's business


@dataclass(frozen=True)
class Rules:
    """How goods come. Orders go out every `review` steps and take `lead` steps (0: there at once); `shelf_life` in
    steps of each product, N, infinite where it keeps; `capacity` is how many of each a slot takes, N, and what does not
    fit as it arrives goes back; the first `burn_in` steps run and are not counted."""

    lead: int
    review: int = 1
    burn_in: int = 0
    shelf_life: Values | None = None
    capacity: Values | None = None


@dataclass(frozen=True)
class Replay:
    """What became of each product, N all: units sold, lost, ordered, thrown away and sent back, units there at the end
    of a day on average, and how often it was ordered."""

    sold: Values
    lost: Values
    ordered: Values
    wasted: Values
    returned: Values
    stock: Values
    orders: Values

    @property
    def lost_share(self) -> float:
        """Of all units asked for, how many were not there."""
        asked = float((self.sold + self.lost).sum())
        return float(self.lost.sum()) / asked if asked else 0.0


def replay(demand: Values, policy: Policy, rules: Rules, first: int, stock: Values) -> Replay:
    """Plays the days of `demand` (N × T, NaN where nobody knows and nobody comes) from `first` on, `stock` (N) there.

    Raises `ValueError` for orders that are negative or no numbers, and for days that are not there.
    """
    products, days = demand.shape
    if not 0 <= first < days - rules.burn_in:
        raise ValueError(f"{days} steps of sales, of which the first {first} are seen and {rules.burn_in} not counted")
    asked = np.nan_to_num(demand)
    life = np.full(products, np.inf) if rules.shelf_life is None else rules.shelf_life
    room = np.full(products, np.inf) if rules.capacity is None else rules.capacity
    arrived = np.zeros((products, days + 1))  # all units that ever came, up to each day
    arrived[:, first] = stock
    coming = np.zeros((products, days + rules.lead + 1))
    gone, there = np.zeros(products), stock.astype(float)
    sold, lost, ordered, wasted, returned, kept, orders = (np.zeros(products) for _ in range(7))
    for day in range(first, days):
        counted = day - first >= rules.burn_in
        expired = _expired(arrived, gone, day, first, life)
        there, gone = there - expired, gone + expired
        fits = np.clip(coming[:, day], 0, np.maximum(room - there, 0))
        back, on_order = coming[:, day] - fits, coming[:, day + 1 :].sum(1)
        there, arrived[:, day] = there + fits, arrived[:, day] + fits
        wanted = np.zeros(products)
        if (day - first) % rules.review == 0:
            wanted = policy(Morning(day, there, on_order, demand[:, :day]))
            if not np.all(wanted >= 0):
                raise ValueError(f"day {day}: an order of {np.min(wanted)} units")
            if rules.lead:
                coming[:, day + rules.lead] += wanted
            else:
                fits = np.clip(wanted, 0, np.maximum(room - there, 0))
                there, arrived[:, day], back = there + fits, arrived[:, day] + fits, back + wanted - fits
        given = np.minimum(asked[:, day], there)
        there, gone = there - given, gone + given
        arrived[:, day + 1] = arrived[:, day]
        if counted:
            sold, lost, kept = sold + given, lost + asked[:, day] - given, kept + there
            ordered, wasted, orders = ordered + wanted, wasted + expired, orders + (wanted > 0)
            returned = returned + back
    return Replay(sold, lost, ordered, wasted, returned, kept / (days - first - rules.burn_in), orders)


def _expired(arrived: Values, gone: Values, day: int, first: int, life: Values) -> Values:
    """Units whose shelf life is over this morning; the oldest are sold first."""
    last = np.where(np.isfinite(life), day - np.maximum(life, 1), -1).astype(int)  # came on this day or before
    old = np.where(last >= first, arrived[np.arange(len(life)), np.maximum(last, 0)], 0)
    expired: Values = np.maximum(old - gone, 0)
    return expired


def recent_mean(days: int, factor: float, protected: int) -> Policy:
    """The classic policy: up to the mean of the last `days` steps over the protected ones, and `factor` deviations.

    Deviations of a step add up over the protected steps as if these knew nothing of each other.
    """

    def order(morning: Morning) -> Values:
        level = _level(morning.past[:, -days:], factor, protected)
        wanted: Values = np.maximum(np.ceil(level - 1e-9) - morning.position, 0)
        return wanted

    return order


def surely_gone(days: int, deviations: float, lead: int) -> Policy:
    """What the classic policy takes for sold before an order is there: the mean less so many deviations."""
    return lambda morning: np.maximum(0, np.floor(_level(morning.past[:, -days:], -deviations, lead)))


def _level(past: Values, factor: float, steps: int) -> Values:
    """The mean of `past`, N × days, over so many steps, and `factor` deviations of their sum."""
    known = np.maximum(np.sum(~np.isnan(past), axis=1), 1)
    mean = np.nansum(past, axis=1) / known
    squares = np.nansum((past - mean[:, None]) ** 2, axis=1) / np.maximum(known - 1, 1)
    level: Values = steps * mean + factor * np.sqrt(steps * squares)
    return level


def order_up_to(levels: Values) -> Policy:
    """Orders up to levels that are known for each day, N × T."""

    def order(morning: Morning) -> Values:
        wanted: Values = np.maximum(levels[:, morning.day] - morning.position, 0)
        return wanted

    return order


def in_packs(policy: Policy, packs: Values, capacity: Values, gone: Policy | None = None) -> Policy:
    """The same policy in whole packs, N, and no more than a slot takes, N, infinite where nothing limits it.

    `gone` are the units, N, that will have sold by the time the goods are there; without it, none.
    """

    def order(morning: Morning) -> Values:
        wanted = np.ceil(policy(morning) / packs)
        left = morning.position if gone is None else np.maximum(morning.position - gone(morning), morning.on_order)
        room = np.maximum(capacity - left, 0)
        whole: Values = np.minimum(wanted, np.floor(room / packs)) * packs
        return whole

    return order


@dataclass(frozen=True)
class Tradeoff:
    """A policy at several safety factors: all of its stock on average and all that it lost, in units, F both."""

    stock: Values
    lost: Values

    def lost_at(self, stock: float) -> float:
        """What is lost at that stock, straight between the factors; NaN for more or less than the sweep reached."""
        order = np.argsort(self.stock)
        return float(np.interp(stock, self.stock[order], self.lost[order], left=np.nan, right=np.nan))


def sweep(play: Callable[[float], Replay], factors: Sequence[float], worth: Values | None = None) -> Tradeoff:
    """Plays a policy at each safety factor; `worth`, N, weighs products, as by their price."""
    weight = 1.0 if worth is None else worth
    played = [play(factor) for factor in factors]
    stock = np.array([float((each.stock * weight).sum()) for each in played])
    return Tradeoff(stock, np.array([float((each.lost * weight).sum()) for each in played]))
