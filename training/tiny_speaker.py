"""The tiny speaker that tests use: every letter is a phone, and every phone has bands of its own, learned by heart.

`python -m training.tiny_speaker [FOLDER]` makes it anew, in half a minute on one core.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import Tensor

from training.tiny import PHRASES, TINY
from walkiosk.modality.audio import MELS
from walkiosk.model.speaker import SoundBatch, Speaker, SpeakerConfig
from walkiosk.model.speaker_export import export_speaker
from walkiosk.model.vocoder import Vocoder, VocoderConfig

STEPS = 2_500
FRAMES = 8  # of every sound
LETTERS = "abcdefghijklmnopqrstuvwxyzáéíóúñ "
PHONES = (*LETTERS, "^", "$")
VOICES = ("one", "two")
QUIET, LOUD = -0.6, 0.8  # log-mel


def pronounced(phrases: list[str]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Letters, their counts, languages, phones with their stress, their counts."""
    counts = torch.tensor([len(phrase) for phrase in phrases])
    letters = torch.zeros(len(phrases), int(counts.max()), dtype=torch.long)
    for row, phrase in enumerate(phrases):
        letters[row, : len(phrase)] = torch.tensor([LETTERS.index(letter) for letter in phrase])
    return letters, counts, torch.zeros(len(phrases), dtype=torch.long), letters * 3, counts


def bands(voice: int) -> Tensor:
    """Which bands of each phone are loud in a voice: phones × 80."""
    dice = torch.Generator().manual_seed(voice)
    return torch.where(torch.rand(len(PHONES), MELS, generator=dice) < 0.5, LOUD, QUIET)


def sounded(phrase: str, voice: int) -> SoundBatch:
    """A phrase between silences: each phone for 80 ms."""
    phones = torch.tensor([[PHONES.index(p) for p in ("^", *phrase, "$")]])
    count = phones.shape[1]
    owner = torch.arange(count).repeat_interleave(FRAMES)[None]
    far = (torch.arange(count * FRAMES) % FRAMES + 0.5) / FRAMES
    length = torch.log1p(torch.tensor(float(FRAMES)))
    inside = torch.stack([far, length.expand(len(far))], 1)[None]
    frames = bands(voice)[phones[0, owner[0]]][None]
    whole = torch.ones(1, count, dtype=torch.bool)
    of_frames = torch.ones(1, count * FRAMES, dtype=torch.bool)
    return SoundBatch(
        phones, torch.zeros_like(phones), torch.tensor([voice]), length.expand(1, count), torch.zeros(1, count),
        whole, whole, owner, inside, frames, of_frames, of_frames[:, ::4],
    )  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TINY
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = SpeakerConfig(len(LETTERS), 1, len(PHONES), len(VOICES), 64, 2, 1, 1, 1, dropout=0)
    speaker, vocoder = Speaker(config), Vocoder(VocoderConfig(32, 64, 1))
    optimizer = torch.optim.AdamW(speaker.parameters(), 3e-3)
    phrases = [phrase.lower() for phrase in PHRASES]
    written = pronounced(phrases)
    for step in range(STEPS):
        batch = sounded(phrases[step % len(phrases)], step // len(phrases) % 2)
        loss = speaker.pronunciation_loss(*written) + sum(speaker.sound_loss(batch)[1:])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(speaker.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 100 == 99:
            print(step + 1, round(float(loss.detach()), 3), flush=True)
    about = {
        "letters": list(LETTERS),
        "languages": ["en"],
        "phones": PHONES,
        "voices": VOICES,
        "voice_of": {"en": "two"},
    }
    export_speaker(speaker.eval(), vocoder.eval(), about, folder)


if __name__ == "__main__":
    main()
