"""Trend: patches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.modality.trend import FEATURES, GOES_ON, PATCH, WRITTEN
from walkiosk.modality.value import MEDIAN
from walkiosk.model.ports.port import Port, laid, quantile_loss, written
from walkiosk.model.trunk import TrunkConfig

if TYPE_CHECKING:
    from walkiosk.model.graph import Graph

MEDIANS = slice(MEDIAN * PATCH, (MEDIAN + 1) * PATCH)


class TrendPort(Port):
    """Perceives patches, writes the quantiles of a patch and where it ends."""

    features = WRITTEN + 1

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.into = nn.Linear(FEATURES, config.width)
        self.back = written(PATCH, config.width)
        self.out = nn.Linear(config.width, WRITTEN + PATCH + 1)

    def embed(self, sequence: Tensor, there: Tensor | None = None) -> Tensor:
        out: Tensor = self.into(sequence)
        return out

    def embed_written(self, elements: Tensor) -> Tensor:
        """B T 9·16+1 → B T D, by the medians."""
        out: Tensor = self.back(elements[..., MEDIANS])
        return out

    def head(self, states: Tensor) -> Tensor:
        """B T D → B T 9·16+17: quantiles, level-major, and the scores of the classes of an end."""
        out: Tensor = self.out(states)
        return out

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Quantile loss of the values that are there and the cross-entropy of the end."""
        found, ends = self.head(states), targets[..., WRITTEN].long()
        apart = quantile_loss(rearrange(found[..., :WRITTEN], "N (Q P) -> N P Q", P=PATCH), targets[..., MEDIANS])
        there = torch.arange(PATCH, device=ends.device) <= ends[:, None]  # GOES_ON is above them all
        return apart[there].mean() + F.cross_entropy(found[..., WRITTEN : WRITTEN + GOES_ON + 1].float(), ends)

    def lay_written(self, g: Graph, x: str) -> str:
        return laid(g, g.part(x, MEDIANS.start, MEDIANS.stop), "back", self.back)
