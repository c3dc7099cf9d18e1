"""What is perceived of a series' past, of what is known ahead, and of the calendar."""

from datetime import date

import numpy as np
import pytest

from walkiosk.modality import season
from walkiosk.modality.history import FREQUENCIES, PATCH, History, check, decode, encode
from walkiosk.modality.value import BadValue

MONDAY = date(2024, 1, 1)


def weekly(weeks: int) -> np.ndarray:
    return np.tile(np.arange(10.0, 17.0), weeks)


def test_the_same_weekday_is_what_is_written_upon() -> None:
    encoded = encode([History(weekly(8), MONDAY)], 9)
    expected = encoded.squeeze(np.concatenate([weekly(1), weekly(1)[:2]])[None])
    assert np.allclose(encoded.base[0, :9], expected[0], atol=1e-6)


def test_a_series_is_perceived_the_same_alone_and_beside_a_longer_one() -> None:
    short, long = History(weekly(3), MONDAY), History(weekly(30), MONDAY)
    alone, beside = encode([short], 14), encode([short, long], 14)
    patches = alone.past.shape[1]
    assert np.allclose(alone.past[0], beside.past[0, -patches:])
    assert not beside.there[0, :-patches].any() and beside.there[1].all()
    assert np.allclose(alone.ahead, beside.ahead[:1]) and np.allclose(alone.base, beside.base[:1])


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize("steps", [1, 2, 13, 200])
def test_any_length_gives_numbers(frequency: str, steps: int) -> None:
    encoded = encode([History(np.arange(float(steps)), MONDAY, frequency)], 30)
    for array in (encoded.past, encoded.ahead, encoded.base, encoded.item):
        assert np.isfinite(array).all()


def test_unknown_days_are_no_zeros() -> None:
    values = np.full(28, 5.0)
    values[20:24] = np.nan
    encoded = encode([History(values, MONDAY)], 7)
    assert encoded.loc[0] == 5.0
    assert np.allclose(encoded.base[0, :7], encoded.squeeze(np.full((1, 7), 5.0))[0])


def test_a_month_that_nobody_noted_leaves_the_weekdays() -> None:
    values = weekly(12)
    values[-28:] = np.nan
    encoded = encode([History(values, MONDAY)], 7)
    assert np.allclose(encoded.base[0, :7], encoded.squeeze(weekly(1)[None])[0], atol=1e-6)


def test_a_flat_and_an_empty_looking_series_have_a_scale() -> None:
    encoded = encode([History(np.full(20, 3.0), MONDAY), History(np.zeros(20), MONDAY)], 7)
    assert encoded.scale.tolist() == [3.0, 1.0]


def test_prices_count_over_their_usual() -> None:
    price = np.full(21 + 7, 200.0)
    price[-7:] = 100.0
    cheap = encode([History(weekly(3), MONDAY, price=price)], 7)
    same = encode([History(weekly(3), MONDAY, price=price / 50)], 7)
    assert np.allclose(cheap.ahead, same.ahead) and not np.allclose(cheap.item, same.item)
    assert cheap.ahead[0, 0, 0] == pytest.approx(np.log(0.5))


def test_holidays_are_known_ahead() -> None:
    eve = date(2024, 12, 24)
    days = season.ordinals(eve, "D", 3)[None]
    told = season.channels(days, "D", ("US",))[0]
    assert told[:, 6].tolist() == [0.0, 1.0, 0.0]
    assert told[0, 7] > told[0, 8] and told[2, 8] > told[2, 7]
    assert not season.channels(days, "D", ("",))[0, :, 6:].any()
    with pytest.raises(season.UnknownCountry, match="'XX'"):
        season.channels(days, "D", ("XX",))


def test_months_have_their_own_lengths() -> None:
    days = season.ordinals(date(2024, 1, 1), "M", 4)
    assert [date.fromordinal(int(day)).isoformat() for day in days] == [
        "2024-01-01",
        "2024-02-01",
        "2024-03-01",
        "2024-04-01",
    ]
    assert season.up_to(days[-1:], "M", 4)[0].tolist() == days.tolist()


def test_quantiles_come_in_order_and_not_below_what_can_be() -> None:
    encoded = encode([History(weekly(3), MONDAY)], 5)
    written = np.random.default_rng(0).normal(0, 3, (1, PATCH, 9)).astype(np.float32)
    found = decode(written, encoded, 5, np.zeros(1))
    assert found.shape == (1, 5, 9)
    assert (np.diff(found, axis=2) >= 0).all() and (found >= 0).all()


@pytest.mark.parametrize(
    ("history", "horizon", "told"),
    [
        (History(np.array([]), MONDAY), 7, "empty"),
        (History(np.array([np.nan, np.nan]), MONDAY), 7, "no value is known"),
        (History(np.array([1.0, np.inf]), MONDAY), 7, "value 2 of 2 is infinite"),
        (History(weekly(1), MONDAY, "H"), 7, "'H'"),
        (History(weekly(1), MONDAY), 0, "horizon 0"),
        (History(weekly(1), MONDAY, price=np.ones(7)), 7, "price: 7 steps, expected 7 of the past and 7 ahead"),
    ],
)
def test_what_nothing_can_be_made_of_is_named(history: History, horizon: int, told: str) -> None:
    with pytest.raises(BadValue, match=told):
        check(history, horizon)


def test_frequencies_do_not_mix() -> None:
    with pytest.raises(BadValue, match="different frequencies"):
        encode([History(weekly(1), MONDAY, "D"), History(weekly(1), MONDAY, "W")], 7)
