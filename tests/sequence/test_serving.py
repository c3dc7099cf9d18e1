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
from walkiosk.fit_score import score_model
from walkiosk.modality.value import drawn
from walkiosk.model.fit import Told
from walkiosk.model.fitting import Fit
from walkiosk.model.pairs import batch_of, loss_of_pairs, packed
from walkiosk.model_file import ModelFile, NoModel
from walkiosk.pairs.consensus import ways_to_pick
from walkiosk.pairs.content import digest
from walkiosk.pairs.reading import read_pairs
from walkiosk.pairs.splitting import split
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


@pytest.mark.parametrize(("source", "target"), [("text", "video"), ("image", "video"), ("video", "image")])
def test_what_is_painted_is_scored_as_it_was_trained(source: str, target: str, tmp_path: Path) -> None:
    """Behind every beginning of a picture or film, with all that is told of the next place."""
    torch.set_num_threads(1)
    values = make_values(tmp_path, 24)
    kept: list[Fit] = []
    pairs = list(zip(values[source], values[target], strict=True))
    model = Sequence(source, target).fit(pairs, steps=8, size="tiny", told=Told(on_step=lambda fit: kept.append(fit)))
    pairing = model.pairing
    read, wanted = pairing.read([values[source][3]]), pairing.read_target(values[target][3])
    pair = packed(pairing, read, wanted)
    assert pair.target.shape[1] == 2 + pairing.target_form.codes_told > 2
    with torch.no_grad():
        loss = float(loss_of_pairs(kept[-1].model, batch_of(pairing, [pair]), target))
    state, summed = model._state(read), 0.0
    for element in pair.target:
        logits = state.logits[0].astype(np.float64)
        summed += np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[element[0]]
        model._engine.extend(state, np.zeros((1, 0), np.int64), element[None, None].astype(np.float32))
    assert summed / len(pair.target) == pytest.approx(loss, abs=0.01)


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


@pytest.mark.parametrize("target", ["image", "audio", "video"])
def test_what_comes_again_and_again_is_chosen(target: str, tmp_path: Path) -> None:
    """Copies of a file are one answer; what is answered is what the file holds, not something like it."""
    torch.set_num_threads(1)
    answers = [Path(path) for path in make_values(tmp_path, 2)[target]]
    copied = []
    for number in range(60):
        of = answers[number % 2]
        copied.append((("odd", "even")[number % 2 == 0] + f" {number}", of.with_name(f"copy {number}{of.suffix}")))
        copied[-1][1].write_bytes(of.read_bytes())
    model = Sequence("text", target).fit(copied, steps=60, size="tiny")
    model.save(tmp_path / "my.model")
    opened = Sequence.load(tmp_path / "my.model")
    wanted = [opened.pairing.read_target(path) for path in answers]
    for number in range(60, 64):
        given = ("odd", "even")[number % 2 == 0] + f" {number}"
        assert digest([opened(given)]) == digest([wanted[number % 2]])
        assert digest([opened.draw(given, seed=1)]) in {digest([value]) for value in wanted}
    assert set(opened.pairing.labels) == {digest([value]).hex() for value in wanted}
    ending = {"image": "png", "audio": "wav", "video": "mp4"}[target]
    opened.write(opened("odd 1"), tmp_path / f"answer.{ending}")
    assert (tmp_path / f"answer.{ending}").stat().st_size > 0


def test_a_sound_that_was_not_among_the_answers_counts_as_wrong_and_a_torn_one_is_named(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    sounds = make_values(tmp_path, 4)["audio"]
    pairs = [(f"word {number}", sounds[number % 2]) for number in range(200)]
    training, validation, held_out = split(read_pairs(pairs).pairs)
    new = {validation[0].line - 1, held_out[0].line - 1}
    model = Sequence().fit(
        [(text, sounds[2] if at in new else sound) for at, (text, sound) in enumerate(pairs)], steps=4
    )
    assert model.fitted is not None and len(model.pairing.answers) == 2
    scored = score_model(model, model.fitted.training, model.fitted.held_out)
    assert scored.judgement.n == len(held_out)
    Path(sounds[3]).write_bytes(Path(sounds[1]).read_bytes()[:30])
    torn = [(text, sounds[3] if at == training[0].line - 1 else sound) for at, (text, sound) in enumerate(pairs)]
    model = Sequence().fit(torn, steps=4)
    assert model.fitted is not None and [fault.line for fault in model.fitted.faults] == [training[0].line]


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
