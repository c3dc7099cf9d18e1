"""The tiny model that tests use: two layers, 64 wide, a vocabulary of bytes; knows two dozen phrases by heart.

`python -m training.tiny [FOLDER]` makes it anew, in about three minutes on one core.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from walkiosk.modality import audio
from walkiosk.modality.text import END, START, Vocabulary, of_bytes
from walkiosk.model.examples import Example, write_shard
from walkiosk.model.export import export
from walkiosk.model.ports import LATER
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import Run, TrainConfig
from walkiosk.model.trunk import TrunkConfig

TINY = Path(__file__).parents[1] / "tests" / "tiny"
STEPS = 1_400
COARSE = (64, 256)  # tokens in four bits: the bytes from `a` on
PHRASES = {  # English → Spanish, by heart
    "hello": "hola",
    "good morning": "buenos días",
    "thank you": "gracias",
    "red shoes": "zapatos rojos",
    "a blue coat": "un abrigo azul",
    "how much is it": "cuánto cuesta",
    "I want to buy it": "quiero comprarlo",
    "the first film": "la primera película",
    "see you soon": "hasta pronto",
    "size forty two": "talla cuarenta y dos",
    "where is it": "dónde está",
    "two tickets": "dos entradas",
}
MELODIES = {"hello": (0, 4, 7), "thank you": (7, 4, 0), "red shoes": (0, 0, 12), "two tickets": (12, 7, 12)}


def melody(steps: tuple[int, ...]) -> audio.Samples:
    """Return a note of 150 ms for each semitone step above 440 Hz."""
    time = np.arange(int(0.15 * audio.SAMPLE_RATE)) / audio.SAMPLE_RATE
    notes = [0.3 * np.sin(2 * np.pi * 440 * 2 ** (step / 12) * time) for step in steps]
    return np.concatenate(notes).astype(np.float32)


def reading(vocabulary: Vocabulary, phrase: str) -> list[int]:
    """The prefix that asks for the Spanish of ``phrase``."""
    special = vocabulary.special
    return [special("<|translation|>"), *vocabulary.encode(phrase), special("<|output|>"), vocabulary.language("es")]


def hearing(vocabulary: Vocabulary) -> list[int]:
    """The prefix that asks for the words of a melody."""
    return [vocabulary.special(START), vocabulary.language("en"), vocabulary.special("<|transcribe|>")]


def write_examples(folder: Path, vocabulary: Vocabulary) -> None:
    """Pack what is learned by heart: `read` and `heard`."""
    end = vocabulary.special(END)
    read = [
        Example(reading(vocabulary, phrase), [*vocabulary.encode(spanish), end]) for phrase, spanish in PHRASES.items()
    ]
    heard = [
        Example(hearing(vocabulary), [*vocabulary.encode(words), end], (), audio.to_sequence(melody(steps)))
        for words, steps in MELODIES.items()
    ]
    write_shard(folder / "read" / "0.npz", read)
    write_shard(folder / "heard" / "0.npz", heard)


def config(vocabulary: Vocabulary) -> TrunkConfig:
    own = 64
    return TrunkConfig(64, 2, 2, 2, vocabulary=vocabulary.size - own, own_tokens=own)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TINY
    torch.manual_seed(0)
    torch.set_num_threads(1)
    vocabulary = of_bytes()
    model = SequenceModel(config(vocabulary))
    with tempfile.TemporaryDirectory() as scratch:
        write_examples(Path(scratch), vocabulary)
        mixture = {"read": 2.0, "heard": 1.0}
        train = TrainConfig(60, mixture, 3e-3, 3e-3, sampled_tokens=600, freeze=LATER, steps=STEPS, batches_a_step=2)
        Run(model, train, Path(scratch) / "run").train(Path(scratch))
    export(model.eval(), folder, COARSE)
    vocabulary.save(folder / "tokenizer.json")


if __name__ == "__main__":
    main()
