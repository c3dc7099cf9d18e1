"""`python -m training.pairs [CELL …]`: builds the sets that are missing, all 36 or those named, into CACHE/pairs.

A cell is called input-target, as in image-text. Each is written beside its place and moved there when it is whole, so
that a run that was ended goes on where it was.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from training.pairs.cells import CELLS, PAIRS, Cell
from training.pairs.lines import NAME


def main(names: list[str]) -> None:
    known = {cell.name: cell for cell in CELLS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"no cell is called {', '.join(unknown)}; there are {', '.join(known)}")
    for name in names or known:
        if (PAIRS / name / NAME).is_file():
            continue
        started = time.perf_counter()
        build(known[name], PAIRS)
        print(f"{name}: {told(PAIRS / name)}, {time.perf_counter() - started:.1f} s", flush=True)


def build(cell: Cell, within: Path) -> None:
    """Build a cell's folder in ``within``, whole or not at all."""
    partial = within / f".{cell.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    cell.build(partial)
    partial.rename(within / cell.name)


def told(folder: Path) -> str:
    """How many pairs and bytes a folder has."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with (folder / NAME).open(encoding="utf-8") as file:
        return f"{sum(1 for _ in file)} pairs, {size / 1e6:.1f} MB"


if __name__ == "__main__":
    main(sys.argv[1:])
