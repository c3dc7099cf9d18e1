"""The loop: it goes on from where it was stopped as if it had not been."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from training.tiny import config, write_examples
from walkiosk.modality.text import of_bytes
from walkiosk.model.examples import Feed
from walkiosk.model.ports import LATER
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import Run, TrainConfig

VOCABULARY = of_bytes()
STEPS = 6


def run(folder: Path, steps: int = STEPS, skills: Sequence[str] = ("read", "heard")) -> Run:
    torch.manual_seed(1)
    train = TrainConfig(
        1, dict.fromkeys(skills, 1.0), budget=150, batches_a_step=2, sampled_tokens=50, warmup_steps=2, steps=steps
    )
    return Run(SequenceModel(config(VOCABULARY)), train, folder)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    write_examples(tmp_path / "packed", VOCABULARY)
    return tmp_path / "packed"


def test_resumed_equals_uninterrupted(packed: Path, tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    whole.train(packed)
    first = run(tmp_path / "parts")
    first.train(packed, until=3)
    assert first.step == 3
    rest = run(tmp_path / "parts")
    torch.rand(5)  # other draws in between change nothing
    assert rest.resume()
    rest.train(packed)
    assert rest.step == whole.step == STEPS
    for name, value in whole.model.state_dict().items():
        torch.testing.assert_close(rest.model.state_dict()[name], value, rtol=0, atol=0, msg=name)
    losses = [(tmp_path / name / "log.csv").read_text().splitlines() for name in ("whole", "parts")]
    assert [line.split(",")[2:] for line in losses[0]] == [line.split(",")[2:] for line in losses[1]]


def test_what_rests_stays_and_what_learns_moves(packed: Path, tmp_path: Path) -> None:
    trained = run(tmp_path / "run")
    before = {name: value.clone() for name, value in trained.model.state_dict().items()}
    trained.train(packed)
    still = {name for name, value in trained.model.state_dict().items() if torch.equal(value, before[name])}
    assert {name for name in before if name.startswith(LATER)} < still
    assert "trunk.decoder.layers.0.mlp_in.weight" not in still and "ports.text.own" not in still


@pytest.mark.parametrize(
    ("skill", "moved", "untouched"), [("read", "reader", "decoder"), ("heard", "decoder", "reader")]
)
def test_what_one_expert_learns_costs_the_other_nothing(
    packed: Path, tmp_path: Path, skill: str, moved: str, untouched: str
) -> None:
    trained = run(tmp_path / "run", skills=[skill])
    before = {name: value.clone() for name, value in trained.model.state_dict().items()}
    trained.train(packed)
    changed = {name for name, value in trained.model.state_dict().items() if not torch.equal(value, before[name])}
    assert any(name.startswith(f"trunk.{moved}.") for name in changed)
    assert not any(name.startswith(f"trunk.{untouched}.") for name in changed)
    assert any(name.startswith("trunk.encoder.") for name in changed) == (skill == "heard")


def test_what_is_kept_is_the_mean_of_the_last_steps(packed: Path, tmp_path: Path) -> None:
    trained = run(tmp_path / "run")
    name = "trunk.reader.layers.0.mlp_in.weight"
    passed = []
    for step in range(1, STEPS + 1):
        trained.train(packed, until=step)
        passed.append(trained.moving[name].detach().clone())
    torch.testing.assert_close(trained.average[name], torch.stack(passed).mean(0))
    assert not torch.equal(trained.average[name], passed[-1])
    kept = torch.load(trained.checkpoint, weights_only=True)
    torch.testing.assert_close(kept["average"][name], trained.average[name])


def test_a_skill_weighs_what_the_mixture_says(packed: Path, tmp_path: Path) -> None:
    """Not what its batches happen to have: the weights of a skill's batches are one a batch in the mean."""
    trained = run(tmp_path / "run")
    feeds = trained.feeds(packed)
    weights: dict[str, list[float]] = {name: [] for name in feeds}
    for _ in range(60):
        batches = [(name, next(iter(feed))) for name, feed in feeds.items()]
        trained._weigh(batches)
        for name, batch in batches:
            weights[name].append(batch.judged / trained._usual[name])
    sizes = {name: trained._usual[name] for name in feeds}
    assert max(sizes.values()) > 1.2 * min(sizes.values())  # there is something to even out
    assert all(abs(sum(some[20:]) / len(some[20:]) - 1) < 0.15 for some in weights.values())


def test_weights_from_before_a_port_was_there_are_taken() -> None:
    model = SequenceModel(config(VOCABULARY))
    state = {name: value for name, value in model.state_dict().items() if not name.startswith(LATER)}
    model.load_state_dict(state)
    with pytest.raises(RuntimeError, match=r"decoder\.norm\.weight"):
        model.load_state_dict({name: value for name, value in state.items() if name != "trunk.decoder.norm.weight"})


def test_a_feed_goes_on_where_it_was(packed: Path) -> None:
    feed = Feed(packed / "read", 150)
    stream = iter(feed)
    for _ in range(7):
        next(stream)
    other = Feed(packed / "read", 150, seed=99)
    other.restore(feed.state())
    for mine, theirs in zip([next(stream) for _ in range(20)], other, strict=False):
        assert all(torch.equal(a[0], b[0]) for a, b in zip(mine.rows, theirs.rows, strict=True))


def test_unknown_keys_are_errors() -> None:
    with pytest.raises(TypeError, match="epochs"):
        TrainConfig(minutes=1, mixture={}, epochs=3)  # type: ignore[call-arg]


def test_nothing_packed_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "read").mkdir()
    with pytest.raises(FileNotFoundError, match="no packed examples"):
        next(iter(Feed(tmp_path / "read", 100)))
