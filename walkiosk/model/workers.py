"""Processes that move one set of weights together, each on its part of a step's batches (started by `torchrun`)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed


@dataclass(frozen=True)
class Workers:
    """This process among ``count``; the default is one alone, for which nothing is exchanged."""

    rank: int = 0
    count: int = 1

    @classmethod
    def join(cls) -> Workers:
        """Join those that `torchrun` started beside this process, if it did."""
        if "WORLD_SIZE" not in os.environ:
            return cls()
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        return cls(distributed.get_rank(), distributed.get_world_size())

    @property
    def first(self) -> bool:
        return self.rank == 0

    def sums(self, *numbers: float) -> list[float]:
        """Return each number's sum over the workers."""
        if self.count == 1:
            return list(numbers)
        summed = torch.tensor(numbers, dtype=torch.float64)
        self._add(summed)
        return summed.tolist()

    def add_gradients(self, parameters: Sequence[Tensor]) -> None:
        """Sum the gradients over the workers; a parameter that no worker's batch touched keeps none."""
        if self.count == 1:
            return
        touched = torch.tensor([float(p.grad is not None) for p in parameters])
        self._add(touched)
        moving = [p for p, count in zip(parameters, touched.tolist(), strict=True) if count]
        for parameter in moving:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        grads = [p.grad for p in moving if p.grad is not None]
        flat = torch.cat([grad.reshape(-1) for grad in grads])
        self._add(flat)
        for grad, part in zip(grads, torch.split(flat, [grad.numel() for grad in grads]), strict=True):
            grad.copy_(part.view_as(grad))

    def gathered(self, mine: Any) -> list[Any]:
        """Return what each worker brings, in the order of their ranks."""
        if self.count == 1:
            return [mine]
        found: list[Any] = [None] * self.count
        distributed.all_gather_object(found, mine)
        return found

    def _add(self, numbers: Tensor) -> None:
        if torch.cuda.is_available() and not numbers.is_cuda:
            there = numbers.cuda()
            distributed.all_reduce(there)
            numbers.copy_(there)
        else:
            distributed.all_reduce(numbers)
