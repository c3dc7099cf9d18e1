"""A target that serving chooses among a few tokens is judged among those."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from walkiosk.modality.text import of_bytes
from walkiosk.model.examples import Example, collate, read_shard, write_shard
from walkiosk.model.ports.text import TextPort
from walkiosk.model.trunk import TrunkConfig

CONFIG = TrunkConfig(16, 2, 1, 1, vocabulary=of_bytes().size - 64)


def test_choices_come_back_from_a_shard_and_stay_with_their_tokens(tmp_path: Path) -> None:
    made = [
        Example([1, 2], [~7, 8, 9], (5,), None, [(), (8, 11), ()]),
        Example([1], [4], (5,)),
    ]
    write_shard(tmp_path / "0.npz", made)
    read = read_shard(tmp_path / "0.npz")
    assert [list(map(tuple, example.choices)) for example in read] == [[(), (8, 11), ()], [()]]
    batch = collate(read)
    judged = [int(t) for _, targets in batch.rows for t in targets.flatten() if t >= 0]
    choices = [tuple(tokens) for part in batch.choices for tokens in part]
    assert dict(zip(judged, choices, strict=True)) == {8: (8, 11), 9: (), 4: ()}


def test_as_many_choices_as_tokens() -> None:
    with pytest.raises(ValueError, match="1 choices for 2 tokens"):
        Example([1], [2, 3], choices=[(2, 3)])
    with pytest.raises(ValueError, match="nothing of the target is judged"):
        Example([1], [~2, ~3])


@torch.no_grad()
def test_the_loss_is_that_of_the_choice() -> None:
    torch.manual_seed(0)
    port = TextPort(CONFIG)
    states, targets = torch.randn(3, 16), torch.tensor([8, 9, 4])
    found = port.loss(states, targets, None, [(8, 11), (), ()])
    logits = port.head(states)
    narrow = torch.logsumexp(logits[0, [8, 11]], 0) - logits[0, 8]
    assert float(port.loss(states[:1], targets[:1], 0, [(8, 11)])) == pytest.approx(float(narrow), abs=1e-5)
    assert float(found) < float(port.loss(states, targets))
