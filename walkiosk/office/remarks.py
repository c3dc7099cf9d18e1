"""What customers remarked, as it comes from the shop's books or from a file, and the points that a remark makes."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

from walkiosk.store import feedback

LEAST_WORDS = 2  # a remark of one word says how, not what
LEAST_POINT = 4  # words of a sentence that makes a point of its own
MOST_POINTS = 6  # that are looked for in one remark
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W\d_][\w'’\u0900-\u097f-]*")  # Hindi's vowel signs are no \w
_LINK = re.compile(r"https?://|\bwww\.|\S@\S+\.\S|\bt\.me/", re.IGNORECASE)
_RUN = re.compile(r"(\S)\1{5}")  # aaaaaa, !!!!!!! is cut before
_SENTENCE = re.compile(r"[^.!?…。！？।]+[.!?…。！？।]*(?:\s+|$|(?<=[。！？।]))")
_MARKS = re.compile(r"[!?.,…。！？]+")


@dataclass(frozen=True, slots=True)
class Remark:
    """One customer's remark; ``stars`` are 1 to 5 or None, ``words`` are empty for stars alone; ``filed`` is the
    category that somebody put it under by hand, ``kiosk`` where it was made, None for here."""

    id: str
    words: str
    language: str | None = None
    day: datetime.date | None = None
    stars: int | None = None
    filed: str | None = None
    kiosk: str | None = None


def of_feedback(kept: Sequence[feedback.Remark], time_zone: str) -> list[Remark]:
    """The shop's own feedback, each remark on the day that it was in the shop."""
    zone = zoneinfo.ZoneInfo(time_zone)
    return [
        Remark(
            str(each.id),
            each.words,
            each.language,
            datetime.datetime.fromtimestamp(each.at_ms / 1000, zone).date(),
            each.stars,
            each.filed,
            each.kiosk,
        )
        for each in kept
    ]


def filed_by_hand(remarks: Sequence[Remark]) -> list[tuple[str, str]]:
    """What people have filed: (words, category) each."""
    return [(remark.words, remark.filed) for remark in remarks if remark.filed and remark.words]


def count_words(text: str) -> int:
    """The words of a text; two Chinese characters count as one, as they are spoken."""
    characters = len(_HAN.findall(text))
    return len(_HAN.sub(" ", text).split()) + (characters + 1) // 2


def is_unclear(words: str) -> bool:
    """Whether a remark is no use to sum up: one word, no words, an advertisement's link, keys held down."""
    if _LINK.search(words) or _RUN.search(_MARKS.sub(" ", words)):
        return True
    said = [word.casefold() for word in _WORD.findall(_HAN.sub(" ", words))]
    characters = len(_HAN.findall(words))
    return len(set(said)) + (characters + 1) // 2 < LEAST_WORDS


def points(words: str) -> tuple[str, ...]:
    """The sentences of a remark that can each be about something else; none where there are fewer than two."""
    found = [part.strip() for part in _SENTENCE.findall(words)]
    long = [part for part in found if count_words(part) >= LEAST_POINT]
    return tuple(long[:MOST_POINTS]) if len(long) > 1 else ()
