"""What is ordered: formulas beside stockpyl and scipy, and what bounds an order."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import stats
from stockpyl.loss_functions import gamma_loss, negative_binomial_loss, normal_loss, poisson_loss
from stockpyl.newsvendor import newsvendor_normal, newsvendor_poisson

from walkiosk.store.lead_time_demand import Demand, Values, at_least, moments, over_days
from walkiosk.store.replenishment import Forecast, Item, Proposal, Terms, propose, within_budget

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ITEM = Item("TO-1", "Spinning top", on_hand=0, unit_cost_cents=600, unit_margin_cents=400)
TERMS = Terms(lead_days=3, review_days=1, service_level=0.95, correlation=0.0)


def every_day(mean: float, variance: float, days: int = 14) -> Forecast:
    return Forecast(np.full(days, mean), np.full(days, variance))


def proposal(item: Item = ITEM, mean: float = 5.0, terms: Terms = TERMS, variance: float | None = None) -> Proposal:
    return propose(item, every_day(mean, mean if variance is None else variance), terms)


@pytest.mark.parametrize(
    ("family", "mean_within", "variance_within"),
    [
        (stats.norm(50, 10), 0.01, 0.05),
        (stats.gamma(2, scale=30), 0.02, 0.05),
        (stats.expon(scale=40), 0.02, 0.05),
        (stats.poisson(20), 0.02, 0.1),
        (stats.poisson(5), 0.05, 0.1),
        (stats.poisson(1), 0.1, 0.1),
        (stats.nbinom(1, 0.2), 0.05, 0.1),
        (stats.nbinom(2, 0.2), 0.05, 0.2),
    ],
)
def test_moments_of_known_families(family: Any, mean_within: float, variance_within: float) -> None:
    quantiles = np.asarray(family.ppf(LEVELS), dtype=float)[None]
    mean, variance = moments(quantiles, LEVELS)
    assert mean[0] == pytest.approx(family.mean(), rel=mean_within)
    assert variance[0] == pytest.approx(family.var(), rel=variance_within)


def test_moments_of_what_is_no_forecast() -> None:
    mean, variance = moments(np.zeros((3, 9)), LEVELS)
    assert (mean.tolist(), variance.tolist()) == ([0, 0, 0], [0, 0, 0])
    crossed = np.array([[4.0, 2, 3, 5, 5, 5, 6, 7, -1]])
    assert np.all(np.isfinite(moments(crossed, LEVELS)))
    for quantiles, levels in ((np.zeros((1, 9)), LEVELS[:3]), (np.zeros((1, 3)), (0.1, 0.5, 0.9))):
        with pytest.raises(ValueError, match="evenly rising levels"):
            moments(quantiles, levels)


def test_goods_that_rarely_sell_keep_their_rate() -> None:
    mean, variance = at_least(np.array([0.0, 0.0, 3.0]), np.array([0.0, 0.0, 3.0]), np.array([0.0, 0.5, 6.0]), 0.07)
    assert mean.tolist() == [0.07, 0.07, 3.0]
    assert variance.tolist() == [0.07, 0.07, 3.0]
    assert over_days(mean[:1], variance[:1], 0, 30, 0.0).quantile(0.95) == stats.poisson(2.1).ppf(0.95)


def test_days_add_up() -> None:
    mean, variance = np.arange(1.0, 15.0), np.full(14, 4.0)
    assert over_days(mean, variance, 2, 3, 0.0) == Demand(3 + 4 + 5, 12)
    assert over_days(mean, variance, 0, 3, 1.0).variance == pytest.approx((3 * 2) ** 2)
    beyond = over_days(mean, variance, 12, 9, 0.0)  # 13, 14, then its last week again
    assert beyond.mean == pytest.approx(13 + 14 + sum(range(8, 15)))
    assert over_days(mean[:2], variance[:2], 0, 4, 0.0).mean == 1 + 2 + 2 + 2


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("mean", [0.05, 0.7, 4.0, 36.0, 700.0])
def test_what_is_enough_is_what_scipy_says(mean: float, level: float) -> None:
    assert Demand(mean, mean).quantile(level) == stats.poisson(mean).ppf(level)
    varied = Demand(mean, 3 * mean)
    assert varied.quantile(level) == stats.nbinom(mean / 2, 1 / 3).ppf(level)
    large = Demand(100 * mean + 5000, (10 * mean + 500) ** 2)
    shape = large.mean**2 / large.variance
    assert large.quantile(level) == pytest.approx(stats.gamma(shape, scale=large.mean / shape).ppf(level), rel=0.002)


@pytest.mark.parametrize("stock", [0, 2, 5, 12])
def test_what_is_lost_is_what_stockpyl_says(stock: int) -> None:
    assert Demand(4, 4).short(stock) == pytest.approx(poisson_loss(stock, 4)[0], abs=1e-6)
    assert Demand(4, 10).short(stock) == pytest.approx(
        negative_binomial_loss(stock, mean=4, sd=np.sqrt(10))[0], abs=1e-6
    )
    there = 900 + 100 * stock
    assert Demand(2000, 500_000).short(there) == pytest.approx(gamma_loss(there, a=8, b=250)[0], rel=0.01)
    assert Demand(2000, 10_000).short(there) == pytest.approx(normal_loss(there, 2000, 100)[0], abs=0.6)


@pytest.mark.parametrize(("holding", "missing"), [(1, 1), (1, 9), (1, 19), (2, 98)])
def test_base_stock_is_the_newsvendors(holding: float, missing: float) -> None:
    """A service level is the critical ratio: what a unit missed costs, over that and what one kept costs."""
    service = missing / (missing + holding)
    for mean in (0.4, 5.0, 22.0):
        enough, _ = newsvendor_poisson(holding, missing, 4 * mean)
        found = proposal(mean=mean, terms=replace(TERMS, service_level=service))
        assert found.reorder_point == found.level == found.units == enough
    enough, _ = newsvendor_normal(holding, missing, 500, 40, lead_time=3)
    found = proposal(mean=500, variance=1600, terms=replace(TERMS, service_level=service))
    assert found.reorder_point == pytest.approx(enough, rel=0.002)


def test_the_level_holds_the_service_level() -> None:
    chance = np.random.default_rng(4)
    days = chance.negative_binomial(2, 0.25, size=(20_000, 4))
    quantiles: Values = np.repeat(np.quantile(days, LEVELS)[None], 14, axis=0)
    enough = propose(ITEM, Forecast.of_quantiles(quantiles, LEVELS), TERMS).reorder_point
    assert (days.sum(1) <= enough).mean() == pytest.approx(0.95, abs=0.01)


def test_an_order_covers_lead_time_review_and_more() -> None:
    base = proposal()
    assert (base.days, base.bound, base.units) == (4, "level", base.level)
    weekly = proposal(terms=replace(TERMS, review_days=7))
    assert (weekly.days, weekly.demand.mean) == (10, 50)
    larger = proposal(terms=replace(TERMS, cover_days=10))
    assert larger.reorder_point == base.reorder_point
    assert larger.level > base.level + 40
    assert proposal(replace(ITEM, on_hand=base.reorder_point)).bound == "enough"
    assert proposal(replace(ITEM, on_hand=base.reorder_point - 1)).units == 1
    on_its_way = proposal(replace(ITEM, on_hand=3, on_order=base.reorder_point - 5))
    assert on_its_way.units == 2


def test_packs_are_rounded_up_and_fit_the_slot() -> None:
    level = proposal().level
    whole = proposal(replace(ITEM, pack_size=level - 1))
    assert (whole.bound, whole.packs, whole.units) == ("pack", 2, 2 * (level - 1))
    tight = proposal(replace(ITEM, pack_size=6, on_hand=3, on_order=2, capacity=17))
    assert (tight.bound, tight.units) == ("slot", 12)  # two are yet to come, so 18 more would be 20
    full = proposal(replace(ITEM, pack_size=12, on_hand=20, capacity=19, minimum=25))
    assert (full.bound, full.units) == ("slot", 0)  # in all but one case of five, 7 sell by then: room for 6
    assert "its slot takes 19: room for none when they arrive" in full.reason


def test_room_is_what_there_will_be_when_the_goods_arrive() -> None:
    sure = int(stats.poisson(10).ppf(0.2))  # in the days between today's and that of the delivery
    level = proposal().level
    assert proposal(replace(ITEM, on_hand=sure, capacity=level - sure)).units == level - sure
    full = replace(ITEM, on_hand=sure, capacity=sure, minimum=40)
    assert (proposal(full).units, proposal(full).bound) == (sure, "slot")
    assert proposal(full, terms=replace(TERMS, lead_days=0)).units == 0
    assert proposal(replace(full, on_hand=0, on_order=sure)).units == 0  # what has not come cannot have been sold


def test_no_more_than_sells_before_it_expires() -> None:
    slow = proposal(replace(ITEM, pack_size=4, shelf_life_days=5), mean=1.0)
    assert slow.sellable == stats.poisson(8).ppf(0.2) == 6  # it comes in 3 days and keeps for 5
    assert (slow.bound, slow.units) == ("shelf_life", 4)
    assert proposal(replace(ITEM, pack_size=10, shelf_life_days=5), mean=1.0).units == 0
    assert proposal(replace(ITEM, pack_size=5, shelf_life_days=90), mean=1.0).bound == "pack"
    assert proposal(replace(ITEM, shelf_life_days=0), mean=0.1).units == 0  # sold on the day it comes, or not at all


def test_a_minimum_stands_without_demand() -> None:
    kept = proposal(replace(ITEM, minimum=3, pack_size=2), mean=0.0)
    assert (kept.bound, kept.units, kept.level) == ("minimum", 4, 3)
    assert "minimum of 3" in kept.reason
    assert proposal(replace(ITEM, minimum=3)).bound == "level"


def test_what_nobody_asks_for_and_what_nobody_counts() -> None:
    dead = proposal(mean=0.0)
    assert (dead.units, dead.bound, dead.demand.mean) == (0, "no_demand", 0)
    uncounted = proposal(replace(ITEM, on_hand=None))
    assert (uncounted.units, uncounted.bound) == (0, "not_counted")
    assert uncounted.reorder_point > 0  # it is forecast all the same
    assert proposal(replace(ITEM, on_hand=-4)).units == proposal().units  # a ledger below nothing is an empty shelf


def test_the_reason_says_what_it_rests_on() -> None:
    found = proposal(replace(ITEM, pack_size=12, on_hand=2, on_order=1))
    assert found.quantiles == tuple((level, stats.poisson(20).ppf(level)) for level in (0.1, 0.5, 0.9))
    assert found.reason == (
        "20.0 expected to sell in 4 days (14 to 26 in eight cases of ten), from its own sales; "
        "order below 28, 2 there and 1 on order; 3 packs of 12 bring it up to 28 or more"
    )
    assert found.cost_cents == 36 * 600


def test_a_budget_goes_where_a_cent_avoids_most_loss() -> None:
    dear = replace(ITEM, sku="dear", unit_cost_cents=4000, unit_margin_cents=500)
    good = replace(ITEM, sku="good", unit_cost_cents=500, unit_margin_cents=900, pack_size=5)
    free = replace(ITEM, sku="free", unit_cost_cents=0)
    wanted = [proposal(item) for item in (dear, good, free)]
    whole = sum(each.cost_cents for each in wanted)
    assert within_budget(wanted, None) == within_budget(wanted, whole) == tuple(wanted)
    some = within_budget(wanted, 20_000)
    assert [each.item.sku for each in some] == ["dear", "good", "free"]
    assert sum(each.cost_cents for each in some) <= 20_000
    assert some[1] == wanted[1]
    assert some[2] == wanted[2]
    assert (some[0].bound, some[0].units, some[0].units + some[0].cut_units) == ("budget", 1, wanted[0].units)
    assert f"{some[0].cut_units} units cut" in some[0].reason
    none = within_budget(wanted, 0)
    assert [each.units for each in none] == [0, 0, wanted[2].units]


def test_more_money_never_buys_less() -> None:
    items = [
        replace(ITEM, sku=str(n), unit_cost_cents=100 + 70 * n, unit_margin_cents=300, pack_size=1 + n % 4)
        for n in range(9)
    ]
    wanted = [proposal(item, mean=1.0 + place) for place, item in enumerate(items)]

    def lost(budget: int) -> float:
        bought = within_budget(wanted, budget)
        assert sum(each.cost_cents for each in bought) <= budget
        return sum(each.demand.short(each.item.position + each.units) for each in bought)

    losses = [lost(budget) for budget in range(0, 120_000, 10_000)]
    assert all(after <= before + 1e-9 for before, after in pairwise(losses))


def test_an_item_that_cannot_be() -> None:
    for wrong in (
        {"on_order": -1},
        {"pack_size": 0},
        {"unit_cost_cents": -5},
        {"minimum": -1},
        {"shelf_life_days": -1},
    ):
        with pytest.raises(ValueError, match="TO-1: "):
            replace(ITEM, **wrong)
