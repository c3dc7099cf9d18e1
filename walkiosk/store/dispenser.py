"""Dispensers: the contract, and one that is simulated.

A dispenser drops one unit a call and believes its sensor. A call that is repeated with its key drops nothing more and
answers as before.
"""

import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from walkiosk.store.outcome import Jammed, SlotEmpty

Moment = Literal["before", "after"]


class DispenserUnreachable(ConnectionError):
    """No answer: the unit may or may not have come out."""


class DispenserMisconfigured(ValueError):
    """The dispenser cannot be used as it is set up; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Dispensed:
    """The sensor saw the unit fall."""

    slot: str


Drop = Dispensed | Jammed | SlotEmpty


class Dispenser(Protocol):
    """Drops goods; every method may raise `DispenserUnreachable`."""

    def dispense(self, key: str, slot: str) -> Drop:
        """Drops one unit from a slot, and says what the sensor saw."""

    def outcome(self, key: str) -> Drop | None:
        """What became of `dispense` with this key; None when it never arrived, and then it never will."""


class SimulatedDispenser:
    """Slots of software, never empty unless told, whose memory lies in a file of its own or in memory."""

    def __init__(self, memory: Path | str = ":memory:") -> None:
        self._lock = threading.Lock()
        self._log = sqlite3.connect(memory, check_same_thread=False, isolation_level=None)
        self._log.execute("CREATE TABLE IF NOT EXISTS drop_log (key TEXT PRIMARY KEY, slot TEXT, outcome TEXT)")
        self._jams: list[str] = []
        self._empty: set[str] = set()
        self._losses: list[Moment] = []

    def jam_next(self, slot: str) -> None:
        """The next unit of this slot gets stuck."""
        self._jams.append(slot)

    def set_empty(self, slots: Iterable[str]) -> None:
        """These slots have nothing in them; all others do."""
        self._empty = set(slots)

    def lose_next(self, moment: Moment) -> None:
        """The next call is not answered: lost on its way there (`before`) or on its way back (`after`)."""
        self._losses.append(moment)

    def dispense(self, key: str, slot: str) -> Drop:
        """Drops one unit, unless the slot is jammed or empty."""
        self._lost("before")
        with self._lock:
            if (known := self._outcome(key)) is None:
                known = self._drop(slot)
                kind = type(known).__name__
                self._log.execute("INSERT INTO drop_log VALUES (?, ?, ?)", (key, slot, kind))
        self._lost("after")
        return known

    def outcome(self, key: str) -> Drop | None:
        """What the log says; a key that is not in it is closed, so that a late call drops nothing."""
        with self._lock:
            known = self._outcome(key)
            if known is None:
                self._log.execute("INSERT INTO drop_log VALUES (?, '', 'Jammed')", (key,))
            return known

    def dropped(self) -> dict[str, int]:
        """Units that fell, by slot."""
        with self._lock:
            rows = self._log.execute("SELECT slot, COUNT(*) FROM drop_log WHERE outcome = 'Dispensed' GROUP BY slot")
            return dict(rows.fetchall())

    def _drop(self, slot: str) -> Drop:
        if slot in self._empty:
            return SlotEmpty(slot)
        if slot in self._jams:
            self._jams.remove(slot)
            return Jammed(slot)
        return Dispensed(slot)

    def _outcome(self, key: str) -> Drop | None:
        row = self._log.execute("SELECT slot, outcome FROM drop_log WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        kinds: dict[str, type[Drop]] = {"Dispensed": Dispensed, "Jammed": Jammed, "SlotEmpty": SlotEmpty}
        return kinds[row[1]](row[0])

    def _lost(self, moment: Moment) -> None:
        if moment in self._losses:
            self._losses.remove(moment)
            raise DispenserUnreachable(f"the simulated line was cut {moment} dispensing")
