"""The warm-started model says what the file's arrays say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from walkiosk.model.sequence_model import from_whisper
from walkiosk.model.trunk import TrunkConfig

from .whisper_numpy import logits, ours, tiny_arrays, write_ctranslate2

TOLERANCE = 1e-4  # of a logit; those of the tiny file reach about 10
CONFIG = TrunkConfig(64, 2, 2, 2, vocabulary=300, encoder_positions=100, decoder_positions=60)


def test_logits_equal_a_forward_pass_in_numpy(tmp_path: Path) -> None:
    arrays = tiny_arrays()
    write_ctranslate2(tmp_path / "model.bin", arrays)
    model = from_whisper(tmp_path / "model.bin", CONFIG, sha256=None)
    frames, tokens = np.random.default_rng(1).normal(size=(90, 80)), [5, 299, 17, 42, 0, 8]
    wanted = logits(arrays, frames, tokens, layers=2, heads=2)
    assert np.abs(wanted).max() > 1
    np.testing.assert_allclose(ours(model, frames, tokens), wanted, atol=TOLERANCE)


def test_another_file_is_refused(tmp_path: Path) -> None:
    write_ctranslate2(tmp_path / "model.bin", tiny_arrays())
    with pytest.raises(ValueError, match="SHA-256"):
        from_whisper(tmp_path / "model.bin", CONFIG)
