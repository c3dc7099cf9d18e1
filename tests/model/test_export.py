"""Export and engine: the same tokens as in PyTorch, and weights that come back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from training.tiny import MELODIES, PHRASES, TINY, hearing, melody, reading
from walkiosk.engine import Engine
from walkiosk.modality import audio
from walkiosk.modality.text import END, Vocabulary
from walkiosk.model.export import export, load
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


def test_weights_come_back_as_they_were_stored(tmp_path: Path) -> None:
    once = load(TINY)
    export(once, tmp_path)
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
    assert (tmp_path / "ports.npz").stat().st_size < 400_000


def test_sizes_that_nobody_knows_are_an_error(tmp_path: Path) -> None:
    sizes = json.loads((TINY / "model.json").read_text())
    sizes["config"]["depth"] = 3
    (tmp_path / "model.json").write_text(json.dumps(sizes))
    with pytest.raises(TypeError, match="depth"):
        load(tmp_path)
