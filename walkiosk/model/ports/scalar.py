"""Scalar: one number, its distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from walkiosk.modality.scalar import PERCEIVED
from walkiosk.modality.value import MEDIAN, QUANTILES
from walkiosk.model.ports.port import Port, laid, quantile_loss, written
from walkiosk.model.trunk import TrunkConfig

if TYPE_CHECKING:
    from walkiosk.model.graph import Graph


class ScalarPort(Port):
    features = len(QUANTILES)

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.into = nn.Linear(PERCEIVED, config.width)
        self.back = written(1, config.width)
        self.out = nn.Linear(config.width, len(QUANTILES))

    def embed(self, sequence: Tensor, there: Tensor | None = None) -> Tensor:
        out: Tensor = self.into(sequence)
        return out

    def embed_written(self, elements: Tensor) -> Tensor:
        """B T 9 → B T D, by the median."""
        out: Tensor = self.back(elements[..., MEDIAN : MEDIAN + 1])
        return out

    def head(self, states: Tensor) -> Tensor:
        """B T D → B T 9."""
        out: Tensor = self.out(states)
        return out

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        return quantile_loss(self.head(states), targets[..., MEDIAN]).mean()

    def lay_written(self, g: Graph, x: str) -> str:
        return laid(g, g.part(x, MEDIAN, MEDIAN + 1), "back", self.back)
