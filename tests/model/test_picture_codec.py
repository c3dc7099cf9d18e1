"""Pictures as discrete codes: a small untrained codec, written out and read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from torch import nn

from walkiosk.modality.picture_codec import BLOCK, CODES, DECODER, ENCODER, LEVELS, PictureCodec, levels_of
from walkiosk.modality.value import BadValue
from walkiosk.model import picture_codec as trained

TINY = trained.PictureCodecConfig((8, 8, 16), (1, 1, 1), (8, 8, 16), (1, 0, 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Filters are random everywhere, so that pictures have many codes and codes many colours."""
    folder = tmp_path_factory.mktemp("codec")
    torch.manual_seed(1)
    codec = trained.PictureCodec(TINY)
    for module in codec.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
            nn.init.normal_(module.bias, std=0.1)
    trained.export_picture_codec(codec, folder)
    return folder


@pytest.fixture(scope="module")
def codec(folder: Path) -> PictureCodec:
    return PictureCodec.load(folder)


def pictures(count: int, height: int = 64, width: int = 64) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), np.uint8)


def test_torch_and_the_graphs_agree(folder: Path, codec: PictureCodec) -> None:
    read = trained.load_picture_codec(folder)
    seen = pictures(64)
    codes = codec.encode(seen)
    assert len(np.unique(codes)) > 100
    assert (read.codes(torch.from_numpy(seen)).numpy() == codes).mean() >= 0.999
    painted = read.pixels(torch.from_numpy(codes)).numpy().astype(int)
    difference = np.abs(painted - codec.decode(codes))
    assert painted.std() > 10 and difference.max() <= 1 and (difference == 0).mean() >= 0.999


def test_what_was_read_back_is_stored_as_it_was(folder: Path, tmp_path: Path) -> None:
    trained.export_picture_codec(trained.load_picture_codec(folder), tmp_path)
    seen = pictures(4)
    assert (PictureCodec.load(tmp_path).encode(seen) == PictureCodec.load(folder).encode(seen)).mean() >= 0.999


@pytest.mark.parametrize(("height", "width"), [(8, 8), (8, 128), (64, 24), (128, 128)])
def test_shapes(codec: PictureCodec, height: int, width: int) -> None:
    seen = pictures(2, height, width)
    codes = codec.encode(seen)
    assert codes.shape == (2, height // BLOCK, width // BLOCK) and codes.dtype == np.int64
    assert codes.min() >= 0 and codes.max() < CODES
    painted = codec.decode(codes)
    assert painted.shape == seen.shape and painted.dtype == np.uint8
    assert codec.encode(seen[:0]).shape == (0, *codes.shape[1:]) and codec.decode(codes[:0]).shape == (
        0,
        *seen.shape[1:],
    )


def test_a_picture_has_the_same_codes_alone_and_among_many(
    codec: PictureCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = pictures(9, 32, 32)
    together = codec.encode(seen)
    monkeypatch.setattr("walkiosk.modality.picture_codec.PIECE", 2 * 32 * 32)
    assert (codec.encode(seen) == together).all()
    assert (codec.encode(seen[3:4]) == together[3:4]).all()
    assert (codec.decode(together[3:4]) == codec.decode(together)[3:4]).all()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (np.zeros((1, 12, 8, 3), np.uint8), "8 × 12 pixels"),
        (np.zeros((1, 136, 8, 3), np.uint8), "8 × 136 pixels"),
        (np.zeros((1, 0, 8, 3), np.uint8), "8 × 0 pixels"),
        (np.zeros((8, 8, 3), np.uint8), "8 × 8 × 3"),
        (np.zeros((1, 8, 8, 4), np.uint8), "1 × 8 × 8 × 4"),
        (np.zeros((1, 8, 8, 3), np.float32), "float32"),
    ],
)
def test_what_is_no_picture_is_named(codec: PictureCodec, wrong: np.ndarray, told: str) -> None:
    with pytest.raises(BadValue, match=told):
        codec.encode(wrong)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (np.full((1, 1, 1), CODES), f"code {CODES}"),
        (np.full((1, 1, 1), -1), "code -1"),
        (np.zeros((1, 1)), "float64"),
        (np.zeros((1, 1), np.int64), "1 × 1"),
        (np.zeros((1, 17, 1), np.int64), "1 × 17 × 1"),
        (np.zeros((1, 0, 1), np.int64), "1 × 0 × 1"),
    ],
)
def test_what_are_no_codes_is_named(codec: PictureCodec, wrong: np.ndarray, told: str) -> None:
    with pytest.raises(BadValue, match=told):
        codec.decode(wrong)


def test_every_code_has_its_own_levels() -> None:
    levels = levels_of(np.arange(CODES).reshape(-1, 25))
    assert levels.shape == (CODES // 25, 25, len(LEVELS))
    assert (levels >= 0).all() and (levels < LEVELS).all()
    assert len(np.unique(levels.reshape(-1, len(LEVELS)), axis=0)) == CODES
    with pytest.raises(BadValue, match="code 4375"):
        levels_of(np.array([CODES]))


def test_gradients_pass_the_rounding() -> None:
    torch.manual_seed(0)
    codec = trained.PictureCodec(TINY)
    x = torch.rand(2, 3, 16, 16) * 2 - 1
    (codec(x) - x).abs().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in codec.parameters() if p.grad is not None)
    assert codec.encoder.downs[0].weight.grad.abs().max() > 0


def test_missing_networks_are_told(tmp_path: Path, folder: Path) -> None:
    (tmp_path / ENCODER).write_bytes((folder / ENCODER).read_bytes())
    with pytest.raises(FileNotFoundError, match=DECODER):
        PictureCodec.load(tmp_path)


def test_the_codec_is_small(tmp_path: Path) -> None:
    trained.export_picture_codec(trained.PictureCodec(), tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 450_000
    assert ort.InferenceSession(tmp_path / ENCODER, providers=["CPUExecutionProvider"]).get_inputs()[0].name == "pixels"
