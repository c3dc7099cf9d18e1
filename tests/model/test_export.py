"""Export and engine: the same tokens as in PyTorch, and weights that come back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto

from training.tiny import COARSE, MELODIES, PHRASES, TINY, hearing, melody, reading
from walkiosk.engine import Engine
from walkiosk.modality import audio
from walkiosk.modality.text import END, Vocabulary
from walkiosk.model.export import export, load
from walkiosk.model.graph import ALIGNMENT, Graph, Table
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import Cache, TrunkConfig

VOCABULARY = Vocabulary.load(TINY / "tokenizer.json")
STOP = VOCABULARY.special(END)


@torch.no_grad()
def greedy(model: SequenceModel, prefix: list[int], perceived: Cache | None, longest: int = 60) -> list[int]:
    states, cache = model.read(torch.tensor([prefix]), None, perceived)
    tokens: list[int] = []
    while len(tokens) < longest:
        token = int(model.text.head(states[:, -1]).argmax())
        if token == STOP:
            break
        tokens.append(token)
        states, cache = model.read(torch.tensor([[token]]), cache, perceived)
    return tokens


def test_engine_writes_what_torch_writes() -> None:
    model, engine = load(TINY).eval(), Engine(TINY, threads=1)
    for phrase in PHRASES:
        prefix = reading(VOCABULARY, phrase)
        assert engine.write(engine.read(prefix, room=60), STOP, 60).tokens == greedy(model, prefix, None)
    for steps in MELODIES.values():
        frames = audio.to_sequence(melody(steps))
        state = engine.read(hearing(VOCABULARY), None, engine.perceive([("audio", frames)]), room=60)
        with torch.no_grad():
            perceived = model.trunk.perceive(model.hear(torch.from_numpy(frames)[None]))
        assert engine.write(state, STOP, 60).tokens == greedy(model, hearing(VOCABULARY), perceived)


def rare_vectors() -> NDArray[np.float32]:
    """Like a table of tokens: around a mean, some columns wider than others; one is zero."""
    dice = np.random.default_rng(0)
    vectors = 2 * dice.normal(size=64) + dice.normal(size=(300, 64)) * np.linspace(0.3, 3, 64)
    vectors[100] = 0
    return vectors.astype(np.float32)


def test_weights_come_back_as_they_were_stored(tmp_path: Path) -> None:
    once = load(TINY)
    export(once, tmp_path, COARSE)
    again = load(tmp_path).state_dict()
    for name, value in once.state_dict().items():
        torch.testing.assert_close(again[name], value, rtol=1e-3, atol=1e-6, msg=name)


def test_a_round_trip_costs_little(tmp_path: Path) -> None:
    """An int8 weight is off by half a step of its column at most."""
    torch.manual_seed(0)
    model = SequenceModel(TrunkConfig(64, 2, 2, 2, vocabulary=273))
    export(model, tmp_path)
    back = load(tmp_path).state_dict()
    for name, value in model.state_dict().items():
        assert float((back[name] - value).abs().max()) <= float(value.abs().max()) / 127, name


def test_only_ports_that_were_trained_are_stored(tmp_path: Path) -> None:
    model = load(TINY)
    export(model, tmp_path, COARSE)
    assert not (tmp_path / "ports.npz").exists()
    trained = "ports.audio.out.weight"
    with torch.no_grad():
        model.get_parameter(trained).mul_(1.5)
    export(model, tmp_path, COARSE)
    with np.load(tmp_path / "ports.npz") as ports:
        assert ports.files == [trained]
    again = load(tmp_path).state_dict()
    for name, value in model.state_dict().items():
        torch.testing.assert_close(again[name], value, rtol=1e-3, atol=1e-6, msg=name)


def test_rare_tokens_cost_what_four_bits_cost() -> None:
    vectors, (first, behind) = rare_vectors(), COARSE
    lost = Table.of(vectors, COARSE).vectors() - vectors
    steps = np.abs(vectors).max(axis=1, keepdims=True) / 127
    fine = np.r_[0:first, behind : len(vectors)]
    assert np.all(np.abs(lost[fine]) <= 0.51 * steps[fine])
    around = vectors[first:behind] - vectors[first:behind].mean(axis=0)
    assert np.linalg.norm(lost[first:behind]) < 0.08 * np.linalg.norm(around)


def test_a_table_that_was_stored_is_stored_again_as_it_is() -> None:
    once = Table.of(rare_vectors(), COARSE)
    again = Table.of(once.vectors(), COARSE)
    np.testing.assert_allclose(again.vectors(), once.vectors(), rtol=1e-4, atol=1e-5)


def test_more_tokens_become_coarse_and_what_was_so_stays_as_it_is() -> None:
    (first, behind), few = COARSE, COARSE[0] // 4
    once = Table.of(rare_vectors(), COARSE)
    again = Table.of(once.vectors(), (few, behind), loaded=once)
    np.testing.assert_allclose(again.vectors()[first:behind], once.vectors()[first:behind], rtol=1e-4, atol=1e-5)
    fine = np.r_[0:few, behind : len(once.vectors())]
    np.testing.assert_allclose(again.vectors()[fine], once.vectors()[fine], rtol=1e-6)
    lost = (again.vectors() - once.vectors())[few:first]
    assert 0 < np.linalg.norm(lost) < 0.08 * np.linalg.norm(once.vectors()[few:first] - once.mean)


def test_a_model_whose_coarse_tokens_became_more_is_stored_again_as_it_is(tmp_path: Path) -> None:
    """Mean and spread come from what is coarse itself now: they are kept with the table, through load and export."""
    fewer = (COARSE[0] // 4, COARSE[1])
    export(load(TINY), tmp_path / "once", fewer)
    once = load(tmp_path / "once")
    export(once, tmp_path / "again", fewer)
    again = load(tmp_path / "again")
    torch.testing.assert_close(again.text.tokens, once.text.tokens, rtol=1e-4, atol=1e-5)
    kept = load(TINY).text.tokens[COARSE[0] : COARSE[1]]
    torch.testing.assert_close(once.text.tokens[COARSE[0] : COARSE[1]], kept, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("coarse", [COARSE, (64, 64)])
def test_looking_up_and_scoring_agree_with_the_stored_vectors(coarse: tuple[int, int], tmp_path: Path) -> None:
    g, table = Graph("table"), Table.of(rare_vectors(), coarse)
    laid = table.lay(g, "table.")
    g.output(table.looked_up(g, laid, g.input("tokens", ["B", "T"], TensorProto.INT64)), "rows", ["B", "T", 64])
    g.output(table.scored(g, laid, g.input("states", ["B", 64])), "logits", ["B", "V"])
    g.save(tmp_path / "table.onnx", tmp_path / "table.bin")
    session = ort.InferenceSession(str(tmp_path / "table.onnx"), providers=["CPUExecutionProvider"])
    tokens = np.arange(300).reshape(3, 100)
    ones = np.eye(64, dtype=np.float32)  # eight-bit activations are exact for them: each asks for a column
    rows, columns = session.run(["rows", "logits"], {"tokens": tokens, "states": ones})
    np.testing.assert_allclose(rows.reshape(300, 64), table.vectors(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(columns.T, table.vectors(), rtol=1e-3, atol=1e-3)
    states = np.random.default_rng(1).normal(size=(5, 64)).astype(np.float32)
    (logits,) = session.run(["logits"], {"tokens": tokens, "states": states})
    wanted = states @ table.vectors().T
    assert np.abs(logits - wanted).max() < 0.02 * np.abs(wanted).max()


def places_in(graph: str) -> dict[str, tuple[int, int]]:
    """Where the arrays of a tiny graph lie in `trunk.bin`: offset and length."""
    found = {}
    for tensor in onnx.load(TINY / f"{graph}.onnx", load_external_data=False).graph.initializer:
        entries = {entry.key: entry.value for entry in tensor.external_data}
        if entries:
            found[tensor.name] = (int(entries["offset"]), int(entries["length"]))
    return found


def test_the_file_holds_the_table_once() -> None:
    decoder, reader = places_in("decoder"), places_in("reader")
    table = {name: place for name, place in decoder.items() if name.startswith("ports.text.table.")}
    assert {"packed", "columns"} <= {name.rpartition(".")[2] for name in table}
    assert table.items() <= reader.items()
    lengths = [length for _, length in {*decoder.values(), *reader.values(), *places_in("encoder").values()}]
    assert (TINY / "trunk.bin").stat().st_size < sum(lengths) + ALIGNMENT * len(lengths)


def test_sizes_that_nobody_knows_are_an_error(tmp_path: Path) -> None:
    sizes = json.loads((TINY / "model.json").read_text())
    sizes["config"]["depth"] = 3
    (tmp_path / "model.json").write_text(json.dumps(sizes))
    with pytest.raises(TypeError, match="depth"):
        load(tmp_path)
