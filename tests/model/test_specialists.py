"""A specialist has the single model's batches of its skills, no more and no fewer."""

import pytest

from training.specialists import ARMS, FAMILIES, MIXTURE, SINGLE, config_of, smoothed


@pytest.mark.parametrize("family", FAMILIES)
def test_a_specialist_sees_as_many_batches_as_the_mixture_draws_of_its_skills(family: str) -> None:
    steps = 1_000
    single, alone = config_of(SINGLE, steps), config_of(family, steps)
    part = sum(MIXTURE[folder] for folder in FAMILIES[family][0]) / sum(MIXTURE.values())
    assert alone.steps is not None
    assert alone.steps * alone.batches_a_step == pytest.approx(part * steps * single.batches_a_step, abs=2)
    assert set(alone.mixture) == set(FAMILIES[family][0])
    assert alone.learning_rate == single.learning_rate


def test_the_families_share_out_the_mixture() -> None:
    folders = [folder for found, _ in FAMILIES.values() for folder in found]
    assert sorted(folders) == sorted(MIXTURE)
    assert ARMS == (SINGLE, *FAMILIES)


def test_a_curve_shorter_than_the_window_is_its_mean() -> None:
    assert smoothed([1.0, 3.0]) == [2.0]
    assert smoothed([]) == []
    assert smoothed([1.0, 2.0, 3.0], window=2) == [1.5, 2.5]
