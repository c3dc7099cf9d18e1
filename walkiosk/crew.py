"""Threads for jobs that may hang: whoever waits for one waits for a bounded time, and nothing else waits at all."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from walkiosk.pausing import way

Result = TypeVar("Result")


class Hung(TimeoutError):
    """A job that did not end in time. Python cannot end it: its thread is left to itself."""


class Crew:
    """Does jobs in threads that are kept for the next one; a thread whose job hangs keeps nobody from anything.

    The threads do not hold up the end of the process either.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._idle: list[_Worker] = []

    def call(self, job: Callable[[], Result], seconds: float) -> Result:
        """What the job returns or raises; raises `Hung` when it does neither in time.

        The time in which it gives way to others (`pausing`) is not counted.
        """
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker(self.name)
        done: Future[Any] = Future()
        paused, given = way.get(), way.get().given_seconds
        run = contextvars.copy_context().run  # what the caller is part of, the job is part of
        worker.jobs.put((done, lambda: run(job)))
        until = time.monotonic() + seconds
        while not done.done() and (left := until + paused.given_seconds - given - time.monotonic()) > 0:
            wait([done], left)
        if not done.done():
            worker.jobs.put(None)  # should the job end one day, so does its thread
            raise Hung(f"{self.name}: nothing came in {seconds:g} s")
        self._idle.append(worker)
        error = done.exception()
        if error is not None:
            raise error
        result: Result = done.result()
        return result


class _Worker:
    """One thread and what it is to do."""

    def __init__(self, name: str) -> None:
        self.jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while (task := self.jobs.get()) is not None:
            done, job = task
            try:
                done.set_result(job())
            except BaseException as error:  # it is raised where somebody waits for it
                done.set_exception(error)
            del task, done, job  # what the job held is not held until the next one
