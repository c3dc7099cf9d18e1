"""One customer's socket: what the page and the microphone send becomes turns, one after the other; replies go back.

`run` takes what comes in and never waits for a turn; `_work` has one turn at a time answered in a thread. A sale goes
on to its end when the customer is gone: we interrupt speech, never money.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

import numpy as np
from fastapi import WebSocket
from numpy.typing import NDArray
from starlette.websockets import WebSocketDisconnect

from walkiosk.kiosk import Kiosk, Reply, Turn
from walkiosk.kiosk.wake import after_wake_phrase
from walkiosk.listening import Ended, Onset
from walkiosk.web import messages
from walkiosk.web.allowance import Allowance
from walkiosk.web.ear import Ear
from walkiosk.web.limits import address_of
from walkiosk.web.messages import Problem, Shop
from walkiosk.web.page import TOO_FAST, TRY_LATER, Page
from walkiosk.web.receipts import Receipts
from walkiosk.web.traffic import Traffic
from walkiosk.web.turns import Turns

LONGEST_TEXT = 1000  # letters of a turn
WAITING_TURNS = 4  # that a hasty customer may have ahead of the one being answered

Returned = TypeVar("Returned")
Job = Callable[[], Awaitable[None]]
log = logging.getLogger(__name__)


class Conversation:
    """Everything one socket knows. `run` returns when the customer is gone and the last sale is through."""

    def __init__(self, socket: WebSocket, kiosk: Kiosk, turns: Turns, traffic: Traffic) -> None:
        self._socket, self._kiosk, self._turns = socket, kiosk, turns
        self.address = address_of(socket.client)
        self._allowance, self._ear = Allowance(traffic, self.address), Ear(kiosk.observer)
        self._standing = turns.standing(self.address, self._allowance.purse)
        self._page = Page(socket, kiosk.speaker, kiosk.observer, self._standing.spend)
        self._receipts = Receipts(kiosk)
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._session: str | None = None  # None on the attract screen
        self._language: str | None = None  # that the customer chose on the screen

    @property
    def waiting(self) -> int:
        """Turns that nobody has begun to answer."""
        return self._jobs.qsize()

    @property
    def quiet_since(self) -> float | None:
        """Since when nothing came; None while a customer is there."""
        return self._allowance.received if self._session is None or self._allowance.is_left else None

    async def make_room(self) -> None:
        """Ends the conversation, which nobody is having; a page of ours opens another."""
        await self._page.close(TRY_LATER, "there are many sockets, and this one was quiet longest")

    async def run(self) -> None:
        """Serves the socket from accept to the end."""
        await self._socket.accept()
        shop = self._kiosk
        languages, keeps, loop = tuple(shop.languages), shop.keeps_conversations, shop.shop.store.settings.hearing_loop
        greeting = Shop(shop.name, shop.wake_phrases[0], shop.currency, languages, shop.plays_jingle, keeps, loop)
        await self._page.send(greeting)
        worker = asyncio.create_task(self._work())
        try:
            while (frame := await self._socket.receive())["type"] != "websocket.disconnect":
                if not await self._allowance.admits(frame.get("bytes"), self._page.send):
                    await self._page.close(TOO_FAST, "too much, too fast")
                    break
                await self._receive(frame.get("bytes"), frame.get("text"))
        except WebSocketDisconnect:
            log.debug("the customer's socket broke off")
        finally:
            self._allowance.leave()
            self._page.gone()
            await self._page.hush()
            self._forget_waiting()
            self._jobs.put_nowait(self._end)
            await self._jobs.join()
            worker.cancel()

    async def _receive(self, pcm: bytes | None, text: str | None) -> None:
        if pcm is not None:
            return await self._hear(pcm)
        message = messages.read(text or "")
        if isinstance(message, Problem):
            await self._page.send(message)
        else:
            await self._take(message)

    async def _take(self, message: messages.FromPage) -> None:
        match message:
            case messages.Wake(language=language):
                if language is None or await self._is_known(language):
                    await self._queue(lambda: self._greet(language))
            case messages.Text(text=text):
                await self._take_text(text.strip())
            case messages.Touch(action=action, text=words):
                await self._queue(lambda: self._answer(action=action, text=words))
            case messages.Language(language=language):
                await self._choose_language(language)
            case messages.StartOver():
                await self._page.hush()
                self._forget_waiting()
                self._jobs.put_nowait(self._start_over)
            case messages.BargeIn():
                await self._page.hush()
            case messages.Played(reply=number):
                await self._page.played(number)
            case messages.Read(text=text, language=language):
                if not self._turns.slows(self._standing) and await self._is_known(language):
                    await self._page.read(text, language)
            case messages.WantReceipt():
                await self._queue(lambda: self._give_receipt(message))
            case messages.Microphone():
                self._ear.reset()
                if self._page.state == "hearing":
                    await self._page.tell("listening")

    async def _take_text(self, text: str) -> None:
        if not text:
            return await self._page.send(Problem("empty", "text: is empty"))
        cut = text[: LONGEST_TEXT + 1]  # a letter too many is enough for the kiosk to say that it is too long
        await self._queue(lambda: self._answer(text=cut))

    async def _choose_language(self, language: str | None) -> None:
        if language is not None and not await self._is_known(language):
            return
        self._language = language
        if self._session is not None and language is not None:
            await self._queue(lambda: self._answer(action=f"language {language}"))

    async def _is_known(self, language: str) -> bool:
        known = self._kiosk.languages
        if language not in known:
            await self._page.send(Problem("language", f"language: {language[:20]!r} is none of {', '.join(known)}"))
        return language in known

    async def _hear(self, pcm: bytes) -> None:
        if (problem := messages.frame_problem(pcm)) is not None:
            return await self._page.send(problem)
        self._ear.kiosk_speaks = self._page.speaks
        for event in await asyncio.to_thread(self._ear.hear, pcm):
            await self._notice(event)
        if self._ear.hears_voice:
            await self._page.hush()  # also for who was speaking before the kiosk began

    async def _notice(self, event: Onset | Ended) -> None:
        if isinstance(event, Onset):
            await self._page.hush()
            if self._page.state == "listening":
                await self._page.tell("hearing")
        elif event.audio is not None:
            audio = event.audio
            await self._queue(lambda: self._answer(audio=audio))
        elif self._page.state == "hearing":
            await self._page.tell("listening")

    async def _queue(self, job: Job) -> None:
        if self._jobs.qsize() < WAITING_TURNS:
            self._jobs.put_nowait(job)
        else:
            await self._page.send(Problem("busy", f"{WAITING_TURNS} turns are waiting already"))

    def _forget_waiting(self) -> None:
        while not self._jobs.empty():
            self._jobs.get_nowait()
            self._jobs.task_done()

    async def _work(self) -> None:
        while True:
            job = await self._jobs.get()
            try:
                await job()
            except Exception as error:  # whatever a turn breaks on, this customer and the next must be served
                log.exception("a turn failed")
                await self._page.send(Problem("failed", type(error).__name__))
                await self._page.tell("attract" if self._session is None else "listening")
            finally:
                self._jobs.task_done()

    async def _in_thread(self, call: Callable[[], Returned]) -> Returned:
        return await self._turns.in_thread(call)

    async def _in_turn(self, call: Callable[[], Returned]) -> Returned:
        return await self._turns.answered(self._standing, call)

    async def _greet(self, language: str | None) -> None:
        self._language = language or self._language
        session = await self._begin()
        await self._show(await self._in_turn(lambda: self._kiosk.greet(session, self._language)))

    async def _begin(self) -> str:
        if self._session is None:
            self._session = await self._in_thread(self._kiosk.start)
        return self._session

    async def _answer(
        self, text: str | None = None, audio: NDArray[np.float32] | None = None, action: str | None = None
    ) -> None:
        with self._kiosk.observer.turn():
            await self._take_turn(text, audio, action)

    async def _take_turn(self, text: str | None, audio: NDArray[np.float32] | None, action: str | None) -> None:
        if audio is not None and self._session is None:
            await self._listen_for_wake_phrase(audio)
            return
        session = await self._begin()
        await self._page.hush()
        await self._page.tell("thinking")
        turn = Turn(session, text, audio, action, self._language)
        reply = await self._ask(turn)
        await self._show(reply)
        if reply.stage == "paying":
            await self._sell(session, reply)

    async def _ask(self, turn: Turn, is_meant: Callable[[str], bool] = bool) -> Reply:
        """The kiosk's reply; what was heard, if we are meant, is on the page while the reply is worked out."""
        loop = asyncio.get_running_loop()
        sent: list[Future[None]] = []

        def on_heard(text: str) -> None:  # in the turn's thread
            if is_meant(text):
                sent.append(asyncio.run_coroutine_threadsafe(self._page.heard(text), loop))

        try:
            return await self._in_turn(lambda: self._kiosk.answer(turn, on_heard))
        finally:  # whatever became of the turn, its caption does not come after that
            await asyncio.gather(*map(asyncio.wrap_future, sent))

    async def _listen_for_wake_phrase(self, audio: NDArray[np.float32]) -> None:
        # The session is begun on trial: what passers-by say must leave nothing behind.
        session = await self._in_thread(self._kiosk.start)
        phrases = self._kiosk.wake_phrases
        turn = Turn(session, audio=audio, language=self._language)
        reply = await self._ask(turn, lambda heard: after_wake_phrase(heard, phrases) is not None)
        rest = after_wake_phrase(reply.heard, phrases)
        if rest is None:
            await self._in_thread(lambda: self._kiosk.end(session))
            return
        self._session = session
        if rest:
            await self._show(reply)
        else:
            await self._show(await self._in_thread(lambda: self._kiosk.greet(session, reply.language)))

    async def _sell(self, session: str, shown: Reply) -> None:
        steps = iter(self._kiosk.pay(session))

        while (reply := await self._turns.sold(self._standing, lambda: next(steps, None))) is not None:
            if (reply.event, reply.text) != (shown.event, shown.text):
                await self._show(reply, after_the_last=True)
            shown = reply

    async def _give_receipt(self, wanted: messages.WantReceipt) -> None:
        session = self._session
        await self._page.send(await self._in_thread(lambda: self._receipts.answer(session, wanted)))

    async def _show(self, reply: Reply, after_the_last: bool = False) -> None:
        self._kiosk.observer.replied(reply)
        self._standing.follow(reply)
        if reply.event == "slower":
            self._page.slower()
        elif reply.event == "louder":
            self._page.louder()
        elif reply.event == "language_changed":
            self._language = reply.language  # asked for aloud, it holds like one chosen on the screen
        session = self._session
        if self._turns.slows(self._standing):
            reply = replace(reply, spoken=False)  # it would take more of the model's time
        voice = await asyncio.to_thread(self._kiosk.speaker.voice, reply.language)
        if session is not None and reply.spoken and voice is None:
            written = reply
            reply = await self._in_thread(lambda: self._kiosk.without_voice(session, written))
        await self._page.show(reply, after_the_last)

    async def _start_over(self) -> None:
        await self._end()
        await self._page.tell("attract")

    async def _end(self) -> None:
        session, self._session = self._session, None
        self._language = None
        self._standing.leave()
        self._page.usual_voice()
        if session is not None:
            await self._in_thread(lambda: self._kiosk.end(session))
