"""What every port is. Letters in shapes: ``B`` batch, ``T`` elements, ``N`` judged elements, ``D`` width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from walkiosk.modality.value import QUANTILES

if TYPE_CHECKING:
    from walkiosk.model.graph import Graph


class Port(nn.Module):
    """Between a modality's sequence and the trunk's vectors."""

    features: int  # numbers of an element that is written

    def embed(self, sequence: Tensor, there: Tensor | None = None) -> Tensor:
        """What is perceived, B T features → B T D; ``there`` (B T) is true where rows of unequal length have some."""
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

    def elements(self, steps: int) -> int:
        """How many elements `embed` makes of a sequence of ``steps``."""
        return steps

    def lay_embed(self, g: Graph, x: str) -> str:
        """Lay `embed` of one input (1 T features, numbers) into an ONNX graph; returns the name of 1 T D."""
        return laid(g, x, "into", self.get_submodule("into"))

    def lay_written(self, g: Graph, x: str) -> str:
        """Lay `embed_written`, B T features → B T D."""
        raise NotImplementedError

    def lay_head(self, g: Graph, states: str) -> str:
        """Lay `head`, B D → B outputs."""
        return laid(g, states, "out", self.get_submodule("out"))


def laid(g: Graph, x: str, name: str, layer: nn.Module) -> str:
    """Lay a linear layer in full precision: small, and its inputs are on many scales."""
    assert isinstance(layer, nn.Linear)
    weight, bias = (p.detach().float().cpu().numpy() for p in (layer.weight, layer.bias))
    return g.op("Add", g.op("MatMul", x, g.numbers(f"{name}.weight", weight.T)), g.array(f"{name}.bias", bias))


def folded(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return filters and biases of a convolution with the norm behind it, as it is when nothing learns."""
    assert norm.running_var is not None and norm.running_mean is not None
    scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().float().cpu()
    bias = norm.bias.detach().float().cpu() - norm.running_mean.float().cpu() * scale
    return (convolution.weight.detach().float().cpu() * scale[:, None, None, None]).numpy(), bias.numpy()


def rows_of(table: Tensor) -> NDArray[np.float32]:
    return table.detach().float().cpu().numpy()


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
