"""A fit that was killed goes on to the same model, bit for bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.sequence.material import make_values
from walkiosk.model.fit import Told
from walkiosk.model.fitting import Fit
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


def test_other_data_begins_anew(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    pairs = [(float(n), float(2 * n)) for n in range(60)]
    begun: list[int] = []

    def note(fit: Fit) -> None:
        begun.append(fit.step)

    for target in (pairs, pairs[:-1]):
        Sequence("scalar", "scalar").fit(target, steps=6, size="tiny", work=tmp_path, told=Told(on_step=note))
    assert begun.count(1) == 2
