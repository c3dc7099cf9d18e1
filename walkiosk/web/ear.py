"""The ear of one socket under watch: a detector of turns that hangs or breaks is replaced by a new one."""

from __future__ import annotations

import logging
from collections.abc import Callable

from walkiosk.crew import Crew, Hung
from walkiosk.kiosk.observing import Observer
from walkiosk.listening import Ended, Onset, TurnDetector

HANGS_SECONDS = 5.0  # for what takes milliseconds
log = logging.getLogger(__name__)
_threads = Crew("ear")  # of all sockets


class Ear:
    """Hears as `TurnDetector` does; what was half said when the detector failed is dropped.

    The detector is made at the first sound: most pages never send any.
    """

    def __init__(
        self,
        observer: Observer,
        make: Callable[[], TurnDetector] = TurnDetector,
        hangs_seconds: float = HANGS_SECONDS,
    ) -> None:
        self._observer, self._make, self._hangs_seconds = observer, make, hangs_seconds
        self._detector: TurnDetector | None = None
        self.kiosk_speaks = False

    @property
    def hears_voice(self) -> bool:
        """Whether a turn is under way and not in a pause."""
        return self._detector is not None and self._detector.hears_voice

    def reset(self) -> None:
        """Forgets what was heard, as when the microphone is switched off."""
        if self._detector is not None:
            self._detector.reset()

    def hear(self, pcm: bytes) -> list[Onset | Ended]:
        """As `TurnDetector.hear`; of a detector that failed only the end of a mere noise is told."""
        detector = self._detector = self._detector or self._make()
        detector.kiosk_speaks = self.kiosk_speaks
        try:
            return _threads.call(lambda: detector.hear(pcm), self._hangs_seconds)
        except Exception as error:
            log.warning("an ear %s", "hangs" if isinstance(error, Hung) else "broke", exc_info=error)
        self._detector = self._make()
        self._observer.restarted("ear")
        return [Ended(None)]
