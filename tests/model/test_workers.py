"""Two workers move the weights as one process with both their batches would."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import distributed, multiprocessing

from training.tiny import config, write_examples
from walkiosk.modality.text import of_bytes
from walkiosk.model.examples import Batch, Feed
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import Run, TrainConfig
from walkiosk.model.workers import Workers

VOCABULARY = of_bytes()
RATE = 1e-3
STEPS = 3


def run(folder: Path, workers: Workers) -> Run:
    torch.manual_seed(1)
    train = TrainConfig(
        1, {"read": 1.0}, RATE, RATE, budget=150, batches_a_step=2, sampled_tokens=0, warmup_steps=1, steps=STEPS
    )
    made = Run(SequenceModel(config(VOCABULARY)), train, folder, workers=workers)
    made.half = False  # so that what is compared is the sum and not its rounding
    return made


def batches(packed: Path) -> list[Batch]:
    stream = iter(Feed(packed / "read", 150))
    return [next(stream) for _ in range(2 * STEPS)]


def as_one_of_two(rank: int, folder: Path, packed: Path) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    part = run(folder / "together", Workers(rank, 2))
    for batch in batches(packed)[rank::2]:
        part.one_step([("read", batch)])
    torch.save(part.model.state_dict(), folder / f"{rank}.pt")
    part = run(folder / "trained", Workers(rank, 2))
    part.train(packed)
    again = run(folder / "trained", Workers(rank, 2))
    assert again.resume() and again.step == STEPS
    torch.save(part.model.state_dict(), folder / f"trained{rank}.pt")
    distributed.destroy_process_group()


def test_two_move_as_one(tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    write_examples(packed, VOCABULARY)
    alone = run(tmp_path / "alone", Workers())
    given = batches(packed)
    for step in range(STEPS):
        alone.one_step([("read", given[2 * step]), ("read", given[2 * step + 1])])
    multiprocessing.spawn(as_one_of_two, (tmp_path, packed), nprocs=2)
    for name, value in alone.model.state_dict().items():
        for rank in range(2):
            found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)[name]
            torch.testing.assert_close(found, value, rtol=0, atol=RATE / 10, msg=name)
    first, second = (torch.load(tmp_path / f"trained{rank}.pt", weights_only=True) for rank in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert (tmp_path / "trained" / "log.csv").read_text().count("\n") == STEPS  # the first worker's batches


def test_batches_that_do_not_divide_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 batches a step do not divide by 3 workers"):
        run(tmp_path, Workers(0, 3))
