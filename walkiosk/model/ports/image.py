"""Image, and video frame by frame: patches seen, codes written."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.modality.blocks import CODES
from walkiosk.modality.image import FEATURES
from walkiosk.model.ports.port import Port
from walkiosk.model.trunk import TrunkConfig


class ImagePort(Port):
    """One table of vectors for the three codes of a block, used to read them back and to choose them."""

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.into = nn.Linear(FEATURES, config.width)
        self.codes = nn.Parameter(torch.randn(sum(CODES), config.width) * 0.02)

    def embed(self, sequence: Tensor) -> Tensor:
        out: Tensor = self.into(sequence)
        return out

    def embed_written(self, elements: Tensor) -> Tensor:
        """B T 3 → B T D, the sum of the three codes' vectors."""
        first = torch.tensor([0, CODES[0], CODES[0] + CODES[1]], device=elements.device)
        return F.embedding(elements.long() + first, self.codes).sum(dim=-2)

    def head(self, states: Tensor) -> Tensor:
        """B T D → B T scores of the choices of the three codes, one after another."""
        return states @ self.codes.T

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy of a code, given the codes before its element."""
        scores = torch.split(self.head(states).float(), list(CODES), dim=-1)
        losses = [F.cross_entropy(score, targets[..., number].long()) for number, score in enumerate(scores)]
        return torch.stack(losses).mean()
