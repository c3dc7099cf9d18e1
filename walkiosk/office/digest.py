"""A digest of customers' remarks: read → group → count → write → check, straight down the page.

The model reads, groups and words; it never counts. Counts, quotes and names come from the remarks, and a sentence that
its remarks do not bear is dropped (`digest_writing`). Of each remark no more is held than a vector of halves, so that a
hundred thousand need some hundred megabytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from walkiosk.office.digest_value import Digest, Filed, NamedItem, Period, Quote, RemarkSkills, Stars, Theme, Told
from walkiosk.office.digest_writing import COMPLAINT, POOR, PRAISE, Group, compose, put_first
from walkiosk.office.items import Item, Items, Marked
from walkiosk.office.remarks import Remark, filed_by_hand, is_unclear, points
from walkiosk.office.themes import Halves, group_remarks, mean_vectors, nearest
from walkiosk.store.feedback import STARS

ALIKE, JOINS = 0.4, 0.3  # mean likeness within a theme, and of a remark to a theme's middle
POINT_JOINS = 0.6  # likeness of a part of a remark to the middle of a theme that the whole remark is not of
FELT = 16  # remarks, the most central, by which it is told how a theme is meant
GOOD = 4  # stars of who does not complain, at least
LEAST = 2  # remarks that make a theme
QUOTES = 2
READ = 128  # texts that the model reads before it tells how far it is
SILENT: Told = lambda step, done, of: None  # noqa: E731


@dataclass(frozen=True)
class Asked:
    """What the operator wants: the language, the period (None takes every remark), the shop's own categories."""

    language: str = "en"
    period: Period | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Read:
    """What was read: N remarks with words, the first ``now`` of the period, the others of the one before.

    U units: the remarks and, behind them, the points of those that make several; ``remark`` is whose each is.
    """

    remarks: list[Remark]
    now: int
    marked: list[Marked]
    units: list[str]
    remark: NDArray[np.int64]
    vectors: Halves


def digest(
    skills: RemarkSkills, remarks: Sequence[Remark], asked: Asked, items: Items | None = None, told: Told = SILENT
) -> Digest:
    """Sum up ``remarks``; those of the period before are counted for the trend, those of neither are left out."""
    now, before, undated = _sorted_by_period(remarks, asked.period)
    worded = [remark for remark in now if remark.words]
    clear = [remark for remark in worded if not is_unclear(remark.words)]
    earlier = [remark for remark in before if remark.words and not is_unclear(remark.words)]
    read = _read(skills, clear, earlier, items or Items.none(), told)
    members = _members(read)
    groups = _groups(skills, read, members)
    named = items or Items.none()
    filed = [(named.mark(words).words, category) for words, category in filed_by_hand(remarks)]
    categories = _categories(skills, read, asked.categories, filed, told)
    known = any(remark.words for remark in before)
    put = put_first(groups, known)
    themes = tuple(_theme(read, groups[place], categories, len(worded), known) for place in put)
    written = compose(skills, [groups[place] for place in put], asked.language, known, told)
    said = {sentence.theme: sentence for sentence in reversed(written.of_themes)}
    grouped = {int(remark) for group in groups for remark in group.remarks}
    return Digest(
        language=asked.language,
        period=asked.period,
        text=written.text,
        sentences=written.sentences,
        themes=tuple(
            replace(theme, sentence=said[place].text if place in said else None) for place, theme in enumerate(themes)
        ),
        categories=tuple(Counter(categories).most_common()),
        stars=_stars(now, before),
        remarks=len(worded),
        before=sum(bool(remark.words) for remark in before) if known else None,
        alone=len(clear) - len(grouped),
        unclear=tuple(remark.id for remark in worded if is_unclear(remark.words)),
        stars_only=len(now) - len(worded),
        undated=undated,
        written=written.count,
        dropped=written.dropped,
    )


def _sorted_by_period(remarks: Sequence[Remark], period: Period | None) -> tuple[list[Remark], list[Remark], int]:
    """Those of the period, those of the one before, and how many have no date by which to tell."""
    if period is None:
        return list(remarks), [], 0
    before = period.before
    undated = sum(remark.day is None for remark in remarks)
    return [r for r in remarks if r.day in period], [r for r in remarks if r.day in before], undated


def _read(skills: RemarkSkills, clear: Sequence[Remark], earlier: Sequence[Remark], items: Items, told: Told) -> _Read:
    remarks = [*clear, *earlier]
    marked = [items.mark(remark.words) for remark in remarks]
    units, owner = [each.words for each in marked], list(range(len(marked)))
    for place, each in enumerate(marked):
        parts = points(each.words)
        units += parts
        owner += [place] * len(parts)
    distinct = {text: row for row, text in enumerate(dict.fromkeys(units))}
    vectors = _vectors(skills, list(distinct), told)
    if len(distinct) < len(units):
        vectors = vectors[[distinct[text] for text in units]]
    return _Read(remarks, len(clear), marked, units, np.array(owner, np.int64), vectors)


def _vectors(skills: RemarkSkills, texts: Sequence[str], told: Told) -> Halves:
    """What each text says, as halves."""
    found: Halves = np.zeros((0, 1), np.float16)
    for start in range(0, len(texts), READ):
        told("read", start, len(texts))
        block = skills.vectors(texts[start : start + READ])
        if not start:
            found = np.empty((len(texts), block.shape[1]), np.float16)
        found[start : start + READ] = block
    told("read", len(texts), len(texts))
    return found


def _members(read: _Read) -> list[NDArray[np.int64]]:
    """The units of each theme: remarks, and points of remarks that are of another theme as a whole; a remark once."""
    size = len(read.remarks)
    whole = read.vectors[:size]
    grouping = group_remarks(whole, ALIKE, JOINS, LEAST)
    places = range(len(grouping.means))
    members = [np.flatnonzero(grouping.group == place) for place in places]
    means = mean_vectors(read.vectors, members)
    near = nearest(read.vectors[size:], means, POINT_JOINS)
    for place in places:
        mine = set(members[place].tolist())
        others = [size + int(at) for at in np.flatnonzero(near == place) if int(read.remark[size + at]) not in mine]
        first = {int(read.remark[unit]): unit for unit in reversed(others)}
        members[place] = np.concatenate([members[place], np.array(sorted(first.values()), np.int64)])
    return members


def _groups(skills: RemarkSkills, read: _Read, members: list[NDArray[np.int64]]) -> list[Group]:
    """Each theme with what the writing needs of it, its remarks the most central first."""
    means = mean_vectors(read.vectors, members)
    groups = []
    for own, mean in zip(members, means, strict=True):
        current = own[read.remark[own] < read.now]
        if not len(current):
            continue
        vectors = read.vectors[current].astype(np.float32)
        order = np.argsort(-(vectors @ mean), kind="stable")
        current = current[order]
        felt = skills.feelings([read.units[unit] for unit in current[:FELT]])
        felt = [_felt(each, read.remarks[read.remark[unit]]) for each, unit in zip(felt, current, strict=False)]
        groups.append(
            Group(
                texts=[read.units[unit] for unit in current],
                vectors=vectors[order],
                mean=mean,
                feeling=Counter(felt).most_common(1)[0][0],
                before=len(own) - len(current),
                remarks=read.remark[current],
                said=[read.remarks[place] for place in read.remark[current]],
                items=[read.marked[place].items for place in read.remark[current]],
            )
        )
    return groups


def _felt(feeling: str, remark: Remark) -> str:
    """How a remark is meant: its stars know better than the model whether it complains."""
    if remark.stars is not None and remark.stars <= POOR:
        return COMPLAINT
    return PRAISE if feeling == COMPLAINT and remark.stars is not None and remark.stars >= GOOD else feeling


def _categories(skills: RemarkSkills, read: _Read, names: Sequence[str], filed: Filed, told: Told) -> list[str]:
    """The category of each remark of the period, by hand where it is filed; none without categories."""
    if not names:
        return []
    texts = [each.words for each in read.marked[: read.now]]
    found: list[str] = []
    for start in range(0, len(texts), READ):
        told("categorise", start, len(texts))
        found += skills.categorise(texts[start : start + READ], names, filed)
    told("categorise", len(texts), len(texts))
    by_hand = [remark.filed for remark in read.remarks[: read.now]]
    return [own if own and own in names else by_model for own, by_model in zip(by_hand, found, strict=True)]


def _theme(read: _Read, group: Group, categories: Sequence[str], remarks: int, known: bool) -> Theme:
    own = [int(place) for place in group.remarks]
    category = Counter(categories[place] for place in own).most_common(1)[0][0] if categories else None
    quotes: dict[str, Quote] = {}
    for place in own:
        remark = read.remarks[place]
        if len(quotes) < QUOTES:
            quotes.setdefault(remark.words, Quote(remark.id, remark.words, remark.language, remark.day))
    named: Counter[Item] = Counter(item for items in group.items for item in items)
    return Theme(
        sentence=None,
        feeling=group.feeling,
        category=category,
        count=len(own),
        share=len(own) / remarks,
        before=group.before if known else None,
        quotes=tuple(quotes.values()),
        items=tuple(NamedItem(item.thing, item.name, count) for item, count in named.most_common()),
        ids=tuple(group.ids),
    )


def _stars(now: Sequence[Remark], before: Sequence[Remark]) -> Stars:
    given = Counter(remark.stars for remark in now if remark.stars is not None)
    return Stars(tuple(given[stars] for stars in STARS), _mean_stars(now), _mean_stars(before))


def _mean_stars(remarks: Sequence[Remark]) -> float | None:
    given = [remark.stars for remark in remarks if remark.stars is not None]
    return sum(given) / len(given) if given else None
