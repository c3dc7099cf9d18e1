"""`walkiosk train --skills forecasting`: a forecaster made at home in a shop, in a copy of the weights. Needs torch."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from walkiosk.modality.history import History
from walkiosk.model.adapt import Adaptation, adapt
from walkiosk.model.forecaster_export import FILE, export_forecaster, load_forecaster


def copy_of_weights(weights: Path, out: Path) -> None:
    """Put the files of ``weights`` into ``out``, linked where the disk allows."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(weights.iterdir()):
        if not path.is_file() or path.name == FILE:
            continue
        try:
            os.link(path.resolve(), out / path.name)
        except OSError:  # another disk
            shutil.copy2(path, out / path.name)


def adapt_forecaster(
    histories: Sequence[History],
    weights: Path,
    out: Path,
    horizon: int,
    minutes: float,
    on_step: Callable[[float], None],
) -> Adaptation:
    """Write into ``out`` the weights with a forecaster adapted to the shop's ``histories``.

    Raises FileExistsError for a folder that holds something, `TooLittle`; nothing is written then.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out}: is there already, and not an empty folder")
    found = adapt(load_forecaster(weights), histories, horizon, minutes, on_step)
    copy_of_weights(weights, out)
    export_forecaster(found.model, out)
    return found
