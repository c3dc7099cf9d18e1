"""The kiosk's own record of what it asked of a controller's dispenser: written before a drop is asked for.

It tells what the controller cannot: that a drop was asked for before the controller lost its memory.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from walkiosk.store.dispenser import Dispensed, Drop
from walkiosk.store.outcome import Jammed, SlotEmpty

KINDS: dict[str, type[Drop]] = {"DROPPED": Dispensed, "JAMMED": Jammed, "EMPTY": SlotEmpty}  # by the line's word
CLOSED = "CLOSED"  # asked about before it arrived: it never will
BUSY_SECONDS = 10.0  # how long a writer waits for another process


@dataclass(frozen=True, slots=True)
class Entry:
    """A key: which slot a drop was asked of, None for none; in which memory of the controller's; what became of it."""

    number: int
    slot: str | None
    memory: str
    outcome: str | None

    @property
    def drop(self) -> Drop | None:
        """What became of it; None when that is not known, or when it is closed."""
        return KINDS[self.outcome](self.slot or "") if self.outcome in KINDS else None


class DropJournal:
    """A file of its own, or memory. Who calls takes care that one thread does at a time."""

    def __init__(self, place: Path | str) -> None:
        self._log = sqlite3.connect(place, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
        self._log.execute(
            "CREATE TABLE IF NOT EXISTS asked (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, "
            "slot TEXT, memory TEXT NOT NULL, outcome TEXT)"
        )

    def entry(self, key: str) -> Entry | None:
        """What is written of a key."""
        wanted = "SELECT number, slot, memory, outcome FROM asked WHERE key = ?"
        row = self._log.execute(wanted, (key,)).fetchone()
        return Entry(*row) if row else None

    def begin(self, key: str, slot: str, memory: str) -> Entry:
        """Writes down a drop that is about to be asked for; one that is written already stays as it is."""
        own = "INSERT OR IGNORE INTO asked (key, slot, memory) VALUES (?, ?, ?)"
        self._log.execute(own, (key, slot, memory))
        entry = self.entry(key)
        assert entry is not None
        return entry

    def end(self, key: str, outcome: str, memory: str) -> None:
        """Writes down what became of a key, for good; a key that is not there yet had no drop asked for."""
        own = (
            "INSERT INTO asked (key, memory, outcome) VALUES (?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET outcome = excluded.outcome WHERE outcome IS NULL"
        )
        self._log.execute(own, (key, memory, outcome))

    def newer(self, entry: Entry) -> int:
        """How many keys the controller was told after this one."""
        row = self._log.execute("SELECT COUNT(*) FROM asked WHERE number > ?", (entry.number,)).fetchone()
        return int(row[0])
