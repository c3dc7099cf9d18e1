"""The conversation of a kiosk: `Kiosk.answer` takes a `Turn` and gives a `Reply`."""

from walkiosk.kiosk.kiosk import Kiosk
from walkiosk.kiosk.skills import Skills
from walkiosk.kiosk.turn import Account, Card, Line, Linked, Reply, Turn

__all__ = ["Account", "Card", "Kiosk", "Line", "Linked", "Reply", "Skills", "Turn"]
