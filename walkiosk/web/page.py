"""The page as the server sees it: messages and sound go to it, one at a time, until it is gone."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from walkiosk.espeak import NoVoice
from walkiosk.kiosk import Reply
from walkiosk.kiosk.observing import Observer
from walkiosk.skill.speech_generation import Speaker
from walkiosk.speech import Speech, Spoken
from walkiosk.web import messages
from walkiosk.web.messages import Answer, Caption, Hush, State, StateName

TOO_FAST, TRY_LATER = 1008, 1013  # codes that we close a socket with
SLOWEST, LOUDEST = 0.5, 2.0  # factors of the voice's usual pace and loudness
log = logging.getLogger(__name__)


class Page:
    """Sends to one page; what is sent after the page has gone is dropped. `spent` is told what speaking takes."""

    def __init__(
        self, socket: WebSocket, speaker: Speaker, observer: Observer, spent: Callable[[float], None] = lambda _: None
    ) -> None:
        self._socket, self._speaker, self._observer, self._spent = socket, speaker, observer, spent
        self._sending = asyncio.Lock()
        self._open = True
        self._number = 0  # of the last reply
        self._speaking: list[asyncio.Task[None]] = []
        self._reading: int | None = None  # the number of what is being read aloud
        self._to_read: tuple[int, str, str] | None = None  # number, text, language of what is to be read next
        self._reader: asyncio.Task[None] | None = None
        self._pace = self._loudness = 1.0
        self.state: StateName = "attract"

    @property
    def speaks(self) -> bool:
        """Whether the kiosk's own voice can be heard in the microphone."""
        return self.state == "speaking" or self._reading is not None

    async def send(self, message: messages.ToPage) -> None:
        """Sends a message."""
        await self._deliver(messages.write(message))

    async def tell(self, state: StateName) -> None:
        """Says what the kiosk does now, if that is news."""
        if state != self.state:
            self.state = state
            await self.send(State(state))

    async def heard(self, text: str) -> None:
        """Shows what was heard, while the reply to it is worked out."""
        await self.send(Caption(text))
        await self.tell("thinking")

    async def show(self, reply: Reply, after_the_last: bool = False) -> None:
        """Shows a reply and begins to speak it, at once or `after_the_last` one has been said."""
        if not after_the_last:
            await self.hush()
        self._number += 1
        speech = None
        if reply.spoken:
            speech = Speech(self._speaker, reply.text, reply.language, self._pace, self._loudness)
        await self.send(Answer(self._number, reply, speech.sentences if speech else ()))
        if speech is None or not speech.sentences:
            await self.tell("listening")
            return
        before = [task for task in self._speaking if not task.done()]
        self._speaking = [*before, asyncio.create_task(self._speak(self._number, speech, before))]
        await self.tell("speaking")

    async def hush(self) -> None:
        """Stops the speaking and the reading aloud, and nothing else."""
        if self._reading is not None:
            number, self._reading, self._to_read = self._reading, None, None
            await self.send(Hush(number))
        if self.state != "speaking":
            return
        for task in self._speaking:
            task.cancel()
        self._speaking = []
        await self.send(Hush(self._number))
        await self.tell("listening")

    async def played(self, number: int) -> None:
        """Takes the page's word that it has played a reply, or what was read aloud, to its end."""
        if number == self._reading:
            self._reading = None
        if number == self._number and self.state == "speaking":
            await self.tell("listening")

    async def read(self, text: str, language: str) -> None:
        """Reads something of the screen aloud in place of whatever is being said; the newest is read, one at a time."""
        await self.hush()
        self._number += 1
        self._reading, self._to_read = self._number, (self._number, text, language)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read_on())

    def slower(self) -> None:
        """Speaks slower from the next reply on."""
        self._pace = max(SLOWEST, self._pace * 0.8)

    def louder(self) -> None:
        """Speaks louder from the next reply on."""
        self._loudness = min(LOUDEST, self._loudness * 1.4)

    def usual_voice(self) -> None:
        """Speaks to the next customer as to any other."""
        self._pace = self._loudness = 1.0

    def gone(self) -> None:
        """Notes that nobody receives any more."""
        self._open = False

    async def close(self, code: int, reason: str) -> None:
        """Closes the socket from our side."""
        async with self._sending:
            is_open, self._open = self._open, False
            if is_open:
                with suppress(WebSocketDisconnect, RuntimeError):
                    await self._socket.close(code, reason)

    async def _speak(self, number: int, speech: Speech, before: list[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
        begun, is_first = time.perf_counter(), True
        pieces = iter(speech)
        try:
            with self._observer.step("speak"):
                while (spoken := await self._next(pieces)) is not None:
                    await self._deliver(messages.audio_frame(number, spoken))
                    if is_first:
                        self._observer.sounded(time.perf_counter() - begun)
                    is_first = False
        except NoVoice as error:
            log.warning("%s", error)
        finally:
            speech.stop()
        await self._deliver(messages.end_frame(number))

    async def _read_on(self) -> None:
        while self._to_read is not None:
            (number, text, language), self._to_read = self._to_read, None
            speech = Speech(self._speaker, text, language, self._pace, self._loudness)
            pieces = iter(speech)
            try:
                while (spoken := await self._next(pieces)) is not None and number == self._reading:
                    await self._deliver(messages.audio_frame(number, spoken))
            except NoVoice as error:
                log.warning("%s", error)
            finally:
                speech.stop()
            await self._deliver(messages.end_frame(number))

    async def _next(self, pieces: Iterator[Spoken]) -> Spoken | None:
        begun = time.perf_counter()
        try:
            return await asyncio.to_thread(next, pieces, None)
        finally:
            self._spent(time.perf_counter() - begun)

    async def _deliver(self, data: str | bytes) -> None:
        async with self._sending:
            if not self._open:
                return
            try:
                if isinstance(data, str):
                    await self._socket.send_text(data)
                else:
                    await self._socket.send_bytes(data)
            except (WebSocketDisconnect, RuntimeError):  # starlette raises the latter on a socket closed meanwhile
                self._open = False
