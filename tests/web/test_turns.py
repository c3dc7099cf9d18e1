"""Whose turn is answered next: who has had more than their share of the model gives way, between two steps too."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from tests.web.clock import Clock
from walkiosk.crew import Crew, Hung
from walkiosk.kiosk import Line, Reply
from walkiosk.pausing import Way, way
from walkiosk.web.limits import Limits, Purse
from walkiosk.web.turns import BUYS, CROWDED, FLOODS, SERVED, Turns

BASKET = Reply("added", "", "en", basket=(Line("boots", 1, 100),))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_ranks(clock: Clock) -> None:
    turns = Turns(Limits(), 4, clock)
    asking, other = (turns.standing("a", Purse(Limits(), clock)) for _ in range(2))
    asking.spend(9)
    assert (asking.rank, other.rank) == (FLOODS, SERVED)
    other.follow(BASKET)
    assert other.rank == BUYS
    asking.follow(BASKET)
    assert asking.rank == BUYS
    asking.spend(8)
    assert (asking.rank, other.rank) == (FLOODS, BUYS)  # a basket is no licence to flood
    other.leave()
    assert other.rank == CROWDED and turns.standing("b", Purse(Limits(), clock)).rank == SERVED
    asking.follow(Reply("thanks", "", "en", stage="thanks"))
    assert asking.rank == CROWDED
    turns.close()


def test_who_floods_gives_way_between_two_steps() -> None:
    """A flood's turn is under way; a customer's begins after it and ends before its next step."""
    clock = Clock()
    turns = Turns(Limits(), 4)
    flood, customer = (turns.standing(name, Purse(Limits(), clock)) for name in ("a", "b"))
    flood.spend(1000)
    began, met, done = threading.Event(), threading.Event(), []

    def flooding() -> None:
        began.set()
        met.wait()
        way.get().give()
        done.append("flood")

    def buying() -> None:
        way.get().give()
        met.set()
        done.append("customer")

    async def both() -> None:
        first = asyncio.create_task(turns.answered(flood, flooding))
        await asyncio.to_thread(began.wait)
        await turns.answered(customer, buying)
        await first

    asyncio.run(both())
    turns.close()
    assert done == ["customer", "flood"]


def test_what_gives_way_does_not_hang() -> None:
    """A job that stands still for others longer than it may take ends well; one that just stands still does not."""
    over, never = threading.Event(), threading.Event()

    class Stood(Way):
        """Has stood still for 1000 s when it is looked at again."""

        seen = 0

        @property
        def given_seconds(self) -> float:  # type: ignore[override]
            self.seen += 1
            over.set()
            return 0.0 if self.seen == 1 else 1000.0

    class Standing(Way):
        given_seconds = 1000.0  # as it was before the job began

    def hung(paused: Way, job: Callable[[], object]) -> bool:
        token = way.set(paused)
        try:
            Crew("test").call(job, 1e-6)
        except Hung:
            return True
        finally:
            way.reset(token)
        return False

    assert not hung(Stood(), over.wait) and hung(Standing(), never.wait)
    never.set()


def test_floods_have_one_place_together(clock: Clock) -> None:
    turns = Turns(Limits(), 4, clock)
    floods = [turns.standing(name, Purse(Limits(), clock)) for name in "abc"]
    for each in floods:
        each.spend(9)
    at_once, most, gate = [0], [0], threading.Event()

    def answer() -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        gate.wait()
        at_once[0] -= 1

    async def all_of_them() -> None:
        waiting = [asyncio.create_task(turns.answered(each, answer)) for each in floods]
        customer = turns.standing("d", Purse(Limits(), clock))
        assert await turns.answered(customer, lambda: "served") == "served"
        gate.set()
        await asyncio.gather(*waiting)

    asyncio.run(all_of_them())
    turns.close()
    assert most == [1]
