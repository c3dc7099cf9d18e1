"""What a user decides about a file of series that is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Rules:
    """How a file is read: without a decision, what is doubtful is an error that names the row.

    ``frequency`` D, W, M, Q or Y, None where each series' dates tell; ``gaps``: a step without a row is unknown, or
    nothing was sold; ``duplicates`` of one step are an error, or added; ``negative`` values are an error, nothing sold,
    or kept where a series may be negative. Values after ``today`` are an error. ``country`` has the public holidays.
    """

    frequency: str | None = None
    gaps: Literal["unknown", "zero"] = "unknown"
    duplicates: Literal["error", "sum"] = "error"
    negative: Literal["error", "zero", "keep"] = "error"
    today: date = field(default_factory=date.today)
    country: str = ""
