"""A model's file by itself: served without torch, the same answers as the model that wrote it, damage named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import walkiosk
from tests.sequence.material import make_values
from walkiosk.modality.value import BadValue, drawn
from walkiosk.model.fit import Told
from walkiosk.model.fitting import Fit
from walkiosk.model.pairs import batch_of, loss_of_pairs, packed
from walkiosk.model_file import ModelFile, NoModel
from walkiosk.pairs.consensus import ways_to_pick
from walkiosk.sequence import Sequence, Unfitted

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # an import of it fails
from walkiosk import Sequence
print(Sequence.load(sys.argv[1])(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sequence, list[str], Path]:
    torch.set_num_threads(1)
    values = make_values(tmp_path_factory.mktemp("served"), 20)
    pairs = list(zip(values["image"], values["text"], strict=True))
    fitted = walkiosk.Sequence("image", "text").fit(pairs, steps=30, size="tiny")
    path = tmp_path_factory.mktemp("file") / "my.model"
    fitted.save(path)
    return fitted, values["image"], path


def test_without_torch(model: tuple[Sequence, list[str], Path]) -> None:
    fitted, pictures, path = model
    told = [sys.executable, "-c", WITHOUT_TORCH, str(path), pictures[0]]
    ended = subprocess.run(told, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.rstrip("\n") == fitted(pictures[0])


def test_a_file_says_what_it_was_fitted_to(model: tuple[Sequence, list[str], Path]) -> None:
    card = Sequence.load(model[2]).card
    assert card["sides"] == "image → text" and card["data"]["training"] == 16
    assert card["training"]["steps"] == 30 and card["model"]["weights"] > 10_000


def test_damage_is_named(model: tuple[Sequence, list[str], Path], tmp_path: Path) -> None:
    whole = model[2].read_bytes()
    for name, data in (("cut", whole[: len(whole) // 2]), ("other", b"no archive"), ("empty", b"")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(NoModel, match=name):
            Sequence.load(tmp_path / name)
    at = len(whole) // 3
    (tmp_path / "flipped").write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    with pytest.raises(NoModel, match="flipped"):
        Sequence.load(tmp_path / "flipped")
    with pytest.raises(FileNotFoundError, match="gone"):
        Sequence.load(tmp_path / "gone")
    with pytest.raises(NoModel, match=r"encoder\.onnx"):
        ModelFile({}, "my.model").read("encoder.onnx")


def test_nothing_is_asked_before_a_fit() -> None:
    with pytest.raises(Unfitted):
        Sequence("audio", "text")("b.wav")
    with pytest.raises(ValueError, match="smell"):
        Sequence("smell", "text")


@pytest.mark.parametrize("source", ["scalar", "trend", "text", "image", "audio", "video"])
def test_what_is_served_is_what_was_trained(source: str, tmp_path: Path) -> None:
    """The served graphs give a label the same share as the network in PyTorch does."""
    torch.set_num_threads(1)
    values = make_values(tmp_path, 24)
    pairs = [(value, "even" if n % 2 else "odd") for n, value in enumerate(values[source])]
    kept: list[Fit] = []
    model = Sequence(source, "text").fit(pairs, steps=8, size="tiny", told=Told(on_step=lambda fit: kept.append(fit)))
    assert model.pairing.aim == "classes"
    fit = kept[-1]
    for given, label in pairs[:4]:
        pair = packed(model.pairing, model.pairing.read([given]), label)
        batch = batch_of(model.pairing, [pair])
        with torch.no_grad():
            loss = loss_of_pairs(fit.model, batch, "text", torch.tensor(model.pairing.classes))
        assert np.exp(-float(loss)) == pytest.approx(model.spread(given)[label], abs=2e-3)


def test_pairs_of_unequal_lengths_cost_together_what_they_cost_alone(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    values = make_values(tmp_path, 12)
    pairs = list(zip(values["audio"], values["text"], strict=True))
    kept: list[Fit] = []
    Sequence("audio", "text").fit(pairs, steps=3, size="tiny", told=Told(on_step=lambda fit: kept.append(fit)))
    fit = kept[-1]
    sound = fit.pairing.read([values["audio"][0]])[0]
    two = [packed(fit.pairing, (x,), words) for x, words in ((sound[:1600], "a"), (sound, "a longer one"))]
    with torch.no_grad():
        alone = [float(loss_of_pairs(fit.model, batch_of(fit.pairing, [pair]), "text")) for pair in two]
        together = float(loss_of_pairs(fit.model, batch_of(fit.pairing, two), "text"))
    assert together == pytest.approx(np.average(alone, weights=[len(pair.target) for pair in two]), abs=1e-4)


def test_what_is_longer_than_all_that_was_learned_is_answered(tmp_path: Path) -> None:
    """A text is read as far as there are places; a sound and a trend are heard to their end."""
    torch.set_num_threads(1)
    values = make_values(tmp_path, 12)
    text = Sequence("text", "scalar").fit(
        list(zip(values["text"], values["scalar"], strict=True)), steps=3, size="tiny"
    )
    assert isinstance(text("red shoes " * 500), float)
    for kind, long in (("audio", np.zeros(16_000 * 20, np.float32)), ("trend", list(range(1_500)))):
        model = Sequence(kind, "scalar").fit(
            list(zip(values[kind], values["scalar"], strict=True)), steps=3, size="tiny"
        )
        assert isinstance(model(long), float)


def test_what_is_drawn(tmp_path: Path) -> None:
    """A seed has one answer, whatever is written beside it; the answer is one of those that could be drawn."""
    torch.set_num_threads(1)
    values = make_values(tmp_path, 20)
    pairs = list(zip(values["text"], values["image"], strict=True))
    model = Sequence("text", "image").fit(pairs, steps=30, size="tiny")
    first, again, other = (model.draw("a picture", seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    beside = model._written(["a picture"], [None, drawn(2), drawn(1)])
    assert np.array_equal(beside[2], first) and np.array_equal(beside[1], other)
    found = model.found(["a picture"])
    assert any(np.array_equal(found, each) for each in model._written(["a picture"], ways_to_pick("image")))


def test_how_likely_a_text_is(model: tuple[Sequence, list[str], Path]) -> None:
    fitted, pictures, _ = model
    found = fitted(pictures[0])
    one, other, again = fitted.likelihoods(pictures[0], among=[found, "xqzj", found])
    assert other < one <= 0 and one == pytest.approx(again, abs=1e-5)
    counts = Sequence("text", "scalar").fit([(f"a{n}", n / 8) for n in range(40)], steps=2, size="tiny")
    with pytest.raises(BadValue, match="scalar"):
        counts.likelihoods("a", among=["1"])
