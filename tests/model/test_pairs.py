"""All 36 pairs of modalities train through the one trunk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from walkiosk.modality import MODALITIES, audio, image, trend, video
from walkiosk.modality.text import of_bytes
from walkiosk.model.pairs import Pairing, loss_of_pairs, predict
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import TrunkConfig

VOCABULARY = of_bytes()
STEPS = 6


def tiny() -> SequenceModel:
    torch.manual_seed(0)
    return SequenceModel(TrunkConfig(64, 2, 2, 2, vocabulary=VOCABULARY.size - 64))


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Three raw values of each kind, as files where people have files."""
    folder = tmp_path_factory.mktemp("pairs")
    time = np.arange(4_000) / audio.SAMPLE_RATE
    y, x = np.mgrid[:32, :48]
    for n in range(3):
        picture = np.stack([x * 5, y * 7, np.full_like(x, 80 * n)], axis=-1).astype(np.uint8)
        image.write(picture, folder / f"{n}.png")
        video.write(video.Video(np.stack([picture[:16, :16], picture[16:, 16:32]])), folder / f"{n}.mp4")
        audio.write((0.3 * np.sin(2 * np.pi * 300 * (n + 1) * time)).astype(np.float32), folder / f"{n}.wav")
        trend.write((n - 1) * np.arange(20.0) + np.sin(np.arange(20)), folder / f"{n}.csv")
    files = {"trend": "csv", "image": "png", "audio": "wav", "video": "mp4"}
    found: dict[str, list[Any]] = {name: [folder / f"{n}.{end}" for n in range(3)] for name, end in files.items()}
    return found | {"scalar": [3.5, -120.0, 1e6], "text": ["hello", "red shoes", "adiós"]}


def losses(model: SequenceModel, pairing: Pairing, pairs: list[tuple[Any, Any]], steps: int) -> Iterator[float]:
    batch = pairing.batch(pairs)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(steps):
        loss = loss_of_pairs(model, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        yield float(loss.detach())


@pytest.mark.parametrize("target", MODALITIES)
@pytest.mark.parametrize("source", MODALITIES)
def test_the_loss_falls(source: str, target: str, values: dict[str, list[Any]]) -> None:
    pairs = list(zip(values[source], values[target], strict=True))
    found = list(losses(tiny(), Pairing(source, target, VOCABULARY), pairs, STEPS))
    assert np.isfinite(found).all()
    assert found[-1] < 0.9 * found[0]


def test_what_was_learned_by_heart_is_written(values: dict[str, list[Any]]) -> None:
    model, pairing = tiny(), Pairing("text", "scalar", VOCABULARY)
    pairs = [("one", 1.0), ("a thousand", 1000.0)]
    assert list(losses(model, pairing, pairs, 150))[-1] < 0.05
    small, large = (np.median(predict(model.eval(), pairing, words)) for words, _ in pairs)
    assert 0.2 < small < 5 < 200 < large < 5000


def test_padding_changes_nothing(values: dict[str, list[Any]]) -> None:
    """Pairs of unequal lengths cost together what they cost alone."""
    model, pairing = tiny().eval(), Pairing("audio", "text", VOCABULARY)
    long = np.tile(audio.read(values["audio"][0]), 3)
    pairs = [(values["audio"][0], "a"), (long, "a longer one")]
    with torch.no_grad():
        apart = [float(loss_of_pairs(model, pairing.batch([pair]))) for pair in pairs]
        together = float(loss_of_pairs(model, pairing.batch(pairs)))
    counts = [len(VOCABULARY.to_target(words)) for _, words in pairs]
    assert together == pytest.approx(np.average(apart, weights=counts), abs=1e-4)
