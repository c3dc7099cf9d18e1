"""What each baseline answers; every aim has the one that is declared for it."""

from typing import Any

import numpy as np
import pytest

from walkiosk.modality.video import Video
from walkiosk.pairs import AIMS, Sides
from walkiosk.pairs.baselines import OBVIOUS, baselines, obvious_of, season_of
from walkiosk.pairs.nearness import nearest

DRAW = np.random.default_rng(5)


def noise(*shape: int) -> Any:
    return DRAW.integers(0, 256, shape).astype(np.uint8)


def sound(hertz: float) -> Any:
    return (0.2 * np.sin(2 * np.pi * hertz * np.arange(4_000) / 16_000)).astype(np.float32)


INPUTS: dict[str, list[Any]] = {
    "scalar": [float(n) for n in range(6)],
    "trend": [np.sin(np.arange(20 + n) * (n + 1) / 5) * 10 + n for n in range(6)],
    "text": ["red shoes", "blue shoes", "a green hat", "where is the till?", "good morning", "two tickets please"],
    "image": [noise(9 + n, 12, 3) for n in range(6)],
    "audio": [sound(200.0 * 1.5**n) for n in range(6)],
    "video": [Video(noise(2 + n, 8, 8, 3)) for n in range(6)],
}


@pytest.mark.parametrize("kind", INPUTS)
def test_nearest_of_what_was_seen_is_itself(kind: str) -> None:
    rows = [(value,) for value in INPUTS[kind]]
    assert nearest([kind], rows, rows[::-1], 2)[:, 0].tolist() == [5, 4, 3, 2, 1, 0]


def test_nearest_of_what_is_like_it_and_of_several_parts() -> None:
    rows = [(text,) for text in INPUTS["text"]]
    asked = [("Red shoes!",), ("morning",), ("which is the green hat",)]
    assert nearest(["text"], rows, asked, 1).ravel().tolist() == [0, 4, 2]
    both = list(zip(INPUTS["scalar"], INPUTS["text"], strict=True))
    assert nearest(["scalar", "text"], both, [(4.9, "two tickets"), (0.2, "red shoes")], 1).ravel().tolist() == [5, 0]
    same = [("x",), ("x",), ("y",)]
    assert nearest(["text"], same, [("x",)], 9).tolist() == [[0, 1, 2]]  # the first of equals first
    assert nearest(["scalar"], [(1e9,), (1e9 + 1,)], [(1e9 + 1,)], 1).tolist() == [[1]]


@pytest.mark.parametrize("aim", AIMS)
@pytest.mark.parametrize("given", INPUTS)
def test_the_declared_baseline_is_there_for_all_pairs(given: str, aim: str) -> None:
    kinds = {"classes": ["scalar", "text"], "quantiles": ["scalar"]}.get(aim, [aim])
    for kind in kinds:
        sides = Sides((given,), kind)
        rows = [((value,), target) for value, target in zip(INPUTS[given], INPUTS[kind], strict=True)]
        found = baselines(aim, sides, rows[:4], [parts for parts, _ in rows[4:]])
        assert obvious_of(aim, sides) in found
        assert {len(values) for values in found.values()} == {2}
    assert set(OBVIOUS) == set(AIMS)


def test_classes_and_numbers() -> None:
    rows = [((float(n),), label) for n, label in enumerate([True, True, True, False, False, True, True])]
    found = baselines("classes", Sides(("scalar",), "scalar"), rows, [(3.1,), (9.0,)])
    assert found == {"majority": ["true"] * 2, "nearest": ["false", "true"], "five nearest": ["true", "true"]}
    rows = [((float(n),), float(n * n)) for n in range(11)]
    found = baselines("quantiles", Sides(("scalar",), "scalar"), rows, [(3.1,)])
    assert found["median"][0].tolist() == [float(n * n) for n in range(1, 10)]
    assert found["nearest"] == [9.0] and found["five nearest"] == [9.0] and found["copy"] == [3.1]


def test_texts_and_copies() -> None:
    rows = [(("a",), "x"), (("b",), "y"), (("c",), "y")]
    found = baselines("text", Sides(("text",), "text"), rows, [("a",)])
    assert found == {"most frequent": ["y"], "nearest": ["x"], "copy": ["a"]}
    rows = [(("a", 1.0), "x"), (("b", 2.0), "y")]
    found = baselines("text", Sides(("text", "scalar"), "text"), rows, [("b", 1.9)])
    assert found["copy"] == ["b"] and found["nearest"] == ["y"]


def test_trends_go_on_with_the_season_of_the_training_pairs() -> None:
    week = np.array([1.0, 2, 3, 4, 5, 9, 9])
    rows = [((np.tile(week, 4)[n:],), np.tile(week, 2)[:10]) for n in range(5)]
    past = np.tile(week, 3) + 1
    found = baselines("trend", Sides(("trend",), "trend"), rows, [(past,)])
    assert found["seasonal naive"][0].tolist() == [*(week + 1), *(week[:3] + 1)]
    assert found["last value"][0].tolist() == [10.0] * 10
    assert found["mean curve"][0] == pytest.approx(np.tile(week, 2)[:10])
    assert found["copy"][0] is past
    assert season_of([np.arange(9.0)] * 3, [np.full(4, 8.0)] * 3) == 1
    assert len(baselines("trend", Sides(("trend",), "trend"), rows, [(np.ones(1),)])["seasonal naive"][0]) == 10


def test_means_have_the_commonest_size() -> None:
    curves = [np.zeros(4), np.arange(4.0), np.array([0.0, 3.0])]
    rows = [((1.0,), curve) for curve in curves]
    found = baselines("trend", Sides(("scalar",), "trend"), rows, [(1.0,)])
    assert found["mean curve"][0] == pytest.approx(np.arange(4.0) * 2 / 3)
    pictures = [np.full((4, 6, 3), 10, np.uint8), np.full((4, 6, 3), 20, np.uint8), np.full((2, 2, 3), 60, np.uint8)]
    found = baselines("image", Sides(("scalar",), "image"), [((1.0,), x) for x in pictures], [(1.0,)])
    assert (found["mean picture"][0] == np.full((4, 6, 3), 30)).all()
    pictures[1][0, 0] = 10  # now that colour is the commonest
    found = baselines("image", Sides(("scalar",), "image"), [((1.0,), x) for x in pictures], [(1.0,)])
    assert (found["bare picture"][0] == 10).all() and found["bare picture"][0].shape == (4, 6, 3)
    films = [Video(np.full((n, 4, 4, 3), 10 * n, np.uint8)) for n in (1, 3, 3)]
    film = baselines("video", Sides(("scalar",), "video"), [((1.0,), x) for x in films], [(1.0,)])["mean video"][0]
    assert film.frames.shape == (3, 4, 4, 3) and (film.frames == 23).all()
