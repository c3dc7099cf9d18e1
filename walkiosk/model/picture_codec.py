"""Pictures ↔ discrete codes, one for each block of 8 × 8 pixels: convolutions around finite scalar quantisation.

An encoder says five bounded numbers about a block, each is rounded to one of a few levels (Mentzer et al., 2023,
"Finite scalar quantization"), and a decoder paints blocks from the rounded numbers, seeing those around. Everything is
convolved, so pictures may be of any size. Written as `picture_encoder.onnx` and `picture_decoder.onnx`, bytes in and
bytes out, filters int8 by output channel and read back as numbers at load: what is computed is fp32, so that a picture
has the same codes every time.

Letters in shapes: N pictures, C channels, H × W pixels, h × w blocks, L numbers of a block.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.modality.picture_codec import DECODER, ENCODER, LEVELS, WEIGHTS
from walkiosk.model.graph import Graph, parameters, quantised, read_arrays

HALVES = tuple((level - 1) / 2 for level in LEVELS)  # the largest rounded number of each
BOUNDS = tuple(level / 2 - 0.01 for level in LEVELS)  # all levels are equally wide, the outermost too
GREY = 127.5  # what lies between -1 and 1


@dataclass(frozen=True)
class PictureCodecConfig:
    """Channels and residual blocks where a block of 8 × 8 pixels has 4 × 4, 2 × 2 and 1 × 1 places."""

    encoder: tuple[int, int, int] = (32, 64, 96)
    encoder_blocks: tuple[int, int, int] = (1, 1, 2)
    decoder: tuple[int, int, int] = (32, 64, 128)
    decoder_blocks: tuple[int, int, int] = (2, 2, 2)


class Residual(nn.Module):
    """x + a 3 × 3 convolution to half of the channels, and back."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(width, width // 2, 3, padding=1)
        self.outer = nn.Conv2d(width // 2, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """N C h w → N C h w."""
        out: Tensor = x + self.outer(F.gelu(self.inner(F.gelu(x))))
        return out


class Encoder(nn.Module):
    """N 3 H W in [-1, 1] → N L h w, within `BOUNDS`."""

    bounds: Tensor

    def __init__(self, config: PictureCodecConfig) -> None:
        super().__init__()
        inputs = (3, *config.encoder[:2])
        kernels = (4, 2, 2)
        self.downs = nn.ModuleList(
            nn.Conv2d(before, width, kernel, stride=2, padding=kernel // 2 - 1)
            for before, width, kernel in zip(inputs, config.encoder, kernels, strict=True)
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(Residual(width) for _ in range(count)))
            for width, count in zip(config.encoder, config.encoder_blocks, strict=True)
        )
        self.out = nn.Conv2d(config.encoder[2], len(LEVELS), 1)
        self.register_buffer("bounds", torch.tensor(BOUNDS)[:, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        for down, stage in zip(self.downs, self.stages, strict=True):
            x = stage(down(x))
        z: Tensor = torch.tanh(self.out(F.gelu(x)).float()) * self.bounds
        return z


class Decoder(nn.Module):
    """N L h w, rounded → N 3 H W, about in [-1, 1]."""

    halves: Tensor

    def __init__(self, config: PictureCodecConfig) -> None:
        super().__init__()
        fine, middle, coarse = config.decoder
        self.first = nn.Conv2d(len(LEVELS), coarse, 3, padding=1)
        widths = (coarse, middle, fine)
        self.stages = nn.ModuleList(
            nn.Sequential(*(Residual(width) for _ in range(count)))
            for width, count in zip(widths, config.decoder_blocks[::-1], strict=True)
        )
        outputs, kernels = (middle, fine, 3), (1, 1, 3)
        self.ups = nn.ModuleList(
            nn.Conv2d(width, 4 * after, kernel, padding=kernel // 2)
            for width, after, kernel in zip(widths, outputs, kernels, strict=True)
        )
        self.register_buffer("halves", torch.tensor(HALVES)[:, None, None], persistent=False)

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.first(z / self.halves)
        for up, stage in zip(self.ups, self.stages, strict=True):
            x = F.pixel_shuffle(up(F.gelu(stage(x))), 2)
        return x


class PictureCodec(nn.Module):
    """``forward`` is there and back for training; `codes` and `pixels` are what the graphs compute."""

    def __init__(self, config: PictureCodecConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or PictureCodecConfig()
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d):  # as it comes, numbers begin so small that all are rounded to nothing
                nn.init.kaiming_normal_(module.weight)
                if name.endswith(".outer"):
                    nn.init.zeros_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """N 3 H W in [-1, 1] → the same, through the codes; rounding passes gradients straight on."""
        z = self.encoder(x)
        out: Tensor = self.decoder(z + (z.round() - z).detach())
        return out

    @torch.no_grad()
    def codes(self, pixels: Tensor) -> Tensor:
        """N H W 3 bytes → N h w."""
        x = pixels.permute(0, 3, 1, 2).float() / GREY - 1
        digits: Tensor = (self.encoder(x).round() + self.decoder.halves).long()
        return (digits * torch.from_numpy(WEIGHTS)[:, None, None]).sum(dim=1)

    @torch.no_grad()
    def pixels(self, codes: Tensor) -> Tensor:
        """N h w → N H W 3 bytes."""
        weights, levels = torch.from_numpy(WEIGHTS), torch.tensor(LEVELS)
        digits = codes[:, None] // weights[:, None, None] % levels[:, None, None]
        x: Tensor = self.decoder(digits.float() - self.decoder.halves)
        return ((x + 1) * GREY).clamp(0, 255).round().byte().permute(0, 2, 3, 1)


Arrays = dict[str, NDArray[np.float32]]


class _Convolutions:
    """Lays convolutions into a graph, a module's by its name."""

    def __init__(self, graph: Graph, state: Arrays) -> None:
        self.graph, self.state = graph, state

    def conv(self, x: str, name: str, stride: int = 1) -> str:
        """N C h w → N C' h w over ``stride``; as many zeros around as keep it so."""
        g, filters = self.graph, self.state[f"{name}.weight"]
        columns, scales = quantised(filters.reshape(len(filters), -1).T)
        stored = g.array(f"{name}.weight", columns)
        flat = g.op("Mul", g.op("Cast", stored, to=TensorProto.FLOAT), g.array(f"{name}.scale", scales))
        weight = g.reshape(g.op("Transpose", flat, perm=[1, 0]), list(filters.shape))
        bias = g.array(f"{name}.bias", self.state[f"{name}.bias"])
        kernel = filters.shape[-1]
        pads = [(kernel - stride) // 2] * 4
        return g.op("Conv", x, weight, bias, kernel_shape=[kernel] * 2, pads=pads, strides=[stride] * 2)

    def bent(self, x: str, name: str, stride: int = 1) -> str:
        return self.conv(self.graph.op("Gelu", x), name, stride)

    def stage(self, x: str, name: str, count: int) -> str:
        for number in range(count):
            y = self.bent(self.bent(x, f"{name}.{number}.inner"), f"{name}.{number}.outer")
            x = self.graph.op("Add", x, y)
        return x


def _channels(g: Graph, values: NDArray[np.generic]) -> str:
    return g.constant(values.reshape(1, -1, 1, 1))


def _encoder(config: PictureCodecConfig, state: Arrays) -> Graph:
    """`pixels` N H W 3 → `codes` N h w."""
    g = Graph("picture_encoder")
    c = _Convolutions(g, state)
    pixels = g.op("Cast", g.input("pixels", ["N", "H", "W", 3], TensorProto.UINT8), to=TensorProto.FLOAT)
    x = g.op("Div", g.op("Transpose", pixels, perm=[0, 3, 1, 2]), g.constant(np.array(GREY, np.float32)))
    x = g.op("Sub", x, g.constant(np.array(1, np.float32)))
    for number, count in enumerate(config.encoder_blocks):
        x = c.stage(c.conv(x, f"encoder.downs.{number}", 2), f"encoder.stages.{number}", count)
    bounded = g.op("Mul", g.op("Tanh", c.bent(x, "encoder.out")), _channels(g, np.array(BOUNDS, np.float32)))
    digits = g.op("Add", g.op("Round", bounded), _channels(g, np.array(HALVES, np.float32)))
    weighed = g.op("Mul", g.op("Cast", digits, to=TensorProto.INT64), _channels(g, WEIGHTS))
    g.output(g.op("ReduceSum", weighed, g.whole([1]), keepdims=0), "codes", ["N", "h", "w"], TensorProto.INT64)
    return g


def _decoder(config: PictureCodecConfig, state: Arrays) -> Graph:
    """`codes` N h w → `pixels` N H W 3."""
    g = Graph("picture_decoder")
    c = _Convolutions(g, state)
    codes = g.op("Unsqueeze", g.input("codes", ["N", "h", "w"], TensorProto.INT64), g.whole([1]))
    digits = g.op("Mod", g.op("Div", codes, _channels(g, WEIGHTS)), _channels(g, np.array(LEVELS, np.int64)))
    halves = _channels(g, np.array(HALVES, np.float32))
    x = g.op("Div", g.op("Sub", g.op("Cast", digits, to=TensorProto.FLOAT), halves), halves)
    x = c.conv(x, "decoder.first")
    for number, count in enumerate(config.decoder_blocks[::-1]):
        x = c.bent(c.stage(x, f"decoder.stages.{number}", count), f"decoder.ups.{number}")
        x = g.op("DepthToSpace", x, blocksize=2, mode="CRD")
    x = g.op("Mul", g.op("Add", x, g.constant(np.array(1, np.float32))), g.constant(np.array(GREY, np.float32)))
    x = g.op("Round", g.op("Clip", x, g.constant(np.array(0, np.float32)), g.constant(np.array(255, np.float32))))
    pixels = g.op("Cast", g.op("Transpose", x, perm=[0, 2, 3, 1]), to=TensorProto.UINT8)
    g.output(pixels, "pixels", ["N", "H", "W", 3], TensorProto.UINT8)
    return g


def export_picture_codec(codec: PictureCodec, folder: Path) -> None:
    """Write `picture_encoder.onnx` and `picture_decoder.onnx` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.detach().float().cpu().numpy() for name, value in codec.state_dict().items()}
    for name, lay in ((ENCODER, _encoder), (DECODER, _decoder)):
        graph = lay(codec.config, state)
        graph.about["config"] = json.dumps(asdict(codec.config))
        graph.save(folder / name)


def load_picture_codec(folder: Path) -> PictureCodec:
    """Return the codec for training, its int8 filters as numbers; raises FileNotFoundError."""
    about = {entry.key: entry.value for entry in onnx.load(folder / ENCODER).metadata_props}
    codec = PictureCodec(
        PictureCodecConfig(**{key: tuple(value) for key, value in json.loads(about["config"]).items()})
    )
    state: dict[str, NDArray[np.float32]] = {}
    for name in (ENCODER, DECODER):
        state |= parameters(read_arrays(folder / name))
    shapes = {name: value.shape for name, value in codec.state_dict().items()}
    codec.load_state_dict({name: torch.from_numpy(np.array(v)).reshape(shapes[name]) for name, v in state.items()})
    return codec
