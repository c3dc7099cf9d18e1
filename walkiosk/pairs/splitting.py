"""Pairs → training, validation and held out: by their content, and what belongs together stays together."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from walkiosk.pairs.content import copies, digest, root_of
from walkiosk.pairs.pair import Pair, PairsError
from walkiosk.pairs.problems import leaks

__all__ = ["SHARES", "leaks", "split"]
SHARES = (0.8, 0.1, 0.1)  # training, validation, held out
FEWEST = 10  # groups, so that no part is without one
KINDS = 0.1  # share of the pairs; fewer different inputs are kinds of things: a class, a size, a shop


def split(
    pairs: Sequence[Pair], shares: tuple[float, float, float] = SHARES
) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Return three parts with about these shares of the pairs, each in the order of ``pairs``.

    Pairs of one group, or without groups those with the same input, stand in one part. Bunches go by the order of
    their digests, so that more lines move few of the old ones; one that is larger than a small part goes to training.
    Raises `PairsError` for fewer than `FEWEST` bunches.
    """
    bunches = _bunches(pairs)
    if len(bunches) < FEWEST:
        raise PairsError(_too_few(pairs, len(bunches)))
    smallest = min(share for share in shares if share) * len(pairs)
    order = sorted(bunches, key=lambda key: (len(bunches[key]) <= max(smallest, 1), key))
    cuts = (Fraction(shares[0]), Fraction(shares[0]) + Fraction(shares[1]))
    parts: list[list[list[int]]] = [[], [], []]
    before = 0
    for key in order:
        middle = Fraction(2 * before + len(bunches[key]), 2 * len(pairs))
        parts[sum(middle > cut for cut in cuts)].append(bunches[key])
        before += len(bunches[key])
    _fill(parts, shares)
    first, second, third = ([pairs[n] for n in sorted(n for bunch in part for n in bunch)] for part in parts)
    return first, second, third


def _bunches(pairs: Sequence[Pair]) -> dict[bytes, list[int]]:
    """Places in ``pairs`` that must not be parted, by a digest.

    Where lines name groups, those are what belongs together: inputs such as a store's type are shared by many. Without
    groups it is equal inputs, unless they are so few that they are kinds of things rather than things.
    """
    root, same = root_of(pairs), copies(pairs)

    def one(pair: Pair, *more: Any) -> bytes:
        return digest([same.get(v, v) if isinstance(v, Path) else v for v in (*pair.inputs, *more)], root)

    if any(pair.group is not None for pair in pairs):
        keys = [one(pair) if pair.group is None else digest([pair.group]) for pair in pairs]
    else:
        keys = [one(pair) for pair in pairs]
        if len(set(keys)) < KINDS * len(pairs):
            keys = [one(pair, pair.target) for pair in pairs]
    found: dict[bytes, list[int]] = {}
    for number, key in enumerate(keys):
        found.setdefault(key, []).append(number)
    return found


def _fill(parts: list[list[list[int]]], shares: tuple[float, float, float]) -> None:
    """Give a part that came out empty the smallest bunch of the one that has most of them."""
    for part, share in zip(parts, shares, strict=True):
        if share and not part:
            giver = max(parts, key=len)
            least = min(giver, key=len)
            giver.remove(least)
            part.append(least)


def _too_few(pairs: Sequence[Pair], bunches: int) -> str:
    groups = len({pair.group for pair in pairs if pair.group is not None})
    if groups:
        return f"{bunches} groups; to hold some out, at least {FEWEST} are needed"
    different = f" with {bunches} different inputs" if bunches < len(pairs) else ""
    return f"{len(pairs)} pairs{different}; to hold some out, at least {FEWEST} different ones are needed"
