"""SequenceModel: the trunk between the ports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from walkiosk.model.ports import LATER, Port, TextPort, make_ports
from walkiosk.model.trunk import Cache, Trunk, TrunkConfig
from walkiosk.model.warm_start import SHA256, read_ctranslate2, to_state


class SequenceModel(nn.Module):
    """A sequence of any of the six kinds in, a sequence of any of them out."""

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.config = config
        self.trunk = Trunk(config)
        self.ports = nn.ModuleDict(make_ports(config))
        self.register_load_state_dict_post_hook(_without_later_ports)  # type: ignore[no-untyped-call]

    def port(self, modality: str) -> Port:
        """Return the port of ``modality``; raises KeyError for an unknown one."""
        port = self.ports[modality]
        assert isinstance(port, Port)
        return port

    @property
    def text(self) -> TextPort:
        port = self.ports["text"]
        assert isinstance(port, TextPort)
        return port

    def read(
        self,
        tokens: Tensor,
        past: Cache | None = None,
        perceived: Cache | None = None,
        perceived_mask: Tensor | None = None,
    ) -> tuple[Tensor, Cache]:
        """Run the reader, or the decoder that perceives, over ``tokens`` (B T): states (B T D) and the cache."""
        return self.trunk.decode(self.text.embed(tokens), past, perceived, perceived_mask)

    def hear(self, frames: Tensor, mask: Tensor | None = None) -> Tensor:
        """Encode log-mel ``frames`` (B T 80) to B T/2 D; ``mask`` (B T/2) is true where there is sound."""
        return self.trunk.encode(self.trunk.marked("audio", self.port("audio").embed(frames)), mask)


def _without_later_ports(model: nn.Module, found: Any) -> None:
    """Weights made before a port was there leave it as it starts; anything else that is missing stays an error."""
    found.missing_keys[:] = [key for key in found.missing_keys if not key.startswith(LATER)]


def from_whisper(path: Path, config: TrunkConfig | None = None, sha256: str | None = SHA256) -> SequenceModel:
    """Return a model that behaves as Whisper base does; our own tokens start near the mean of Whisper's.

    ``config`` and ``sha256`` are for other sizes than base's. Raises ValueError for another file than expected.
    """
    model = SequenceModel(config or TrunkConfig())
    state = to_state(read_ctranslate2(path, sha256), model.config.width, model.config.encoder_layers)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected:
        raise ValueError(f"{path}: arrays without a place: {unexpected}")
    if set(missing) - {"trunk.modality.weight", "ports.text.own"}:
        raise ValueError(f"{path}: lacks {missing}")
    table = state["ports.text.tokens"]
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        spread = table.std(0)
        model.text.own.copy_(table.mean(0) + spread * torch.randn(model.text.own.shape, generator=generator))
    return model
