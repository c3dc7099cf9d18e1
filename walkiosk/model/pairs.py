"""Any modality in, any modality out: raw pairs → a batch → its loss, through the one trunk.

What is heard or seen goes through the encoder, text is laid in the decoder's prefix; the target is written element by
element behind it. Letters in shapes: ``B`` pairs, ``T`` elements, ``S`` elements perceived, ``D`` width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from walkiosk.modality import Modality, modality
from walkiosk.modality.text import START, Vocabulary
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import Cache


@dataclass(frozen=True)
class PairBatch:
    """Pairs ready for the model: what each perceives (T × features; none for text), its prefix tokens, its target."""

    source: str
    target: str
    perceived: tuple[Tensor, ...]
    prefixes: tuple[Tensor, ...]
    targets: tuple[Tensor, ...]


@dataclass(frozen=True)
class Pairing:
    """An input and a target modality, and the vocabulary of the model between them."""

    source: str
    target: str
    vocabulary: Vocabulary

    def sides(self) -> tuple[Modality, Modality]:
        return modality(self.source, self.vocabulary), modality(self.target, self.vocabulary)

    def like(self, value: Any) -> Any:
        """What the target's scale may be taken from."""
        return value if self.source == self.target else None

    def prefix(self, value: Any) -> Tensor:
        """Return the tokens before the target: those of ``value`` when it is read, and `<|output|>`."""
        special = self.vocabulary.special
        words = [special("<|input|>"), *self.sides()[0].to_sequence(value)] if self.source == "text" else []
        return torch.tensor([special(START), *words, special("<|output|>")])

    def perceived(self, value: Any) -> tuple[Tensor, ...]:
        if self.source == "text":
            return ()
        return (torch.from_numpy(np.asarray(self.sides()[0].to_sequence(value))),)

    def batch(self, pairs: Sequence[tuple[Any, Any]]) -> PairBatch:
        """Read raw ``pairs`` (values or paths); raises `BadValue` naming what cannot be read."""
        source, target = self.sides()
        values = [(source.read(given), target.read(wanted)) for given, wanted in pairs]
        elements = (np.asarray(target.to_target(wanted, like=self.like(given))) for given, wanted in values)
        return PairBatch(
            self.source,
            self.target,
            tuple(part for given, _ in values for part in self.perceived(given)),
            tuple(self.prefix(given) for given, _ in values),
            tuple(torch.from_numpy(rows) for rows in elements),
        )


def perceive(model: SequenceModel, name: str, sequences: Sequence[Tensor]) -> tuple[Cache | None, Tensor | None]:
    """Encode one sequence a pair: what the decoder crosses to, and a mask (B S) of where there is something."""
    if not sequences:
        return None, None
    embedded = [model.port(name).embed(sequence[None])[0] for sequence in sequences]
    lengths = torch.tensor([len(x) for x in embedded])
    if int(lengths.max()) > model.config.encoder_positions:
        raise ValueError(f"{int(lengths.max())} elements, but the encoder has {model.config.encoder_positions} places")
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    encoded = model.trunk.encode([(name, pad_sequence(embedded, batch_first=True))], mask)
    return model.trunk.perceive(encoded), mask


def loss_of_pairs(model: SequenceModel, batch: PairBatch) -> Tensor:
    """Return the mean loss of the targets' elements, each predicted from the prefix and the elements before it."""
    port = model.port(batch.target)
    perceived, mask = perceive(model, batch.source, batch.perceived)
    rows = [
        torch.cat([model.text.embed(prefix[None])[0], port.embed_written(target[None, :-1])[0]])
        for prefix, target in zip(batch.prefixes, batch.targets, strict=True)
    ]
    states, _ = model.trunk.decode(pad_sequence(rows, batch_first=True), None, perceived, mask)
    judged = [
        states[row, len(prefix) - 1 : len(prefix) - 1 + len(target)]
        for row, (prefix, target) in enumerate(zip(batch.prefixes, batch.targets, strict=True))
    ]
    return port.loss(torch.cat(judged), torch.cat(batch.targets))


@torch.no_grad()
def predict(model: SequenceModel, pairing: Pairing, given: Any, longest: int = 400) -> Any:
    """Return the value that ``model`` writes for the raw input ``given``, the likeliest element at each step."""
    port = model.port(pairing.target)
    source, target = pairing.sides()
    value = source.read(given)
    perceived, _ = perceive(model, pairing.source, pairing.perceived(value))
    states, cache = model.read(pairing.prefix(value)[None], None, perceived)
    elements: list[Any] = []
    room = model.config.decoder_positions - cache[0][0].shape[2]
    while len(elements) < min(longest, room):
        step = target.next(port.head(states[:, -1:])[0, 0].float().cpu().numpy(), elements)
        elements.append(step.element)
        if step.last:
            break
        x = port.embed_written(torch.from_numpy(np.asarray(step.element))[None, None])
        states, cache = model.trunk.decode(x, cache, perceived)
    return target.from_sequence(elements, like=pairing.like(value))
