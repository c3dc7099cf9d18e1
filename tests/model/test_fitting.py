"""When a fit takes weights, and when it gives up: by the tokens of texts that are missed, and by the loss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.sequence.material import make_values
from walkiosk.model.fit import ENOUGH_ROWS, Told
from walkiosk.model.fit_sizes import SIZES
from walkiosk.model.fitting import Fit, Look, usual_rows
from walkiosk.model.pairs import batch_of, judged_pairs, loss_of_pairs
from walkiosk.sequence import Sequence

FIRST = Look(1, 1.0, 2.0, 2.0, 0.5)


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    """A fit of texts, as it is at its end."""
    torch.set_num_threads(1)
    values = make_values(tmp_path_factory.mktemp("fitting"))
    pairs = [(f"{text} {n}", text[::-1]) for n, text in enumerate(values["text"])]
    kept: list[Fit] = []
    Sequence("text", "text").fit(
        pairs, steps=4, size="tiny", told=Told(on_step=kept.append), work=tmp_path_factory.mktemp("work")
    )
    return kept[-1]


def test_texts_are_judged_by_what_is_missed(fit: Fit) -> None:
    """A text whose loss grows by being too sure is no worse while it misses fewer tokens."""
    surer = replace(FIRST, validation=3.0, missed=0.4)
    assert surer.judged < FIRST.judged
    assert replace(FIRST, missed=0.5, validation=1.9).judged < FIRST.judged  # as many: the loss decides
    plain = replace(FIRST, missed=None)
    assert replace(plain, validation=1.9).judged < plain.judged < replace(plain, validation=2.1).judged


def test_a_fit_gives_up_when_neither_gains(fit: Fit) -> None:
    looks, fit.looks = fit.looks, [FIRST]
    worse = replace(FIRST, validation=3.0, missed=0.6)
    try:
        fit.looks = [FIRST, *[worse] * fit.config.patience]
        assert fit.gave_up
        fit.looks = [FIRST, *[worse] * (fit.config.patience - 1), replace(worse, missed=0.4)]
        assert not fit.gave_up and fit.worse == 0
        fit.looks = [FIRST, *[worse] * (fit.config.patience - 1), replace(worse, validation=1.0)]
        assert not fit.gave_up and fit.worse == 0
    finally:
        fit.looks = looks


def test_what_is_missed_is_counted(fit: Fit) -> None:
    fit.model.eval()
    pairs = [fit.training[row] for row in range(3)]
    batch = batch_of(fit.pairing, pairs)
    with torch.no_grad():
        loss, missed = judged_pairs(fit.model, batch, "text")
        assert loss == loss_of_pairs(fit.model, batch, "text")
        assert loss != loss_of_pairs(fit.model, batch, "text", smoothing=0.1)
        alone = [judged_pairs(fit.model, batch_of(fit.pairing, [pair]), "text")[1] for pair in pairs]
        assert missed is not None and 0 < int(missed) == sum(int(one) for one in alone if one is not None)
        among = torch.unique(batch.targets)
        assert judged_pairs(fit.model, batch, "text", among)[1] is None


@pytest.mark.parametrize(
    ("source", "target", "power"),
    [
        ("video", "label", 1.0),
        ("scalar", "label", 1.0),
        ("video", "trend", 0.5),
        ("image", "trend", 0.5),
        ("trend", "trend", 0.0),
    ],
)
def test_batches_of_few_pairs_have_a_lower_rate(source: str, target: str, power: float, tmp_path: Path) -> None:
    """Films fill a batch with a dozen of them: at the usual rate hardly anything is learned from them."""
    torch.set_num_threads(1)
    values = make_values(tmp_path, 24)
    wanted = [("yes", "no")[n % 2] for n in range(24)] if target == "label" else values[target]
    kept: list[Fit] = []
    model = Sequence(source, "text" if target == "label" else target)
    model.fit(
        list(zip(values[source], wanted, strict=True)),
        steps=1,
        size="tiny",
        told=Told(on_step=kept.append),
        work=tmp_path / "work",
    )
    share = min(1, usual_rows(kept[-1].training, kept[-1].config) / ENOUGH_ROWS)
    assert (share < 1) == (source in ("image", "video"))
    assert kept[-1].config.rate == pytest.approx(SIZES["tiny"].rate * share**power)
