"""The morning page: what customers say, what sold, what will sell, what to order."""

from __future__ import annotations

from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.visit import Visit


@page("/")
async def morning(visit: Visit) -> None:
    """One page in the morning."""
    parts.note(visit.words("working"))
