"""Audio: log-mel frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.modality.audio import FRAMES_A_STEP, HOP, LONGEST, MELS, WRITTEN
from walkiosk.model.ports.port import Port, laid
from walkiosk.model.trunk import TrunkConfig, sinusoids

if TYPE_CHECKING:
    from walkiosk.model.graph import Graph


class AudioPort(Port):
    """Heard through two convolutions, the second of stride two, as in Whisper; written four frames at a step.

    What is written comes from its place alone: a model that reads the frames before learns to repeat them (judged
    behind true ones it was 3.4 dB off, behind its own 13.6).
    """

    features = WRITTEN + 2
    places: Tensor

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MELS, config.width, kernel_size=3, padding=1)
        self.conv2 = nn.Conv1d(config.width, config.width, kernel_size=3, stride=2, padding=1)
        self.register_buffer("places", sinusoids(LONGEST // HOP // FRAMES_A_STEP + 1, config.width), persistent=False)
        self.back = nn.Linear(config.width, config.width)
        self.out = nn.Linear(config.width, WRITTEN + 1)

    def elements(self, steps: int) -> int:
        return (steps + 1) // 2

    def embed(self, frames: Tensor, there: Tensor | None = None) -> Tensor:
        """B T 80 → B T/2 D, an element for 20 ms."""
        x = F.gelu(self.conv1(rearrange(frames, "B T M -> B M T")))
        if there is not None:
            x = x * there[:, None]
        return rearrange(F.gelu(self.conv2(x)), "B D T -> B T D")

    def embed_written(self, elements: Tensor) -> Tensor:
        """B T 4·80+2 → B T D, by the place that comes next."""
        out: Tensor = self.back(self.places[elements[..., -1].long()])
        return out

    def head(self, states: Tensor) -> Tensor:
        """B T D → B T 4·80+1, the last the log-odds of a stop."""
        out: Tensor = self.out(states)
        return out

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Absolute and squared error of the frames (Tacotron's pair of losses) and the cross-entropy of the stop."""
        found = self.head(states).float()
        frames, wanted = found[..., :WRITTEN], targets[..., :WRITTEN]
        stop = F.binary_cross_entropy_with_logits(found[..., WRITTEN], targets[..., WRITTEN])
        return F.l1_loss(frames, wanted) + F.mse_loss(frames, wanted) + stop

    def lay_embed(self, g: Graph, x: str) -> str:
        x = g.op("Transpose", x, perm=[0, 2, 1])
        for name, convolution, stride in (("conv1", self.conv1, 1), ("conv2", self.conv2, 2)):
            found = {key: p.detach().float().cpu().numpy() for key, p in convolution.named_parameters()}
            filters, shifted = g.numbers(f"{name}.weight", found["weight"]), g.array(f"{name}.bias", found["bias"])
            x = g.op("Gelu", g.op("Conv", x, filters, shifted, kernel_shape=[3], pads=[1, 1], strides=[stride]))
        return g.op("Transpose", x, perm=[0, 2, 1])

    def lay_written(self, g: Graph, x: str) -> str:
        place = g.op("Cast", g.op("Gather", x, g.whole(WRITTEN + 1), axis=2), to=g.INT64)
        known = g.numbers("written.places", self.places.detach().float().cpu().numpy())
        return laid(g, g.op("Gather", known, place), "back", self.back)
