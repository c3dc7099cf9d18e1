"""Recall: what is known of things that have been seen, called up by how a picture looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from walkiosk.model.ports.port import rows_of

if TYPE_CHECKING:
    from walkiosk.model.graph import Graph

MEMORIES = 1_600
ASKED = 64  # numbers by which a memory is found, and as many that it says
SHARPNESS = 3.0  # of two memories the likelier one is to be heard: a trunk at rest makes nothing of both at once


class Recall(nn.Module):
    """Attention of the whole picture to memories (a modern Hopfield layer; Ramsauer et al., 2020).

    Letters in shapes: C channels, M memories, D the trunk's width.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.ask = nn.Linear(channels, ASKED)
        self.keys = nn.Linear(ASKED, MEMORIES, bias=False)
        self.values = nn.Embedding(MEMORIES, ASKED)
        self.tell = nn.Linear(ASKED, width)
        nn.init.zeros_(self.tell.weight)  # at first it says nothing
        nn.init.zeros_(self.tell.bias)

    def scores(self, seen: Tensor) -> Tensor:
        """B C r c → B M: how likely the picture is of each memory, as logarithms."""
        out: Tensor = self.keys(self.ask(seen.mean(dim=(2, 3)))).float()
        return out

    def forward(self, scores: Tensor) -> Tensor:
        """B M → B D: what is to be said of it."""
        said = (SHARPNESS * scores).softmax(dim=1) @ self.values.weight
        out: Tensor = self.tell(said)
        return out

    def lay(self, g: Graph, seen: str) -> str:
        """Lay `forward` of `scores`: 1 C r c → 1 D."""
        x = g.op("ReduceMean", seen, g.whole([2, 3]), keepdims=0)
        ask = g.op("Transpose", g.numbers("recall.ask.weight", rows_of(self.ask.weight)), perm=[1, 0])
        x = g.op("Add", g.op("MatMul", x, ask), g.array("recall.ask.bias", rows_of(self.ask.bias)))
        keys = g.op("Transpose", g.numbers("recall.keys.weight", rows_of(self.keys.weight)), perm=[1, 0])
        x = g.op("Softmax", g.op("Mul", g.op("MatMul", x, keys), g.number(SHARPNESS)), axis=1)
        x = g.op("MatMul", x, g.numbers("recall.values.weight", rows_of(self.values.weight)))
        tell = g.op("Transpose", g.numbers("recall.tell.weight", rows_of(self.tell.weight)), perm=[1, 0])
        return g.op("Add", g.op("MatMul", x, tell), g.array("recall.tell.bias", rows_of(self.tell.bias)))
