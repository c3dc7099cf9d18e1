"""What the shop decided: a situation with its facts, and what it asks of the customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from walkiosk.kiosk.wording import Telling


@dataclass(frozen=True)
class Outcome:
    """The situation; `before` is told first, `after` last. `stage` None: the usual one for what was wished."""

    event: str
    facts: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Telling, ...] = ()
    after: tuple[Telling, ...] = ()
    asks: str = ""
    options: tuple[str, ...] = ()
    stage: str | None = None

    @property
    def tellings(self) -> tuple[Telling, ...]:
        """All that is said, in order."""
        return (*self.before, Telling(self.event, self.facts), *self.after)
