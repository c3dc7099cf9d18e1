"""The vocoder: log-mel frames → samples, through a source, a filter and an inverse short-time Fourier transform.

A small network (ConvNeXt blocks, as in Siuzdak, 2024, "Vocos") says for each frame how high the voice is, how each bin
of a pulse train and of noise is to be filtered, and what is neither; the rest is signal processing, so that little has
to be learned (Engel et al., 2020, DDSP; Wang et al., 2019, neural source-filter).

Letters in shapes: B batch, T frames of 10 ms, K bins, N samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.modality.audio import HOP, MELS, SAMPLE_RATE
from walkiosk.modality.source_filter import BAND, BINS, FLOOR, FULL, LOUDEST, PERIOD


@dataclass(frozen=True)
class VocoderConfig:
    """Sizes of the network."""

    width: int = 256
    inner: int = 768
    blocks: int = 6

    @property
    def reach(self) -> int:
        """Frames that a frame's spectrum depends on, each way."""
        return 3 * (self.blocks + 1)


class Block(nn.Module):
    """A convolution over time for each channel, then two products over channels."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        width = config.width
        self.conv = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, config.inner)
        self.outer = nn.Linear(config.inner, width)
        self.scale = nn.Parameter(torch.full((width,), 1 / config.blocks))

    def forward(self, x: Tensor) -> Tensor:
        """B T D → B T D."""
        y = self.norm(self.conv(x.transpose(1, 2)).transpose(1, 2))
        out: Tensor = x + self.scale * self.outer(F.gelu(self.inner(y)))
        return out


class Vocoder(nn.Module):
    """``forward`` gives what a spectrum is made of; `samples` makes it."""

    window: Tensor

    def __init__(self, config: VocoderConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or VocoderConfig()
        self.first = nn.Conv1d(MELS, config.width, 7, padding=3)
        self.first_norm = nn.LayerNorm(config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.blocks))
        self.norm = nn.LayerNorm(config.width)
        self.out = nn.Linear(config.width, 5 * BINS + 2)
        self.register_buffer("window", torch.hann_window(FULL), persistent=False)
        with torch.no_grad():
            self.out.bias.zero_()
            self.out.bias[BINS : 3 * BINS] = -6.0  # noise and the rest begin quiet

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """B T 80 → (log pitch over 100 Hz and log-odds of a voice, B T 2), B T 5·K.

        The five are log magnitudes of the pulses' filter, of noise and of the rest, and the filter's phase (in halves
        of a turn, before tanh) and the rest's phase.
        """
        x = self.first_norm(self.first(frames.transpose(1, 2)).transpose(1, 2))
        for block in self.blocks:
            x = block(x)
        y = self.out(self.norm(x))
        return y[..., -2:], y[..., :-2]

    def samples(self, parts: Tensor, pitch: Tensor) -> Tensor:
        """B T 5·K and pitch in Hz (B T, 0 where there is no voice) → B T·160."""
        harmonic, noise, rest, turn, phase = torch.split(parts.float().transpose(1, 2), BINS, dim=1)
        count = pitch.shape[1]
        source = torch.stft(
            pulses(pitch),
            FULL,
            HOP,
            window=self.window * (2 / self.window.sum()),
            return_complex=True,
            pad_mode="reflect",
        )[..., :count]
        spectrum = source * torch.polar(harmonic.clamp(max=LOUDEST).exp(), math.pi * torch.tanh(turn))
        random = torch.complex(torch.randn_like(noise), torch.randn_like(noise))
        spectrum = spectrum + noise.clamp(max=LOUDEST).exp() * random
        spectrum = spectrum + torch.polar(rest.clamp(max=LOUDEST).exp(), phase)
        return torch.istft(spectrum, FULL, HOP, window=self.window, length=count * HOP)


def pulses(pitch: Tensor) -> Tensor:
    """Pitch (B T, Hz) → B T·160: all harmonics below the band's end at one amplitude; unvoiced, nothing."""
    by_sample = F.interpolate(pitch[:, None], scale_factor=HOP, mode="linear", align_corners=False)[:, 0]
    voiced = by_sample > FLOOR
    hertz = by_sample.clamp(min=FLOOR)
    turns = torch.cumsum(hertz.double() / SAMPLE_RATE, dim=1) % 1.0
    angle = (turns * PERIOD).float()
    harmonics = torch.floor(BAND / hertz)
    half = torch.sin(angle / 2)
    near = half.abs() < 1e-3
    summed = torch.sin((harmonics + 0.5) * angle) / (2 * torch.where(near, torch.ones_like(half), half)) - 0.5
    return torch.where(voiced, torch.where(near, harmonics, summed), torch.zeros_like(summed))


RESOLUTIONS = ((1024, 240), (512, 120), (256, 60), (128, 32))  # samples of a window and of its hop


def spectral_loss(made: Tensor, true: Tensor) -> Tensor:
    """How far the magnitudes of B N are from the true ones' at four resolutions (Yamamoto et al., 2020)."""
    total = made.new_zeros(())
    for window, hop in RESOLUTIONS:
        shape = torch.hann_window(window)
        ours, theirs = (
            torch.stft(x, window, hop, window=shape, return_complex=True).abs().clamp(min=1e-4) for x in (made, true)
        )
        total = total + (ours - theirs).norm() / theirs.norm() + (ours.log() - theirs.log()).abs().mean()
    return total / len(RESOLUTIONS)
