"""The one door through which the operator's pages reach the shop and the model.

What needs the model is done in one thread, one thing after the other, in small pieces: before each piece it gives way
to the customers in front of the kiosk. What was worked out is kept until the day or what it rests on is another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from walkiosk.office.digest_value import Filed, Floats, RemarkSkills
from walkiosk.skill import Model, skill
from walkiosk.store import Store
from walkiosk.store.customers import now_ms
from walkiosk.store.editing import Editor

if TYPE_CHECKING:
    from walkiosk.skill.forecasting import Forecaster, History, Values

Result = TypeVar("Result")
SERIES_AT_ONCE = 32  # that are forecast before customers are given way to
TEXTS_AT_ONCE = 8


def at_once() -> None:
    """Nobody to give way to."""


@dataclass(frozen=True)
class OfficeSkills:
    """Where the skills come from when they are first needed; each raises `Untrained` where the weights lack it."""

    forecaster: Callable[[], Forecaster]
    remarks: Callable[[], RemarkSkills]

    @classmethod
    def of(cls, model: Callable[[], Model], weights: Path | None = None) -> OfficeSkills:
        """The model's."""

        @lru_cache(maxsize=1)
        def forecaster() -> Forecaster:
            skill("forecasting", weights)
            from walkiosk.skill import forecasting

            return forecasting.load(weights)

        @lru_cache(maxsize=1)
        def remarks() -> RemarkSkills:
            skill("summarization", weights)
            return RemarkSkills.of(model())

        return cls(forecaster, remarks)


class Office:
    """One shop's office; `clock` gives milliseconds since 1970, `give_way` returns when no customer is waiting."""

    def __init__(
        self,
        store: Store,
        skills: OfficeSkills | None = None,
        clock: Callable[[], int] = now_ms,
        give_way: Callable[[], object] = at_once,
    ) -> None:
        self.store = store
        self.clock = clock
        self._skills = skills or OfficeSkills.of(lru_cache(maxsize=1)(Model.load))
        self._give_way = give_way
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="office")
        self._kept: dict[str, tuple[Hashable, Any]] = {}
        self.on_renewed: Callable[[], object] = at_once  # who else has read the shop's facts in this process

    @property
    def editor(self) -> Editor:
        """Changes the shop's files."""
        return Editor(self.store.engine, self.store.folder, self.renew, self.clock)

    def renew(self) -> None:
        """Takes over what was loaded into the shop's database since."""
        self.store = self.store.renewed()
        self.on_renewed()

    @classmethod
    def open(cls, store: Path | str, database: str | None = None, weights: Path | None = None) -> Office:
        """Opens a store folder or a database by its URL; raises what `Store.open` raises.

        The model is loaded when it is first needed.
        """
        model = lru_cache(maxsize=1)(lambda: Model.load(weights))
        return cls(Store.open(store, database), OfficeSkills.of(model, weights))

    @property
    def today(self) -> date:
        """The shop's date."""
        return self.day_of(self.clock())

    def day_of(self, at_ms: int) -> date:
        """The shop's date at an instant."""
        return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(self.store.settings.time_zone)).date()

    async def read(self, look: Callable[[], Result]) -> Result:
        """Looks something up in the shop's books, beside whatever is being worked on."""
        return await asyncio.to_thread(look)

    async def write(self, change: Callable[[], Result]) -> Result:
        """Changes the shop's books; a change that has begun is made, whoever is still looking."""
        return await asyncio.shield(asyncio.to_thread(change))

    async def work(self, job: Callable[[], Result]) -> Result:
        """Has a job done in the office's own thread, behind those that are waiting there."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)

    def kept(self, name: str, rests_on: Hashable, job: Callable[[], Result]) -> Result:
        """What a job found, done anew on another day and when what it rests on has changed; in the office's thread."""
        key = (self.today, rests_on)
        if name not in self._kept or self._kept[name][0] != key:
            self._kept[name] = (key, job())
        found: Result = self._kept[name][1]
        return found

    def forecast(self, histories: Sequence[History], horizon: int) -> list[Values]:
        """Quantiles of each history, H × 9, customers first; raises `Untrained`."""
        forecaster = self._skills.forecaster()
        found: list[Values] = []
        for start in range(0, len(histories), SERIES_AT_ONCE):
            self._give_way()
            found += forecaster(histories[start : start + SERIES_AT_ONCE], horizon)
        return found

    def remark_skills(self) -> RemarkSkills:
        """The skills that read and word remarks, customers first; raises `Untrained`."""
        made = self._skills.remarks()

        def vectors(texts: Sequence[str]) -> Floats:
            return np.concatenate([made.vectors(part) for part in self._parts(texts)] or [made.vectors([])])

        def feelings(texts: Sequence[str]) -> list[str]:
            return [each for part in self._parts(texts) for each in made.feelings(part)]

        def categorise(texts: Sequence[str], categories: Sequence[str], filed: Filed) -> list[str]:
            return [each for part in self._parts(texts) for each in made.categorise(part, categories, filed)]

        def one(write: Callable[[Sequence[str], str], str]) -> Callable[[Sequence[str], str], str]:
            def written(remarks: Sequence[str], language: str) -> str:
                self._give_way()
                return write(remarks, language)

            return written

        return RemarkSkills(vectors, feelings, categorise, one(made.sentence), one(made.first_step))

    def close(self) -> None:
        """Finishes what is under way, and no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _parts(self, texts: Sequence[str]) -> Iterator[Sequence[str]]:
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            self._give_way()
            yield texts[start : start + TEXTS_AT_ONCE]
