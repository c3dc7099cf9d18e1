"""Recall: what is known of things that have been seen, called up by how a picture looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from einops import rearrange
from torch import Tensor, nn

from walkiosk.model.ports.port import rows_of

if TYPE_CHECKING:
    from walkiosk.model.graph import Graph

MEMORIES = 1_600
ASKED = 64  # numbers by which a memory is found
VECTORS = 8  # that it says: what is written can look at one of them now and at another then
SAID = 24  # numbers that each is made of
SHARPNESS = 40.0  # of two memories the likelier one alone is to be heard: a trunk at rest makes nothing of both at once


class Recall(nn.Module):
    """Attention of the whole picture to memories (a modern Hopfield layer; Ramsauer et al., 2020).

    Letters in shapes: C channels, M memories, N `VECTORS`, D the trunk's width.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.ask = nn.Linear(channels, ASKED)
        self.keys = nn.Linear(ASKED, MEMORIES, bias=False)
        self.values = nn.Embedding(MEMORIES, VECTORS * SAID)
        self.tell = nn.Conv1d(VECTORS * SAID, VECTORS * width, 1, groups=VECTORS)
        for weight in self.tell.parameters():  # at first it says nothing
            nn.init.zeros_(weight)

    def scores(self, seen: Tensor) -> Tensor:
        """B C r c → B M: how likely the picture is of each memory, as logarithms."""
        out: Tensor = self.keys(self.ask(seen.mean(dim=(2, 3)))).float()
        return out

    def forward(self, scores: Tensor) -> Tensor:
        """B M → B N D: what is to be said of it."""
        return self.told((SHARPNESS * scores).softmax(dim=1) @ self.values.weight)

    def told(self, said: Tensor) -> Tensor:
        """B N·`SAID` → B N D."""
        x: Tensor = self.tell(said[..., None])
        return rearrange(x, "B (N D) 1 -> B N D", N=VECTORS)

    def lay(self, g: Graph, seen: str) -> str:
        """Lay `forward` of `scores`: 1 C r c → 1 N D."""
        x = g.op("ReduceMean", seen, g.whole([2, 3]), keepdims=0)
        ask = g.op("Transpose", g.numbers("recall.ask.weight", rows_of(self.ask.weight)), perm=[1, 0])
        x = g.op("Add", g.op("MatMul", x, ask), g.array("recall.ask.bias", rows_of(self.ask.bias)))
        keys = g.op("Transpose", g.numbers("recall.keys.weight", rows_of(self.keys.weight)), perm=[1, 0])
        x = g.op("Softmax", g.op("Mul", g.op("MatMul", x, keys), g.number(SHARPNESS)), axis=1)
        x = g.op("MatMul", x, g.numbers("recall.values.weight", rows_of(self.values.weight)))
        assert self.tell.bias is not None
        tell = g.numbers("recall.tell.weight", rows_of(self.tell.weight))
        bias = g.array("recall.tell.bias", rows_of(self.tell.bias))
        x = g.op("Conv", g.reshape(x, [1, -1, 1]), tell, bias, kernel_shape=[1], group=VECTORS)
        return g.reshape(x, [1, VECTORS, -1])


def spread_over(elements: Tensor, vectors: Tensor) -> Tensor:
    """B T D and B N D: the vectors are added to the elements in turn."""
    return elements + vectors[:, torch.arange(elements.shape[1]) % vectors.shape[1]]


def lay_spread_over(g: Graph, elements: str, vectors: str) -> str:
    """Lay `spread_over`: 1 T D and 1 N D → 1 T D."""
    count = g.op("Gather", g.op("Shape", elements), g.whole(1))
    turns = g.op("Mod", g.op("Range", g.whole(0), count, g.whole(1)), g.whole(VECTORS))
    return g.op("Add", elements, g.op("Gather", vectors, turns, axis=1))
