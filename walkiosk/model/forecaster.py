"""The forecaster: the trunk's layers, narrower, as an encoder of the past and a decoder that writes all of a horizon.

The encoder reads an item's facts and patches of its past; the decoder takes every patch of the future at once, each
with what is known of it, and writes its quantiles in that one step: a sum on top of what a simple rule says.

Letters in shapes: B series, P patches of a past, F of a future, D width, Q quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn

from walkiosk.modality.history import AHEAD_FEATURES, FARTHEST, ITEM_FEATURES, LONGEST, PAST_FEATURES, PATCH
from walkiosk.modality.value import QUANTILES
from walkiosk.model.ports.port import quantile_loss
from walkiosk.model.trunk import Layer, TrunkConfig, sinusoids


@dataclass(frozen=True)
class ForecasterConfig:
    """Sizes of the forecaster."""

    width: int = 192
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2

    @property
    def layer(self) -> TrunkConfig:
        return TrunkConfig(width=self.width, heads=self.heads)


class Forecaster(nn.Module):
    """A past, what is known ahead and an item → quantiles of every step ahead."""

    places: Tensor

    def __init__(self, config: ForecasterConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        most = -(-max(LONGEST, FARTHEST) // PATCH) + 1
        self.register_buffer("places", sinusoids(most, width), persistent=False)
        self.item = nn.Linear(ITEM_FEATURES, width)
        self.past = nn.Linear(PAST_FEATURES, width)
        self.ahead = nn.Linear(AHEAD_FEATURES, width)
        self.encoder = nn.ModuleList(Layer(config.layer, crossing=False) for _ in range(config.encoder_layers))
        self.encoder_norm = nn.LayerNorm(width)
        self.decoder = nn.ModuleList(Layer(config.layer, crossing=True) for _ in range(config.decoder_layers))
        self.decoder_norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, PATCH * len(QUANTILES))
        nn.init.normal_(self.out.weight, std=0.002)
        nn.init.zeros_(self.out.bias)

    def forward(self, past: Tensor, there: Tensor, item: Tensor, ahead: Tensor, base: Tensor) -> Tensor:
        """B P features, B P, B features, B F features, B F·PATCH → B F·PATCH Q on the model's scale.

        Places count from where the future begins, back and ahead.
        """
        patches, futures = past.shape[1], ahead.shape[1]
        x = self.past(past) + self.places[:patches].flip(0)
        x = torch.cat([self.item(item)[:, None], x], dim=1)
        mask = torch.cat([torch.ones_like(there[:, :1]), there], dim=1)[:, None, None, :]
        for layer in self.encoder:
            x, _ = layer(x, mask)
        x = self.encoder_norm(x)
        y = self.ahead(ahead) + self.places[:futures]
        for layer in self.decoder:
            assert isinstance(layer, Layer)
            cross = layer.cross_attention
            perceived = (cross.split(cross.key(x)), cross.split(cross.value(x)))
            y, _ = layer(y, None, None, perceived, mask)
        written = rearrange(self.out(self.decoder_norm(y)), "B F (P Q) -> B (F P) Q", P=PATCH)
        found: Tensor = written.float() + base[..., None]
        return found

    def loss(self, written: Tensor, wanted: Tensor) -> Tensor:
        """Mean quantile loss of ``written`` (B H Q) against ``wanted`` (B H, NaN where nobody knows)."""
        known = torch.isfinite(wanted)
        return quantile_loss(written[known], wanted[known]).mean()
