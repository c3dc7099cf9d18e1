"""Where is kept what can be made again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """The user's folder for it: WALKIOSK_CACHE, else ~/.cache/walkiosk; it need not be there yet."""
    return Path(os.environ.get("WALKIOSK_CACHE") or Path.home() / ".cache" / "walkiosk")
