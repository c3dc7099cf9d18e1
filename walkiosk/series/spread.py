"""Where forecasts are made: in this process, or block by block on a Ray cluster, with the same function."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from walkiosk.skill.forecasting import Forecaster, History, Values, load

Block = Sequence[History]
Spread = Callable[
    [Iterable[Block], int], Iterator[list[Values]]
]  # blocks and horizon → the forecasts of each, in order

AHEAD = 2  # blocks that wait for each core of a cluster


class NoCluster(RuntimeError):
    """Ray is not installed, or no cluster answers."""


def here(forecast: Forecaster) -> Spread:
    """In this process."""

    def spread(blocks: Iterable[Block], horizon: int) -> Iterator[list[Values]]:
        for block in blocks:
            yield forecast(block, horizon)

    return spread


def forecast_block(histories: Block, horizon: int, weights: str | None) -> list[Values]:
    """What a worker of the cluster does; it loads the weights once."""
    return _forecaster(weights)(histories, horizon)


@cache
def _forecaster(weights: str | None) -> Forecaster:
    return load(Path(weights) if weights else None, threads=1)


def on_ray(address: str, weights: Path | None) -> Spread:
    """On the cluster at ``address`` ("auto", "ray://host:10001"; "local" starts one here), a core a block.

    ``weights`` is a folder that every worker has; without it they use their package's own. Raises `NoCluster`.
    """
    try:
        import ray
    except ImportError as error:
        raise NoCluster("--ray: Ray is not installed; pip install 'walkiosk[ray]'") from error
    try:
        ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, logging_level="error")
    except Exception as error:  # Ray raises this very class where a node does not start
        raise NoCluster(f"--ray: {address!r}: {str(error).splitlines()[0]}") from error
    task = ray.remote(num_cpus=1)(forecast_block)
    told = str(weights.resolve()) if weights else None

    def spread(blocks: Iterable[Block], horizon: int) -> Iterator[list[Values]]:
        most = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: deque[Any] = deque()
        try:
            for block in blocks:
                waiting.append(task.remote(block, horizon, told))
                if len(waiting) >= most:
                    yield ray.get(waiting.popleft())
            while waiting:
                yield ray.get(waiting.popleft())
        finally:
            ray.shutdown()

    return spread
