"""A dispenser behind a serial line: a microcontroller that drives motors, or speaks MDB to a machine.

A drop is asked for again only with its key, and only of the controller's memory that was asked first: a controller
that has forgotten its keys could drop twice. The first answer for a key stands; whatever is not sure is not answered.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from walkiosk.store.dispenser import DispenserMisconfigured, DispenserUnreachable, Drop
from walkiosk.store.dispenser_line import FAULTS, LONGEST_WORD, Answer, DispenserLine, Patience, Timing, wire_name
from walkiosk.store.drop_journal import CLOSED, KINDS, DropJournal, Entry
from walkiosk.store.outcome import Jammed

VERSION = "1"  # of the protocol
Answers = Callable[[Answer], bool]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Controller:
    """Who is at the other end: its own name, the mark of its memory, and how many keys that holds."""

    device: str
    memory: str
    keys: int


@dataclass(frozen=True, slots=True)
class Status:
    """How the controller is: READY, BUSY or FAULT, with the code of the fault, "0" for none."""

    controller: Controller
    state: str
    code: str


class SerialDispenser:
    """Drops by the protocol of docs/dispenser-protocol.md; the port is open only while something is asked.

    `journal` is where the kiosk remembers what it asked for. Raises `DispenserMisconfigured` without pyserial.
    """

    def __init__(self, place: str, journal: Path | str = ":memory:", timing: Timing | None = None) -> None:
        if find_spec("serial") is None:
            message = f"dispenser = \"serial:{place}\": its library is missing: pip install 'walkiosk[serial]'"
            raise DispenserMisconfigured(message)
        self.place = place
        self.timing = timing or Timing()
        self._journal = DropJournal(journal)
        self._lock = threading.Lock()

    def dispense(self, key: str, slot: str) -> Drop:
        """Drops one unit; a key that was asked about before it arrived drops nothing, and counts as a jam."""
        name = wire_name(slot)
        with self._alone():
            entry = self._journal.entry(key)
            if entry is not None and entry.outcome is not None:
                return entry.drop or Jammed(slot)
            if len(name) > LONGEST_WORD:
                log.error("slot %r: its name is longer than the %d bytes of a line's word", slot, LONGEST_WORD)
                return Jammed(slot)

            def write_down(controller: Controller) -> None:
                written = self._journal.begin(key, slot, controller.memory)
                if self._may_be_forgotten(written, controller):
                    raise DispenserUnreachable(f"{key}: the dispenser has lost its memory since it was asked")

            controller, answer = self._ask(("DROP", key, name), _about(key, name), write_down)
            return self._end(key, slot, answer, controller)

    def outcome(self, key: str) -> Drop | None:
        """What became of a drop; a key that had not arrived is closed by the question.

        A controller that has lost its memory cannot tell, now or later: nobody pays for such a unit (`Jammed`), and
        the log says which slot to count.
        """
        with self._alone():
            entry = self._journal.entry(key)
            if entry is not None and entry.drop is not None:
                return entry.drop
            slot = entry.slot if entry is not None else None
            about = _about(key, None if slot is None else wire_name(slot))
            controller, answer = self._ask(("OUTCOME", key), about)
            if entry is None or slot is None or entry.outcome == CLOSED:
                if answer.word(0) != CLOSED:
                    log.error("the dispenser says %s of a drop that was never asked for", " ".join(answer.words))
                self._journal.end(key, CLOSED, controller.memory)
                return None
            if answer.word(0) == CLOSED and self._may_be_forgotten(entry, controller):
                log.error("slot %s: the dispenser has forgotten whether a unit fell; %s is not charged", slot, key)
                self._journal.end(key, "JAMMED", controller.memory)
                return Jammed(slot)
            if answer.word(0) == CLOSED:
                self._journal.end(key, CLOSED, controller.memory)
                return None
            return self._end(key, slot, answer, controller)

    def status(self) -> Status:
        """How the controller is."""
        with self._alone():
            controller, answer = self._ask(("STATUS",), lambda answer: answer.word(0) == "STATUS")
        return Status(controller, answer.word(1), answer.word(2) or "0")

    def slot(self, slot: str) -> str:
        """What the controller knows of a slot without turning it: OK, EMPTY, JAMMED or NONE."""
        name = wire_name(slot)
        with self._alone():
            _, answer = self._ask(("SLOT", name), lambda answer: answer.words[:2] == ("SLOT", name))
        return answer.word(2)

    def reset(self) -> None:
        """Has the controller home its motors and clear a fault; it forgets no key."""
        with self._alone():
            self._ask(("RESET",), lambda answer: answer.word(0) == "RESET")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:  # what cannot be written down is not asked for, or not told
                raise DispenserUnreachable(f"the journal of the dispenser cannot be written: {error}") from None

    def _ask(
        self, words: tuple[str, ...], answers: Answers, before: Callable[[Controller], None] | None = None
    ) -> tuple[Controller, Answer]:
        """The answer to a request, from a controller that may go and come back meanwhile."""
        patience = Patience(self.timing)
        while True:
            try:
                with DispenserLine(self.place, self.timing) as line:
                    controller = self._greet(line, patience)
                    if before is not None:
                        before(controller)
                    answer = line.ask(words, answers, patience, self._notice)
                    self._hear_out(line, answer)
                    return controller, answer
            except DispenserUnreachable:
                raise
            except FAULTS as error:
                if patience.left <= self.timing.reopen:
                    raise DispenserUnreachable(f"{self.place}: {error}") from None
            time.sleep(self.timing.reopen)

    def _greet(self, line: DispenserLine, patience: Patience) -> Controller:
        hello = line.ask(("HELLO", VERSION), _is_hello, patience, self._notice)
        if hello.word(1) != VERSION:
            raise DispenserUnreachable(f"{self.place} speaks version {hello.word(1)} of the protocol, not {VERSION}")
        return Controller(hello.word(2), hello.word(3), int(hello.word(4)))

    def _hear_out(self, line: DispenserLine, answer: Answer) -> None:
        """Waits a moment for who says two things at once: the first one stands."""
        try:
            while (more := line.next(self.timing.linger)) is not None:
                if more.words[1:2] == answer.words[1:2] and more.word(0) in KINDS and more.word(0) != answer.word(0):
                    said, first = " ".join(more.words), answer.word(0)
                    log.error("the dispenser says %s, after %s: the first answer stands", said, first)
                elif more != answer:
                    self._notice(more)
        except FAULTS:
            log.debug("the dispenser went after its answer")

    def _notice(self, answer: Answer) -> None:
        """Writes into the log what was said without having been asked for, or what is not what was said first."""
        if answer.word(0) not in KINDS:
            return
        entry = self._journal.entry(answer.word(1))
        known = entry.outcome if entry is not None else None
        if known is not None and known != answer.word(0):
            log.error("the dispenser says %s, after %s: the first answer stands", " ".join(answer.words), known)
        else:
            log.warning("the dispenser says %s and was not asked", " ".join(answer.words))

    def _end(self, key: str, slot: str, answer: Answer, controller: Controller) -> Drop:
        kind = answer.word(0)
        if kind != "DROPPED":
            log.warning("slot %s: %s, code %s", slot, kind, answer.word(3) or "0")
        self._journal.end(key, kind, controller.memory)
        return KINDS.get(kind, Jammed)(slot)

    def _may_be_forgotten(self, entry: Entry, controller: Controller) -> bool:
        """Whether the controller may not know this key any more; questions take places in its memory, too."""
        return entry.memory != controller.memory or 2 * self._journal.newer(entry) >= controller.keys


def _about(key: str, name: str | None) -> Answers:
    """Takes what became of a key, of that slot or of any, or that it is closed."""

    def takes(answer: Answer) -> bool:
        if answer.words[:2] == (CLOSED, key):
            return True
        return answer.word(0) in KINDS and answer.word(1) == key and name in (None, answer.word(2))

    return takes


def _is_hello(answer: Answer) -> bool:
    return answer.word(0) == "HELLO" and answer.word(4).isdecimal() and int(answer.word(4)) > 0
