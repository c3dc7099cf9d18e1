"""Who looks on while customers are served: what is measured and traced hangs here, and the kiosk knows none of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

from walkiosk.kiosk.turn import Reply

AWAY = nullcontext()


class Observer:
    """Is told what happens at the kiosk; this one looks away. None of its methods raises or blocks."""

    def turn(self) -> AbstractContextManager[object]:
        """Entered while a turn is answered and its reply shown, steps within it."""
        return AWAY

    def step(self, name: str) -> AbstractContextManager[object]:
        """Entered while a step is done: hear, understand, look_up, decide, word, speak."""
        return AWAY

    def replied(self, reply: Reply) -> None:
        """A reply is shown to somebody who was meant."""

    def sounded(self, seconds: float) -> None:
        """The first sound of a reply is out, so long after it could be spoken."""

    def restarted(self, part: str) -> None:
        """The watchdog has begun to build a part anew."""


class Observers(Observer):
    """Several of them."""

    def __init__(self, *each: Observer) -> None:
        self.each = each

    @contextmanager
    def turn(self) -> Iterator[None]:
        with ExitStack() as stack:
            for one in self.each:
                stack.enter_context(one.turn())
            yield

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        with ExitStack() as stack:
            for one in self.each:
                stack.enter_context(one.step(name))
            yield

    def replied(self, reply: Reply) -> None:
        for one in self.each:
            one.replied(reply)

    def sounded(self, seconds: float) -> None:
        for one in self.each:
            one.sounded(seconds)

    def restarted(self, part: str) -> None:
        for one in self.each:
            one.restarted(part)
