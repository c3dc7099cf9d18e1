"""Text: tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.model.ports.port import Port
from walkiosk.model.trunk import TrunkConfig

if TYPE_CHECKING:
    from walkiosk.model.graph import Table


class TextPort(Port):
    """Tokens; the table that comes with the weights may rest while ours behind it learns."""

    features = 1
    stored: Table | None = None  # what the tokens were read from, if they were: how they are stored again

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.tokens = nn.Parameter(torch.randn(config.vocabulary, config.width) * 0.02)
        self.own = nn.Parameter(torch.randn(config.own_tokens, config.width) * 0.02)

    def table(self) -> Tensor:
        return torch.cat([self.tokens, self.own])

    def embed(self, tokens: Tensor, there: Tensor | None = None) -> Tensor:
        """B T → B T D."""
        theirs = len(self.tokens)
        own = F.embedding((tokens - theirs).clamp(min=0), self.own)
        return torch.where((tokens >= theirs)[..., None], own, F.embedding(tokens.clamp(max=theirs - 1), self.tokens))

    def embed_written(self, elements: Tensor) -> Tensor:
        """What is written is read as it was given."""
        return self.embed(elements)

    def head(self, states: Tensor) -> Tensor:
        """B T D → B T V."""
        return states @ self.table().T

    def loss(
        self,
        states: Tensor,
        targets: Tensor,
        sample: int | None = None,
        choices: Sequence[Sequence[int]] = (),
        smoothing: float = 0.0,
    ) -> Tensor:
        """Mean cross-entropy of ``targets`` (N) under ``states`` (N D), with labels smoothed where all may be chosen.

        With ``sample``, the softmax runs over the batch's own targets, our tokens and that many drawn ones: half of a
        text step is the product with the whole table otherwise. A target with ``choices`` (N of them, some empty) is
        judged among those alone, as it will be chosen: what serving forbids need not be learned.
        """
        if sample is None and not any(choices):
            return F.cross_entropy(self.head(states).float(), targets, label_smoothing=smoothing)
        drawn = torch.randint(0, len(self.tokens), (sample or 0,), device=targets.device)
        ours = torch.arange(len(self.tokens), len(self.tokens) + len(self.own), device=targets.device)
        named = torch.tensor([t for tokens in choices for t in tokens], dtype=torch.long, device=targets.device)
        candidates, places = torch.unique(torch.cat([targets, named, drawn, ours]), return_inverse=True)
        logits = (states @ self.embed(candidates).to(states.dtype).T).float()
        if len(named):
            lengths = torch.tensor([len(tokens) for tokens in choices], device=targets.device)
            rows = torch.repeat_interleave(torch.arange(len(targets), device=targets.device), lengths)
            open_ = (lengths == 0)[:, None].repeat(1, len(candidates))
            open_[rows, places[len(targets) : len(targets) + len(named)]] = True
            logits = logits.masked_fill(~open_, float("-inf"))
        return F.cross_entropy(logits, places[: len(targets)])
