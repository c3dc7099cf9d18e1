"""Image, and video frame by frame: tiles seen through convolutions, codes written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.modality.image import CHOICES, LEAST_PAINTED, PLACES
from walkiosk.modality.picture_codec import BLOCK, CODES, levels_of
from walkiosk.model.ports.port import Port, folded, laid, rows_of, written
from walkiosk.model.ports.recall import Recall, lay_spread_over, spread_over
from walkiosk.model.trunk import TrunkConfig

if TYPE_CHECKING:
    from walkiosk.model.graph import Graph

WIDE = 384  # from this width of the trunk on, a picture is looked at by more convolutions
COLOURS = 3
FRAME = (LEAST_PAINTED // BLOCK) ** 2  # tiles of a frame


@dataclass(frozen=True)
class Look:
    """A convolution: where neither size nor channels change, its outcome is added to what was seen before."""

    channels: int
    stride: int = 2
    groups: int = 1
    size: int = 3  # pixels
    pooled: int = 1  # pixels across that are one behind it


FEW = (Look(32, size=5), Look(64, 1), Look(128))  # before the trunk's width; a stride at once: more steps a minute
FILMED = (Look(32, size=5), Look(64), Look(128))  # of a film there is so much to see that each frame gets less
MANY = (
    *(Look(24, size=5), Look(64), Look(160), Look(160, 1), Look(160, 1, pooled=2)),
    Look(160, 1, groups=2),
)


class ImagePort(Port):
    """Convolutions give each tile what is around it; one table of vectors reads codes back and chooses them.

    A wide trunk's see the whole picture from each place and make one element of four tiles; what they recall of things
    that were seen before is added to each.

    A code's vector starts as the sum of its digits' vectors: codes that look alike start alike. Beside what was painted
    an element has the codes of what stood at the next place, and of what is seen there where one picture is painted
    after another: what stays or is taken over has not to be found by attention first.
    """

    moving = False  # whether what changed since the frame before is seen too
    shifts = 0  # pixels by which pictures are moved while they are learned from, at most

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        wide = config.width >= WIDE and not self.moving
        few = FILMED if self.moving else FEW
        self.looks = (*MANY, Look(config.width, 1, size=1)) if wide else (*few, Look(config.width))
        self.per_element = 4 if wide or self.moving else 1  # tiles
        sizes = (COLOURS * (1 + self.moving), *(look.channels for look in self.looks))
        self.convolutions = nn.ModuleList(
            nn.Conv2d(size, look.channels, look.size, look.stride, look.size // 2, groups=look.groups, bias=False)
            for size, look in zip(sizes, self.looks, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(look.channels) for look in self.looks)
        self.recall = Recall(self.looks[-2].channels, config.width) if wide else None
        self.codes = nn.Parameter(_first_vectors(config.width))
        self.places = nn.Parameter(torch.randn(PLACES, config.width) * 0.01)
        self.features = 2 + config.codes_told
        self.told = written(config.codes_told * config.width, config.width) if config.codes_told else None

    def embed(self, sequence: Tensor, there: Tensor | None = None) -> Tensor:
        """B T `FEATURES` bytes → B T D, or B T/4 D where four tiles are one element."""
        seen = self.look(sequence)
        embedded = self.embedded(seen, None if self.recall is None else self.recall.scores(seen))
        return rearrange(embedded, "(B N) T D -> B (N T) D", B=len(sequence))

    def embedded(self, seen: Tensor, scores: Tensor | None) -> Tensor:
        """What was looked at, B C r c, and the scores of what is recalled, if anything is → B T D."""
        x: Tensor = self.norms[-1](self.convolutions[-1](seen))
        x = rearrange(x, "B D r c -> B (r c) D")
        return x if self.recall is None or scores is None else spread_over(x, self.recall(scores))

    def look(self, sequence: Tensor) -> Tensor:
        """B T `FEATURES` bytes → B·N C r c: all convolutions of N frames but the last."""
        frames = FRAME if self.moving else sequence.shape[1]
        across = math.isqrt(frames)
        squares = rearrange(
            sequence, "B (N r c) (h w k) -> (B N) k (r h) (c w)", r=across, c=across, h=BLOCK, w=BLOCK, k=3
        )
        if self.training and self.shifts:
            squares = _shifted(squares, len(sequence), self.shifts)
        x = squares.float() / 127.5 - 1
        if self.moving:
            x = torch.cat([x, _moved(x, len(sequence))], dim=1)
        x = x.contiguous(memory_format=torch.channels_last)
        for look, convolution, norm in list(zip(self.looks, self.convolutions, self.norms, strict=True))[:-1]:
            seen = F.relu(norm(convolution(x)))
            x = x + seen if seen.shape == x.shape else seen
            if look.pooled > 1:
                x = F.avg_pool2d(x, look.pooled)
        return x

    def elements(self, steps: int) -> int:
        return steps // self.per_element

    def embed_written(self, elements: Tensor) -> Tensor:
        """B T `features` → B T D: what was painted, the place that comes next, and the codes that are told of it."""
        whole = elements.long()
        x = F.embedding(whole[..., 0], self.codes) + F.embedding(whole[..., 1], self.places)
        if self.told is None:
            return x
        there = F.layer_norm(F.embedding(whole[..., 2:], self.codes), self.codes.shape[1:])
        out: Tensor = x + self.told(there.flatten(-2)).to(x.dtype)
        return out

    def head(self, states: Tensor) -> Tensor:
        """B T D → B T scores of the codes, and of how many blocks stay."""
        return states @ self.codes.T

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy of the codes."""
        return F.cross_entropy(self.head(states).float(), targets[..., 0].long())

    def lay_embed(self, g: Graph, x: str) -> str:
        return _lay_convolutions(self, g, _lay_squares(g, x, self.moving))

    def lay_written(self, g: Graph, x: str) -> str:
        whole = g.op("Cast", x, to=g.INT64)
        columns = [g.op("Gather", whole, g.whole(column), axis=2) for column in range(self.features)]
        painted, place, *others = columns
        found = g.op(
            "Add",
            g.op("Gather", g.numbers("written.codes", rows_of(self.codes)), painted),
            g.op("Gather", g.numbers("written.places", rows_of(self.places)), place),
        )
        if self.told is None:
            return found
        normed = g.numbers("told.codes", rows_of(F.layer_norm(self.codes, self.codes.shape[1:])))
        there = g.op("Concat", *(g.op("Gather", normed, column) for column in others), axis=2)
        return g.op("Add", found, laid(g, there, "told", self.told))

    def lay_head(self, g: Graph, states: str) -> str:
        return g.op("MatMul", states, g.op("Transpose", g.numbers("written.codes", rows_of(self.codes)), perm=[1, 0]))


class VideoPort(ImagePort):
    """Frame after frame, each of them fewer elements than a picture, beside what changed since the frame before.

    Convolutions of one frame see no motion, and a small trunk does not find it in minutes (two streams: Simonyan and
    Zisserman, 2014).
    """

    moving = True


def _shifted(frames: Tensor, films: int, most: int) -> Tensor:
    """B·N 3 S S, the frames of each film moved alike by up to ``most`` pixels; its border goes on where it was."""
    count, _, side, _ = frames.shape
    by = torch.randint(-most, most + 1, (films, 2), device=frames.device).repeat_interleave(count // films, dim=0)
    places = (torch.arange(side, device=frames.device) + by[..., None]).clamp(0, side - 1)  # B·N 2 S
    rows, columns = places[:, 0], places[:, 1]
    which, colours = (torch.arange(size, device=frames.device) for size in (count, COLOURS))
    return frames[which[:, None, None, None], colours[:, None, None], rows[:, None, :, None], columns[:, None, None]]


def _moved(frames: Tensor, films: int) -> Tensor:
    """B·N 3 S S → the difference from the frame before; a film's first has none."""
    of_films = rearrange(frames, "(B N) k h w -> B N k h w", B=films)
    before = torch.cat([of_films[:, :1], of_films[:, :-1]], dim=1)
    return rearrange(of_films - before, "B N k h w -> (B N) k h w")


def _first_vectors(width: int) -> Tensor:
    digits = torch.from_numpy(levels_of(torch.arange(CODES).numpy()))  # CODES × 5
    tables = torch.randn(digits.shape[1], int(digits.max()) + 1, width) * 0.02 / math.sqrt(digits.shape[1])
    summed = sum(table[digits[:, number]] for number, table in enumerate(tables))
    assert isinstance(summed, Tensor)
    apart = torch.randn(CHOICES, width) * 0.005
    apart[:CODES] += summed
    return apart


def _lay_squares(g: Graph, x: str, moving: bool) -> str:
    """Tiles of one input, 1 T `FEATURES` → N 3 S S in [-1, 1]; of a film's frames N 6 S S: what moved too."""
    frame = g.whole([FRAME]) if moving else g.op("Slice", g.op("Shape", x), g.whole([1]), g.whole([2]))
    root = g.op("Round", g.op("Sqrt", g.op("Cast", frame, to=g.FLOAT)))
    across = g.op("Cast", root, to=g.INT64)
    shape = g.op("Concat", g.whole([-1]), across, across, g.whole([BLOCK, BLOCK, 3]), axis=0)
    turned = g.op("Transpose", g.op("Reshape", x, shape), perm=[0, 5, 1, 3, 2, 4])
    side = g.op("Mul", across, g.whole([BLOCK]))
    squares = g.op("Reshape", turned, g.op("Concat", g.whole([-1, 3]), side, side, axis=0))
    seen = g.op("Sub", g.op("Div", squares, g.number(127.5)), g.number(1.0))
    if not moving:
        return seen
    first = g.op("Slice", seen, g.whole([0]), g.whole([1]))
    before = g.op("Concat", first, g.op("Slice", seen, g.whole([0]), g.whole([-1])), axis=0)
    return g.op("Concat", seen, g.op("Sub", seen, before), axis=1)


def _lay_convolutions(port: ImagePort, g: Graph, x: str) -> str:
    """N 3 S S → 1 T D."""
    recalled = None
    for number, (look, convolution, norm) in enumerate(zip(port.looks, port.convolutions, port.norms, strict=True)):
        assert isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
        weight, bias = folded(convolution, norm)
        filters = g.numbers(f"seen.{number}.weight", weight)
        shifted = g.array(f"seen.{number}.bias", bias)
        sizes: dict[str, Any] = {"kernel_shape": [look.size] * 2, "pads": [look.size // 2] * 4}
        sizes |= {"strides": [look.stride] * 2, "group": look.groups}
        if look is port.looks[-1] and port.recall is not None:
            recalled = port.recall.lay(g, x)
        seen = g.op("Conv", x, filters, shifted, **sizes)
        if look is not port.looks[-1]:
            seen = g.op("Relu", seen)
        x = g.op("Add", x, seen) if look.stride == 1 and convolution.in_channels == look.channels else seen
        if look.pooled > 1:
            x = g.op("AveragePool", x, kernel_shape=[look.pooled] * 2, strides=[look.pooled] * 2)
    x = g.op("Reshape", g.op("Transpose", x, perm=[0, 2, 3, 1]), g.whole([1, -1, port.codes.shape[1]]))
    return x if recalled is None else lay_spread_over(g, x, recalled)
