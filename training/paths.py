"""Where built data lies, and which recordings may be trained on."""

import hashlib
from pathlib import Path

from walkiosk.cache_folder import cache_folder

CACHE = cache_folder()
PACKED = CACHE / "packed"
WHISPER = CACHE / "whisper"
MATERIAL = Path(__file__).parent / "material"


def is_test_clip(name: str) -> bool:
    """The split rule: clips whose name's SHA-1 begins with 0, 1, 2 or 3 are never trained on."""
    return hashlib.sha1(name.encode()).hexdigest()[0] in "0123"
