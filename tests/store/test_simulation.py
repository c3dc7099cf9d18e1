"""The replay: goods that come, are sold, lost and thrown away, day by day."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from walkiosk.store.lead_time_demand import Demand, Values
from walkiosk.store.simulation import (
    Morning,
    Policy,
    Replay,
    Rules,
    Tradeoff,
    in_packs,
    order_up_to,
    recent_mean,
    replay,
    surely_gone,
    sweep,
)


def fixed(*orders: float) -> Policy:
    """Orders so many units on each day it is asked, whatever it sees, and then none."""
    left = list(orders)
    return lambda morning: np.array([left.pop(0) if left else 0.0])


def days(*units: float) -> Values:
    return np.array([units], dtype=float)


def one(demand: Values, policy: Policy, rules: Rules, stock: float, first: int = 0) -> Replay:
    return replay(demand, policy, rules, first, np.full(len(demand), stock))


def told(played: Replay) -> tuple[float, ...]:
    return tuple(float(each[0]) for each in (played.sold, played.lost, played.ordered, played.wasted, played.stock))


def test_what_is_not_there_is_lost() -> None:
    assert told(one(days(3, 3, 3), fixed(), Rules(1), 5)) == (5, 4, 0, 0, pytest.approx(2 / 3))
    assert one(days(3, 3, 3), fixed(), Rules(1), 5).lost_share == pytest.approx(4 / 9)
    assert one(days(0, 0), fixed(), Rules(1), 5).lost_share == 0


def test_orders_take_their_time() -> None:
    demand = days(2, 2, 2, 2)
    assert told(one(demand, fixed(4), Rules(2), 2))[:2] == (6, 2)  # it comes in the morning of the third day
    assert told(one(demand, fixed(4), Rules(0), 2))[:2] == (6, 2)  # at once
    assert told(one(demand, fixed(4), Rules(9), 2))[:2] == (2, 6)  # after the end
    assert told(one(demand, fixed(4, 9, 9), Rules(0, review=3), 2))[2] == 13  # asked on the first and the fourth day


def test_a_policy_sees_the_past_and_what_is_on_its_way() -> None:
    seen: list[Morning] = []

    def policy(morning: Morning) -> Values:
        seen.append(morning)
        return np.array([5.0])

    one(days(1, 2, 3, 4), policy, Rules(2), 10, first=1)
    assert [each.past.tolist() for each in seen] == [[[1]], [[1, 2]], [[1, 2, 3]]]
    assert [(each.on_hand[0], each.on_order[0], each.position[0]) for each in seen] == [
        (10, 0, 10),
        (8, 5, 13),
        (10, 5, 15),
    ]


def test_the_burn_in_is_not_counted() -> None:
    assert told(one(days(9, 1, 1), fixed(), Rules(1, burn_in=1), 5)) == (0, 2, 0, 0, 0)
    assert told(one(days(0, 1, 1), fixed(), Rules(1, burn_in=1), 5))[4] == pytest.approx((4 + 3) / 2)


def test_nobody_comes_on_days_that_are_not_known() -> None:
    assert told(one(days(2, np.nan, 2), fixed(), Rules(1), 3)) == (3, 1, 0, 0, pytest.approx(2 / 3))


@pytest.mark.parametrize(("life", "wasted"), [(1, 5), (2, 4), (3, 3), (9, 0), (np.inf, 0)])
def test_what_expires_is_thrown_away(life: float, wasted: float) -> None:
    played = one(days(1, 1, 1, 1), fixed(), Rules(1, shelf_life=np.array([life])), 6)
    assert played.wasted[0] == wasted
    assert played.sold[0] == min(life, 4)


def test_the_oldest_goes_first() -> None:
    rules = Rules(1, shelf_life=np.array([2.0]))
    kept = one(days(1, 1, 1), fixed(3), rules, 2)  # both of the first day are sold before those that came later
    assert (kept.wasted[0], kept.sold[0]) == (0, 3)
    late = one(days(1, 1, 1, 1), fixed(3), rules, 2)  # and the others' time is over on the fourth day
    assert (late.wasted[0], late.sold[0], late.lost[0]) == (2, 3, 1)


def test_units_are_kept() -> None:
    chance = np.random.default_rng(5)
    demand = chance.poisson(4, size=(6, 200)).astype(float)
    rules = Rules(3, 2, shelf_life=np.array([2.0, 4, 6, 9, 20, np.inf]))
    stock = np.full(6, 10.0)
    played = replay(demand, recent_mean(28, 2.0, 5), rules, 28, stock)
    assert np.all(played.sold + played.lost == demand[:, 28:].sum(1))
    left = stock + played.ordered - played.sold - played.wasted  # there or on its way at the end
    assert np.all(left >= 0)
    assert np.all(left <= 5 * 4 + 60)
    assert played.wasted[0] > played.wasted[3] > played.wasted[5] == 0


def test_the_classic_level() -> None:
    past = np.array([[2, 4, np.nan, 6], [0, 0, 0, 0]], dtype=float)
    morning = Morning(4, np.array([1.0, 0]), np.array([2.0, 0]), past)
    level = 4 * 4 + 2 * np.sqrt(4 * 4)  # mean 4, deviation 2
    assert recent_mean(4, 2.0, 4)(morning).tolist() == [level - 3, 0]
    assert recent_mean(2, 0.0, 4)(morning).tolist() == [6 * 4 - 3, 0]


def test_levels_and_packs() -> None:
    levels = np.array([[0, 9], [0, 9], [0, 9], [0, 1.0]])
    morning = Morning(1, np.array([2.0, 2, 2, 2]), np.array([1.0, 1, 1, 1]), np.zeros((4, 1)))
    assert order_up_to(levels)(morning).tolist() == [6, 6, 6, 0]
    packed = in_packs(order_up_to(levels), np.array([4.0, 4, 7, 4]), np.array([np.inf, 8, 9, np.inf]))
    assert packed(morning).tolist() == [8, 4, 0, 0]
    gone = order_up_to(np.array([[0, 5], [0, 5], [0, 5], [0, 5.0]]))  # two more than are there
    later = in_packs(order_up_to(levels), np.array([4.0, 4, 7, 4]), np.array([np.inf, 8, 9, np.inf]), gone)
    assert later(morning).tolist() == [8, 4, 7, 0]


def test_what_does_not_fit_goes_back() -> None:
    demand = np.array([[0, 3, 0, 0, 2.0]])
    for lead, sent in ((1, [0, 6, 0, 0, 0]), (0, [0, 0, 6, 0, 0])):
        played = replay(
            demand, lambda morning, sent=sent: np.array([float(sent[morning.day])]),  # type: ignore[misc]
            Rules(lead, capacity=np.array([5.0])), 0, np.array([5.0]),
        )  # fmt: skip
        assert (played.returned.tolist(), played.sold.tolist(), played.ordered.tolist()) == ([3], [5], [6])


def test_the_classic_policy_is_sure_of_less_than_its_mean() -> None:
    morning = Morning(4, np.zeros(1), np.zeros(1), np.array([[3.0, 5, 3, 5]]))
    deviation = np.sqrt(4 / 3)
    assert surely_gone(4, 1.0, 4)(morning).tolist() == [np.floor(16 - 2 * deviation)]
    assert surely_gone(4, 99.0, 4)(morning).tolist() == [0]


def test_a_base_stock_loses_what_its_formula_says() -> None:
    """With goods there at once each morning, a day is a newsvendor's: it loses the loss function of its level."""
    demand = np.random.default_rng(6).poisson(5, size=(1, 40_000)).astype(float)
    for level in (3, 5, 8):
        played = one(demand, order_up_to(np.full(demand.shape, float(level))), Rules(0), 0)
        assert played.lost[0] / demand.size == pytest.approx(Demand(5, 5).short(level), rel=0.03)
        assert played.stock[0] == pytest.approx(level - 5 + Demand(5, 5).short(level), rel=0.03)
        assert np.mean(demand <= level) == pytest.approx(stats.poisson(5).cdf(level), abs=0.01)


def test_more_safety_is_more_stock_and_less_lost() -> None:
    demand = np.random.default_rng(7).poisson(4, size=(5, 300)).astype(float)
    factors = (0.0, 1.0, 2.0, 3.0)
    found = sweep(lambda factor: replay(demand, recent_mean(28, factor, 4), Rules(3), 28, np.full(5, 20.0)), factors)
    assert all(before < after for before, after in pairwise(found.stock))
    assert all(before > after for before, after in pairwise(found.lost))
    middle = found.lost_at(float(found.stock[1:3].mean()))
    assert found.lost[2] < middle < found.lost[1]
    double = sweep(
        lambda factor: replay(demand, recent_mean(28, factor, 4), Rules(3), 28, np.full(5, 20.0)),
        factors,
        np.full(5, 2.0),
    )
    assert double.lost.tolist() == (2 * found.lost).tolist()


def test_beyond_the_sweep_nothing_is_said() -> None:
    curve = Tradeoff(np.array([10.0, 20]), np.array([8.0, 4]))
    assert curve.lost_at(15) == 6
    assert np.isnan(curve.lost_at(9.0))
    assert np.isnan(curve.lost_at(21.0))


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="day 1: an order of -2"):
        one(days(1, 1), fixed(0, -2), Rules(1), 5)
    with pytest.raises(ValueError, match="an order of nan"):
        one(days(1, 1), fixed(np.nan), Rules(1), 5)
    for first, burn_in in ((2, 0), (1, 1), (-1, 0)):
        with pytest.raises(ValueError, match="2 steps of sales"):
            one(days(1, 1), fixed(), Rules(1, burn_in=burn_in), 5, first=first)
