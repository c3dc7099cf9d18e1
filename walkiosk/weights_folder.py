"""Where the weights are that serving loads."""

from __future__ import annotations

import os
from pathlib import Path


def weights_folder(folder: Path | None = None) -> Path:
    """Where the weights are: the flag, WALKIOSK_WEIGHTS, the package, a checkout; raises FileNotFoundError."""
    here = Path(__file__).resolve().parent
    told = os.environ.get("WALKIOSK_WEIGHTS")
    places = [folder] if folder else [Path(told)] if told else [here / "weights", here.parent / "weights"]
    for place in places:
        if (place / "model.json").is_file():
            return place
    raise FileNotFoundError(f"no weights at {' or '.join(map(str, places))}: model.json is missing")
