"""What a likeness is fitted to, and what a seed may begin with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from walkiosk.pairs.pair import PairsError
from walkiosk.pairs.splitting import FEWEST

MOST_PAIRS = 20_000
STRETCHES = 30  # groups at least, where there is as much: neighbours know of each other, and stand in one


@dataclass(frozen=True)
class Laid:
    """Pairs (input, target[, group]) that a model is fitted to; ``told`` is what it keeps for generating, as JSON.

    Without ``hold_back`` all are learned from: nobody is told a score, and what was held back could not come out.
    """

    pairs: Sequence[tuple[Any, ...]]
    told: dict[str, Any] = field(default_factory=dict)
    hold_back: bool = True


@dataclass(frozen=True)
class Going:
    """How one goes on: elements that are read, that are written, and that a beginning has."""

    read: int
    written: int
    opening: int

    @property
    def readings(self) -> tuple[int, ...]:
        """How much is read, in turn: mostly all, but beginnings are short."""
        return self.read, self.opening, self.read, max(self.opening, self.read // 4)


def stretches(lengths: Sequence[int], going: Going, every: int) -> Iterator[tuple[int, slice, slice, str]]:
    """Cut what goes on into what was read and what came next, about ``every`` so many elements.

    Of each cut: the number of the one that is cut, where the two are in it, and the group that its neighbours share.
    """
    places = sum(max(0, length - going.opening) for length in lengths)
    every = max(every, -(-places // MOST_PAIRS))
    parts = -(-STRETCHES // max(1, len(lengths)))  # of each
    count = 0
    for number, length in enumerate(lengths):
        for at in range(going.opening, length, every):
            first = max(0, at - going.readings[count % len(going.readings)])
            yield number, slice(first, at), slice(at, at + going.written), f"{number} {at * parts // length}"
            count += 1


def check_groups(name: str, pairs: Sequence[tuple[Any, Any, str]], what: str) -> None:
    """Raise `PairsError` where there are too few pairs for some to be held back."""
    if len({group for *_, group in pairs}) < FEWEST:
        raise PairsError(f"{name}: too little to learn from: {what}")
