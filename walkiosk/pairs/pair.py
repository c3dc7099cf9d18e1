"""What a pair is, which sides it has, and what is wrong with a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

AIMS = ("classes", "quantiles", "trend", "text", "image", "audio", "video")  # what a target is written and judged as


class PairsError(ValueError):
    """Pairs that no model can be made of; the message names the file, and the line and the value where it is one."""


@dataclass(frozen=True)
class Sides:
    """The modalities of an input's parts, in order, and of the target."""

    inputs: tuple[str, ...]
    target: str

    def __str__(self) -> str:
        return f"{', '.join(self.inputs)} → {self.target}"


@dataclass(frozen=True, slots=True)  # a million of them are held
class Pair:
    """One line: an input's parts and the target, as the file says them.

    A number is a float (a target that is true or false stays a bool), a list of numbers a float64 array, a text a str,
    and a file its `Path`; what an iterable holds beside these (arrays, bytes) is taken as it is.
    """

    line: int  # counted from 1
    inputs: tuple[Any, ...]
    target: Any
    group: str | None = None


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line; it is left out."""

    line: int
    said: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.said}"
