"""Pulses and noise, filtered: the same samples however the frames come, and as PyTorch makes them."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from walkiosk.modality.audio import HOP, SAMPLE_RATE
from walkiosk.modality.source_filter import BINS, SourceFilter
from walkiosk.model.vocoder import Vocoder, VocoderConfig, pulses

FRAMES = 60
Floats = NDArray[np.float32]


@pytest.fixture
def parts() -> Floats:
    made = np.random.default_rng(1).normal(0, 0.1, (FRAMES, 5 * BINS)).astype(np.float32)
    made[:, BINS : 3 * BINS] -= 14  # no noise, which differs from library to library
    return made


@pytest.fixture
def pitch() -> Floats:
    made = (180 + 40 * np.sin(np.arange(FRAMES) / 9)).astype(np.float32)
    made[20:30] = 0
    return made


@pytest.mark.parametrize("size", [1, 4, 7, 59])
def test_pieces_join_as_if_they_were_one(parts: Floats, pitch: Floats, size: int) -> None:
    whole = SourceFilter(3).push(parts, pitch, last=True)
    synthesis = SourceFilter(3)
    pieces = [
        synthesis.push(parts[a : a + size], pitch[a : a + size], a + size >= FRAMES) for a in range(0, FRAMES, size)
    ]
    assert len(whole) == FRAMES * HOP
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-5)


def test_it_is_what_the_vocoder_was_trained_with(parts: Floats, pitch: Floats) -> None:
    ours = SourceFilter().push(parts, pitch, last=True)
    torch.manual_seed(0)
    theirs = (
        Vocoder(VocoderConfig(8, 8, 1)).samples(torch.from_numpy(parts)[None], torch.from_numpy(pitch)[None])[0].numpy()
    )
    inner = slice(4 * HOP, -4 * HOP)  # at the ends one reflects and the other is silent
    assert np.abs(ours[inner]).max() > 0.05
    np.testing.assert_allclose(ours[inner], np.clip(theirs[inner], -1, 1), atol=1e-3)


def test_pulses_have_the_pitch_that_was_asked_for() -> None:
    made = pulses(torch.full((1, 100), 200.0))[0].numpy()
    peaks = np.flatnonzero(made > 0.9 * made.max())
    assert np.unique(np.diff(peaks[np.diff(peaks, prepend=-10) > 1])).tolist() == [SAMPLE_RATE // 200]
    assert not pulses(torch.zeros(1, 5)).any()


def test_noise_is_fixed_by_its_seed(parts: Floats, pitch: Floats) -> None:
    parts[:, BINS : 2 * BINS] = -2
    one, same, other = (SourceFilter(seed).push(parts, pitch, last=True) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.allclose(one, other)
