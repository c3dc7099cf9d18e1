"""`walkiosk train --skills forecasting`: a forecaster made at home in a shop, in a copy of the weights. Needs torch."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from walkiosk.model.adapt import Adaptation, adapt
from walkiosk.model.forecaster_export import FILE, export_forecaster, load_forecaster
from walkiosk.office.desk import Office
from walkiosk.office.outlook import shop_histories


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
    office: Office, weights: Path, out: Path, horizon: int, minutes: float, on_step: Callable[[float], None]
) -> Adaptation:
    """Write into ``out`` the weights with a forecaster adapted to the shop.

    Raises FileExistsError for a folder that holds something, `TooLittle`; nothing is written then.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out}: is there already, and not an empty folder")
    found = adapt(load_forecaster(weights), shop_histories(office), horizon, minutes, on_step)
    copy_of_weights(weights, out)
    export_forecaster(found.model, out)
    return found
