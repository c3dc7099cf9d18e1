"""Lines to the card reader and the dispenser that lose, repeat, delay and reorder.

A request that is lost on its way there may still arrive later, when somebody else has long been asked what became of
it; one that arrives twice is answered twice, and only the first answer is read.
"""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.faults.points import Points
from walkiosk.store.dispenser import DispenserUnreachable, Drop
from walkiosk.store.outcome import Declined
from walkiosk.store.payment import Authorised, ProviderUnreachable


@dataclass(frozen=True)
class Weather:
    """How likely each fault of a line is."""

    lost: float = 0.0  # the answer, or the request
    repeated: float = 0.0  # the request arrives twice, now and later
    late: float = 0.0  # the request arrives after it was given up


Late = tuple[str, str, list[Any]]  # device, method, arguments


class Line:
    """What carries calls to the devices; late requests arrive between the calls of others, or in the next life."""

    def __init__(self, points: Points, weather: Weather, seed: int, late: Path) -> None:
        self.points, self.weather = points, weather
        self.devices: dict[str, Any] = {}
        self._draw = random.Random(seed)
        self._file = late  # one request a line
        self._late: list[Late] = []
        self._lock = threading.Lock()
        if late.is_file():
            self._late = [tuple(json.loads(line)) for line in late.read_text().splitlines()]

    def call(self, device: str, method: str, *given: Any) -> Any:
        broken: type[Exception] = ProviderUnreachable if device == "reader" else DispenserUnreachable
        self.points.reach(f"before {method}")
        self._deliver_late()
        with self._lock:
            lost, repeated, late, there = (self._draw.random() for _ in range(4))
        if late < self.weather.late:
            self._hold((device, method, list(given)))
            raise broken(f"{method}: no answer, and the request is still on its way")
        if lost < self.weather.lost and there < 0.5:
            raise broken(f"{method}: the request was lost")
        try:
            answer = getattr(self.devices[device], method)(*given)
        except sqlite3.OperationalError as error:  # the device's own disk is full
            raise broken(f"{method}: {error}") from error
        self.points.reach(f"during {method}")  # it was done, nobody knows yet
        if repeated < self.weather.repeated:
            self._arrive((device, method, list(given)))
            self._hold((device, method, list(given)))
        if lost < self.weather.lost:
            raise broken(f"{method}: the answer was lost")
        self.points.reach(f"after {method}")
        return answer

    def quiet(self) -> None:
        """Everything that was on its way arrives."""
        with self._lock:
            due, self._late = self._late, []
            self._file.unlink(missing_ok=True)
        for request in due:
            self._arrive(request)

    def _hold(self, request: Late) -> None:
        with self._lock, self._file.open("a") as file:
            file.write(json.dumps(request) + "\n")
            self._late.append(request)

    def _deliver_late(self) -> None:
        with self._lock:
            self._draw.shuffle(self._late)
            due = [self._late.pop() for _ in range(len(self._late)) if self._draw.random() < 0.5]
        for request in due:
            self._arrive(request)

    def _arrive(self, request: Late) -> None:
        device, method, given = request
        with suppress(ValueError, sqlite3.OperationalError):  # the bank refuses what no longer fits; nobody reads it
            getattr(self.devices[device], method)(*given)


class FarReader:
    """A card reader at the end of a line."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def authorise(self, key: str, amount_cents: int, currency: str) -> Authorised | Declined:
        found: Authorised | Declined = self.line.call("reader", "authorise", key, amount_cents, currency)
        return found

    def capture(self, key: str, reference: str, amount_cents: int) -> None:
        self.line.call("reader", "capture", key, reference, amount_cents)

    def release(self, key: str, reference: str) -> None:
        self.line.call("reader", "release", key, reference)

    def refund(self, key: str, reference: str, amount_cents: int) -> None:
        self.line.call("reader", "refund", key, reference, amount_cents)

    def find(self, key: str) -> Authorised | Declined | None:
        found: Authorised | Declined | None = self.line.call("reader", "find", key)
        return found


class FarDispenser:
    """A dispenser at the end of a line."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def dispense(self, key: str, slot: str) -> Drop:
        found: Drop = self.line.call("dispenser", "dispense", key, slot)
        return found

    def outcome(self, key: str) -> Drop | None:
        found: Drop | None = self.line.call("dispenser", "outcome", key)
        return found
