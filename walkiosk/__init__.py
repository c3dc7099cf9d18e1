"""WalKiosk: a shop that serves people by itself. `Sequence` is its black box, for anybody's pairs of data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from walkiosk.sequence import Sequence

__all__ = ["Sequence"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: the command line starts without what it may not need."""
    if name != "Sequence":
        raise AttributeError(f"module 'walkiosk' has no attribute {name!r}")
    from walkiosk.sequence import Sequence

    return Sequence
