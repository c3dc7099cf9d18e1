"""Remarks grouped by what they say: average linkage within blocks, then of the blocks' groups, as a tree.

The mean likeness of two groups' members is the product of their mean vectors, so a group needs no more than its mean
and its count, and a hundred thousand remarks no more than their vectors (float16) and one block's likenesses.
Everything is settled by the vectors and their order: the same remarks make the same themes.

Letters in shapes: N remarks, K groups, D width of a vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
BLOCK = 512  # groups that are compared each with each
ROUNDS = 8  # of the tree: what has not met by then stays apart unless it is near one of the largest groups
LITTLE = 0.98  # a round that leaves more than this of the groups has done its part
PIVOTS = 64  # large groups by which the others are put in order
ALONE = -1


@dataclass(frozen=True)
class Grouping:
    """Which group each remark is in (N, `ALONE` for none) and the groups' means, K D, of length 1."""

    group: NDArray[np.int64]
    means: Floats


@dataclass(frozen=True)
class _Groups:
    """Groups under way: the mean vector of each, K D, and how many it has, K."""

    means: Floats | Halves
    counts: NDArray[np.int64]


def group_remarks(vectors: Halves, alike: float, joins: float, least: int = 2) -> Grouping:
    """Group ``vectors`` (N D, of length 1) whose mean likeness is at least ``alike``.

    Then each remark goes to the group whose mean is nearest, if that is as near as ``joins``; a group of fewer than
    ``least`` is none.
    """
    size = len(vectors)
    if not size:
        return Grouping(np.zeros(0, np.int64), np.zeros((0, vectors.shape[1]), np.float32))
    means = _unit(_tree(vectors, alike, least))
    return _without_small(nearest(vectors, means, joins), vectors, len(means), least)


def nearest(vectors: Halves, means: Floats, least: float) -> NDArray[np.int64]:
    """The group (of means K D) that each vector (N D) is nearest to, `ALONE` where none is as near as ``least``."""
    found = np.full(len(vectors), ALONE, np.int64)
    if not len(means):
        return found
    for start in range(0, len(vectors), BLOCK):
        near = vectors[start : start + BLOCK].astype(np.float32) @ means.T
        best = near.argmax(axis=1)
        sure = near[np.arange(len(best)), best] >= least
        found[start : start + BLOCK] = np.where(sure, best, ALONE)
    return found


def mean_vectors(vectors: Halves, members: Sequence[NDArray[np.int64]]) -> Floats:
    """The middle of each group of remarks, K D, of length 1."""
    means = np.zeros((len(members), vectors.shape[1]), np.float32)
    for place, own in enumerate(members):
        for start in range(0, len(own), BLOCK):
            means[place] += vectors[own[start : start + BLOCK]].astype(np.float32).sum(axis=0)
    return _unit(means)


def _without_small(group: NDArray[np.int64], vectors: Halves, groups: int, least: int) -> Grouping:
    counts = np.bincount(group[group != ALONE], minlength=groups)
    kept = np.flatnonzero(counts >= least)
    renamed = np.full(groups + 1, ALONE, np.int64)  # the last place is that of `ALONE`
    renamed[kept] = np.arange(len(kept))
    group = renamed[group]
    return Grouping(group, mean_vectors(vectors, [np.flatnonzero(group == place) for place in range(len(kept))]))


def _tree(vectors: Halves, alike: float, least: int) -> Floats:
    """Merge block by block until a round merges next to nothing, then the largest groups in one; their means, K D."""
    size = len(vectors)
    groups = _Groups(vectors, np.ones(size, np.int64))
    order = np.arange(size)
    for number in range(ROUNDS):
        before = len(order)
        groups = _round(groups, order, alike)
        if before <= BLOCK or len(groups.counts) > LITTLE * before:
            break
        order = _neighbours_first(groups, number)
    largest = np.argsort(-groups.counts, kind="stable")[:BLOCK]
    groups = _round(groups, largest[groups.counts[largest] >= least], alike)
    return groups.means[np.argsort(-groups.counts, kind="stable")].astype(np.float32)


def _round(groups: _Groups, order: NDArray[np.int64], alike: float) -> _Groups:
    """One level of the tree: the groups in this order, each block merged by itself."""
    means: list[Halves] = [np.zeros((0, groups.means.shape[1]), np.float16)]
    counts: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for start in range(0, len(order), BLOCK):
        block = order[start : start + BLOCK]
        merged = merge(groups.means[block].astype(np.float32), groups.counts[block], alike)
        means.append(merged.means.astype(np.float16))
        counts.append(merged.counts)
    return _Groups(np.concatenate(means), np.concatenate(counts))


def merge(means: Floats, counts: NDArray[np.int64], alike: float) -> _Groups:
    """Merge the most alike two of K groups until no two are as alike as ``alike``."""
    size = len(counts)
    means, weight = means.copy(), counts.astype(np.float64)
    likeness = (means @ means.T).astype(np.float64)
    np.fill_diagonal(likeness, -np.inf)
    alive = np.ones(size, np.bool_)
    partner = likeness.argmax(axis=1)
    best = likeness[np.arange(size), partner]
    while size > 1:
        first = int(best.argmax())
        if best[first] < alike:
            break
        first, second = sorted((first, int(partner[first])))
        part = weight[first] / (weight[first] + weight[second])
        means[first] = part * means[first] + (1 - part) * means[second]
        weight[first] += weight[second]
        joined = part * likeness[first] + (1 - part) * likeness[second]
        joined[[first, second]] = -np.inf
        likeness[first] = likeness[:, first] = joined
        likeness[second] = likeness[:, second] = -np.inf
        best[second] = -np.inf
        alive[second] = False
        stale = np.flatnonzero((partner == first) | (partner == second) | (np.arange(size) == first))
        stale = stale[stale != second]
        partner[stale] = likeness[stale].argmax(axis=1)
        best[stale] = likeness[stale, partner[stale]]
        best[second] = -np.inf
    return _Groups(means[alive], weight[alive].astype(np.int64))


def _neighbours_first(groups: _Groups, number: int) -> NDArray[np.int64]:
    """An order in which what is alike stands near: by which large group is nearest, other ones in each round."""
    largest = np.argsort(-groups.counts, kind="stable")[number * PIVOTS :][:PIVOTS]
    likeness = _unit(groups.means.astype(np.float32)) @ _unit(groups.means[largest].astype(np.float32)).T
    return np.lexsort((-likeness.max(axis=1), likeness.argmax(axis=1))).astype(np.int64)


def _unit(means: Floats) -> Floats:
    lengths = np.linalg.norm(means, axis=-1, keepdims=True)
    unit: Floats = (means / np.maximum(lengths, 1e-6)).astype(np.float32)
    return unit
