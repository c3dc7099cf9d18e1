"""The watchdog: a part that hangs, or breaks again and again, is built anew behind the customer's back.

Whoever asked the part gets `Failed` and goes on without it: the visit and its sale stay. A part that has to be built
anew too often is given up, and `/healthz` says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from walkiosk.crew import Crew, Hung
from walkiosk.kiosk.observing import Observer

BREAKS = 3  # calls in a row that a part may break on before it is built anew
TOO_OFTEN = 3  # restarts within WHILE_SECONDS, after which a part is given up
WHILE_SECONDS = 10 * 60.0
Condition = Literal["alive", "restarting", "broken"]
Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Failed(RuntimeError):
    """A part hung or broke; it is named, and what it was asked is not."""


@dataclass(frozen=True)
class Bounds:
    """Seconds after which a call of a part is taken to hang: many times what it needs on two busy cores."""

    hear: float = 30.0
    understand: float = 30.0
    word: float = 10.0  # our own wording steps in, and a sale waits for it
    speak: float = 15.0  # a piece of a sentence


class Restart:
    """Builds something anew in a thread of its own, one at a time; `clock` is seconds that only go forward."""

    def __init__(self, name: str, build: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.name, self.build, self.clock = name, build, clock
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()
        self._begun: list[float] = []
        self._failed = False

    @property
    def condition(self) -> Condition:
        """Whether the part serves, is being built anew, or is given up."""
        if not self._idle.is_set():
            return "restarting"
        recent = [at for at in self._begun if at > self.clock() - WHILE_SECONDS]
        return "broken" if self._failed or len(recent) >= TOO_OFTEN else "alive"

    def begin(self) -> bool:
        """Begins to build anew, and returns at once; False when that is under way already."""
        with self._lock:
            if not self._idle.is_set():
                return False
            self._idle.clear()
            self._begun = [*self._begun[-TOO_OFTEN:], self.clock()]
        threading.Thread(target=self._run, name=f"restart {self.name}", daemon=True).start()
        return True

    def wait(self, seconds: float) -> None:
        """Returns when nothing is being built, or after so long."""
        self._idle.wait(seconds)

    def _run(self) -> None:
        try:
            self.build()
            self._failed = False
            log.warning("%s is built anew", self.name)
        except Exception:
            self._failed = True  # what was there stays, and the next failure tries again
            log.exception("%s cannot be built anew", self.name)
        finally:
            self._idle.set()


class Part:
    """One part under watch. Calls of it are bounded by `seconds`; `passing` errors are answers, not faults."""

    def __init__(
        self, name: str, restart: Restart, seconds: float, observer: Callable[[], Observer], passing: type[Exception]
    ) -> None:
        self.name, self.restart, self.seconds = name, restart, seconds
        self._observer, self._passing = observer, passing
        self._crew = Crew(name)
        self._broken = 0  # calls in a row

    def call(self, job: Callable[[], Result]) -> Result:
        """What the job returns; raises `Failed`, and has the part built anew where that is due."""
        try:
            result = self._crew.call(job, self.seconds)
        except self._passing:
            self._broken = 0
            raise
        except Hung as error:
            log.warning("%s hangs for %g s", self.name, self.seconds)
            self._build_anew()
            raise Failed(f"{self.name} hangs") from error
        except Exception as error:
            self._broken += 1
            log.warning("%s broke: %s", self.name, type(error).__name__, exc_info=error)
            if self._broken >= BREAKS:
                self._build_anew()
            raise Failed(f"{self.name} broke") from error
        self._broken = 0
        return result

    def _build_anew(self) -> None:
        self._broken = 0
        if self.restart.begin():
            self._observer().restarted(self.name)
