"""What a digest of remarks is made of, and the skills that it is made with."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from walkiosk.skill import Model

Floats = NDArray[np.float32]
Filed = Sequence[tuple[str, str]]  # texts that people have put under a category, and that category
Told = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much


@dataclass(frozen=True)
class RemarkSkills:
    """One function each: texts to vectors (N D, of length 1), feelings, categories; remarks to sentences or nothing."""

    vectors: Callable[[Sequence[str]], Floats]
    feelings: Callable[[Sequence[str]], list[str]]
    categorise: Callable[[Sequence[str], Sequence[str], Filed], list[str]]  # texts, categories, what is filed by hand
    sentence: Callable[[Sequence[str], str], str]  # remarks of one theme, language
    first_step: Callable[[Sequence[str], str], str]

    @classmethod
    def trained(cls, weights: Path | None = None) -> RemarkSkills:
        """Those of a folder of weights; raises `Untrained` where they were not learned, FileNotFoundError."""
        from walkiosk.skill import Model, skill

        skill("summarization", weights)
        return cls.of(Model.load(weights))

    @classmethod
    def of(cls, model: Model) -> RemarkSkills:
        """The model's."""
        from walkiosk.skill import summarization

        return cls(
            partial(summarization.vectors, model),
            partial(summarization.feelings, model),
            partial(summarization.categorise, model),
            partial(summarization.sentence, model, least_sure=summarization.LEAST_SURE),
            partial(summarization.first_step, model, least_sure=summarization.LEAST_SURE),
        )


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``since`` to ``until``, both of them in it."""

    since: datetime.date
    until: datetime.date

    @property
    def days(self) -> int:
        """How long it is."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Period:
        """The period of equal length that ends the day before."""
        length = datetime.timedelta(self.days)
        return Period(self.since - length, self.until - length)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, datetime.date) and self.since <= day <= self.until


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the digest, the theme that it is about (a place in `Digest.themes`), what it rests on.

    ``quoted`` where a remark speaks for its theme, because what the model wrote about it was dropped.
    """

    text: str
    kind: str  # a feeling of the skill's, or "first_step"
    theme: int
    ids: tuple[str, ...]
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """A remark, word for word."""

    id: str
    words: str
    language: str | None
    day: datetime.date | None


@dataclass(frozen=True, slots=True)
class NamedItem:
    """A product that remarks of a theme name, and how many of them do."""

    thing: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Theme:
    """What several remarks say alike. ``share`` is of the remarks with words, ``before`` the count a period ago.

    ``before`` is None where no earlier period is known; ``sentence`` where none was written or none was supported.
    """

    sentence: str | None
    feeling: str
    category: str | None
    count: int
    share: float
    before: int | None
    quotes: tuple[Quote, ...]
    items: tuple[NamedItem, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stars:
    """How many remarks gave 1 to 5 stars, and the mean a period ago."""

    counts: tuple[int, ...]
    mean: float | None
    before: float | None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that the model wrote and that was not shown, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Digest:
    """Customers' remarks summed up for the operator, in ``language``.

    ``remarks`` counts those of the period that have words; of these ``alone`` share no theme with another, and
    ``unclear`` (their ids) say too little to be grouped. ``undated`` ones are in no period and left out of it.
    """

    language: str
    period: Period | None
    text: str
    sentences: tuple[Sentence, ...]
    themes: tuple[Theme, ...]
    categories: tuple[tuple[str, int], ...]
    stars: Stars
    remarks: int
    before: int | None
    alone: int
    unclear: tuple[str, ...]
    stars_only: int
    undated: int
    written: int
    dropped: tuple[Dropped, ...]
