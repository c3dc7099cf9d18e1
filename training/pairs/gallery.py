"""`make gallery`: a model for each of the 36 cells, its honest score, and the pages of `docs/gallery`.

`python -m training.pairs.gallery [CELL …] --minutes 4 --jobs 2` builds what is missing, fits what is not fitted yet and
writes the pages. A cell that was stopped goes on; what is done lies in CACHE/gallery. Each cell has a process of its
own, so that one's memory is not another's, and as many cores as the jobs leave it: small models gain little from two.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.pairs.__main__ import build
from training.pairs.cells import CELLS, PAIRS, Cell
from training.pairs.lines import NAME
from training.paths import CACHE

GALLERY = CACHE / "gallery"
MINUTES = 4.0  # of training a cell: 36 of them, with what is around it, take less than two hours on two cores
JOBS = 2  # cells at once
SAMPLES = 3
RESULT = "result.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", nargs="*", metavar="CELL")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--folder", type=Path, default=GALLERY)
    parser.add_argument("--pages", type=Path, help="folder of the pages; else none are written")
    parser.add_argument("--one", action="store_true", help="fit the one cell that is named, in this process")
    parser.add_argument("--threads", type=int, default=0, help="of a fit; 0 for its share of the cores")
    parser.add_argument("--jobs", type=int, default=JOBS, help="cells that are fitted at once")
    options = parser.parse_args()
    known = {cell.name: cell for cell in CELLS}
    if unknown := [name for name in options.cells if name not in known]:
        raise SystemExit(f"no cell is called {', '.join(unknown)}; there are {', '.join(known)}")
    cells = [known[name] for name in options.cells] or list(CELLS)
    threads = options.threads or max(1, (os.cpu_count() or 1) // options.jobs)
    if options.one:
        fit_cell(cells[0], options.minutes, options.folder / cells[0].name, threads)
        return
    for cell in cells:
        if not (PAIRS / cell.name / NAME).is_file():
            build(cell, PAIRS)
    with ThreadPoolExecutor(options.jobs) as pool:
        for told in pool.map(lambda cell: fitted(cell, options.minutes, options.folder, threads), cells):
            print(told, flush=True)
    if options.pages:
        from training.pairs.gallery_pages import write_pages

        write_pages(options.folder, options.pages)


def fitted(cell: Cell, minutes: float, folder: Path, threads: int) -> str:
    """Fit a cell that is not fitted yet, in a process of its own, and tell its result in a line."""
    result = folder / cell.name / RESULT
    if not result.is_file():
        told = [cell.name, "--one", "--minutes", str(minutes), "--folder", str(folder), "--threads", str(threads)]
        ended = subprocess.run([sys.executable, "-m", "training.pairs.gallery", *told], check=False)
        if ended.returncode:
            return f"{cell.name}: ended with {ended.returncode}"
    return line(json.loads(result.read_text()))


def line(found: dict[str, Any]) -> str:
    """A result in a line."""
    told = found["judgement"]
    sign = "+" if found["beats"] else "-"
    return (
        f"{sign} {found['cell']}: {told['metric']} {told['value']:.4g} ({told['low']:.4g} to {told['high']:.4g}), "
        f"{told['baseline_name']} {told['baseline']:.4g} ({told['baseline_low']:.4g} to {told['baseline_high']:.4g}), "
        f"n {told['n']}, {found['seconds']['training']:.0f} s, steps {found['steps']}"
    )


def fit_cell(cell: Cell, minutes: float, folder: Path, threads: int) -> None:
    """Fit a model to the cell's pairs, judge it, keep it with the first held-out samples."""
    import torch

    from walkiosk.fit_score import score_model
    from walkiosk.model.fit import Told
    from walkiosk.sequence import Sequence

    torch.set_num_threads(threads)
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    told = Told()
    model = Sequence(target=cell.target)
    model.fit(PAIRS / cell.name / NAME, told=told, work=folder / "work", minutes=minutes)
    assert model.fitted is not None
    with told.timed("judging"):
        scored = score_model(model, model.fitted.training, model.fitted.held_out)
    model.save(folder / "my.model")
    judgement = scored.judgement
    samples = [
        {
            "inputs": [
                _kept(model, kind, x, folder, f"{n}-input-{at}") for at, (kind, x) in enumerate(_parts(model, s))
            ],
            **{
                name: _kept(model, cell.target, value, folder, f"{n}-{name}")
                for name, value in (("wanted", s.wanted), ("found", s.found), ("baseline", s.baseline))
            },
        }
        for n, s in enumerate(scored.shown[:SAMPLES])
    ]
    found = {
        "cell": cell.name,
        "judgement": asdict(judgement),
        "beats": judgement.beats,
        "seconds": {name: round(seconds, 1) for name, seconds in told.seconds.items()},
        "seconds_in_all": round(time.monotonic() - began, 1),
        "milliseconds": scored.milliseconds,
        "steps": model.card["training"]["steps"],
        "weights": model.card["model"]["weights"],
        "pairs": model.card["data"],
        "sides": str(model.pairing.sides),
        "aim": model.pairing.aim,
        "curve": [[x.step, x.training, x.validation] for x in model.fitted.looks],
        "problems": model.fitted.problems,
        "faults": len(model.fitted.faults),
        "samples": samples,
    }
    (folder / RESULT).write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _parts(model: Any, sample: Any) -> list[tuple[str, Any]]:
    return list(zip(model.pairing.sides.inputs, sample.inputs, strict=True))


def _kept(model: Any, kind: str, value: Any, folder: Path, name: str) -> Any:
    """A value as JSON has it, media and trends as the name of a file that it is put into."""
    endings = {"image": "png", "audio": "wav", "video": "mp4", "trend": "csv"}
    if value is None or isinstance(value, str):
        return value
    if kind == "scalar":
        return value if isinstance(value, int | float) else [float(x) for x in value]
    file = f"{name}.{endings[kind]}"
    model.pairing.side(kind).write(value, folder / file)
    return {"file": file}


if __name__ == "__main__":
    main()
