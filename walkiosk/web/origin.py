"""Whose page sent something: browsers say so in `Origin`."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_ours(origin: str, host: str | None) -> bool:
    """Whether a page of this server, which was asked for as `host`, has that origin; what cannot be read has not."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:  # such as "http://["
        return False
