"""A fit that was killed goes on to the same model, bit for bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.sequence.material import make_values
from walkiosk.modality import image
from walkiosk.model import fit
from walkiosk.model.fit import Told
from walkiosk.model_file import ModelFile
from walkiosk.sequence import Sequence

STEPS = 24
PROGRAM = """
import sys, torch
from walkiosk.model.fit import Told
from walkiosk.sequence import Sequence
torch.set_num_threads(1)
work, out, pairs = sys.argv[1:]
def tell(fit):
    print(fit.step, flush=True)
model = Sequence("audio", "text").fit(pairs, steps=24, size="tiny", work=__import__("pathlib").Path(work),
                                      checkpoint_seconds=0, told=Told(on_step=tell))
model.save(out)
"""


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resumed")
    values = make_values(folder)
    lines = [json.dumps({"input": a, "target": b}) for a, b in zip(values["audio"], values["text"], strict=True)]
    (folder / "pairs.jsonl").write_text("\n".join(lines))
    return folder / "pairs.jsonl"


def weights(path: Path) -> bytes:
    file = ModelFile.open(path)
    return b"".join(file.read(name) for name in sorted(file.parts) if name.endswith(".onnx"))


def test_killed_and_resumed(pairs: Path, tmp_path: Path) -> None:
    def run(work: str, out: str) -> subprocess.Popen[str]:
        told = [sys.executable, "-c", PROGRAM, str(tmp_path / work), str(tmp_path / out), str(pairs)]
        return subprocess.Popen(told, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})

    whole = run("whole", "whole.model")
    killed = run("killed", "killed.model")
    assert killed.stdout is not None
    for line in killed.stdout:
        if int(line) == STEPS // 2:
            killed.send_signal(signal.SIGKILL)  # no chance to save anything
            break
    assert killed.wait() == -signal.SIGKILL and not (tmp_path / "killed.model").exists()
    again = run("killed", "killed.model")
    assert again.stdout is not None
    steps = [int(line) for line in again.stdout]
    assert 1 < steps[0] <= STEPS // 2 + 1 and steps[-1] == STEPS  # it went on, and did not begin anew
    assert again.wait() == 0 and whole.wait() == 0
    assert weights(tmp_path / "killed.model") == weights(tmp_path / "whole.model")


def steps_of(work: Path, pairs: list[tuple[Any, Any]], **settings: Any) -> list[int]:
    """The steps that a fit in ``work`` takes."""
    taken: list[int] = []
    told = Told(on_step=lambda fit: taken.append(fit.step))
    Sequence().fit(pairs, steps=6, work=work, told=told, **settings)
    return taken


def test_the_same_again_takes_no_step(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    pairs = [([float(x) for x in range(n, n + 1_500)], float(n)) for n in range(12)]
    assert steps_of(tmp_path, pairs, size="tiny") == [1, 2, 3, 4, 5, 6]
    assert steps_of(tmp_path, pairs, size="tiny") == []


def test_other_data_begins_anew(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    pairs = [([float(x) for x in range(n, n + 1_500)], float(n)) for n in range(12)]
    changed = [*pairs[:-1], ([*pairs[-1][0][:700], 5.0, *pairs[-1][0][701:]], pairs[-1][1])]  # in its middle
    for target in (pairs, changed, changed[:-1]):
        assert steps_of(tmp_path, target, size="tiny")[0] == 1


def test_a_file_that_was_changed_begins_anew(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    values = make_values(tmp_path)
    pairs = list(zip(values["image"], values["scalar"], strict=True))
    assert steps_of(tmp_path / "fit", pairs, size="tiny")[0] == 1
    image.write(np.zeros((20, 20, 3), np.uint8), Path(values["image"][3]))
    assert steps_of(tmp_path / "fit", pairs, size="tiny")[0] == 1


def test_another_size_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes follow from the machine, so the same command may come to another one elsewhere."""
    pairs = [(float(n), float(2 * n)) for n in range(60)]
    for size in ("tiny", "small"):
        monkeypatch.setattr(fit, "size_name", lambda *_, size=size: size)
        assert steps_of(tmp_path, pairs)[0] == 1
