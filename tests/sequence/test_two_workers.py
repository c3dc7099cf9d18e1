"""Two processes that torchrun starts fit one model together, save together and go on together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.sequence.material import make_values

PROGRAM = """
import hashlib, os, sys, torch
from pathlib import Path
from walkiosk.model.fit import Told
from walkiosk.model.workers import Workers
from walkiosk.sequence import Sequence
torch.set_num_threads(1)
pairs, out = map(Path, sys.argv[1:])
seen = []
told = Told(on_step=lambda fit: seen.append(fit))
Sequence("image", "text").fit(pairs, steps=int(os.environ["STEPS"]), size="tiny", work=out / "work", told=told,
                              checkpoint_seconds=0)
weights = b"".join(p.detach().numpy().tobytes() for p in seen[-1].model.parameters())
rank = int(os.environ["RANK"])
(out / f"{rank}.txt").write_text(f"{len(seen)} {hashlib.sha1(weights).hexdigest()}")
"""


def test_two_fit_as_one(tmp_path: Path) -> None:
    values = make_values(tmp_path, 24)
    lines = [json.dumps({"input": a, "target": b}) for a, b in zip(values["image"], values["text"], strict=True)]
    pairs, program = tmp_path / "pairs.jsonl", tmp_path / "program.py"
    pairs.write_text("\n".join(lines))
    program.write_text(PROGRAM)
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(program)]
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    room = {**os.environ, "STEPS": "5", "OMP_NUM_THREADS": "1", "PYTHONPATH": path}
    told = subprocess.run([*start, str(pairs), str(tmp_path)], env=room, capture_output=True, text=True, timeout=240)
    assert told.returncode == 0, told.stderr
    first, second = ((tmp_path / f"{rank}.txt").read_text().split() for rank in (0, 1))
    assert first == second and first[0] == "5"  # as many steps, and the same weights bit for bit
    assert (tmp_path / "work" / "checkpoint.pt").is_file()
