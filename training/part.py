"""One loop for networks that are trained alone: a schedule, the mean of the last steps, a checkpoint to go on from."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor, nn

from training.paths import CACHE
from walkiosk.model.train import multiplies_bf16

AVERAGED = 150  # steps whose mean is exported
CHECKPOINT = 120  # seconds
Losses = Iterator[Callable[[], list[Tensor]]]  # each call computes the losses of one batch


def averaged(name: str) -> dict[str, Tensor]:
    """A run's weights, the mean of its last steps'."""
    kept = torch.load(CACHE / "runs" / name / "checkpoint.pt", weights_only=True)
    print(name, "step", kept["step"], round(kept["seconds"] / 60), "minutes")
    return {**kept["model"], **kept["average"]}


@dataclass(frozen=True)
class Schedule:
    """How a run goes; ``weights`` are those of its losses."""

    minutes: float
    rate: float
    weights: tuple[float, ...]
    warmup_steps: int = 300
    start: str | None = None  # a run to begin at


def train(part: nn.Module, losses: Losses, name: str, schedule: Schedule) -> None:
    """Train to the schedule's end, on from the run's checkpoint if it has one."""
    folder = CACHE / "runs" / name
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    if schedule.start and not checkpoint.is_file():
        part.load_state_dict(averaged(schedule.start))
    optimizer = torch.optim.AdamW(part.parameters(), schedule.rate, betas=(0.9, 0.98), eps=1e-7, fused=True)
    average = {name: p.detach().clone() for name, p in part.named_parameters()}
    step, seconds = 0, 0.0
    if checkpoint.is_file():
        kept = torch.load(checkpoint, weights_only=True)
        part.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        average, step, seconds = kept["average"], kept["step"], kept["seconds"]
    losses = chain([next(losses)], losses)  # the data is read before the clock starts
    half, saved = multiplies_bf16(), time.monotonic()
    written: list[list[float]] = []
    with (folder / "log.csv").open("a", newline="") as file:
        log = csv.writer(file)
        while (done := seconds / 60 / schedule.minutes) < 1:
            began = time.monotonic()
            cosine = 0.5 * (1 + math.cos(math.pi * done))
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate * min(1, (step + 1) / schedule.warmup_steps) * (0.03 + 0.97 * cosine)
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                found = next(losses)()
            total = torch.stack([w * loss for w, loss in zip(schedule.weights, found, strict=True)]).sum()
            total.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(part.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            moved = [p.detach() for p in part.parameters()]
            torch._foreach_lerp_(list(average.values()), moved, 1 / min(step, AVERAGED))
            seconds += time.monotonic() - began
            written.append([float(loss.detach()) for loss in found])
            if step % 20 == 0:
                means = [round(sum(column) / len(column), 4) for column in zip(*written, strict=True)]
                log.writerow([step, round(seconds), *means])
                file.flush()
                written = []
            if time.monotonic() - saved > CHECKPOINT or seconds / 60 >= schedule.minutes:
                kept = {"model": part.state_dict(), "average": average, "optimizer": optimizer.state_dict()}
                torch.save(kept | {"step": step, "seconds": seconds}, checkpoint.with_suffix(".partial"))
                checkpoint.with_suffix(".partial").rename(checkpoint)
                saved = time.monotonic()
