"""What every port is. Letters in shapes: ``B`` batch, ``T`` elements, ``N`` judged elements, ``D`` width."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from walkiosk.modality.value import QUANTILES


class Port(nn.Module):
    """Between a modality's sequence and the trunk's vectors."""

    def embed(self, sequence: Tensor) -> Tensor:
        """What is perceived, B T features → B T D."""
        raise NotImplementedError

    def embed_written(self, elements: Tensor) -> Tensor:
        """What has been written so far, B T features → B T D, on the scale of token embeddings."""
        raise NotImplementedError

    def head(self, states: Tensor) -> Tensor:
        """B T D → B T outputs: what the modality's `next` takes."""
        raise NotImplementedError

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Mean loss of ``targets`` (N features) under ``states`` (N D)."""
        raise NotImplementedError


def written(inputs: int, width: int) -> nn.Linear:
    """Return a projection of what was written whose outputs are as large as Whisper's token embeddings (norm 0.6)."""
    layer = nn.Linear(inputs, width)
    nn.init.normal_(layer.weight, std=0.027 * inputs**-0.5)
    nn.init.zeros_(layer.bias)
    return layer


def quantile_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """Twice the pinball loss at `QUANTILES` for each number: ``found`` × 9 against ``wanted``.

    As Chronos-Bolt is trained (Ansari et al., 2024); at the median it is the absolute error.
    """
    levels = torch.tensor(QUANTILES, device=found.device)
    error = wanted[..., None].float() - found.float()
    return 2 * torch.maximum(levels * error, (levels - 1) * error).mean(dim=-1)
