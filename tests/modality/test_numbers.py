"""Scalars and trends: into files, into sequences, and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walkiosk.modality import scalar, trend
from walkiosk.modality.value import MEDIAN, QUANTILES, BadValue

NUMBERS = [0.0, 19.99, -3.5, 1e-6, -7e-4, 42.0, 1e12, -2.5e9]


@pytest.mark.parametrize("value", NUMBERS)
def test_scalar_through_a_file_and_a_sequence(value: float, tmp_path: Path) -> None:
    scalar.write(value, tmp_path / "number.csv")
    read = scalar.read(tmp_path / "number.csv")
    assert read == value
    quantiles = scalar.from_sequence(scalar.to_target(read))
    np.testing.assert_allclose(quantiles, np.full(9, value), rtol=1e-5, atol=1e-9)
    scalar.write(quantiles, tmp_path / "quantiles.csv")
    assert scalar.read(tmp_path / "quantiles.csv") == pytest.approx(value, rel=1e-5, abs=1e-9)


@settings(deadline=None)
@given(st.floats(-1e12, 1e12, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-9))
def test_scalar_features_are_finite_and_small(value: float) -> None:
    features = scalar.to_sequence(value)
    assert features.shape == (1, scalar.PERCEIVED)
    assert np.abs(features).max() < 3
    assert features[0, scalar.FEATURES - 1] == np.sign(value)


def test_scalar_features_tell_magnitudes_apart() -> None:
    ladder = [scalar.to_sequence(10.0**power)[0, : len(scalar.UNITS)].sum() for power in range(-6, 13)]
    assert (np.diff(ladder) > 0.01).all()


def test_scalar_quantiles_come_in_order() -> None:
    step = scalar.next(np.linspace(1, -1, 9, dtype=np.float32), [])
    assert step.last and (np.diff(step.element) >= 0).all()


@pytest.mark.parametrize("count", [1, 15, 16, 17, 40])
@pytest.mark.parametrize("known", [True, False])
def test_trend_through_a_file_and_a_sequence(count: int, known: bool, tmp_path: Path) -> None:
    values = 100 + 7 * np.arange(count) + 3 * np.sin(np.arange(count))
    trend.write(values, tmp_path / "trend.csv")
    read = trend.read(tmp_path / "trend.csv")
    np.testing.assert_array_equal(read, values)
    form = trend.Form.behind(values) if known else None
    elements = trend.to_target(read, form=form)
    back = trend.from_sequence(elements, form=form)
    assert back.shape == (count, len(QUANTILES))
    np.testing.assert_allclose(back[:, MEDIAN], values, rtol=1e-4)
    assert len(trend.to_sequence(read)) == -(-count // trend.PATCH)
    trend.write(back, tmp_path / "quantiles.csv")
    np.testing.assert_allclose(trend.read(tmp_path / "quantiles.csv"), values, rtol=1e-4)


def test_of_two_trends_that_look_alike_the_common_scale_tells_which_is_higher() -> None:
    low = 5 + np.sin(np.arange(trend.PATCH))
    high = low + 40
    form = trend.fitting([low, high])
    (one,), (other,) = (trend.to_sequence(values, form) for values in (low, high))
    own, common = slice(0, 2 * trend.PATCH), slice(2 * trend.PATCH, 4 * trend.PATCH)
    np.testing.assert_allclose(one[own], other[own], atol=1e-5)
    assert (one[common] < other[common]).all()
    np.testing.assert_array_equal(trend.to_sequence(low)[0, common], 0)  # nothing is known of others


def test_trend_heads_become_the_elements_they_stand_for() -> None:
    elements = trend.to_target(np.arange(20.0))
    before: list[np.ndarray] = []
    for element in elements:
        head = np.append(element[: trend.WRITTEN], np.eye(trend.PATCH + 1)[int(element[-1])]).astype(np.float32)
        step = trend.next(head, before)
        np.testing.assert_array_equal(step.element, element)
        before.append(step.element)
        assert step.last == (len(before) == len(elements))


def test_flat_and_negative_trends_have_a_scale() -> None:
    for values in (np.full(20, 5.0), np.zeros(20), np.full(3, -1e9)):
        form = trend.Form.behind(values)
        np.testing.assert_allclose(trend.from_sequence(trend.to_target(values, form=form), form=form)[:, 4], values)
        assert np.isfinite(trend.to_sequence(values)).all()


def test_trend_file_with_a_bad_cell_names_its_row(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("ds,y,promotion\n2026-01-01,5,0\n2026-01-02,,1\n")
    with pytest.raises(BadValue, match=r"sales\.csv, row 3"):
        trend.read(path)


def test_long_trends_keep_what_is_latest() -> None:
    values = np.arange(5000.0)
    assert len(trend.to_sequence(values)) == trend.LONGEST // trend.PATCH
    np.testing.assert_array_equal(trend.to_sequence(values), trend.to_sequence(values[-trend.LONGEST :]))
