"""Metrics with known values, their intervals, and when a model is better than its baseline."""

import math
from typing import Any

import numpy as np
import pytest

from walkiosk.modality.video import Video
from walkiosk.pairs import Sides
from walkiosk.pairs.judging import judge, shown
from walkiosk.pairs.mel_distance import straight, warped
from walkiosk.pairs.metrics import METRICS, WORDS, chrf, metric_of
from walkiosk.pairs.ssim import psnr, size_of, sized, squared, ssim

DRAW = np.random.default_rng(3)


def sides(pair: str) -> Sides:
    *inputs, target = pair.split()
    return Sides(tuple(inputs), target)


def noise(*shape: int) -> Any:
    return DRAW.integers(0, 256, shape).astype(np.uint8)


def test_accuracy_and_macro_f1() -> None:
    wanted, found = ["a", "a", "b", "b"], ["a", "b", "b", "c"]
    told = judge("classes", sides("text scalar"), wanted, found, {"majority": ["a"] * 4})
    assert (told.metric, told.value, told.better, told.n) == ("accuracy", 0.5, "higher", 4)
    assert told.others["macro-F1"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert told.baselines == {"majority": 0.5} and not told.beats
    assert judge("classes", sides("text scalar"), [True, 2.0], ["true", "2"], {}).value == 1


def test_interval_of_a_share_is_that_of_its_binomial() -> None:
    found = ["a"] * 300 + ["b"] * 100
    told = judge("classes", sides("text text"), ["a"] * 400, found, {})
    margin = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert told.low == pytest.approx(0.75 - margin, abs=0.01)
    assert told.high == pytest.approx(0.75 + margin, abs=0.01)
    assert told.low == judge("classes", sides("text text"), ["a"] * 400, found, {}).low  # the same draws each time
    assert told.baseline_name == "" and math.isnan(told.baseline) and not told.beats


def test_numbers() -> None:
    wanted = [1.0, 2.0, 3.0, 4.0]
    levels = np.arange(-4.0, 5.0)
    told = judge("quantiles", sides("text scalar"), wanted, [y + 0.5 for y in wanted], {"median": [levels + 2.5] * 4})
    assert told.value == told.low == told.high == 0.5
    assert told.baseline == 1.0 and told.better == "lower"
    assert told.others == {"weighted quantile loss": 0.2, "R²": 0.8}  # 2 · 0.5 · mean(1 − level) · 4 / 10
    assert told.baseline_others["coverage 10–90"] == 1.0


def test_model_beats_only_where_intervals_are_apart() -> None:
    wanted = list(DRAW.normal(size=200))
    near, far = ([y + size for y, size in zip(wanted, DRAW.normal(scale=s, size=200), strict=True)] for s in (0.1, 1))
    where = sides("text scalar")
    assert judge("quantiles", where, wanted, near, {"median": far, "zero": [0.0] * 200}).beats
    assert not judge("quantiles", where, wanted, far, {"median": near}).beats
    assert not judge("quantiles", where, wanted, near, {"median": [y + 0.001 for y in near]}).beats
    told = judge("quantiles", where, wanted, far, {"bad": [9.0] * 200, "near": near}, obvious="bad")
    assert told.baseline_name == "near" and told.obvious == "bad"  # with the strongest, whichever was declared
    assert set(told.baselines) == {"bad", "near"}
    assert "not better than the baseline 'near'" in str(told)


def test_trends() -> None:
    wanted, pasts = [np.array([1.0, 3.0]), np.array([2.0, 2.0, 2.0])], [np.array([1.0, 2.0, 3.0]), np.ones(4)]
    short = np.tile(np.array([2.0])[:, None], (1, 9))  # one step of nine quantiles; it stays
    told = judge("trend", sides("trend trend"), wanted, [np.array([1.0, 2.0, 9.0]), short], {"x": wanted}, pasts)
    assert told.value == pytest.approx(1 / 10)
    assert told.others["MASE"] == pytest.approx(0.5)  # a flat past has no scale
    assert told.others["weighted quantile loss"] == pytest.approx(0.1)
    assert "MASE" not in judge("trend", sides("text trend"), wanted, wanted, {}).others


def test_texts() -> None:
    import sacrebleu

    wanted = ["the cat sat on the mat", "hello there", "good night"]
    found = ["the cat is on the mat", "hello there", ""]
    told = judge("text", sides("text text"), wanted, found, {"nearest": wanted})
    assert told.value == pytest.approx(sacrebleu.corpus_chrf(found, [wanted]).score)
    assert told.others["BLEU"] == pytest.approx(sacrebleu.corpus_bleu(found, [wanted]).score)
    assert told.others["exact match"] == pytest.approx(1 / 3)
    assert told.low <= told.value <= told.high and not told.beats
    assert chrf(np.zeros((1, 18)))[0] == 0


def test_what_is_heard_is_judged_by_words() -> None:
    wanted = ["Hello, there!", "It's a fine day."]
    found = ["hello hair", "it's a a fine day"]
    told = judge("text", sides("audio text"), wanted, found, {})
    assert (told.metric, told.better) == ("WER", "lower")
    assert told.value == pytest.approx(2 / 6)
    assert set(told.others) == {"CER", "chrF", "exact match"}
    assert judge("text", sides("audio text"), wanted, ["", ""], {}).value == 1
    assert metric_of("text", ("audio", "text")) is METRICS["text"]
    assert WORDS.count(["!"], ["so"]).tolist() == [[1, 0, 2, 0]]


def test_ssim_of_flat_pictures_is_that_of_their_means() -> None:
    a, b = (np.full((1, 16, 16, 3), level, np.uint8) for level in (100, 140))
    assert ssim(a, b)[0] == pytest.approx((2 * 100 * 140 + 6.5025) / (100**2 + 140**2 + 6.5025))
    assert squared(a, b)[0] == 1600 and psnr(1600) == pytest.approx(16.0896, abs=1e-4)


def test_ssim_as_the_paper_has_it() -> None:
    a = noise(1, 14, 16, 3)
    b = np.clip(a.astype(int) + DRAW.normal(0, 30, a.shape), 0, 255).astype(np.uint8)
    x = np.arange(11) - 5
    window = np.exp(-(x[:, None] ** 2 + x**2) / (2 * 1.5**2))[..., None]
    window /= window.sum()
    values = []
    for row, column in np.ndindex(4, 6):
        p, q = (m[0, row : row + 11, column : column + 11].astype(float) for m in (a, b))
        mp, mq, pp, qq, pq = ((window * m).sum(axis=(0, 1)) for m in (p, q, p * p, q * q, p * q))
        above = (2 * mp * mq + 6.5025) * (2 * (pq - mp * mq) + 58.5225)
        values.append(above / ((mp**2 + mq**2 + 6.5025) * (pp - mp**2 + qq - mq**2 + 58.5225)))
    assert ssim(a, b)[0] == pytest.approx(np.mean(values))
    assert ssim(a, a)[0] == pytest.approx(1)
    assert ssim(a[:, :3, :5], a[:, :3, :5])[0] == pytest.approx(1)  # smaller than the window


def test_pictures_are_compared_in_the_wanted_size() -> None:
    wanted = [sized(noise(4, 4, 3), 32, 32), sized(noise(4, 4, 3), 24, 40)] * 5
    found = [np.asarray(sized(x, 16, 20)) for x in wanted]
    told = judge("image", sides("text image"), wanted, found, {"mean picture": [np.full_like(x, 128) for x in wanted]})
    assert told.value > 0.8 > told.baseline and told.beats and told.others["PSNR dB"] > 20
    assert size_of(noise(512, 1024, 3)) == (128, 256)


def test_films_are_compared_at_the_wanted_times() -> None:
    frames = noise(8, 16, 16, 3)
    slow = Video(frames[::2], rate=2.0)
    assert judge("video", sides("text video"), [slow], [Video(frames, rate=4.0)], {}).value == pytest.approx(1)
    assert judge("video", sides("text video"), [Video(frames)], [Video(frames[:1])], {}).value < 0.5


def tone(hertz: float, seconds: float) -> Any:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(16_000 * seconds)) / 16_000)).astype(np.float32)


def test_sounds() -> None:
    wanted = [np.concatenate([tone(300, 0.3), tone(900, 0.3)])] * 10
    slower = [np.concatenate([tone(300, 0.4), tone(900, 0.4)])] * 10
    told = judge("audio", sides("text audio"), wanted, slower, {"nearest": [tone(2000, 0.6)] * 10})
    assert told.metric == "mel distance, dB" and told.beats
    assert told.value < told.others["mel distance without warping, dB"] / 2
    assert told.others["length ratio"] == pytest.approx(4 / 3)


def test_warping_takes_the_cheapest_path() -> None:
    a, b = (DRAW.normal(size=(length, 5)).astype(np.float32) for length in (21, 17))
    best = np.full((22, 18, 2), np.inf)
    best[0, 0] = 0, 0
    for i in range(1, 22):
        for j in range(1, 18):
            before = min((best[i - 1, j - 1], best[i - 1, j], best[i, j - 1]), key=lambda cell: cell[0])
            best[i, j] = before + np.array([np.abs(a[i - 1] - b[j - 1]).mean(), 1])
    assert warped(a, b) == pytest.approx(best[-1, -1, 0] / best[-1, -1, 1], rel=1e-5)
    assert warped(a, a) == 0 and warped(a[:1], b) > 0 and warped(a, b[:1]) > 0
    assert straight(a, a) == 0


@pytest.mark.parametrize(
    ("aim", "wanted"),
    [
        ("classes", "a"),
        ("quantiles", 3.0),
        ("trend", np.ones(3)),
        ("text", "words"),
        ("image", noise(12, 12, 3)),
        ("audio", tone(400, 0.1)),
        ("video", Video(noise(2, 12, 12, 3))),
    ],
)
def test_nothing_found_is_judged_as_nothing(aim: str, wanted: Any) -> None:
    target = "scalar" if aim in ("classes", "quantiles") else aim
    told = judge(aim, sides(f"text {target}"), [wanted] * 2, [None, None], {"right": [wanted] * 2})
    assert not told.beats and math.isfinite(told.value) and math.isfinite(told.baseline)


def test_there_must_be_something_to_judge() -> None:
    with pytest.raises(ValueError, match="0 wanted values"):
        judge("text", sides("text text"), [], [], {})
    with pytest.raises(ValueError, match=r"2 wanted values beside \[2, 1\] found ones"):
        judge("text", sides("text text"), ["a", "b"], ["a", "b"], {"nearest": ["a"]})


def test_shown() -> None:
    assert [shown(x) for x in (0, 0.00123, 0.12345, 12.345, 12345.6)] == ["0", "0.0012", "0.123", "12.3", "12,346"]


def test_a_single_pair_says_nothing() -> None:
    told = judge("quantiles", sides("scalar scalar"), [1.0], [1.0], {"median": [5.0]})
    assert told.value == 0 and not told.beats
