"""Training: one visible loop over a mixture of skills."""

from __future__ import annotations

import csv
import math
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from walkiosk.model.examples import Batch, Feed
from walkiosk.model.ports import LATER
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import TrunkConfig
from walkiosk.model.workers import Workers

TEMPERATURE = 0.05  # of cosines, where texts are compared
POINTS = 8.0  # how heavy it is to point where the teacher does, beside telling texts apart as it does


@dataclass(frozen=True)
class TrainConfig:
    """How a run goes; the defaults suit two cores."""

    minutes: float  # the schedule runs over this time
    mixture: dict[str, float]  # folder of packed examples → share of the batches, and of the loss
    learning_rate: float = 2e-4  # decoder and ports; AdamW
    encoder_rate: float = 2e-5  # what hears is already good
    warmup_steps: int = 60
    budget: int = 1_500  # positions a batch
    batches_a_step: int = 3  # of all workers together
    sampled_tokens: int = 3_000  # of the vocabulary, in the softmax of a step
    weight_decay: float = 0.01
    clip: float = 1.0  # gradient norm
    averaged_steps: int = 100  # what is exported is the mean of about the last so many steps' weights
    checkpoint_minutes: float = 4.0
    seed: int = 0
    freeze: tuple[str, ...] = ("ports.text.tokens", *LATER)
    steps: int | None = None  # the schedule runs over so many steps instead, whatever time they take


def multiplies_bf16() -> bool:
    """Whether this processor multiplies bf16 by itself; where it does not, that is three times slower than fp32."""
    ask = getattr(torch.cpu, "get_capabilities", dict)  # older versions cannot say: fp32 is right everywhere
    known: Mapping[str, Any] = ask()
    return any(known.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def loss_of(model: SequenceModel, batch: Batch, sample: int | None) -> Tensor:
    """Return the mean loss of the batch's targets."""
    past = None if batch.shared is None else model.read(batch.shared)[1]
    perceived = None
    if batch.frames is not None:
        perceived = model.trunk.perceive(model.hear(batch.frames, batch.heard))
    states, targets = [], []
    for tokens, wanted in batch.rows:
        out, _ = model.read(tokens, past, perceived, batch.heard)
        states.append(out[wanted >= 0])
        targets.append(wanted[wanted >= 0])
    if batch.alike:
        return contrast(torch.cat(states), batch.alike)
    if batch.meant is not None:
        return follow(torch.cat(states), batch.meant)
    choices = [tokens for part in batch.choices for tokens in part]
    return model.text.loss(torch.cat(states), torch.cat(targets), sample, choices)


def contrast(states: Tensor, alike: Sequence[tuple[int, ...]]) -> Tensor:
    """Mean loss of finding, by cosine, the rows of ``states`` (N D) that share a number with a row.

    Rows that share none with any other only stand in the way (InfoNCE, van den Oord et al., 2018; several positives as
    in Khosla et al., 2020, "Supervised contrastive learning", L_out).
    """
    numbers = {number: place for place, number in enumerate(dict.fromkeys(n for row in alike for n in row))}
    says = torch.zeros(len(alike), len(numbers), device=states.device)
    for row, found in enumerate(alike):
        says[row, [numbers[number] for number in found]] = 1
    itself = torch.eye(len(alike), dtype=torch.bool, device=states.device)
    positive = ((says @ says.T) > 0) & ~itself
    with torch.autocast(states.device.type, enabled=False):  # a cosine of 0.9 in bf16 is off by a tenth of a nat
        unit = torch.nn.functional.normalize(states.float(), dim=1)
        scores = (unit @ unit.T / TEMPERATURE).masked_fill(itself, float("-inf"))
    logs = scores.log_softmax(dim=1).masked_fill(itself, 0)
    some = positive.sum(dim=1).clamp(min=1)
    losses = -(logs * positive).sum(dim=1) / some
    return losses.sum() / positive.any(dim=1).sum().clamp(min=1)


def follow(states: Tensor, meant: Tensor) -> Tensor:
    """Mean loss of saying with ``states`` (N D) what a teacher's vectors ``meant`` (N D) say.

    Each is to point where its own does (as in Reimers and Gurevych, 2020, "Making monolingual sentence embeddings
    multilingual using knowledge distillation"), and to be as near to the others' as its own is.
    """
    with torch.autocast(states.device.type, enabled=False):
        said = torch.nn.functional.normalize(states.float(), dim=1)
        wanted = torch.nn.functional.normalize(meant.float(), dim=1)
        near = (wanted @ wanted.T / TEMPERATURE).softmax(dim=1)
        found = (said @ wanted.T / TEMPERATURE).log_softmax(dim=1)
        apart = torch.nn.functional.kl_div(found, near, reduction="batchmean")
        return apart + POINTS * (1 - (said * wanted).sum(dim=1)).mean()


def parameter_groups(model: SequenceModel, config: TrainConfig) -> list[dict[str, object]]:
    """Group what moves: the hearing side slowly, norms and tables without decay."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.startswith(config.freeze))
        if not parameter.requires_grad:
            continue
        hearing = name.startswith(("trunk.encoder", "trunk.decoder", "ports.audio"))
        decay = config.weight_decay if parameter.dim() > 1 and "places" not in name else 0.0
        groups.setdefault((config.encoder_rate if hearing else config.learning_rate, decay), []).append(parameter)
    return [{"params": ps, "lr": rate, "peak": rate, "weight_decay": decay} for (rate, decay), ps in groups.items()]


def averaged(kept: Mapping[str, Any]) -> SequenceModel:
    """Return the model of a run's checkpoint, its weights the mean of the last steps'."""
    model = SequenceModel(TrunkConfig())
    model.load_state_dict(_of_today(model, {**kept["model"], **kept["average"]}))
    return model


def _of_today(model: SequenceModel, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Without the ports of older code that nothing was learned with: they have changed their shape since."""
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    return {name: x for name, x in state.items() if not name.startswith(LATER) or shapes.get(name) == x.shape}


@dataclass
class Run:
    """A training run in a folder: `log.csv` (to be plotted) and `checkpoint.pt` (to go on from).

    ``workers`` are the processes that take it together; the log shows the first one's batches.
    """

    model: SequenceModel
    config: TrainConfig
    folder: Path
    step: int = 0
    seconds: float = 0.0
    device: torch.device = field(default_factory=lambda: torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    workers: Workers = field(default_factory=Workers)

    def __post_init__(self) -> None:
        if self.config.batches_a_step % self.workers.count:
            raise ValueError(
                f"{self.config.batches_a_step} batches a step do not divide by {self.workers.count} workers"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.model.to(self.device).train()
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.model, self.config), betas=(0.9, 0.99), eps=1e-6, fused=True
        )
        self.moving = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        self.average = {name: p.detach().clone() for name, p in self.moving.items()}
        self.half = self.device.type == "cuda" or multiplies_bf16()
        seed = self.config.seed
        torch.manual_seed(seed)
        self._choose = np.random.default_rng(seed)
        self._given: dict[str, Any] = {}  # where each feed was left
        self._usual: dict[str, float] = {}  # judged tokens of a batch, by skill

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def resume(self) -> bool:
        """Go on from the folder's checkpoint; returns False when there is none."""
        if not self.checkpoint.is_file():
            return False
        kept = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(kept["model"])
        peaks = [group["peak"] for group in self.optimizer.param_groups]
        self.optimizer.load_state_dict(kept["optimizer"])
        for group, peak in zip(self.optimizer.param_groups, peaks, strict=True):
            group["peak"] = peak  # a run may go on with other rates
        self.step, self.seconds = kept["step"], kept["seconds"]
        self._usual = kept["usual"]
        for name, value in self.average.items():
            value.copy_(kept["average"].get(name, self.moving[name].detach()))
        self._choose.bit_generator.state = kept["choose"]
        if len(kept["workers"]) == self.workers.count:  # others read on from a place of their own
            mine = kept["workers"][self.workers.rank]
            self._given = mine["feeds"]
            torch.set_rng_state(mine["random"].cpu())
        return True

    def save(self, feeds: Mapping[str, Feed]) -> None:
        """Keep all that an uninterrupted run would have had at this step: weights, optimizer, dice and places read."""
        mine = {"feeds": {name: feed.state() for name, feed in feeds.items()}, "random": torch.get_rng_state()}
        workers = self.workers.gathered(mine)
        if self.workers.first:
            kept = {
                "model": self.model.state_dict(),
                "average": self.average,
                "usual": self._usual,
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "seconds": self.seconds,
                "choose": self._choose.bit_generator.state,
                "workers": workers,
            }
            partial = self.checkpoint.with_suffix(".partial")
            torch.save(kept, partial)
            partial.rename(self.checkpoint)
        self.workers.gathered(None)  # nobody looks for it before it is there

    @property
    def done(self) -> float:
        """The share of the schedule that is behind us."""
        if self.config.steps is not None:
            return min(1.0, self.step / self.config.steps)
        return min(1.0, self.seconds / (60 * self.config.minutes))

    def rate(self) -> float:
        """Return the share of the peak learning rate now: linear warm-up, then half a cosine over the schedule."""
        cosine = 0.5 * (1 + math.cos(math.pi * self.done))
        return min(1.0, (self.step + 1) / self.config.warmup_steps) * (0.03 + 0.97 * cosine)

    def feeds(self, packed: Path) -> dict[str, Feed]:
        """Return the mixture's feeds, each where the run left it; a run that kept no places draws anew."""
        found = {}
        rank, count = self.workers.rank, self.workers.count
        seed = (self.config.seed + self.step) * count + rank  # no two workers draw alike, even from the same shard
        for name in self.config.mixture:
            found[name] = Feed(packed / name, self.config.budget, seed, (rank, count))
            if name in self._given:
                found[name].restore(self._given[name])
        return found

    def train(self, packed: Path, until: int | None = None) -> None:
        """Train to the schedule's end (or to step ``until``), on the feeds under ``packed`` that the mixture names."""
        names, weights = list(self.config.mixture), np.array(list(self.config.mixture.values()))
        feeds = self.feeds(packed)
        batches: dict[str, Iterator[Batch]] = {name: iter(feed) for name, feed in feeds.items()}
        saved = self.seconds
        stopping: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))  # a stop loses nothing
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[loss]}"),
            TimeRemainingColumn(),
        )
        rank, count = self.workers.rank, self.workers.count
        written = self.folder / "log.csv" if self.workers.first else Path(os.devnull)
        with written.open("a", newline="") as file, Progress(*columns, disable=not self.workers.first) as progress:
            log = csv.writer(file)
            bar = progress.add_task("training", total=1.0, loss="")
            progress.update(bar, completed=self.done)
            stopped = 0.0
            while self.done < 1 and not stopped and (until is None or self.step < until):
                began = time.monotonic()
                choice = self._choose.choice(len(names), self.config.batches_a_step, p=weights / weights.sum())
                mine = choice[rank::count]
                losses = self.one_step([(names[i], next(batches[names[i]]).to(self.device)) for i in mine])
                taken, stopped = self.workers.sums((time.monotonic() - began) / count, len(stopping))
                self.seconds += taken
                for name, loss, judged in losses:
                    log.writerow([self.step, round(self.seconds, 1), name, round(loss, 4), judged])
                if self.step % 20 == 0:
                    file.flush()
                shown = " ".join(f"{name} {loss:.2f}" for name, loss, _ in losses)
                progress.update(bar, completed=self.done, loss=shown)
                if self.seconds - saved > 60 * self.config.checkpoint_minutes:
                    self.save(feeds)
                    saved = self.seconds
        self.save(feeds)

    def one_step(self, batches: list[tuple[str, Batch]]) -> list[tuple[str, float, int]]:
        """Move the weights once; returns (skill, loss, judged tokens) of each batch."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * self.rate()
        results = []
        self._weigh(batches)
        for name, batch in batches:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
                loss = loss_of(self.model, batch, self.config.sampled_tokens)
            weight = batch.judged / (self._usual[name] * self.config.batches_a_step)
            (loss * weight).backward()  # type: ignore[no-untyped-call]
            results.append((name, float(loss.detach()), batch.judged))
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        self.workers.add_gradients(parameters)
        torch.nn.utils.clip_grad_norm_([p for p in parameters if p.grad is not None], self.config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        # the mean of a moving point lies deeper than the point (Izmailov et al., 2018)
        share = 1 / min(self.step, self.config.averaged_steps)
        touched = [name for name, p in self.moving.items() if p in self.optimizer.state]
        torch._foreach_lerp_(
            [self.average[name] for name in touched], [self.moving[name].detach() for name in touched], share
        )
        return results

    def _weigh(self, batches: list[tuple[str, Batch]], memory: float = 0.95) -> None:
        """Learn how many tokens a skill's batches have: one whose batches have many must not drown the others."""
        names = sorted(self.config.mixture)
        mine = [[batch.judged for skill, batch in batches if skill == name] for name in names]
        sums = self.workers.sums(*map(sum, mine), *map(len, mine))
        for name, judged, count in zip(names, sums[: len(names)], sums[len(names) :], strict=True):
            if count:
                usual = self._usual.get(name, judged / count)
                self._usual[name] = memory * usual + (1 - memory) * judged / count
