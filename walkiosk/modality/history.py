"""History ↔ patches: the past of a series, what is known ahead of it and facts of its item, and the quantiles to come.

A trend with a calendar. Patches of two weeks are laid so that the last ends where the future begins: a place in a patch
is then one day of the week throughout. Each instance is on its own scale, an inverse hyperbolic sine behind it (as in
Chronos-2, Ansari et al., 2025). A future patch also carries what naive forecasts say of its steps (the mean of the last
same weekdays, the level, the year before): the model writes what is to be added.

Letters in shapes: B series, T steps of a context, H of a horizon, P patches of a context, F of a future, Q quantiles.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality import scalar, season
from walkiosk.modality.naive import SAY, mean, naive
from walkiosk.modality.value import QUANTILES, BadValue

Values = NDArray[np.float64]
Floats = NDArray[np.float32]

FREQUENCIES = tuple(season.CYCLE)  # days, weeks, months, quarters, years
PATCH = 14  # steps an element
LONGEST = 1_500  # steps of a past that are perceived, the latest ones
FARTHEST = 364  # steps ahead
SCALED_BY = {"D": 182, "W": 104, "M": 60, "Q": 24, "Y": 20}  # latest steps that say how large a series is
FACTS = 10  # numbers about a series
LETTERS = 64  # buckets of an item's words
PAST = 4 + season.CHANNELS  # numbers a step: value, whether known, price, promotion, calendar
AHEAD = 2 + season.CHANNELS + 2 * SAY  # price, promotion, calendar, naive forecasts
ALL = (
    7 + len(FREQUENCIES) + 2 + FACTS
)  # numbers a patch: weekday, frequency, whether price and promotion are known, facts
PAST_FEATURES, AHEAD_FEATURES = PATCH * PAST + ALL, PATCH * AHEAD + ALL
ITEM_FEATURES = scalar.FEATURES + 1 + LETTERS
CLIP = 12.0  # of squeezed values: beyond a hundred thousand spreads nothing is told apart


@dataclass(frozen=True)
class History:
    """One series up to now. ``values`` T, NaN where nobody knows; ``first`` is the date of the first of them.

    What is known ahead reaches T + H steps where it is given: ``price`` (any unit; NaN where nobody knows) and
    ``promotion`` (0 to 1). ``category`` and ``name`` are the item's, in any language; ``country`` (ISO 3166-1 alpha-2)
    is where people have public holidays, "" for nowhere.
    """

    values: Values
    first: date
    frequency: str = "D"
    price: Values | None = None
    promotion: Values | None = None
    category: str = ""
    name: str = ""
    country: str = ""

    def until(self, today: int, horizon: int) -> History:
        """The same as it was after ``today`` steps; what was known ahead stays known, as far as it reaches."""

        def known(steps: Values | None) -> Values | None:
            if steps is None:
                return None
            part = steps[: today + horizon]
            return np.pad(part, (0, today + horizon - len(part)), constant_values=np.nan)

        return replace(self, values=self.values[:today], price=known(self.price), promotion=known(self.promotion))


@dataclass(frozen=True)
class Encoded:
    """B series of one frequency. ``past`` B P `PAST_FEATURES` and ``there`` B P, false where a patch is before the
    series' begin; ``item`` B `ITEM_FEATURES`; ``ahead`` B F `AHEAD_FEATURES`; ``base`` B F·`PATCH`, what the quantiles
    are written on top of; ``loc`` and ``scale`` B, in the series' unit.
    """

    past: Floats
    there: NDArray[np.bool_]
    item: Floats
    ahead: Floats
    base: Floats
    loc: Values
    scale: Values

    def squeeze(self, values: Values) -> Values:
        """B N in the series' unit → on the model's scale."""
        return np.arcsinh((values - self.loc[:, None]) / self.scale[:, None])


def check(history: History, horizon: int) -> None:
    """Raise `BadValue` for what no forecast can be made of."""
    values = history.values
    if values.ndim != 1 or not len(values):
        raise BadValue(f"history: {'empty' if not values.size else f'{values.ndim} dimensions, expected one'}")
    if history.frequency not in FREQUENCIES:
        raise BadValue(f"frequency {history.frequency!r} is none of {', '.join(FREQUENCIES)}")
    if not 1 <= horizon <= FARTHEST:
        raise BadValue(f"horizon {horizon} is not from 1 to {FARTHEST}")
    if np.isinf(values).any():
        raise BadValue(f"history: value {np.flatnonzero(np.isinf(values))[0] + 1} of {len(values)} is infinite")
    if not np.isfinite(values).any():
        raise BadValue("history: no value is known")
    for name, known in (("price", history.price), ("promotion", history.promotion)):
        if known is not None and len(known) != len(values) + horizon:
            raise BadValue(f"{name}: {len(known)} steps, expected {len(values)} of the past and {horizon} ahead")


def encode(histories: Sequence[History], horizon: int) -> Encoded:
    """Return what the model perceives of ``histories``, all of one frequency; raises `BadValue`."""
    for history in histories:
        check(history, horizon)
    frequency = histories[0].frequency
    if any(history.frequency != frequency for history in histories):
        raise BadValue("series of different frequencies in one batch")
    steps = min(LONGEST, max(len(history.values) for history in histories))
    patches, futures = -(-steps // PATCH), -(-horizon // PATCH)
    past, ahead = patches * PATCH, futures * PATCH
    values = np.full((len(histories), past), np.nan)
    known = np.full((len(histories), past + ahead, 2), np.nan)
    for row, history in enumerate(histories):
        latest = history.values[-past:]
        values[row, past - len(latest) :] = latest
        for column, given in enumerate((history.price, history.promotion)):
            if given is not None:
                part = given[-(len(latest) + horizon) :]
                known[row, past - len(latest) : past + horizon, column] = part
    loc, scale = _scales(values, frequency)
    return _laid(histories, values, known, loc, scale)


def _scales(values: Values, frequency: str) -> tuple[Values, Values]:
    """Mean and standard deviation of the latest steps; a flat series is on the scale of its level."""
    latest = values[:, -SCALED_BY[frequency] :]
    latest = np.where(
        np.isfinite(latest).any(axis=1, keepdims=True), latest, values[:, -1:] * 0 + mean(values)[:, None]
    )
    loc = mean(latest)
    spread = np.sqrt(mean((latest - loc[:, None]) ** 2))
    flat = ~(spread > 1e-8 * np.abs(loc))
    return loc, np.where(flat, np.where(loc == 0, 1.0, np.abs(loc)), spread)


def _laid(histories: Sequence[History], values: Values, known: Values, loc: Values, scale: Values) -> Encoded:
    rows, past = values.shape
    ahead = known.shape[1] - past
    frequency = histories[0].frequency
    last = np.array([season.ordinals(h.first, frequency, len(h.values) + ahead)[-1] for h in histories])
    calendar_days = season.up_to(last, frequency, past + ahead)
    calendar = season.channels(calendar_days, frequency, tuple(h.country for h in histories))
    price, promotion, given = _deals(known, past)
    squeezed = _squeezed(values, loc, scale)
    seen = np.isfinite(values)
    steps = np.concatenate(
        [
            np.where(seen, squeezed, 0.0)[..., None],
            seen[..., None],
            price[:, :past, None],
            promotion[:, :past, None],
            calendar[:, :past],
        ],
        axis=-1,
    )
    rules, told = naive(values, ahead, frequency)
    rules = _squeezed(rules.reshape(rows, -1), loc, scale).reshape(rules.shape)
    rules = np.where(told, rules, 0.0)
    future = np.concatenate(
        [price[:, past:, None], promotion[:, past:, None], calendar[:, past:], rules, told.astype(np.float64)], axis=-1
    )
    about = np.concatenate([_kind(calendar_days[:, past - 1], frequency, given), _facts(values, loc, scale)], axis=1)
    # the first patch in which anything is known, and all behind it
    patch_seen = seen.reshape(rows, -1, PATCH).any(axis=2)
    there = np.maximum.accumulate(patch_seen, axis=1)
    return Encoded(
        _patched(steps, about),
        there,
        np.stack([_item(h, p) for h, p in zip(histories, known[..., 0], strict=True)]),
        _patched(future, about),
        rules[..., 0].astype(np.float32),
        loc,
        scale,
    )


def _squeezed(values: Values, loc: Values, scale: Values) -> Values:
    return np.clip(np.arcsinh((values - loc[:, None]) / scale[:, None]), -CLIP, CLIP)


def _deals(known: Values, past: int) -> tuple[Values, Values, Values]:
    """B T 2 → log price over its usual, promotion, and whether each is known (B 2)."""
    price, promotion = known[..., 0], known[..., 1]
    given = np.asarray(np.isfinite(known).any(axis=1), np.float64)
    price = np.where(price > 0, price, np.nan)
    usual = np.array([np.nanmedian(row) if np.isfinite(row).any() else np.nan for row in price[:, :past]])
    ratio = np.log(price / usual[:, None])
    told: Values = np.where(np.isfinite(ratio), np.clip(ratio, -3, 3), 0.0)
    return told, np.where(np.isfinite(promotion), promotion, 0.0), given


def _facts(values: Values, loc: Values, scale: Values) -> Values:
    """B `FACTS`: how large, how scattered, how often nothing, how long."""
    seen = np.isfinite(values)
    length = seen.sum(axis=1)
    known = np.where(seen, values, 0.0)
    nothing = ((known == 0) & seen).sum(axis=1) / np.maximum(length, 1)
    late = values[:, -28:]
    late_nothing = mean(np.where(np.isfinite(late), late == 0, np.nan), 0.0)
    whole = (np.where(seen, np.abs(values - np.rint(np.nan_to_num(values))), 0.0).max(axis=1) < 1e-9).astype(float)
    negative = (known.min(axis=1) < 0).astype(float)
    steps = np.diff(known, axis=1) * (seen[:, 1:] & seen[:, :-1])
    rough = np.sqrt((steps**2).sum(axis=1) / np.maximum(length - 1, 1)) / scale
    last = np.where(
        seen.any(axis=1), values[np.arange(len(values)), values.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)], 0
    )
    return np.stack(
        [
            np.arcsinh(loc) / 10,
            np.arcsinh(scale) / 10,
            np.arcsinh(loc / scale),
            nothing,
            late_nothing,
            whole,
            negative,
            np.minimum(rough, 3),
            np.log1p(length) / 8,
            np.clip(np.arcsinh((last - loc) / scale), -CLIP, CLIP),
        ],
        axis=1,
    )


def _kind(last_day: NDArray[np.int64], frequency: str, given: Values) -> Values:
    """B 7 + frequencies + 2: the weekday of the last day of a past, how long a step is, whether deals are known."""
    rows = len(last_day)
    weekday = np.zeros((rows, 7))
    if frequency == "D":
        weekday[np.arange(rows), (last_day + 6) % 7] = 1
    kind = np.zeros((rows, len(FREQUENCIES)))
    kind[:, FREQUENCIES.index(frequency)] = 1
    return np.concatenate([weekday, kind, given], axis=1)


def _item(history: History, price: Values) -> Floats:
    """Usual price as a scalar, and the words of category and name as counts of their letters in threes."""
    usual = np.nanmedian(price) if np.isfinite(price).any() else np.nan
    number = scalar.features(float(usual)) if np.isfinite(usual) else np.zeros(scalar.FEATURES, np.float32)
    letters = np.zeros(LETTERS, np.float32)
    for words in (history.category, history.name):
        spelled = f"  {words.casefold()} " if words else ""
        for at in range(len(spelled) - 2):
            letters[zlib.crc32(spelled[at : at + 3].encode()) % LETTERS] += 1
    size = float(np.sqrt((letters**2).sum()))
    return np.concatenate([number, [float(np.isfinite(usual))], letters / size if size else letters]).astype(np.float32)


def _patched(steps: Values, about: Values) -> Floats:
    """B T C and B A → B T/PATCH PATCH·C+A."""
    rows, length, channels = steps.shape
    patches = steps.reshape(rows, length // PATCH, PATCH * channels)
    return np.concatenate([patches, np.repeat(about[:, None], patches.shape[1], axis=1)], axis=2).astype(np.float32)


def decode(written: Floats, encoded: Encoded, horizon: int, least: Values) -> Values:
    """B F·`PATCH` Q on the model's scale → B H Q in the series' unit, in order and never below ``least`` (B)."""
    quantiles = np.sort(np.clip(written[:, :horizon].astype(np.float64), -CLIP, CLIP), axis=2)
    found = np.sinh(quantiles) * encoded.scale[:, None, None] + encoded.loc[:, None, None]
    assert found.shape[2] == len(QUANTILES)
    return np.maximum(found, least[:, None, None])
