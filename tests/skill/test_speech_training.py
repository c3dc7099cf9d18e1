"""What the speaker learns from: sounds spliced from words, and an ear that finds what a mean of sounds lacks."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from training.speech_generation.ear import LISTENED, Ear
from training.speech_generation.sounds import Sound, batch, spliced
from walkiosk.model.export import load

TINY = Path(__file__).parents[1] / "tiny"


def sound(words: int, voice: int = 0) -> Sound:
    """Words of two phones with a gap behind each but the last; a phone's number is in its frames and its pitch."""
    is_gap = np.array([False, False, True] * words)[:-1]
    phones = np.arange(len(is_gap)) + 100 * words
    lengths = 2 + phones % 3
    pitch = phones.astype(np.float32)
    frames = np.repeat(phones, lengths)[:, None] * np.ones(80)
    return Sound(phones, phones % 2, voice, lengths, pitch, ~is_gap, is_gap, frames.astype(np.float16))


def test_a_part_keeps_what_belongs_together() -> None:
    part = sound(3).part(3, 6)
    assert part.phones.tolist() == [303, 304, 305]
    assert part.frames[:, 0].tolist() == np.repeat(part.phones, part.frames_of).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_spliced_words_are_whole_and_in_their_own_order(seed: int) -> None:
    made = spliced([sound(n) for n in (1, 2, 3, 4)], random.Random(seed))
    assert made.frames[:, 0].tolist() == np.repeat(made.phones, made.frames_of).tolist()
    assert made.pitch.tolist() == made.phones.tolist()
    steps = np.diff(made.phones)
    joins = np.flatnonzero(steps != 1)
    assert len(joins) <= 2
    # a piece ends with its gap or with its sound, and begins a word
    assert all(made.is_gap[at] or made.phones[at] % 100 == 3 * (made.phones[at] // 100) - 2 for at in joins)
    assert all(made.phones[at + 1] % 100 % 3 == 0 for at in joins)


def test_the_ear_hears_a_difference_where_something_sounds() -> None:
    ear = Ear(load(TINY))
    torch.manual_seed(0)
    true = torch.rand(2, 40, 80)
    there = torch.ones(2, 40, dtype=torch.bool)
    there[1, 20:] = False
    assert float(ear(true, true, there)) == pytest.approx(0, abs=1e-6)
    louder = true.clone()
    louder[1, 20:] += 1  # behind the end of the second sound
    assert float(ear(louder, true, there)) == pytest.approx(0, abs=1e-6)
    blurred = true.mean(-1, keepdim=True).expand_as(true)
    assert float(ear(blurred, true, there)) > 0.01


def test_the_ear_moves_what_was_made_and_not_itself() -> None:
    ear = Ear(load(TINY))
    made = torch.zeros(1, LISTENED + 80, 80, requires_grad=True)
    ear(made, torch.rand(1, LISTENED + 80, 80), torch.ones(1, LISTENED + 80, dtype=torch.bool)).backward()
    assert made.grad is not None
    assert int((made.grad.abs().sum((0, 2)) > 0).sum()) == LISTENED  # a part of a long sound
    assert all(p.grad is None for p in ear.parameters())


def test_sounds_of_other_lengths_are_padded() -> None:
    made = batch([sound(1), sound(3)])
    assert made.is_frame.sum(1).tolist() == [len(sound(1).frames), len(sound(3).frames)]
    assert made.is_phone.sum(1).tolist() == [2, 8]
