"""What a fit says while it goes on: sentences, and a bar with the time left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from walkiosk.model.fit import Told
    from walkiosk.model.fitting import Fit


@contextmanager
def progress(quiet: bool = False) -> Iterator[Told]:
    """Give what a fit tells to; on standard error, so that standard output holds the score alone."""
    from walkiosk.model.fit import Told
    from walkiosk.model.fitting import NEVER

    console = Console(stderr=True, quiet=quiet, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        laying = bars.add_task("laying the pairs", total=None, told="", visible=False)
        training = bars.add_task("training", total=None, told="", visible=False)
        judging = bars.add_task("judging", total=None, told="", visible=False)

        def on_step(fit: Fit) -> None:
            total = None if fit.total == NEVER else fit.total
            look = fit.looks[-1] if fit.looks else None
            told = f"loss {look.training:.3f}, held back {look.validation:.3f}" if look else f"step {fit.step}"
            bars.update(laying, visible=False)
            bars.update(training, completed=fit.step, total=total, told=told, visible=True)

        def on_pair(count: int) -> None:
            if count % 50 == 0:
                bars.update(laying, told=f"{count:,}", visible=True)

        def on_judged(done: int, of: int) -> None:
            bars.update(training, visible=False)
            bars.update(judging, completed=done, total=of, told=f"{done:,} of {of:,}", visible=True)

        yield Told(
            lambda line: console.print(line, markup=False), on_step=on_step, on_pair=on_pair, on_judged=on_judged
        )
