"""Audio: log-mel frames."""

from __future__ import annotations

from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.modality.audio import MELS, WRITTEN
from walkiosk.model.ports.port import Port, written
from walkiosk.model.trunk import TrunkConfig


class AudioPort(Port):
    """Heard through two convolutions, the second of stride two, as in Whisper; written four frames at a step."""

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MELS, config.width, kernel_size=3, padding=1)
        self.conv2 = nn.Conv1d(config.width, config.width, kernel_size=3, stride=2, padding=1)
        self.back = written(WRITTEN, config.width)
        self.out = nn.Linear(config.width, WRITTEN + 1)

    def embed(self, frames: Tensor) -> Tensor:
        """B T 80 → B T/2 D, an element for 20 ms."""
        x = F.gelu(self.conv1(rearrange(frames, "B T M -> B M T")))
        return rearrange(F.gelu(self.conv2(x)), "B D T -> B T D")

    def embed_written(self, elements: Tensor) -> Tensor:
        """B T 4·80+1 → B T D."""
        out: Tensor = self.back(elements[..., :WRITTEN])
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
