"""A year of orders replayed: what ours lose in sales beside "mean of the last four weeks + 2 σ", at equal stock.

    PYTHONPATH=. python bench/replenishment.py [--forecaster naive weekday profile model[=FOLDER]] [--slots]

The demo shop, daily: lead time and review of its store.toml, the first eight weeks seen, two more to settle.
orangeJuice (Dominick's; see training/series.py), weekly: the first N of the stores that no forecaster was trained on,
eleven juices each, ordered every week, there a week later; the first year seen, four weeks to settle. What was sold is
taken for what was asked for, and every policy sees it whole. Forecasts are made every `--every` steps for all series at
once and used until the next. Each policy is played at several safety factors (for ours, the normal's quantile of the
service level) and compared at the stock that the baseline holds with 2 σ: what is lost, and that over what the baseline
loses, in units and by price. `--slots` plays the demo shop with its packs and slots: what does not fit as
it arrives goes back, and both policies know what is sure to have sold by then.
"""

from __future__ import annotations

import argparse
import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from training import series
from walkiosk.modality.value import QUANTILES
from walkiosk.skill.forecasting import Forecaster, History, Values
from walkiosk.store import Store, tables
from walkiosk.store.demand import daily_demand
from walkiosk.store.lead_time_demand import DAY_CORRELATION, NORMAL, Demand, at_least, moments, over_days
from walkiosk.store.replenishment import SURE_LEVEL
from walkiosk.store.simulation import (
    Policy,
    Replay,
    Rules,
    in_packs,
    order_up_to,
    recent_mean,
    replay,
    surely_gone,
    sweep,
)

FACTORS = (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5)
BASELINE = 2.0  # σ
TOLD = 1.5  # the factor of which a policy's own figures are printed, a service level of 0.933
OUNCES = 64  # of orangeJuice's smallest carton
SURE = NORMAL.inv_cdf(SURE_LEVEL)  # σ: what sells in all but one case of five
RATE_DAYS = 56  # of which the mean is what rarely sold goods keep


@dataclass(frozen=True)
class Shop:
    """Sales to replay: N histories, all of T steps; `month` is how many of them the baseline's four weeks are."""

    name: str
    histories: list[History]
    rules: Rules
    first: int
    month: int
    worth: Values  # of a unit
    packs: Values
    capacity: Values

    @property
    def demand(self) -> Values:
        """N × T."""
        return np.array([history.values for history in self.histories])

    @property
    def protected(self) -> int:
        """Steps that an order has to last."""
        return self.rules.lead + self.rules.review


def demo(folder: Path, slots: bool) -> Shop:
    """A store folder's own sales, of the products that sold."""
    store = Store.open(folder, "sqlite://")
    settings, past = store.settings, tables.past_sale
    with store.engine.connect() as connection:
        last = connection.execute(select(func.max(past.c.date))).scalar()
        rows = {row.sku: row for row in connection.execute(select(tables.product))}
    if last is None:
        raise SystemExit(f"{folder}: no sales.csv")
    demand = daily_demand(store.engine, settings.time_zone, last + datetime.timedelta(1))
    sold = {sku: one for sku, one in demand.items() if len(one.units)}
    first = min(one.first for one in sold.values())
    days = (last - first).days + 1

    def whole(values: Values) -> Values:
        return np.concatenate([np.full(days - len(values), np.nan), values])

    histories = [
        History(
            *(whole(one.units), first, "D", whole(one.price_cents), whole(one.promotion)),
            *(rows[sku].category, rows[sku].name, settings.country),
        )
        for sku, one in sold.items()
    ]

    def column(name: str, otherwise: float) -> Values:
        found = [getattr(rows[sku], name) for sku in sold]
        return np.array([otherwise if value is None else float(value) for value in found])

    packs = column("pack_size", 1) if slots else np.ones(len(sold))
    capacity = column("slot_capacity", np.inf) if slots else np.full(len(sold), np.inf)
    rules = Rules(settings.lead_time_days, settings.review_days, 14, column("shelf_life_days", np.inf), capacity)
    name = f"{store.settings.name}, {len(sold)} articles, daily{', with packs and slots' if slots else ''}"
    return Shop(name, histories, rules, 56, 28, column("price_cents", 0) / 100, packs, capacity)


def orange_juice(stores: int) -> Shop:
    """orangeJuice's stores that are held out, eleven juices each, in cartons of 64 ounces."""
    found: dict[str, list[series.Recorded]] = {}
    for one in series.orange_juice_held_out():
        if len(one.values) >= 119:  # weeks; a few stores opened late
            found.setdefault(one.id.split("/")[1], []).append(one)
    rows = [one for store in list(found)[:stores] for one in found[store]]
    weeks = min(len(one.values) for one in rows)
    histories = [
        History(
            *(np.rint(one.values[-weeks:] / OUNCES), one.first, "W", one.price[-weeks:], one.promotion[-weeks:]),
            *("orange juice", "", "US"),
        )
        for one in rows
        if one.price is not None and one.promotion is not None
    ]
    ones = np.ones(len(histories))
    name = f"orangeJuice, {min(stores, len(found))} stores held out, {len(histories)} series, weekly"
    return Shop(name, histories, Rules(1, 1, 4), 52, 4, ones, ones, ones * np.inf)


def empirical(history: History, horizon: int, *, naive: bool) -> Values:
    """The mean of up to eight like steps (naive: the last one), and quantiles of what that rule missed lately."""
    cycle, back = (7 if history.frequency == "D" else 1), (1 if naive else 8)
    values = history.values[-2 * 8 * cycle :]
    padded = np.concatenate([np.full(back * cycle, np.nan), values, np.full(cycle, np.nan)])
    shifts = [padded[(back - n) * cycle : (back - n) * cycle + len(values) + cycle] for n in range(1, back + 1)]
    rule = np.nanmean(shifts, axis=0)  # the last cycle is that of the future
    missed = (values - rule[: len(values)])[8 * cycle // (8 if naive else 2) :]
    spread = np.nan_to_num(np.nanquantile(missed, QUANTILES))
    return np.maximum(np.resize(np.nan_to_num(rule[len(values) :]), horizon)[:, None] + spread, 0)


def profile(history: History, horizon: int) -> Values:
    """A level that fades (half of it in four weeks) times weekday, price and promotion, and counts spread around it."""
    daily = history.frequency == "D"
    past, steps = len(history.values), len(history.values) + horizon
    price = np.full(steps, np.nan) if history.price is None else history.price
    usual = float(np.nanmedian(price)) if np.any(~np.isnan(price)) else 1.0
    told = np.nan_to_num(np.stack([np.log(price / usual), np.resize(history.promotion, steps)]))
    days = np.eye(7)[np.arange(steps) % 7].T if daily else np.zeros((0, steps))
    effects = np.concatenate([told, days, np.ones((1, steps))])
    known = np.flatnonzero(~np.isnan(history.values))[-365 if daily else -104 :]
    x, y = effects[:, known], np.log(history.values[known] + 1)
    slopes = np.linalg.solve(x @ x.T + np.diag([1.0] * (len(x) - 1) + [1e-6]), x @ y)
    factor = np.exp(slopes[:-1] @ effects[:-1])
    ages = 0.5 ** ((past - known) / (28 if daily else 4))
    level = float((ages @ (history.values[known] / factor[known])) / ages.sum())
    fitted = level * factor[known]
    spread = max(1.0, float(ages @ ((history.values[known] - fitted) ** 2 / np.maximum(fitted, 0.01)) / ages.sum()))
    means = level * factor[past:]
    return np.array([[Demand(mean, spread * mean).quantile(q) for q in QUANTILES] for mean in means], dtype=float)


def forecaster(name: str) -> Forecaster:
    """A forecaster by its name."""
    if name == "profile":
        return lambda histories, horizon: [profile(one, horizon) for one in histories]
    if name in ("naive", "weekday"):
        return lambda histories, horizon: [empirical(one, horizon, naive=name == "naive") for one in histories]
    if name.partition("=")[0] == "model":
        from walkiosk.skill import forecasting

        folder = name.partition("=")[2]
        return forecasting.load(Path(folder) if folder else None)
    raise SystemExit(f"{name}: no such forecaster; there are naive, weekday, profile, model, model=FOLDER")


def levels(shop: Shop, forecast: Forecaster, every: int, correlation: float) -> tuple[dict[float, Values], Values]:
    """Order-up-to levels of each factor, and what is sure to sell in a lead time, N × T all.

    From forecasts made every so many steps for all series at once.
    """
    count, steps = shop.demand.shape
    found = {factor: np.zeros((count, steps)) for factor in FACTORS}
    gone = np.zeros((count, steps))
    for origin in range(shop.first, steps, every):
        horizon = every - 1 + shop.protected
        told = forecast([one.until(origin, horizon) for one in shop.histories], horizon)
        for place, quantiles in enumerate(told):
            lately = shop.histories[place].values[max(0, origin - RATE_DAYS) : origin]
            rate = float(np.nanmean(lately)) if np.any(~np.isnan(lately)) else 0.0
            mean, variance = at_least(*moments(quantiles, QUANTILES), quantiles.max(-1), rate)
            for step in range(min(every, steps - origin)):
                demand = over_days(mean, variance, step, shop.protected, correlation)
                for factor in FACTORS:
                    found[factor][place, origin + step] = demand.quantile(NORMAL.cdf(factor))
                soon = over_days(mean, variance, step + 1, max(0, shop.rules.lead - 1), correlation)
                gone[place, origin + step] = soon.quantile(SURE_LEVEL)
    return found, gone


def play(shop: Shop, policy: Policy, gone: Policy) -> Replay:
    """One policy's year, from shelves that hold the baseline's level of the first day."""
    past = shop.demand[:, shop.first - shop.month : shop.first]
    stock = np.ceil(np.nan_to_num(np.nanmean(past, axis=1)) * shop.protected * 1.5)
    if np.any(np.isfinite(shop.capacity)):
        policy, stock = in_packs(policy, shop.packs, shop.capacity, gone), np.minimum(stock, shop.capacity)
    return replay(shop.demand, policy, shop.rules, shop.first, stock)


def compare(shop: Shop, names: Sequence[str], every: int, correlation: float) -> None:
    """Prints the table of one shop."""
    print(f"\n{shop.name}; lead {shop.rules.lead}, review {shop.rules.review}, {shop.demand.shape[1]} steps")
    heads = ("policy", "lost", "of sales", "stock", "wasted", "sent back", "lost at its stock", "ratio", "by price")
    print("{:34}{:>9}{:>9}{:>10}{:>8}{:>10}{:>18}{:>7}{:>9}".format(*heads))
    classic = (
        recent_mean(shop.month, BASELINE, shop.protected),
        surely_gone(shop.month, -SURE, max(0, shop.rules.lead - 1)),
    )
    base = play(shop, *classic)
    row(f"mean of four weeks + {BASELINE:g} σ", base, float(base.lost.sum()), 1.0, 1.0)
    for name in names:
        start = time.process_time()
        up_to, gone = levels(shop, forecaster(name), every, correlation)
        seconds = time.process_time() - start
        played = {factor: play(shop, order_up_to(up_to[factor]), known(gone)) for factor in FACTORS}
        lost, ratio = at_equal_stock(played, base, np.ones(len(shop.worth)))
        _, by_price = at_equal_stock(played, base, shop.worth)
        row(f"{name}, service level {NORMAL.cdf(TOLD):.3f}", played[TOLD], lost, ratio, by_price)
        held = enough(shop, up_to[TOLD])
        print(
            f"  levels were enough in {held:.3f} of cases; forecasts and levels in {seconds:.0f} s of one core",
            flush=True,
        )


def known(units: Values) -> Policy:
    """Units of each day, N × T, whatever the morning."""
    return lambda morning: units[:, morning.day]


def enough(shop: Shop, up_to: Values) -> float:
    """Of all the times that an order had to last for, how many a level was enough for: what its service level says."""
    asked = np.lib.stride_tricks.sliding_window_view(np.nan_to_num(shop.demand), shop.protected, axis=1).sum(-1)
    return float((asked <= up_to[:, : asked.shape[1]])[:, shop.first :].mean())


def at_equal_stock(played: dict[float, Replay], base: Replay, worth: Values) -> tuple[float, float]:
    """What is lost at the baseline's stock, and that over what the baseline loses; NaN where the sweep ends before."""
    lost = sweep(played.__getitem__, FACTORS, worth).lost_at(float((base.stock * worth).sum()))
    return lost, lost / float((base.lost * worth).sum())


def row(name: str, one: Replay, lost: float, *ratios: float) -> None:
    """Prints a line."""
    told = (
        f"{name:34}{one.lost.sum():9.0f}{one.lost_share:9.2%}{one.stock.sum():10.0f}{one.wasted.sum():8.0f}"
        f"{one.returned.sum():10.0f}{lost:18.0f}"
    )
    print(told + "".join(f"{ratio:{width}.2f}" for ratio, width in zip(ratios, (7, 9), strict=True)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--forecaster", nargs="+", default=["naive", "weekday", "profile"])
    parser.add_argument("--shop", type=Path, default=Path("stores/demo"))
    parser.add_argument("--stores", type=int, default=12, help="of orangeJuice; 0 leaves it out")
    parser.add_argument("--every", type=int, default=7, help="days from one forecast of the demo shop to the next")
    parser.add_argument("--correlation", type=float, default=DAY_CORRELATION)
    parser.add_argument("--slots", action="store_true")
    options = parser.parse_args()
    compare(demo(options.shop, options.slots), options.forecaster, options.every, options.correlation)
    if options.stores:
        compare(orange_juice(options.stores), options.forecaster, 1, options.correlation)


if __name__ == "__main__":
    main()
