"""Decoding with the cache equals decoding without."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.tiny import MELODIES, PHRASES, TINY, hearing, melody, reading
from walkiosk.engine import Engine
from walkiosk.modality import audio
from walkiosk.modality.text import END, Vocabulary
from walkiosk.model.export import load

TOLERANCE = 1e-4  # of a logit, float32
ENGINE_TOLERANCE = 0.05  # of the largest logit: int8 activations take their scale from all that is read at once


@pytest.mark.parametrize("cut", [1, 4, 9])
@torch.no_grad()
def test_torch(cut: int) -> None:
    model = load(TINY).eval()
    tokens = torch.randint(0, 300, (2, 12), generator=torch.Generator().manual_seed(cut))
    heard = torch.from_numpy(audio.to_sequence(melody((0, 4, 7))))[None].expand(2, -1, -1)
    for perceived in (None, model.trunk.perceive(model.hear(heard))):
        whole, _ = model.read(tokens, None, perceived)
        first, cache = model.read(tokens[:, :cut], None, perceived)
        parts = [first]
        for at in range(cut, 12):
            states, cache = model.read(tokens[:, at : at + 1], cache, perceived)
            parts.append(states)
        wanted, found = model.text.head(whole), model.text.head(torch.cat(parts, dim=1))
        assert float((wanted - found).abs().max()) < TOLERANCE


def test_engine() -> None:
    engine, vocabulary = Engine(TINY, threads=1), Vocabulary.load(TINY / "tokenizer.json")
    tokens = [*reading(vocabulary, "red shoes"), *vocabulary.encode("zapa")]
    whole = engine.read(tokens)
    state = engine.read(tokens[:5], room=len(tokens))
    for token in tokens[5:]:
        engine.extend(state, np.array([[token]]))
    spread = np.abs(whole.logits).max()
    assert np.abs(whole.logits - state.logits).max() < ENGINE_TOLERANCE * spread
    assert whole.logits.argmax() == state.logits.argmax()


def test_engine_knows_what_the_tiny_model_learned() -> None:
    engine, vocabulary = Engine(TINY, threads=1), Vocabulary.load(TINY / "tokenizer.json")
    end = vocabulary.special(END)
    for phrase, spanish in PHRASES.items():
        written = engine.write(engine.read(reading(vocabulary, phrase), room=60), end, 60)
        assert vocabulary.decode(written.tokens) == spanish
    for words, steps in MELODIES.items():
        perceived = engine.perceive([("audio", audio.to_sequence(melody(steps)))])
        state = engine.read(hearing(vocabulary), None, perceived, room=60)
        assert vocabulary.decode(engine.write(state, end, 60).tokens) == words
