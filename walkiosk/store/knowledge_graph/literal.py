"""Years, dates, numbers and texts as stretches of one line, so that "2010" and "2010-05-01" can be compared."""

import datetime
import re

TIMES = ("year", "date")
TEXT_SORT_LETTERS = 6  # as many 8-bit letters as a double holds exactly, with room to spare
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d+)?", re.ASCII)
_TIME = re.compile(r"(-?\d{1,4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def interval(text: str, types: tuple[str, ...]) -> tuple[float, float] | None:
    """Where a literal of one of these types lies: (low, high), or None when it is none of them.

    A number is a point. Times are counted as year · 10000 + month · 100 + day, and a whole year or month reaches
    from its first to its last day. A text that begins with a number lies there, any other by its first letters.
    """
    if any(kind in TIMES for kind in types) and (span := _time(text, "date" in types)):
        return span
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text), float(text)
    if "text" in types:
        place = _text_place(text)
        return place, place
    return None


def _time(text: str, with_days: bool) -> tuple[float, float] | None:
    match = _TIME.fullmatch(text)
    if not match or (match[2] and not with_days):
        return None
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    try:
        datetime.date(2000 if year < 1 else year, month or 1, day or 1)
    except ValueError:
        return None
    return float(year * 10000 + (month or 1) * 100 + (day or 1)), float(
        year * 10000 + (month or 12) * 100 + (day or 31)
    )


def _text_place(text: str) -> float:
    if match := _NUMBER.match(text):
        return float(match[0])
    letters = text.casefold()[:TEXT_SORT_LETTERS].ljust(TEXT_SORT_LETTERS, "\0")
    return float(sum(min(ord(letter), 255) << 8 * (5 - place) for place, letter in enumerate(letters)))
