"""The speaker: the trunk's expert that says a text, all elements of a sequence at once.

What is to be said fixes the order, so nothing has to be written behind what was written before, no word can be skipped
or said twice, and a sentence takes as long as a word. Three stacks of the trunk's layers follow each other: letters →
phones (connectionist temporal classification, Graves et al., 2006), phones → how long and how high, phones laid along
time → log-mel frames, four an element, as the audio port writes them (Ren et al., 2021, FastSpeech 2).

Letters in shapes: B batch, L letters, N phones, F frames of 10 ms, T elements of 40 ms, D width, P kinds of phones.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from walkiosk.modality.audio import FRAMES_A_STEP, MELS, WRITTEN
from walkiosk.model.trunk import Layer, TrunkConfig, sinusoids

SLOTS = 3  # phones that a letter can become: "x" is two, a spelled "W" borrows from its neighbours
AROUND = 2  # frames before and behind an element that it sees laid out
LONGEST = 4_096  # places


@dataclass(frozen=True)
class SpeakerConfig:
    """Sizes of the speaker; what it reads and writes is counted by the inventory that it was trained with."""

    letters: int
    languages: int
    phones: int  # kinds, stress apart
    voices: int
    width: int = 256
    heads: int = 4
    pronouncing_layers: int = 4
    timing_layers: int = 3
    sounding_layers: int = 4
    stresses: int = 3  # none, primary, secondary
    dropout: float = 0.1  # in training, of what comes into a stack

    @property
    def spoken(self) -> int:
        """Kinds of phones with their stress, and the blank behind them."""
        return self.phones * self.stresses + 1

    @property
    def layer(self) -> TrunkConfig:
        return TrunkConfig(width=self.width, heads=self.heads)


class Stack(nn.Module):
    """Layers that see the whole sequence, and a norm."""

    def __init__(self, config: SpeakerConfig, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(config.layer, crossing=False) for _ in range(layers))
        self.norm = nn.LayerNorm(config.width)
        self.dropout = config.dropout
        self.register_buffer("places", sinusoids(LONGEST, config.width), persistent=False)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """B T D → B T D; ``mask`` (B T) is true where there is something."""
        places: Tensor = self.places  # type: ignore[assignment]
        x = F.dropout(x + places[: x.shape[1]], self.dropout, self.training)
        attend = mask[:, None, None, :]
        for layer in self.layers:
            x, _ = layer(x, attend)
        out: Tensor = self.norm(x)
        return out


class Pronouncer(nn.Module):
    """Letters → phones."""

    def __init__(self, config: SpeakerConfig) -> None:
        super().__init__()
        self.letter = nn.Embedding(config.letters, config.width)
        self.language = nn.Embedding(config.languages, config.width)
        self.stack = Stack(config, config.pronouncing_layers)
        self.out = nn.Linear(config.width, SLOTS * config.spoken)

    def forward(self, letters: Tensor, language: Tensor, mask: Tensor) -> Tensor:
        """B L and B → scores of the phones in each letter's slots, B 3·L P."""
        x = self.stack(self.letter(letters) + self.language(language)[:, None], mask)
        scores: Tensor = rearrange(self.out(x), "B L (S P) -> B (L S) P", S=SLOTS)
        return scores


class Timer(nn.Module):
    """Phones in a voice → their states, how long they last and how high they are."""

    def __init__(self, config: SpeakerConfig) -> None:
        super().__init__()
        self.phone = nn.Embedding(config.phones, config.width)
        self.stress = nn.Embedding(config.stresses, config.width)
        self.voice = nn.Embedding(config.voices, config.width)
        self.stack = Stack(config, config.timing_layers)
        self.out = nn.Linear(config.width, 2)
        self.pitch = nn.Linear(1, config.width)

    def forward(self, phones: Tensor, stresses: Tensor, voice: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """B N, B N, B → states B N D, and B N 2: log(1 + frames), log pitch in the voice's standard deviations."""
        x = self.phone(phones) + self.stress(stresses) + self.voice(voice)[:, None]
        states = self.stack(x, mask)
        return states, self.out(states)


class Sounder(nn.Module):
    """Phones laid along time → frames."""

    def __init__(self, config: SpeakerConfig) -> None:
        super().__init__()
        self.inside = nn.Linear(2, config.width)
        self.laid = nn.Linear((FRAMES_A_STEP + 2 * AROUND) * config.width, config.width)
        self.voice = nn.Embedding(config.voices, config.width)
        self.stack = Stack(config, config.sounding_layers)
        self.out = nn.Linear(config.width, WRITTEN)

    def forward(self, states: Tensor, owner: Tensor, inside: Tensor, voice: Tensor, mask: Tensor) -> Tensor:
        """Frames B F 80 of phones' ``states`` (B N D); F is a multiple of four, ``mask`` B F/4.

        ``owner`` (B F) is the phone that each frame belongs to, ``inside`` (B F 2) how far it has gone (0 to 1) and the
        logarithm of its frames.
        """
        index = owner[..., None].expand(-1, -1, states.shape[-1])
        x = torch.gather(states, 1, index) + self.inside(inside)
        x = F.pad(x, (0, 0, AROUND, AROUND))
        x = rearrange(x.unfold(1, FRAMES_A_STEP + 2 * AROUND, FRAMES_A_STEP), "B T D W -> B T (W D)")
        x = self.laid(x) + self.voice(voice)[:, None]
        frames: Tensor = rearrange(self.out(self.stack(x, mask)), "B T (W M) -> B (T W) M", M=MELS)
        return frames


class Speaker(nn.Module):
    """The three of them."""

    def __init__(self, config: SpeakerConfig) -> None:
        super().__init__()
        self.config = config
        self.pronouncer = Pronouncer(config)
        self.timer = Timer(config)
        self.sounder = Sounder(config)
        for table in (self.pronouncer.letter, self.pronouncer.language, self.timer.phone, self.timer.stress):
            nn.init.normal_(table.weight, std=0.3)
        for table in (self.timer.voice, self.sounder.voice):
            nn.init.normal_(table.weight, std=0.1)

    def pronunciation_loss(
        self, letters: Tensor, lengths: Tensor, language: Tensor, spoken: Tensor, counts: Tensor
    ) -> Tensor:
        """CTC loss a phone of B L ``letters`` against ``spoken`` (B N, kinds with their stress)."""
        mask = torch.arange(letters.shape[1], device=letters.device)[None] < lengths[:, None]
        scores = self.pronouncer(letters, language, mask).float().log_softmax(-1)
        blank = self.config.spoken - 1
        losses = F.ctc_loss(
            rearrange(scores, "B L P -> L B P"), spoken, lengths * SLOTS, counts, blank, reduction="none",
            zero_infinity=True,
        )  # fmt: skip
        return losses.sum() / counts.sum()

    def sounds(self, batch: SoundBatch) -> tuple[Tensor, Tensor]:
        """Frames (B F 80) of clips whose true lengths and pitch are given onwards, and the timer's own of these."""
        states, timing = self.timer(batch.phones, batch.stresses, batch.voice, batch.is_phone)
        states = states + self.timer.pitch(batch.pitch[..., None])
        return self.sounder(states, batch.owner, batch.inside, batch.voice, batch.is_element), timing

    def sound_loss(self, batch: SoundBatch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Frames (B F 80) of a batch of clips, and losses of these, of lengths and of pitch."""
        frames, timing = self.sounds(batch)
        timing = timing.float()
        length = F.l1_loss(timing[..., 0][batch.is_phone], batch.lengths[batch.is_phone])
        pitch = F.l1_loss(timing[..., 1][batch.is_voiced], batch.pitch[batch.is_voiced])
        wrong = frames.float()[batch.is_frame] - batch.frames[batch.is_frame].float()
        return frames.float(), wrong.abs().mean() + wrong.square().mean(), length, pitch


@dataclass(frozen=True)
class SoundBatch:
    """Clips padded together: phones B N, frames B F 80 and what ties them."""

    phones: Tensor
    stresses: Tensor
    voice: Tensor
    lengths: Tensor  # log(1 + frames)
    pitch: Tensor
    is_phone: Tensor
    is_voiced: Tensor
    owner: Tensor
    inside: Tensor
    frames: Tensor
    is_frame: Tensor
    is_element: Tensor
