"""An ear for the speaker in training: the model's own hearing says what matters in a sound."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.model.sequence_model import SequenceModel

LISTENED = 240  # frames at a time
SILENCE = -0.6  # about what a log-mel frame has where nothing sounds


class Ear(nn.Module):
    """How differently two sounds are heard: by the first layers of the encoder that hears, which stays as it is.

    The error of frames counts every band alike, and its least answer is a mean of what could be said, which blurs the
    burst that tells a "t" from a "k"; what hears words tells them apart (as in Johnson et al., 2016, "Perceptual
    losses").
    """

    def __init__(self, model: SequenceModel, layers: int = 2) -> None:
        super().__init__()
        self.port = model.port("audio")
        self.places: Tensor = model.trunk.encoder_places
        self.layers = nn.ModuleList(list(model.trunk.encoder)[:layers])
        self.requires_grad_(False)

    def forward(self, made: Tensor, true: Tensor, is_frame: Tensor) -> Tensor:
        """Mean absolute difference of states, each layer's by their deviation, of frames B F 80 where ``is_frame``.

        Of long sounds a part is heard, another each time.
        """
        start = int(torch.randint(max(0, made.shape[1] - LISTENED) // 2 + 1, ())) * 2
        here = slice(start, start + LISTENED)
        made, true, is_frame = made[:, here], true[:, here], is_frame[:, here]
        silence = true.new_full((), SILENCE)
        made, true = (torch.where(is_frame[..., None], x, silence) for x in (made, true))
        there = is_frame[:, ::2]
        with torch.no_grad():
            wanted = self.heard(true)
        return torch.stack(
            [((x - y)[there].abs().mean() / y[there].std()) for x, y in zip(self.heard(made), wanted, strict=True)]
        ).mean()

    def heard(self, frames: Tensor) -> list[Tensor]:
        """States behind the convolutions and behind each layer, B F/2 D, normed."""
        x = self.port.embed(frames)
        x = x + self.places[: x.shape[1]]
        found = [x]
        for layer in self.layers:
            x, _ = layer(x, None)
            found.append(x)
        return [F.layer_norm(x.float(), x.shape[-1:]) for x in found]
