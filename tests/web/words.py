"""The interface's words, as the page reads them."""

from __future__ import annotations

import json
from functools import lru_cache

from walkiosk.web.app import STATIC


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """All words: by language, then by key."""
    read: dict[str, dict[str, str]] = json.loads((STATIC / "words.json").read_text("utf-8"))
    return read


def word(key: str, language: str = "en") -> str:
    """What the interface says for a key."""
    return words()[language][key]
