"""All 36 pairs of kinds: fitted, saved into one file, opened by the serving engine, asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.sequence.material import make_values
from walkiosk.modality import MODALITIES
from walkiosk.modality.video import Video
from walkiosk.model.fit import Told
from walkiosk.model.fitting import Fit
from walkiosk.sequence import Sequence

STEPS = 12
KINDS = {"scalar": float, "trend": np.ndarray, "text": str, "image": np.ndarray, "audio": np.ndarray, "video": Video}


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    return make_values(tmp_path_factory.mktemp("pairs"))


@pytest.mark.parametrize("target", MODALITIES)
@pytest.mark.parametrize("source", MODALITIES)
def test_three_lines(source: str, target: str, values: dict[str, list[Any]], tmp_path: Path) -> None:
    torch.set_num_threads(1)
    losses: list[float] = []

    def note(fit: Fit) -> None:
        losses.extend(fit.looks[len(losses)].training for _ in fit.looks[len(losses) :])

    pairs = list(zip(values[source], values[target], strict=True))
    model = Sequence(source, target).fit(pairs, steps=STEPS, size="tiny", told=Told(on_step=note))
    assert len(losses) == STEPS and np.isfinite(losses).all()
    assert min(losses[-3:]) < losses[0]
    model.save(tmp_path / "my.model")
    found = Sequence.load(tmp_path / "my.model")(values[source][0])
    assert isinstance(found, KINDS[target])
    if target != "text":  # whose words may be none yet
        model.write(
            found,
            tmp_path
            / f"answer.{ {'scalar': 'csv', 'trend': 'csv', 'image': 'png', 'audio': 'wav', 'video': 'mp4'}[target] }",
        )
