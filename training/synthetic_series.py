"""Series that no shop ever had, to learn forecasting from: what moves sales, drawn anew for each.

Two makers. `shelf` is a shop's article by the day, the week or the month: level and trend with breaks, week and year,
holidays with what comes before and behind them, promotions and prices with what they take from the days behind them,
days that nothing is sold, launches, gaps in stock. Sales are counts around that mean, scattered more than Poisson's, or
come in lumps (a sale today or not, and how much if so: Teunter, Syntetos and Babai, 2011). `kernel` draws from a
Gaussian process with a kernel composed at random, as KernelSynth does (Ansari et al., 2024, "Chronos", appendix A).

Letters in shapes: T steps of a series, past and future together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.season import holidays_of

Floats = NDArray[np.float64]
Draw = np.random.Generator
PERIODS = {"D": [7.0, 30.4, 91.0, 365.0], "W": [4.0, 13.0, 52.0], "M": [3.0, 6.0, 12.0]}  # steps
STEPS = {"D": 1, "W": 7, "M": 30}  # days
LONGEST = 1_528  # steps: 1,500 and a horizon of four weeks
COUNTRIES = ("US", "US", "GB", "DE", "ES", "FR", "IT", "PT", "BR", "IN", "CN", "RU", "MX", "CA", "AU", "NL")


@dataclass(frozen=True)
class Series:
    """``values`` T; ``first`` is the date of the first, ``frequency`` a key of `STEPS`.

    What is known ahead: ``price`` over its usual (1 is usual) and ``promotion`` (0 or 1), both T.
    """

    frequency: str
    first: date
    values: Floats
    price: Floats
    promotion: Floats
    country: str = ""  # whose public holidays are known


@dataclass
class Calendar:
    """What the days of a series are: ordinal T, day of the week T, share of the year T (0 to 1)."""

    first: date
    step: int
    length: int
    ordinal: NDArray[np.int64] = field(init=False)
    weekday: NDArray[np.int64] = field(init=False)
    of_year: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.ordinal = self.first.toordinal() + self.step * np.arange(self.length)
        self.weekday = (self.ordinal + 6) % 7
        self.of_year = np.asarray(self.ordinal % 365.2425 / 365.2425, np.float64)


def walk(draw: Draw, length: int, spread: float) -> Floats:
    return np.cumsum(draw.normal(0, spread, length))


def trend(draw: Draw, length: int) -> Floats:
    """Log-level: lines with breaks, a slow walk, a saturating growth, or none."""
    at = np.linspace(0, 1, length)
    found = np.zeros(length)
    if draw.random() < 0.6:
        for _ in range(draw.integers(1, 4)):
            found += draw.normal(0, 0.7) * np.maximum(at - draw.uniform(-0.3, 0.9), 0)
    if draw.random() < 0.4:
        found += walk(draw, length, draw.lognormal(-4.5, 0.7))
    if draw.random() < 0.15:
        found += draw.normal(0, 1) / (1 + np.exp(-draw.uniform(5, 30) * (at - draw.uniform(0, 1))))
    for _ in range(draw.poisson(0.4)):  # a competitor opens, a shelf is moved
        found[draw.integers(length) :] += draw.normal(0, 0.4)
    return found


def week(draw: Draw, calendar: Calendar) -> Floats:
    """Log-effect of the days of a week, which changes slowly or not at all."""
    if calendar.step != 1 or draw.random() < 0.15:
        return np.zeros(calendar.length)
    profile = draw.normal(0, draw.choice([0.1, 0.25, 0.5]), 7)
    if draw.random() < 0.5:
        profile[5:] += draw.normal(0.3, 0.4)
    other = profile + draw.normal(0, 0.15, 7) if draw.random() < 0.2 else profile
    share = np.linspace(0, 1, calendar.length)
    return (1 - share) * profile[calendar.weekday] + share * other[calendar.weekday]


def year(draw: Draw, calendar: Calendar) -> Floats:
    """Log-effect of the time of the year: harmonics, and for some goods a season outside which they hardly sell."""
    found = np.zeros(calendar.length)
    if draw.random() < 0.7:
        size = draw.lognormal(-1.5, 0.7)
        for harmonic in range(1, draw.integers(2, 5)):
            angle = 2 * np.pi * (harmonic * calendar.of_year + draw.random())
            found += size / harmonic * draw.normal() * np.sin(angle)
    if draw.random() < 0.08:
        far = np.abs((calendar.of_year - draw.random() + 0.5) % 1 - 0.5)
        found += draw.uniform(1, 3) * np.exp(-((far / draw.uniform(0.03, 0.15)) ** 2)) - 1
    if calendar.step == 1 and draw.random() < 0.25:  # pay-day
        day = np.array([date.fromordinal(int(n)).day for n in calendar.ordinal])
        near = np.minimum((day - draw.integers(1, 29)) % 30, 6)
        found += draw.uniform(0.1, 0.4) * np.exp(-near / 2)
    return found


@cache
def free_days(country: str) -> NDArray[np.int64]:
    """Ordinals of a country's public holidays while our series last."""
    return np.array(sorted(day.toordinal() for day in holidays_of(country, range(2001, 2032))), np.int64)


def holidays(draw: Draw, calendar: Calendar, country: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Log-effect around days that come back each year, and the days on which the shop is closed.

    Public holidays (of a country, known ahead) mostly bring a rise before them, a shut or quiet day, and a dip behind;
    a few goods live on one of them. Other yearly days (a fair, the start of school) are nobody's holiday.
    """
    found, closed = np.zeros(calendar.length), np.zeros(calendar.length, bool)
    if draw.random() < 0.25:
        return found, closed
    public = free_days(country) if country else np.array([], np.int64)
    if len(public) and calendar.step == 1:
        usual = draw.normal(0.12, 0.15)  # what any holiday does to these goods
        quiet = draw.normal(-0.3, 0.35)
        shuts = draw.random() < 0.3
        feast = draw.choice([0.0, 1.0], p=[0.5, 0.5]) * draw.normal(0.35, 0.35)  # what the year's last weeks do
        own: dict[tuple[int, int], tuple[float, float]] = {}
        before, behind = draw.uniform(0.7, 5), draw.uniform(0.7, 4)
        dip = draw.uniform(0, 0.25)
        for ordinal in public[(public > calendar.ordinal[0] - 20) & (public < calendar.ordinal[-1] + 30)]:
            day = date.fromordinal(int(ordinal))
            size, on = own.setdefault(
                (day.month, day.day // 9), (usual + draw.normal(0, 0.15), quiet + draw.normal(0, 0.2))
            )
            late = day.month == 12 or (day.month == 11 and day.day > 20)
            size = size + feast if late else size
            far = calendar.ordinal - ordinal
            near = np.abs(far) < 30
            ahead = size * np.exp(-np.maximum(-far[near] - 1, 0) / before)
            past = -dip * np.exp(-np.maximum(far[near] - 1, 0) / behind)
            found[near] += np.where(far[near] < 0, ahead, np.where(far[near] > 0, past, on))
            if shuts and (late or draw.random() < 0.5):
                closed |= far == 0
    for _ in range(draw.poisson(1.0)):
        yearly = int(draw.integers(365))
        before, behind = draw.uniform(1, 25), draw.uniform(1, 10)
        size, dip = draw.normal(0.4, 0.5), draw.uniform(0, 0.3)
        away = (calendar.ordinal - yearly + 182) % 365.2425 - 182
        rise = np.where(away <= 0, np.exp(np.minimum(away, 0) / before), 0)
        found += size * rise - dip * np.where(away > 0, np.exp(-np.maximum(away, 0) / behind), 0)
    return found, closed


def deals(draw: Draw, calendar: Calendar) -> tuple[Floats, Floats, Floats]:
    """Log-effect of prices and promotions, price over usual, promotion."""
    length = calendar.length
    price, promotion = np.ones(length), np.zeros(length)
    if draw.random() < 0.45:
        return np.zeros(length), price, promotion
    for _ in range(draw.poisson(1.0)):  # the usual price itself changes
        price[draw.integers(length) :] *= np.exp(draw.normal(0, 0.08))
    every, lasting = draw.uniform(20, 120) / calendar.step, max(1.0, draw.uniform(3, 21) / calendar.step)
    depth, shown = draw.uniform(0.05, 0.5), draw.random()
    weekly = calendar.step == 1 and draw.random() < 0.6  # leaflets come out on one day of the week
    turn = int(draw.integers(7))
    at = 0
    while (at := at + 1 + int(draw.exponential(every))) < length:
        if weekly:
            at += int(turn - calendar.weekday[at]) % 7
            lasting = 7.0 * draw.choice([1, 1, 1, 2, 4])
        end = min(length, at + (int(lasting) if weekly else 1 + int(draw.exponential(lasting))))
        if at >= length:
            break
        cut = np.clip(depth * draw.uniform(0.6, 1.3), 0, 0.7)
        price[at:end] *= 1 - cut
        promotion[at:end] = float(draw.random() < shown or cut == 0)
        at = end
    elasticity = -draw.gamma(3, 0.8)
    uplift = draw.gamma(2, 0.15)
    effect = elasticity * np.log(price) + uplift * promotion
    ended = np.maximum(-np.diff(effect, prepend=effect[0]), 0)  # the pantry is full
    behind = np.exp(-np.arange(30) / draw.uniform(2, 8))
    effect = effect - draw.uniform(0, 0.35) * np.convolve(ended, behind)[:length]
    if draw.random() < 0.15:  # what was noted down says nothing about sales
        return np.zeros(length), price, promotion
    return effect, price, promotion


def shelf(draw: Draw) -> Series:
    """A shop's article."""
    frequency = str(draw.choice(["D", "W", "M"], p=[0.7, 0.17, 0.13]))
    most = {"D": LONGEST, "W": 320, "M": 180}[frequency]
    length = int(np.exp(draw.uniform(np.log(40), np.log(most))))
    first = date(2001, 1, 1) + timedelta(int(draw.integers(8_800)))
    calendar = Calendar(first, STEPS[frequency], length)
    country = str(draw.choice(COUNTRIES)) if draw.random() < 0.8 else ""
    special, closed = holidays(draw, calendar, country)
    effect, price, promotion = deals(draw, calendar)
    level = draw.normal(2.0, 2.0) + 0.7 * np.log(calendar.step)
    log = level + trend(draw, length) + week(draw, calendar) + year(draw, calendar) + special + effect
    if draw.random() < 0.3:  # weather, moods: a disturbance that lasts
        memory, size = draw.uniform(0.3, 0.95), draw.uniform(0.05, 0.4)
        pushes = draw.normal(0, size * np.sqrt(1 - memory**2), length)
        kept = memory ** np.arange(min(length, 80))
        log += np.convolve(pushes, kept)[:length]
    mean = np.exp(np.clip(log, -6, 12))
    if draw.random() < 0.1:  # new on the shelf
        start = int(draw.integers(length // 2 + 1))
        mean[:start] = 0
        mean[start:] *= 1 - np.exp(-np.arange(1, length - start + 1) / draw.uniform(2, 40))
    mean[closed] = 0
    values = sold(draw, mean)
    for _ in range(draw.poisson(0.5) if draw.random() < 0.4 else 0):  # nothing in stock
        at = int(draw.integers(length))
        values[at : at + 1 + int(draw.exponential(6 / calendar.step))] = 0
    if draw.random() < 0.05:
        values[draw.integers(length)] *= draw.uniform(3, 12)  # a school buys for a class
    return Series(frequency, first, values, price, promotion, country)


def sold(draw: Draw, mean: Floats) -> Floats:
    """Counts around a mean: negative binomial, in lumps, or so many that only their scatter shows."""
    kind = draw.random()
    if kind < 0.55:
        size = draw.lognormal(1.0, 1.0)  # of the gamma: small is scattered
        return draw.poisson(np.where(mean > 0, draw.gamma(size, np.maximum(mean, 1e-12) / size), 0)).astype(float)
    if kind < 0.8:
        lump = 1 + draw.gamma(1.5, 2)
        happens = draw.random(len(mean)) < 1 - np.exp(-mean / lump)
        return np.asarray(happens * (1.0 + draw.poisson(lump - 1, len(mean))))
    return np.asarray(np.rint(mean * np.exp(draw.normal(0, draw.uniform(0.03, 0.35), len(mean)))))


def kernel(draw: Draw) -> Series:
    """A Gaussian process under one to five kernels, added or multiplied."""
    frequency = str(draw.choice(["D", "W", "M"], p=[0.5, 0.2, 0.3]))
    length = int(draw.integers(48, 420))
    at = np.arange(length, dtype=float)
    apart = at[:, None] - at
    periods = PERIODS[frequency]
    made = _kernel(draw, at, apart, periods)
    for _ in range(draw.integers(0, 5)):
        one = _kernel(draw, at, apart, periods)
        made = made + one if draw.random() < 0.6 else made * one
    share = 1e-6 + (draw.lognormal(-3, 1) if draw.random() < 0.7 else 0)
    noise = np.eye(length) * share * max(1.0, made.diagonal().mean())
    values = np.linalg.cholesky(made + noise) @ draw.normal(0, 1, length)
    level = draw.normal(0, 3) if draw.random() < 0.7 else 0.0
    values = (values + level) * np.exp(draw.normal(2, 2))
    if draw.random() < 0.4:  # whole units, never negative
        values = np.rint(np.maximum(values - min(0, draw.uniform(0, 1) * values.min()), 0))
    first = date(2001, 1, 1) + timedelta(int(draw.integers(8_800)))
    return Series(frequency, first, values, np.ones(length), np.zeros(length))


def _kernel(draw: Draw, at: Floats, apart: Floats, periods: list[float]) -> Floats:
    length = len(at)
    match draw.integers(5):
        case 0:  # linear
            centred = (at - draw.uniform(0, length)) / length
            return np.outer(centred, centred) * draw.uniform(0.5, 4)
        case 1:  # smooth
            return np.asarray(np.exp(-0.5 * (apart / (length * float(draw.choice([0.02, 0.1, 0.3, 1.0])))) ** 2))
        case 2 | 3:  # periodic
            waves = np.sin(np.pi * apart / float(draw.choice(periods)))
            return np.asarray(np.exp(-2 * waves**2 / draw.uniform(0.4, 2) ** 2))
        case _:  # rational quadratic
            return np.asarray(1 / (1 + (apart / (length * 0.1)) ** 2 / (2 * draw.uniform(0.1, 2))))
