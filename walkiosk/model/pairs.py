"""Any modality in, any modality out: packed pairs → a batch → its loss, through the one trunk.

Letters in shapes: ``B`` pairs, ``T`` elements, ``S`` elements perceived, ``D`` width, ``F`` features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import Cache
from walkiosk.pairing import Pairing


@dataclass(frozen=True)
class PackedPair:
    """A pair as the model takes it: each perceived part (T × F), the prefix's tokens, the target's elements."""

    parts: tuple[NDArray[Any], ...]
    prefix: NDArray[Any]
    target: NDArray[Any]

    @property
    def positions(self) -> int:
        """Of the decoder."""
        return len(self.prefix) + len(self.target) - 1


@dataclass(frozen=True)
class PairBatch:
    """Pairs laid together: of each part (modality, number, B T F, lengths), and the rest end to end."""

    parts: tuple[tuple[str, int, Tensor, Tensor], ...]
    prefixes: Tensor
    prefix_lengths: Tensor
    targets: Tensor
    target_lengths: Tensor

    def to(self, device: torch.device) -> PairBatch:
        parts = tuple((name, number, x.to(device), lengths.to(device)) for name, number, x, lengths in self.parts)
        flat = (self.prefixes, self.prefix_lengths, self.targets, self.target_lengths)
        return PairBatch(parts, *(x.to(device) for x in flat))


def packed(pairing: Pairing, values: Sequence[Any], wanted: Any) -> PackedPair:
    """Return the pair of read values as the model takes it; raises `BadValue`."""
    parts = tuple(sequence for _, _, sequence in pairing.perceived(values))
    return PackedPair(parts, np.array(pairing.prefix(values)), pairing.elements(values, wanted))


def batch_of(pairing: Pairing, pairs: Sequence[PackedPair]) -> PairBatch:
    """Lay ``pairs`` together."""
    numbers = [number for number, name in enumerate(pairing.sides.inputs) if name != "text"]
    parts = []
    for place, number in enumerate(numbers):
        rows = [torch.from_numpy(np.asarray(pair.parts[place])) for pair in pairs]
        laid = pad_sequence([row if row.dtype == torch.uint8 else row.float() for row in rows], batch_first=True)
        parts.append((pairing.sides.inputs[number], number, laid, torch.tensor([len(row) for row in rows])))

    def flat(rows: list[NDArray[Any]]) -> tuple[Tensor, Tensor]:
        together = torch.from_numpy(np.concatenate(rows))
        exact = together.long() if not together.is_floating_point() else together.float()
        return exact, torch.tensor([len(row) for row in rows])

    prefixes, targets = flat([pair.prefix for pair in pairs]), flat([pair.target for pair in pairs])
    return PairBatch(tuple(parts), *prefixes, *targets)


def perceive(model: SequenceModel, batch: PairBatch) -> tuple[Cache | None, Tensor | None]:
    """Encode what a batch perceives: what the decoder crosses to, and a mask (B S) where rows are of unequal length."""
    if not batch.parts:
        return None, None
    embedded, masks, padded = [], [], False
    for name, number, x, lengths in batch.parts:
        port = model.port(name)
        unequal = bool((lengths != x.shape[1]).any())
        there = torch.arange(x.shape[1], device=x.device) < lengths[:, None] if unequal else None
        embedded.append(model.trunk.marked(name, port.embed(x, there), number))
        steps = embedded[-1].shape[1]
        most = model.config.encoder_positions
        if steps > most:
            raise ValueError(f"{steps} elements, but the encoder has {most} places")
        counts = torch.tensor([port.elements(int(length)) for length in lengths], device=x.device)
        masks.append(torch.arange(steps, device=x.device) < counts[:, None])
        padded = padded or unequal
    mask = torch.cat(masks, dim=1) if padded else None
    return model.trunk.perceive(model.trunk.encode(torch.cat(embedded, dim=1), mask)), mask


def loss_of_pairs(
    model: SequenceModel, batch: PairBatch, writes: str, among: Tensor | None = None, smoothing: float = 0.0
) -> Tensor:
    """Return the mean loss of the targets' elements, each predicted from the prefix and the elements before it.

    ``writes`` names the port of the target. With ``among`` (N tokens) a token is judged among those alone; else the
    labels of texts are smoothed (Szegedy et al., 2016).
    """
    return _loss(model, _states(model, batch, writes), batch, writes, among, smoothing)


def judged_pairs(
    model: SequenceModel, batch: PairBatch, writes: str, among: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """Return `loss_of_pairs`, and of texts how many of the targets' tokens are not the likeliest behind those before.

    What is judged ``among`` few has no such number.
    """
    states = _states(model, batch, writes)
    loss = _loss(model, states, batch, writes, among)
    if writes != "text" or among is not None:
        return loss, None
    return loss, (model.text.head(states).argmax(dim=-1) != batch.targets).sum()


def _loss(
    model: SequenceModel,
    states: Tensor,
    batch: PairBatch,
    writes: str,
    among: Tensor | None,
    smoothing: float = 0.0,
) -> Tensor:
    if among is not None:
        scores = (states @ model.text.embed(among).to(states.dtype).T).float()
        at = (batch.targets[:, None] == among).int().argmax(dim=1)
        return torch.nn.functional.cross_entropy(scores, at)
    if writes == "text":
        return model.text.loss(states, batch.targets, smoothing=smoothing)
    return model.port(writes).loss(states, batch.targets)


def _states(model: SequenceModel, batch: PairBatch, writes: str) -> Tensor:
    """What the decoder makes of each target's element from what comes before it: N D."""
    perceived, mask = perceive(model, batch)
    rows, places = _laid(batch.prefix_lengths), _laid(batch.target_lengths)
    read = model.text.embed(batch.prefixes)
    x = read.new_zeros(
        len(batch.prefix_lengths), int((batch.prefix_lengths + batch.target_lengths).max()), read.shape[1]
    )
    x = x.index_put(rows, read)
    behind = (places[0], places[1] + batch.prefix_lengths[places[0]])
    x = x.index_put(behind, model.port(writes).embed_written(batch.targets).to(x.dtype))
    states, _ = model.trunk.decode(x[:, :-1], None, perceived, mask)
    return states[behind[0], behind[1] - 1]


def _laid(lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Row and place of elements that lie end to end, rows of ``lengths``."""
    row = torch.repeat_interleave(torch.arange(len(lengths), device=lengths.device), lengths)
    starts = torch.cumsum(lengths, 0) - lengths
    return row, torch.arange(len(row), device=lengths.device) - starts[row]
