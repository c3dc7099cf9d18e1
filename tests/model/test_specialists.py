"""A specialist has the single model's batches of its skills, no more and no fewer."""

from collections import Counter
from pathlib import Path

import pytest

from training.specialists import ARMS, FAMILIES, MIXTURE, SINGLE, Row, config_of, read_card, sets_of, smoothed, table

CARD = Path(__file__).parents[2] / "weights" / "README.md"


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
    assert (SINGLE, *FAMILIES) == ARMS


def test_a_curve_shorter_than_the_window_is_its_mean() -> None:
    assert smoothed([1.0, 3.0]) == [2.0]
    assert smoothed([]) == []
    assert smoothed([1.0, 2.0, 3.0], window=2) == [1.5, 2.5]


def test_the_card_s_own_scores_are_read_from_it() -> None:
    shipped = read_card(CARD.read_text(encoding="utf-8"))
    assert {each.title for each in sets_of(SINGLE)} <= set(shipped)
    row = shipped["chat, dialogues held out"]
    assert row.metric == "task success"
    assert row.interval[0] <= row.value <= row.interval[1]
    assert row.by["action accuracy"] > row.value
    assert "action accuracy, unseen goods" in row.by


def test_the_table_has_a_row_a_set_and_the_actions_of_chat() -> None:
    titles = [each.title for each in sets_of(SINGLE)]
    rows = {title: Row("m", 0.4, (0.3, 0.5), {"action accuracy": 0.8}) for title in titles}
    better = {title: Row("m", 0.5, (0.4, 0.6), {"action accuracy": 0.8}) for title in titles}
    lines = table(
        rows, dict.fromkeys(ARMS, rows) | {"music": better}, {arm: Counter(music=3) for arm in ARMS}
    ).splitlines()
    assert len(lines) == 2 + len(titles) + 1
    (music,) = (line for line in lines if line.startswith("| music"))
    assert music.endswith("| 0.400 (0.300 – 0.500) | 0.400 (0.300 – 0.500) | 0.500 (0.400 – 0.600) | 80.0% | 3, 3 |")
    worse = {title: Row("perplexity", 0.5, (0.4, 0.6), {"action accuracy": 0.8}) for title in titles}
    less = {title: Row("perplexity", 0.4, (0.3, 0.5), {"action accuracy": 0.8}) for title in titles}
    told = table(worse, dict.fromkeys(ARMS, less) | {SINGLE: worse}, {arm: Counter[str]() for arm in ARMS})
    assert "| 80.0% | 0, 0 |" in told.splitlines()[2]
    (actions,) = (line for line in lines if "| action accuracy |" in line)
    assert actions.endswith("| 0.800 | 0.800 | 0.800 | 100.0% | 0, 0 |")
