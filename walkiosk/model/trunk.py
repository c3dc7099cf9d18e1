"""The sequence model: a pre-norm encoder–decoder Transformer with the shape of Whisper base.

Letters in shapes: ``B`` batch, ``T`` elements of a sequence, ``S`` elements perceived, ``P`` elements already in the
cache, ``D`` width, ``H`` heads, ``K`` width of a head, ``V`` tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

MODALITIES = ("scalar", "trend", "text", "image", "audio", "video")
EXPERTS = ("decoder", "reader")


@dataclass(frozen=True)
class TrunkConfig:
    """Sizes of the trunk; the defaults are those of Whisper base (Radford et al., 2022, table 1)."""

    width: int = 512
    heads: int = 8
    encoder_layers: int = 6
    decoder_layers: int = 6
    vocabulary: int = 51_865  # tokens that come with the weights we start from
    own_tokens: int = 64  # ours, behind them
    encoder_positions: int = 1_500  # 30 s of audio at 20 ms
    decoder_positions: int = 448
    parts: int = 0  # of an input that are told apart by a mark of their own
    experts: tuple[str, ...] = EXPERTS  # of the decoder
    ports: tuple[str, ...] = MODALITIES
    codes_told: int = 0  # with each block of a picture, of what is known of the next one's place
    dropout: float = 0.0  # of what a block adds, while it learns

    @property
    def tokens(self) -> int:
        return self.vocabulary + self.own_tokens

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> TrunkConfig:
        """Return what `asdict` and JSON made of a config; what an older one does not tell is the default."""
        values: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in told.items()}
        return cls(**values)


Cache = list[tuple[Tensor, Tensor]]  # a layer: keys and values, each B H P K


def sinusoid_rates(width: int) -> Tensor:
    return torch.exp(-torch.log(torch.tensor(10_000.0)) * torch.arange(width // 2) / (width // 2 - 1))


def sinusoids(positions: int, width: int) -> Tensor:
    """Return the encoder's fixed positions, ``positions × width`` (Vaswani et al., 2017, in Whisper's layout)."""
    angles = torch.arange(positions)[:, None] * sinusoid_rates(width)[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


SHORT = 512  # elements up to which a processor is faster with two products than with the one kernel: tenfold at 16


def attended(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """Attention of B H T K to B H S K; a true ``mask`` is attended to."""
    if queries.device.type != "cpu" or keys.shape[2] > SHORT:
        return F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    mixed: Tensor = scores.softmax(dim=-1).to(values.dtype) @ values
    return mixed


class Attention(nn.Module):
    """Multi-head attention whose key projection has no bias, as in Whisper."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def split(self, x: Tensor) -> Tensor:
        return rearrange(x, "B T (H K) -> B H T K", H=self.heads)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """Attend from ``x`` (B T D) to ``keys`` and ``values`` (B H S K); a true ``mask`` is attended to."""
        mixed = attended(self.split(self.query(x)), keys, values, mask)
        out: Tensor = self.out(rearrange(mixed, "B H T K -> B T (H K)"))
        return out


class Layer(nn.Module):
    """Self-attention, in the decoder cross-attention, and a feed-forward block, each behind its norm."""

    def __init__(self, config: TrunkConfig, crossing: bool) -> None:
        super().__init__()
        width = config.width
        self.self_norm = nn.LayerNorm(width)
        self.self_attention = Attention(width, config.heads)
        if crossing:
            self.cross_norm = nn.LayerNorm(width)
            self.cross_attention = Attention(width, config.heads)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp_in = nn.Linear(width, 4 * width)
        self.mlp_out = nn.Linear(4 * width, width)
        self.drop = nn.Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None,
        past: tuple[Tensor, Tensor] | None = None,
        perceived: tuple[Tensor, Tensor] | None = None,
        perceived_mask: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return B T D, and the keys and values of all elements so far (B H P+T K)."""
        normed = self.self_norm(x)
        attention = self.self_attention
        keys, values = attention.split(attention.key(normed)), attention.split(attention.value(normed))
        if past is not None:
            batch = x.shape[0]
            keys = torch.cat([past[0].to(keys.dtype).expand(batch, -1, -1, -1), keys], dim=2)
            values = torch.cat([past[1].to(values.dtype).expand(batch, -1, -1, -1), values], dim=2)
        x = x + self.drop(attention(normed, keys, values, mask))
        if perceived is not None:
            x = x + self.drop(self.cross_attention(self.cross_norm(x), *perceived, perceived_mask))
        return x + self.drop(self.mlp_out(F.gelu(self.mlp_in(self.mlp_norm(x))))), (keys, values)


class Decoder(nn.Module):
    """Places, layers and a norm: what reads and writes element by element."""

    def __init__(self, config: TrunkConfig, crossing: bool) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.randn(config.decoder_positions, config.width) * 0.01)
        self.layers = nn.ModuleList(Layer(config, crossing) for _ in range(config.decoder_layers))
        self.norm = nn.LayerNorm(config.width)

    def perceive(self, encoded: Tensor) -> Cache:
        """Return the keys and values that each layer crosses to, from ``encoded`` (B S D)."""
        crossings = [layer.cross_attention for layer in self.layers if isinstance(layer, Layer)]
        return [(a.split(a.key(encoded)), a.split(a.value(encoded))) for a in crossings]

    def forward(
        self, x: Tensor, past: Cache | None, perceived: Cache | None, perceived_mask: Tensor | None
    ) -> tuple[Tensor, Cache]:
        """Return the states (B T D) of embedded elements ``x`` behind ``past``, and the cache that includes them."""
        before = 0 if past is None else past[0][0].shape[2]
        length, most = x.shape[1], len(self.places)
        if before + length > most:
            raise ValueError(f"{before + length} elements, but the decoder has {most} places")
        x = x + self.places[before : before + length]
        mask = None
        if length > 1:
            mask = torch.ones(length, before + length, dtype=torch.bool, device=x.device).tril(before)
        attend = None if perceived_mask is None else perceived_mask[:, None, None, :]
        cache: Cache = []
        for number, layer in enumerate(self.layers):
            x, kept = layer(
                x,
                mask,
                past[number] if past is not None else None,
                perceived[number] if perceived is not None else None,
                attend,
            )
            cache.append(kept)
        return self.norm(x), cache


class Trunk(nn.Module):
    """Vectors in, vectors out: knows no modality, no skill and no shop.

    The decoder has two experts of one shape, told apart by the door (as in Bao et al., 2022, "VLMo"): ``decoder``
    writes about what is perceived and crosses to it, ``reader`` writes about what is read. What one learns costs the
    other nothing: hearing stays as good as it came while reading moves far.
    """

    encoder_places: Tensor

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("encoder_places", sinusoids(config.encoder_positions, config.width), persistent=False)
        self.modality = nn.Embedding(len(MODALITIES), config.width)  # added to what is perceived
        nn.init.zeros_(self.modality.weight)  # so that audio is at first what Whisper heard
        if config.parts:
            self.part = nn.Embedding(config.parts, config.width)
        self.encoder = nn.ModuleList(Layer(config, crossing=False) for _ in range(config.encoder_layers))
        self.encoder_norm = nn.LayerNorm(config.width)
        for expert in config.experts:
            self.add_module(expert, Decoder(config, crossing=expert == "decoder"))

    def expert(self, name: str) -> Decoder:
        """Return the decoder of that name; raises AttributeError where the config has none."""
        found = getattr(self, name)
        assert isinstance(found, Decoder)
        return found

    def marked(self, modality: str, x: Tensor, part: int = 0) -> Tensor:
        """Add to an embedded part (B S D) its places, counted from zero, its modality's mark and its own."""
        x = x + self.encoder_places[: x.shape[1]] + self.modality.weight[MODALITIES.index(modality)]
        return x + self.part.weight[part] if self.config.parts else x

    def encode(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return what is perceived of `marked` parts laid end to end, B S D.

        ``mask`` (B S) is true where there is something.
        """
        attend = None if mask is None else mask[:, None, None, :]
        for layer in self.encoder:
            x, _ = layer(x, attend)
        out: Tensor = self.encoder_norm(x)
        return out

    def perceive(self, encoded: Tensor) -> Cache:
        """Return the keys and values that each decoder layer crosses to, from ``encoded`` (B S D)."""
        return self.expert("decoder").perceive(encoded)

    def decode(
        self,
        x: Tensor,
        past: Cache | None = None,
        perceived: Cache | None = None,
        perceived_mask: Tensor | None = None,
    ) -> tuple[Tensor, Cache]:
        """Return the decoder's states (B T D) for embedded elements ``x`` and the cache that now includes them.

        ``past`` may have a batch of one, which every row shares. Without ``perceived`` the reader decodes.
        """
        expert = self.expert("reader" if perceived is None else "decoder")
        states, cache = expert(x, past, perceived, perceived_mask)
        return states, cache
