"""The tables of the counter's back side: orders, what was asked, and who may look. Books like those of `tables`."""

from walkiosk.store.tables import metadata

__all__ = ["metadata"]
