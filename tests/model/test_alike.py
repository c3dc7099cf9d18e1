"""Examples that are compared instead of written: packed, met as they were packed, drawn together by the loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.tiny import TINY, config
from walkiosk.engine import Engine
from walkiosk.modality.text import of_bytes
from walkiosk.model.examples import COMPARED, Example, Feed, collate, read_shard, write_shard
from walkiosk.model.export import load
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import Run, TrainConfig, contrast, follow, loss_of

VOCABULARY = of_bytes()
PAIRS = [([7, 8, 9], (1,)), ([9, 8, 7, 6], (1, 2)), ([4], (2,)), ([5, 5], (3,))]


def examples(times: int = 1) -> list[Example]:
    return [Example(prefix, [0], alike=numbers) for _ in range(times) for prefix, numbers in PAIRS]


def test_numbers_come_back_from_a_shard_and_stay_with_their_rows(tmp_path: Path) -> None:
    write_shard(tmp_path / "0.npz", examples())
    read = read_shard(tmp_path / "0.npz")
    assert [example.alike for example in read] == [numbers for _, numbers in PAIRS]
    batch = collate(read, rows_together=2)
    rows = [tokens[targets.ge(0).cumsum(0) == 0] for tokens, targets in batch.rows]
    assert len(rows) == 2 and batch.judged == 4
    by_length = sorted(PAIRS, key=lambda pair: len(pair[0]))
    assert batch.alike == tuple(numbers for _, numbers in by_length)
    lasts = [int(t) for tokens, targets in batch.rows for t in tokens[targets >= 0]]
    assert lasts == [prefix[-1] for prefix, _ in by_length]


def test_neighbours_meet_in_a_batch_of_twice_the_positions(tmp_path: Path) -> None:
    write_shard(tmp_path / "0.npz", [Example([number] * 5, [0], alike=(number,)) for number in range(40)])
    feed = iter(Feed(tmp_path, budget=20))
    batches = [next(feed) for _ in range(5)]
    assert [batch.judged for batch in batches] == [20 * COMPARED // 5] * 5
    together = [sorted(number for row in batch.alike for number in row) for batch in batches]
    assert sorted(together) == [list(range(at, at + 8)) for at in range(0, 40, 8)]


def test_the_loss_is_that_of_finding_who_says_the_same() -> None:
    states = torch.tensor([[2.0, 0], [1, 0], [0, 3], [0, -1]])
    right = contrast(states, [(1,), (1,), (2,), (3,)])
    wrong = contrast(states, [(1,), (2,), (1,), (3,)])
    assert float(right) < 1e-3 and float(wrong) > 10
    assert float(contrast(states, [(1, 5), (5,), (2,), (3,)])) == pytest.approx(float(right))
    assert float(contrast(states, [(1,), (2,), (3,), (4,)])) == 0  # nobody to be found


def test_one_target_for_what_is_compared() -> None:
    with pytest.raises(ValueError, match="a target of 2 tokens"):
        Example([1], [2, 3], alike=(1,))


def test_a_run_draws_together_what_says_the_same(tmp_path: Path) -> None:
    write_shard(tmp_path / "packed" / "alike" / "0.npz", examples(4))
    torch.manual_seed(0)
    model = SequenceModel(config(VOCABULARY))
    batch = collate(examples(4))
    before = float(loss_of(model, batch, None).detach())
    train = TrainConfig(1, {"alike": 1.0}, 3e-3, budget=200, batches_a_step=1, warmup_steps=2, steps=12)
    run = Run(model, train, tmp_path / "run")
    run.train(tmp_path / "packed")
    assert float(loss_of(run.model, batch, None).detach()) < before


@torch.no_grad()
def test_the_engine_holds_what_torch_holds() -> None:
    engine, model = Engine(TINY, threads=1), load(TINY).eval()
    texts = [[65, 66, 67], [70], [67, 66, 65], [80, 81]]
    held = engine.hold(texts)
    for tokens, state in zip(texts, held, strict=True):
        expected = model.read(torch.tensor([tokens]))[0][0, -1]
        assert torch.nn.functional.cosine_similarity(torch.from_numpy(state), expected, dim=0) > 0.98
    for wrong in ([], [1] * (engine.places + 1)):
        with pytest.raises(ValueError, match="the decoder has"):
            engine.hold([wrong])


def taught(times: int = 1) -> list[Example]:
    """Texts whose teacher's vectors are the same for the first two and square to those for the third."""
    ways = np.eye(config(VOCABULARY).width, dtype=np.float16)
    rows = (([3, 4, 5], ways[0]), ([6, 7], ways[0]), ([8, 9, 3, 4], ways[1]))
    return [Example(prefix, [0], meant=meant) for _ in range(times) for prefix, meant in rows]


def test_a_teachers_vectors_are_kept_beside_their_texts(tmp_path: Path) -> None:
    write_shard(tmp_path / "0.npz", taught())
    batch = collate(read_shard(tmp_path / "0.npz"))
    assert batch.meant is not None and not batch.alike
    shortest_first = [example.meant for example in sorted(taught(), key=lambda each: len(each.prefix))]
    assert torch.equal(batch.meant, torch.from_numpy(np.stack(shortest_first).astype(np.float32)))  # type: ignore[arg-type]


def test_following_a_teacher_is_to_point_where_it_does() -> None:
    meant = torch.eye(4)
    assert float(follow(7 * meant, meant)) == pytest.approx(0, abs=1e-4)  # however long the states are
    turned = meant[[1, 0, 2, 3]]
    assert float(follow(turned, meant)) > float(follow(meant + turned, meant)) > 1


def test_a_model_learns_what_its_teacher_says(tmp_path: Path) -> None:
    write_shard(tmp_path / "packed" / "meaning" / "0.npz", taught(4))
    torch.manual_seed(0)
    model = SequenceModel(config(VOCABULARY))
    train = TrainConfig(1, {"meaning": 1.0}, 3e-3, budget=200, batches_a_step=1, warmup_steps=2, steps=20)
    before = float(loss_of(model, collate(taught()), None).detach())
    run = Run(model, train, tmp_path / "run")
    run.train(tmp_path / "packed")
    assert float(loss_of(run.model, collate(taught()), None).detach()) < 0.5 * before
