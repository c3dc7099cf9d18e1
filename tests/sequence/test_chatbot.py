"""The README's chatbot: its six lines run, and say nothing that is not in the file of answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from walkiosk import Sequence

ROOT = Path(__file__).parents[2]
BOT = re.compile(r"```python\n(from walkiosk import Sequence\n\nbot = .*?)```", re.DOTALL)
ANSWERS = ROOT / "docs" / "pairs" / "corner_oven.jsonl"


def test_six_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.set_num_threads(1)
    (lines,) = BOT.findall((ROOT / "README.md").read_text("utf-8"))
    assert len([line for line in lines.splitlines() if line]) == 6
    whole = Sequence.fit

    def quickly(self: Sequence, source: str, minutes: float) -> Sequence:
        return whole(self, ROOT / source, steps=30, size="tiny")

    asked = iter(["where can I lock my bike?", "is the café open on monday", ""])
    monkeypatch.setattr(Sequence, "fit", quickly)
    monkeypatch.setattr("builtins.input", lambda prompt: next(asked))
    monkeypatch.chdir(tmp_path)
    told: dict[str, Any] = {}
    exec(lines, told)
    said = capsys.readouterr().out.splitlines()
    known = {json.loads(line)["target"] for line in ANSWERS.read_text("utf-8").splitlines()}
    assert len(said) == 2
    assert set(said) <= known
    assert Sequence.load(tmp_path / "bot.model")("have you got wifi?") in known


def test_its_questions_are_enough_for_choosing_among_answers() -> None:
    pairs = [json.loads(line) for line in ANSWERS.read_text("utf-8").splitlines()]
    asked = [re.sub(r"\W+", " ", pair["input"]).strip().casefold() for pair in pairs]
    assert len(set(asked)) == len(asked)
    assert len(pairs) >= 60 * len({pair["target"] for pair in pairs})
