"""The usual metric of each aim: what counts of an example, what sums of counts say, and other metrics beside it.

Letters in shapes: N examples, K counts of an example, R resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU

from walkiosk.metrics.letters import chrf_counts, chrf_of
from walkiosk.metrics.words import plain, wrong_letters, wrong_words
from walkiosk.modality.value import MEDIAN, QUANTILES
from walkiosk.modality.video import Video
from walkiosk.pairs import mel_distance
from walkiosk.pairs.aims import label_of
from walkiosk.pairs.ssim import Pixels, psnr, size_of, sized, squared, ssim

Counts = NDArray[np.float64]
Values = NDArray[np.float64]
FILM_SIDE = 64  # pixels a side at which frames are compared, as models see them
TINY = 1e-12


@dataclass(frozen=True)
class Metric:
    """A metric by name; ``count`` makes N × K of N wanted and found values, ``of`` R metrics of R × K sums.

    ``others`` makes other metrics of the N × K counts, of the values, and of the pasts where there are some.
    """

    name: str
    better: str  # "lower" or "higher"
    count: Callable[[Sequence[Any], Sequence[Any]], Counts]
    of: Callable[[Counts], Values]
    others: Callable[[Counts, Sequence[Any], Sequence[Any], Sequence[Any] | None], dict[str, float]]


def metric_of(aim: str, inputs: Sequence[str]) -> Metric:
    """The metric of an aim of `AIMS`: what is heard and written down is judged by its words."""
    return WORDS if aim == "text" and tuple(inputs) == ("audio",) else METRICS[aim]


def ratio(sums: Counts) -> Values:
    """The first count divided by the second; 0 where there is nothing to divide by."""
    return np.asarray(sums[:, 0] / np.maximum(sums[:, 1], TINY))


def _means(values: Sequence[Sequence[float]]) -> Counts:
    """Rows of values → the first, one, and the others, so that `ratio` is the mean of the first."""
    rows = np.asarray(values, np.float64).reshape(len(values), -1)
    return np.insert(rows, 1, 1.0, axis=1)


def _accuracy(wanted: Sequence[Any], found: Sequence[Any]) -> Counts:
    return _means([[label_of(a) == label_of(b)] for a, b in zip(wanted, found, strict=True)])


def _macro_f1(counts: Counts, wanted: Sequence[Any], found: Sequence[Any], _: object) -> dict[str, float]:
    """The mean F1 of the classes that are wanted."""
    names = {label: place for place, label in enumerate(dict.fromkeys(map(label_of, wanted)))}
    a = np.array([names[label_of(x)] for x in wanted])
    b = np.array([names.get(label_of(x), len(names)) for x in found])
    right = np.bincount(a[a == b], minlength=len(names))
    both = np.bincount(a, minlength=len(names)) + np.bincount(b, minlength=len(names) + 1)[: len(names)]
    return {"macro-F1": float((2 * right / both).mean())}


def quantiles_of(found: Any) -> Values:
    """9 quantiles of each of N values (or of one): what is no more than a number is all of them."""
    values = np.asarray(found, np.float64)
    if values.ndim and values.shape[-1] == len(QUANTILES) and values.ndim <= 2:
        return values
    return np.repeat(values[..., None], len(QUANTILES), axis=-1)


def _pinball(wanted: Values, quantiles: Values) -> float:
    """Twice the quantile loss, the mean over the levels, summed over the examples."""
    apart = wanted[..., None] - quantiles
    levels = np.array(QUANTILES)
    return float(2 * np.maximum(levels * apart, (levels - 1) * apart).mean(axis=-1).sum())


def _absolute(wanted: Sequence[Any], found: Sequence[Any]) -> Counts:
    middle = np.array([quantiles_of(x)[MEDIAN] for x in found])
    return _means(np.abs(np.asarray(wanted, np.float64) - middle)[:, None].tolist())


def _of_quantiles(counts: Counts, wanted: Sequence[Any], found: Sequence[Any], _: object) -> dict[str, float]:
    y, q = np.asarray(wanted, np.float64), np.stack([quantiles_of(x) for x in found])
    spread = float(((y - y.mean()) ** 2).sum())
    told = {"weighted quantile loss": _pinball(y, q) / max(float(np.abs(y).sum()), TINY)}
    if spread > 0:
        told["R²"] = 1 - float(((y - q[:, MEDIAN]) ** 2).sum()) / spread
    if np.ptp(q, axis=1).any():  # points cover nothing
        told["coverage 10–90"] = float(((q[:, 0] <= y) & (y <= q[:, -1])).mean())
    return told


def fitted(found: Any, length: int) -> Values:
    """N × 9 quantiles of a found trend over ``length`` values, its last ones repeated where it is shorter."""
    values = np.asarray(found, np.float64)
    rows = values if values.ndim == 2 else np.repeat(values[:, None], len(QUANTILES), axis=1)
    rows = rows[:length]
    return np.concatenate([rows, np.repeat(rows[-1:], length - len(rows), axis=0)])


def _weighted(wanted: Sequence[Any], found: Sequence[Any]) -> Counts:
    """Of each trend the summed absolute error of the median, and the summed size of what is wanted."""
    rows = []
    for y, f in zip(wanted, found, strict=True):
        apart = np.abs(np.asarray(y, np.float64) - fitted(f, len(y))[:, MEDIAN])
        rows.append((apart.sum(), np.abs(y).sum()))
    return np.array(rows)


def _of_trends(
    counts: Counts, wanted: Sequence[Any], found: Sequence[Any], pasts: Sequence[Any] | None
) -> dict[str, float]:
    loss = sum(_pinball(np.asarray(y, np.float64), fitted(f, len(y))) for y, f in zip(wanted, found, strict=True))
    told = {"weighted quantile loss": loss / max(float(counts[:, 1].sum()), TINY)}
    if pasts is not None:
        steps = np.array([np.abs(np.diff(past)).mean() if len(past) > 1 else 0.0 for past in pasts])
        errors = counts[:, 0] / np.array([len(y) for y in wanted])
        if (steps > 0).any():  # a flat past has no scale
            told["MASE"] = float((errors[steps > 0] / steps[steps > 0]).mean())
    return told


def _letters(wanted: Sequence[Any], found: Sequence[Any]) -> Counts:
    return np.array([chrf_counts(b, a) for a, b in zip(wanted, found, strict=True)], np.float64)


def chrf(sums: Counts) -> Values:
    """R × 18 sums of what chrF counts → 0 to 100."""
    return np.array([chrf_of(row) for row in sums])


def _of_texts(counts: Counts, wanted: Sequence[Any], found: Sequence[Any], _: object) -> dict[str, float]:
    same = [a.strip() == b.strip() for a, b in zip(wanted, found, strict=True)]
    bleu = BLEU(effective_order=False).corpus_score(list(found), [list(wanted)]).score
    return {"exact match": float(np.mean(same)), "BLEU": float(bleu)}


def _words(wanted: Sequence[Any], found: Sequence[Any]) -> Counts:
    """Wrong words and words, wrong letters and letters; jiwer counts nothing where nothing was said."""
    rows = []
    for a, b in ((plain(a), plain(b)) for a, b in zip(wanted, found, strict=True)):
        wrong = [float(len(b.split())), float(len(b))]
        if a:
            wrong = [float(wrong_words(a, b)), float(wrong_letters(a, b))]
        rows.append((wrong[0], len(a.split()), wrong[1], len(a)))
    return np.array(rows, np.float64)


def _of_words(counts: Counts, wanted: Sequence[Any], found: Sequence[Any], _: object) -> dict[str, float]:
    sums = counts.sum(axis=0)
    letters = float(chrf(_letters(wanted, found).sum(axis=0, keepdims=True))[0])
    same = [plain(a) == plain(b) for a, b in zip(wanted, found, strict=True)]
    return {"CER": float(sums[2] / max(sums[3], TINY)), "chrF": letters, "exact match": float(np.mean(same))}


def _pictures(wanted: Sequence[Pixels], found: Sequence[Pixels]) -> Counts:
    rows = []
    for a, b in zip(wanted, found, strict=True):
        size = size_of(a)
        both = sized(a, *size)[None], sized(b, *size)[None]
        rows.append((float(ssim(*both)[0]), float(squared(*both)[0])))
    return _means(rows)


def _films(wanted: Sequence[Video], found: Sequence[Video]) -> Counts:
    """Frames at the wanted's times: the last found one stays where the found film is over."""
    rows = []
    for a, b in zip(wanted, found, strict=True):
        at = np.minimum((np.arange(len(a.frames)) / a.rate * b.rate + 1e-6).astype(int), len(b.frames) - 1)
        size = size_of(a.frames[0], FILM_SIDE)
        both = tuple(np.stack([sized(x, *size) for x in frames]) for frames in (a.frames, b.frames[at]))
        rows.append((float(ssim(*both).mean()), float(squared(*both).mean())))
    return _means(rows)


def _of_pictures(counts: Counts, wanted: Sequence[Any], found: Sequence[Any], _: object) -> dict[str, float]:
    return {"PSNR dB": psnr(float(counts[:, 2].mean()))}


def _sounds(wanted: Sequence[Any], found: Sequence[Any]) -> Counts:
    rows = []
    for a, b in zip(wanted, found, strict=True):
        both = mel_distance.frames_of(a), mel_distance.frames_of(b)
        rows.append((mel_distance.warped(*both), mel_distance.straight(*both), len(b) / len(a)))
    return _means(rows)


def _of_sounds(counts: Counts, wanted: Sequence[Any], found: Sequence[Any], _: object) -> dict[str, float]:
    return {"mel distance without warping, dB": float(counts[:, 2].mean()), "length ratio": float(counts[:, 3].mean())}


WORDS = Metric("WER", "lower", _words, ratio, _of_words)
METRICS = {
    "classes": Metric("accuracy", "higher", _accuracy, ratio, _macro_f1),
    "quantiles": Metric("MAE", "lower", _absolute, ratio, _of_quantiles),
    "trend": Metric("WAPE", "lower", _weighted, ratio, _of_trends),
    "text": Metric("chrF", "higher", _letters, chrf, _of_texts),
    "image": Metric("SSIM", "higher", _pictures, ratio, _of_pictures),
    "audio": Metric("mel distance, dB", "lower", _sounds, ratio, _of_sounds),
    "video": Metric("SSIM", "higher", _films, ratio, _of_pictures),
}
