"""One fit: packed pairs → weights. A visible loop that goes on after a kill, to the same weights, bit for bit."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from walkiosk.model.packing import Pack
from walkiosk.model.pairs import PairBatch, batch_of, judged_pairs, loss_of_pairs
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import multiplies_bf16
from walkiosk.model.workers import Workers
from walkiosk.pairing import Pairing

TIMED = (5, 25)  # steps whose time says how many fit into the minutes
LOOKS = 40  # at what is held back for validation, over the whole schedule
LOOKED_AT = 512  # pairs
NEVER = 10**9
AVERAGED_SHARE = 30  # the mean reaches back over a thirtieth of the schedule
FRESH_RATE = 5.0  # times the rate of what begins from nothing
SMOOTHING = 0.1  # of a text's labels
BUCKETS = 30  # batches that are sorted by length together


@dataclass(frozen=True)
class FitConfig:
    """How a fit goes; what is None follows from the data and the machine."""

    minutes: float = 10.0  # of training; reading and judging come on top
    steps: int | None = None  # instead of minutes
    rate: float = 1e-3
    fresh: frozenset[str] = frozenset()  # parameters that begin from nothing in weights that do not: they move faster
    weight_decay: float = 0.02
    warmup: float = 0.05  # of the schedule
    budget: int = 2_000  # positions of a batch; larger ones learned less in the same time
    most_rows: int = 128  # of a batch
    patience: int = 10  # looks without a better one
    averaged: int = 50  # the weights that are kept are the mean of about the last so many steps', fewer in a short fit
    clip: float = 1.0
    seed: int = 0
    checkpoint_seconds: float = 60.0  # of training between two of them


@dataclass(frozen=True)
class Look:
    """One point of the learning curve: mean losses, of texts beside them the share of tokens that are missed.

    What is written is the likeliest token, which goes on getting better when the loss already grows by being too sure.
    """

    step: int
    seconds: float
    training: float
    validation: float
    missed: float | None = None

    @property
    def judged(self) -> tuple[float, float]:
        """By what looks are compared; less is better."""
        return self.missed or 0.0, self.validation


@dataclass
class Fit:
    """A fit in a folder: packed pairs, and `checkpoint.pt` to go on from."""

    model: SequenceModel
    pairing: Pairing
    config: FitConfig
    folder: Path
    fingerprint: str  # of data and settings: another one's checkpoint is not gone on from
    workers: Workers = field(default_factory=Workers)
    device: torch.device = field(default_factory=lambda: torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    step: int = 0
    total: int = NEVER
    seconds: float = 0.0
    looks: list[Look] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.training, self.validation = Pack(self.folder / "training"), Pack(self.folder / "validation")
        self.model.to(self.device)
        self.optimizer = torch.optim.AdamW(_groups(self.model, self.config), betas=(0.9, 0.98), eps=1e-7)
        self.moving = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        self.average = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.best: dict[str, Tensor] = {}
        self.half = self.device.type == "cuda" or multiplies_bf16()
        self.total = self.config.steps or NEVER
        self._timed: list[float] = []
        self._lately: list[float] = []
        self._stopping = False
        classes = self.pairing.classes or None
        self._among = None if classes is None else torch.tensor(classes, device=self.device)
        torch.manual_seed(self.config.seed + self.workers.rank)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    @property
    def worse(self) -> int:
        """Looks since the last one that was the best, or that had the least loss."""
        if not self.looks:
            return 0
        best = min(self.looks, key=lambda look: look.judged)
        least = min(self.looks, key=lambda look: look.validation)
        return len(self.looks) - 1 - max(self.looks.index(best), self.looks.index(least))

    @property
    def gave_up(self) -> bool:
        """Whether what is held back gained nothing for too long."""
        return self.worse >= self.config.patience

    @property
    def done(self) -> bool:
        return self.step >= self.total or self.gave_up

    def resume(self) -> bool:
        """Go on from the folder's checkpoint; returns False when there is none of the same data and settings."""
        if not self.checkpoint.is_file():
            return False
        kept = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        if kept["fingerprint"] != self.fingerprint:
            return False
        self.model.load_state_dict(kept["model"])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.average, self.best = kept["average"], kept["best"]
        self.step, self.total, self.seconds = kept["step"], kept["total"], kept["seconds"]
        self.looks = [Look(*look) for look in kept["looks"]]
        self._timed, self._lately = kept["timed"], kept["lately"]
        torch.set_rng_state(kept["random"][self.workers.rank].cpu())
        return True

    def save(self) -> None:
        """Keep all that an uninterrupted fit would have had at this step."""
        random = self.workers.gathered(torch.get_rng_state())
        if self.workers.first:
            kept = {
                "fingerprint": self.fingerprint,
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.average,
                "best": self.best,
                "step": self.step,
                "total": self.total,
                "seconds": self.seconds,
                "looks": [list(astuple(look)) for look in self.looks],
                "timed": self._timed,
                "lately": self._lately,
                "random": random,
            }
            partial = self.checkpoint.with_suffix(".partial")
            torch.save(kept, partial)
            partial.replace(self.checkpoint)

    def run(self, on_step: Callable[[Fit], None] = lambda fit: None) -> None:
        """Train to the schedule's end or until what is held back no longer gains, and take the best weights."""
        main = threading.current_thread() is threading.main_thread()  # the only one that may take signals
        signals = (signal.SIGTERM, signal.SIGINT) if main else ()
        usual = [(number, signal.signal(number, self._stop)) for number in signals]
        saved, batches = self.seconds, self._batches()
        try:
            while not self.done:
                began = time.monotonic()
                self._lately.append(self._one_step(next(batches)))
                # all workers count the same time and the same stops, or one of them would save alone
                taken, stops = self.workers.sums((time.monotonic() - began) / self.workers.count, self._stopping)
                self._look_at_times(taken)
                if self._looks_now():
                    self._look()
                on_step(self)
                if stops or self.seconds - saved > self.config.checkpoint_seconds:
                    self.save()
                    saved = self.seconds
                if stops:
                    raise KeyboardInterrupt
        finally:
            for number, handler in usual:
                signal.signal(number, handler)
        self.save()
        self.model.load_state_dict(self.best or self.average)
        self.model.eval()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _look_at_times(self, seconds: float) -> None:
        """Find out how many steps the minutes have room for; the slowest tenth of the first ones is not typical."""
        self.seconds += seconds
        if self.total != NEVER:
            return
        self._timed.append(seconds)
        if len(self._timed) >= TIMED[1]:
            usual = sorted(self._timed[TIMED[0] :])[: -max(1, (TIMED[1] - TIMED[0]) // 10)]
            self.total = max(TIMED[1] + 1, int(60 * self.config.minutes * len(usual) / sum(usual)))

    def _looks_now(self) -> bool:
        every = max(1, self.total // LOOKS) if self.total != NEVER else NEVER
        return self.step % every == 0 or self.step >= self.total

    def _rate(self) -> float:
        """The share of the peak learning rate: linear warm-up, then half a cosine."""
        if self.total == NEVER:
            return min(1.0, (self.step + 1) / 100)
        warmup = max(20.0, self.config.warmup * self.total)
        done = min(1.0, self.step / self.total)
        return min(1.0, (self.step + 1) / warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))

    def _one_step(self, batch: PairBatch) -> float:
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * self._rate()
        loss = self._loss(batch)
        (loss / self.workers.count).backward()  # type: ignore[no-untyped-call]
        moving = list(self.moving.values())
        self.workers.add_gradients(moving)
        torch.nn.utils.clip_grad_norm_([p for p in moving if p.grad is not None], self.config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self._average()
        return float(loss.detach())

    def _average(self) -> None:
        """Move the mean towards the weights (Izmailov et al., 2018); the counts of norms are taken as they are."""
        reach = AVERAGED_SHARE / self.total if self.total != NEVER else 0.05
        share = min(1.0, max(1 / self.step, 1 / self.config.averaged, reach))
        now = {name: value.detach() for name, value in self.model.state_dict().items()}
        moving = [name for name, value in now.items() if value.is_floating_point()]
        torch._foreach_lerp_([self.average[name] for name in moving], [now[name] for name in moving], share)
        for name in now.keys() - set(moving):
            self.average[name].copy_(now[name])

    def _halved(self) -> torch.autocast:
        """What is multiplied in here is multiplied in 16 bits, where the machine does so."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.half)

    def _loss(self, batch: PairBatch) -> Tensor:
        with self._halved():
            return loss_of_pairs(self.model, batch.to(self.device), self.pairing.writes, self._among, SMOOTHING)

    @torch.no_grad()
    def _look(self) -> None:
        """Judge the averaged weights by what is held back; every worker looks, the first one's finding counts."""
        now = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        self.model.eval()
        random = torch.get_rng_state()
        numbers = np.arange(min(len(self.validation), LOOKED_AT))
        summed = counted = 0.0
        missed: float | None = None
        for rows in _batches_of(numbers, self.validation, self.config):
            batch = batch_of(self.pairing, [self.validation[row] for row in rows])
            with self._halved():
                loss, wrong = judged_pairs(self.model, batch.to(self.device), self.pairing.writes, self._among)
            count = int(batch.target_lengths.sum())
            summed, counted = summed + float(loss) * count, counted + count
            missed = None if wrong is None else (missed or 0.0) + int(wrong)
        share = None if missed is None else missed / counted
        validation, share = self.workers.gathered((summed / counted, share))[0]
        look = Look(self.step, self.seconds, float(np.mean(self._lately)), validation, share)
        if all(look.judged < other.judged for other in self.looks):
            self.best = {name: value.clone() for name, value in self.average.items()}
        self.looks.append(look)
        self._lately = []
        self.model.load_state_dict(now)
        torch.set_rng_state(random)

    def _batches(self) -> Iterator[PairBatch]:
        """This worker's batches from the step on, epoch after epoch; their order depends on seed and epoch alone."""
        passed, epoch = 0, 0
        while True:
            draw = np.random.default_rng((self.config.seed, epoch))
            order = draw.permutation(len(self.training))
            batches = _batches_of(order, self.training, self.config)
            draw.shuffle(batches)
            mine = batches[self.workers.rank :: self.workers.count]
            mine = mine[: len(batches) // self.workers.count] or mine[:1] or batches[:1]
            for rows in mine:
                if passed >= self.step:
                    yield batch_of(self.pairing, [self.training[row] for row in rows])
                passed += 1
            epoch += 1


def usual_rows(pack: Pack, config: FitConfig) -> int:
    """How many pairs a batch has about."""
    mean = float((pack.decoded + pack.heard).mean())
    return max(1, min(config.most_rows, int(config.budget / max(1.0, mean))))


def _batches_of(order: NDArray[np.int64], pack: Pack, config: FitConfig) -> list[NDArray[np.int64]]:
    """Cut ``order`` into batches of like length within the budget of positions."""
    lengths = pack.decoded + pack.heard
    found: list[NDArray[np.int64]] = []
    usual = usual_rows(pack, config)
    for at in range(0, len(order), usual * BUCKETS):
        bunch = order[at : at + usual * BUCKETS]
        bunch = bunch[np.argsort(lengths[bunch], kind="stable")]
        first = 0
        while first < len(bunch):
            behind = first + 1
            while (
                behind < len(bunch)
                and behind - first < config.most_rows
                and (behind - first + 1) * lengths[bunch[behind]] <= config.budget
            ):
                behind += 1
            found.append(bunch[first:behind])
            first = behind
    return found


def _groups(model: SequenceModel, config: FitConfig) -> list[dict[str, Any]]:
    """What moves: matrices with decay; norms, tables and places without."""
    plain = ("places", "codes", "tokens", "own", "part.", "modality")
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay = 0.0 if parameter.dim() < 2 or any(word in name for word in plain) else config.weight_decay
            rate = FRESH_RATE * config.rate if name in config.fresh else config.rate
            groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": ps, "lr": rate, "peak": rate, "weight_decay": decay} for (rate, decay), ps in groups.items()]
