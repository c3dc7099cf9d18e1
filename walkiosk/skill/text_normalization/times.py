"""Times of day."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from walkiosk.skill.text_normalization.language import SPACES, Language, shared_full_stop
from walkiosk.skill.text_normalization.measures import measured, unit_name
from walkiosk.skill.text_normalization.numerals import Figure, agree, cardinal

_ALONE = r"(?<![\d:.,])"
_HOUR, _MINUTE = r"(?P<hour>[01]?\d|2[0-4])", r"(?P<minute>[0-5]\d)"
_HALF = rf"{SPACES}?(?P<half>[apAP])(?:[mM]|\.{SPACES}?[mM]\.)(?!\w)"
_WORD = rf"{SPACES}?(?:Uhr|h|H|hrs|ч|horas|ore|часов)(?!\w)"


@lru_cache(maxsize=8)
def _patterns(language: Language) -> tuple[re.Pattern[str], ...]:
    found = [rf"{_ALONE}{_HOUR}:{_MINUTE}(?::(?P<second>[0-5]\d))?(?![\d:])(?:{_HALF})?(?:{_WORD})?"]
    match language.code:
        case "en" | "es":
            found.append(rf"{_ALONE}{_HOUR}\.{_MINUTE}{_HALF}")  # before the next: "9.30am" is no "30am"
            found.append(rf"{_ALONE}{_HOUR}{_HALF}")
        case "de":
            found.append(rf"{_ALONE}{_HOUR}\.{_MINUTE}{SPACES}Uhr(?!\w)")
            found.append(rf"{_ALONE}{_HOUR}{SPACES}Uhr(?:{SPACES}{_MINUTE}(?!\d))?(?!\w)")
        case "it":
            found.append(rf"(?<=\bore{SPACES}){_HOUR}\.{_MINUTE}(?!\d)")
    if language.code in ("es", "fr", "it", "pt"):
        found.append(rf"{_ALONE}{_HOUR}{SPACES}?h{SPACES}?{_MINUTE}(?!\d)")
    return tuple(map(re.compile, found))


def times(text: str, language: Language) -> str:
    """14:30, 14h30, 7:30 pm."""
    for pattern in _patterns(language):
        text = pattern.sub(lambda match: _say(match, language), text)
    return text


def _say(match: re.Match[str], language: Language) -> str:
    parts = match.groupdict()
    half = f" {parts['half'].upper()} M" if parts.get("half") else ""
    said = _time(int(parts["hour"]), int(parts.get("minute") or 0), bool(half), language)
    if parts.get("second"):
        seconds = Figure(str(int(parts["second"])))
        said = f"{said} {language.wording.and_} {measured(seconds, 'duration-second', language)}"
    return f"{said}{half}{shared_full_stop(match, language)} "


def _time(hour: int, minute: int, has_half: bool, language: Language) -> str:
    said_minute = cardinal(minute, language)
    with_zero = f"{cardinal(0, language)} {said_minute}" if minute < 10 else said_minute
    hours = measured(Figure(str(hour)), "duration-hour", language)
    feminine_hour = agree(cardinal(hour, language), unit_name("duration-hour", Decimal(1), language), language)
    match language.code:
        case "en" if minute == 0:
            return cardinal(hour, language) + ("" if has_half else " o'clock" if 0 < hour <= 12 else " hundred")
        case "en":
            return f"{cardinal(hour, language)} {with_zero.replace('zero', 'oh')}"
        case "de":
            said = f"{agree(cardinal(hour, language), 'Uhr', language)} Uhr"
            return f"{said} {said_minute}" if minute else said
        case "fr":
            return f"{hours} {said_minute}" if minute else hours
        case "pt":
            return f"{hours} e {said_minute}" if minute else hours
        case "ru":
            return f"{cardinal(hour, language)} {with_zero}" if minute else hours
    return f"{feminine_hour} {language.wording.and_} {said_minute}" if minute else feminine_hour
