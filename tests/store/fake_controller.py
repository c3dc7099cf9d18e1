"""A dispenser's controller at the other end of a pseudo-terminal: it works, jams, lies, and goes away.

It is written from docs/dispenser-protocol.md alone, with a checksum of its own.
"""

from __future__ import annotations

import os
import pty
import re
import select
import threading
import tty
from collections import Counter
from pathlib import Path
from types import TracebackType

REQUEST = re.compile(r">([0-9A-F]{4}) ([^*]+)\*([0-9A-F]{4})")
OTHER = "ffffffffffffffffffffffffffffffff-0-0"  # a key that nobody has asked for
NOISE = b"\x00\xff ets Jun 8 2016 rst:0x1\r\n<0001 DROPPED " + OTHER.encode() + b" A1*0000\n\xfe"
# What may happen to a request. The first half drops nothing for it, the second half does.
BEFORE = ("silent", "wait", "error", "other_key", "other_slot", "unasked", "vanish_before", "forget_before")
AFTER = (
    "mute", "error_after", "wrong_crc", "wrong_key", "wrong_slot", "wrong_number", "twice", "contradicts", "late",
    "begun", "noise", "cut", "vanish_after", "forget_after",
)  # fmt: skip


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE, bit by bit."""
    value = 0xFFFF
    for byte in text.encode("ascii"):
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return f"{value:04X}"


class FakeController:
    """`place` is the port. Faults wait in `faults` for the next request of their word; `fallen` counts what fell."""

    def __init__(self, folder: Path, keys: int = 256) -> None:
        self.place = folder / "tty-dispenser"
        self.keys, self.version, self.state = keys, "1", ("READY", "0")
        self.memory: dict[str, tuple[str, str]] = {}  # key: outcome and slot
        self.mark = 1
        self.fallen: list[tuple[str, str]] = []  # key and slot of every unit that fell, also of those fallen twice
        self.heard: list[tuple[str, ...]] = []
        self.faults: list[tuple[str, str]] = []  # word of a request, and what happens to it
        self.jams: list[str] = []
        self.empty: set[str] = set()
        self.stays_away = False  # once it has gone, until `come_back`
        self.late: list[str] = []
        self._ends: tuple[int, int] | None = None
        self._rest = b""
        self._awake, self._wake = os.pipe()
        self._done = False
        self.come_back()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self) -> FakeController:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done = True
        os.write(self._wake, b".")
        self._thread.join()
        self.go()
        os.close(self._awake)
        os.close(self._wake)

    def dropped(self) -> dict[str, int]:
        """Units that fell, by slot."""
        return dict(Counter(slot for _, slot in self.fallen))

    def go(self) -> None:
        """Disappears from the bus."""
        if self._ends is not None:
            ends, self._ends = self._ends, None
            self.place.unlink()
            for end in ends:
                os.close(end)

    def come_back(self) -> None:
        """Appears under the same name."""
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self._rest, self._ends = b"", (ours, theirs)
        self.place.symlink_to(os.ttyname(theirs))
        os.write(self._wake, b".")

    def forget(self) -> None:
        """Its memory is lost."""
        self.memory.clear()
        self.mark += 1

    def _run(self) -> None:
        while not self._done:
            watched = [self._awake, *(self._ends[:1] if self._ends else ())]
            ready, _, _ = select.select(watched, [], [])
            if self._awake in ready:
                os.read(self._awake, 64)
            elif self._ends is not None:
                self._rest += os.read(self._ends[0], 4096)
                while b"\n" in self._rest:
                    line, self._rest = self._rest.split(b"\n", 1)
                    self._take(line.decode("ascii"))

    def _take(self, line: str) -> None:
        match = REQUEST.fullmatch(line)
        if match is None or crc(line[: line.rindex("*")]) != match[3]:
            raise AssertionError(f"the kiosk sent {line!r}")
        number, words = match[1], tuple(match[2].split())
        self.heard.append(words)
        for late in self.late:
            self._write(late)
        self.late.clear()
        fault = next((fault for fault in self.faults if fault[0] == words[0]), ("", ""))
        if fault in self.faults:
            self.faults.remove(fault)
        if fault[1] not in BEFORE or self._before(fault[1], number, words):
            self._answer(fault[1], number, words, self._do(words))

    def _do(self, words: tuple[str, ...]) -> str:
        match words:
            case ("HELLO", _):
                return f"HELLO {self.version} fake-1 {self.mark:08X} {self.keys}"
            case ("DROP", key, slot):
                if key not in self.memory:
                    self._remember(key, self._turn(key, slot), slot)
                return self._told(key)
            case ("OUTCOME", key):
                if key not in self.memory:
                    self._remember(key, "CLOSED", "")
                return self._told(key)
            case ("STATUS",):
                return "STATUS " + " ".join(self.state)
            case ("SLOT", slot):
                return f"SLOT {slot} {'EMPTY' if slot in self.empty else 'OK'}"
            case ("RESET",):
                self.state = ("READY", "0")
                return "RESET"
        return "ERR 1"

    def _turn(self, key: str, slot: str) -> str:
        if slot in self.empty:
            return "EMPTY"
        if slot in self.jams:
            self.jams.remove(slot)
            return "JAMMED"
        self.fallen.append((key, slot))
        return "DROPPED"

    def _remember(self, key: str, outcome: str, slot: str) -> None:
        self.memory[key] = (outcome, slot)
        while len(self.memory) > self.keys:
            del self.memory[next(iter(self.memory))]

    def _told(self, key: str) -> str:
        outcome, slot = self.memory[key]
        code = {"JAMMED": " 13", "EMPTY": " 11"}.get(outcome, "")
        return f"CLOSED {key}" if outcome == "CLOSED" else f"{outcome} {key} {slot}{code}"

    def _before(self, fault: str, number: str, words: tuple[str, ...]) -> bool:
        """Misbehaves without doing what is asked; True where it does it after all."""
        match fault:
            case "wait":
                self._say(number, f"WAIT {words[1]}")
            case "error":
                self._say(number, "ERR 3")
            case "other_key":
                self._say(number, f"DROPPED {OTHER} {words[-1]}")
            case "other_slot":
                self._say(number, f"DROPPED {words[1]} Z9")
            case "unasked":
                self._say(f"{int(number, 16) ^ 0x55:04X}", f"DROPPED {words[1]} {words[-1]}")
            case "vanish_before" | "forget_before":
                self._vanish(forgets=fault == "forget_before")
        return False

    def _answer(self, fault: str, number: str, words: tuple[str, ...], text: str) -> None:
        """Answers to what was done, rightly or not."""
        match fault:
            case "mute":
                return
            case "error_after":
                self._say(number, "ERR 3")
            case "wrong_crc":
                self._write(f"<{number} {text}*{int(crc(f'<{number} {text}'), 16) ^ 1:04X}\n")
            case "wrong_key":
                self._say(number, text.replace(words[1], OTHER))
            case "wrong_slot":
                self._say(number, text.replace(f" {words[-1]}", " Z9"))
            case "wrong_number":
                self._say(f"{int(number, 16) ^ 0x8000:04X}", text)
            case "twice":
                self._write(self._line(number, text) * 2)
            case "contradicts":
                self._write(self._line(number, text) + self._line(number, text.replace("DROPPED", "JAMMED")))
            case "late":
                self.late.append(self._line(number, text))
            case "begun":
                self._say(number, f"BEGUN {words[1]}")
            case "noise":
                os.write(self._port, NOISE)
                self._say(number, text)
            case "cut":
                self._write(self._line(number, text)[:-9] + "\n")
            case "vanish_after" | "forget_after":
                self._vanish(forgets=fault == "forget_after")
            case _:
                self._say(number, text)

    def _vanish(self, forgets: bool) -> None:
        self.go()
        if forgets:
            self.forget()
        if not self.stays_away:
            self.come_back()

    @property
    def _port(self) -> int:
        assert self._ends is not None
        return self._ends[0]

    def _line(self, number: str, text: str) -> str:
        return f"<{number} {text}*{crc(f'<{number} {text}')}\n"

    def _say(self, number: str, text: str) -> None:
        self._write(self._line(number, text))

    def _write(self, line: str) -> None:
        os.write(self._port, line.encode("ascii"))
