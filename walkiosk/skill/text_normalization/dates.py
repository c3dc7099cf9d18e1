"""Dates, as ISO and Babel write them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from babel.dates import get_month_names

from walkiosk.skill.text_normalization.language import SPACES, Language, before, shared_full_stop
from walkiosk.skill.text_normalization.numerals import cardinal, ordinal, year

THIS_CENTURY = 70  # two digits below are of the 2000s, as POSIX has it
_GERMAN_WEAK = re.compile(r"\b(?:am|vom|zum|dem|den|bis|seit|ab|beim|im)\s$", re.IGNORECASE)
_RUSSIAN_GENITIVE = re.compile(r"\b(?:с|со|до|от|после|около)\s$", re.IGNORECASE)
_CASES_RU = {"г.": "n", "год": "n", "года": "g", "году": "p", "годом": "i"}

_NUMERIC = re.compile(
    r"(?<![\d/.,-])(?:(?P<year>\d{4})([/.-])(?P<second>\d{1,2})\2(?P<third>\d{1,2})"
    r"|(?P<first>\d{1,2})([/.-])(?P<middle>\d{1,2})\6(?P<last>\d{4}|\d\d))(?!\d|[/.,-]\d)(?:T(?=\d\d:))?"
)
_YEAR_AND_MONTH = re.compile(r"(?<![\d/.,-])(1\d{3}|20\d\d)-(0[1-9]|1[0-2])(?![\d-]|[/.,]\d)")
_DAY_AND_MONTH_DE = re.compile(r"(?<![\d/.,-])(\d{1,2})\.(\d{1,2})\.(?!\d)")
_YEAR_RU = re.compile(rf"(?<![\d.,-])([12]\d{{3}}){SPACES}?(г\.|(?:года|году|годом|год)\b)")


def _month(number: int, language: Language, context: Literal["format", "stand-alone"] = "format") -> str:
    return str(get_month_names("wide", context, language.locale)[number])


@lru_cache(maxsize=8)
def _months(language: Language) -> Mapping[str, int]:
    """Every way to write a month, its full stop left out."""
    names = (get_month_names(width, "format", language.locale) for width in ("abbreviated", "wide"))
    return {name.removesuffix("."): number for each in names for number, name in each.items()}


@lru_cache(maxsize=8)
def _patterns(language: Language) -> tuple[re.Pattern[str], ...]:
    """28 de noviembre de 2026 and its like, and in English November 28, 2026 too; from 1–3 May its first day."""
    names = "|".join(sorted(map(re.escape, _months(language)), key=len, reverse=True))
    month = rf"(?<!\w)(?P<month>{names})(?!\w)(?:\.(?={SPACES}\w))?"
    written = rf"(?P<year>[12]\d{{3}})(?!\d)(?:{SPACES}?(?P<word>г\.|года(?!\w)))?"
    ending = r"(?:st|nd|rd|th|er|\.?º|°|\.|-го|-е)?"
    link = rf"{SPACES}(?:de{SPACES}|del{SPACES}|of{SPACES})?"
    first_day = rf"(?:(?P<first>\d{{1,2}})\.?{SPACES}?[–-]{SPACES}?)?"
    day_first = rf"(?<![\d.,/–-]){first_day}(?P<day>\d{{1,2}}){ending}{link}{month}(?:,?{link}{written})?"
    last_day = r"(?:[–-](?P<last>\d{1,2}))?"
    after = rf"(?:st|nd|rd|th)?(?!\d|[:.,–-]\d|{SPACES}?[ap]\.?m\b)"
    month_first = rf"{month}{SPACES}(?P<day>\d{{1,2}}){last_day}{after}(?:,?{SPACES}{written})?"
    return tuple(re.compile(each) for each in ((day_first, month_first) if language.code == "en" else (day_first,)))


def dates(text: str, language: Language) -> str:
    """Dates of day, month and year, of day and month, and of year and month."""
    text = _NUMERIC.sub(lambda match: _numeric(match, language), text)
    text = _YEAR_AND_MONTH.sub(lambda match: _year_and_month(int(match[1]), int(match[2]), language), text)
    for pattern in _patterns(language):
        text = pattern.sub(lambda match: _written(match, language), text)
    if language.code == "de":
        text = _DAY_AND_MONTH_DE.sub(lambda match: _day_and_month_de(match, language), text)
    if language.code == "ru":
        text = _YEAR_RU.sub(lambda match: _year_ru(match, language), text)
    return text


def _is_date(of_year: int, month: int, day: int) -> bool:
    try:
        datetime.date(of_year, month, day)
    except ValueError:
        return False
    return True


def _numeric(match: re.Match[str], language: Language) -> str:
    if match["year"]:
        of_year, month, day = int(match["year"]), int(match["second"]), int(match["third"])
    else:
        day, month, of_year = int(match["first"]), int(match["middle"]), int(match["last"])
        if (language.code == "en" and day <= 12) or month > 12:
            day, month = month, day
        if len(match["last"]) == 2:
            of_year += 2000 if of_year < THIS_CENTURY else 1900
    if not _is_date(of_year, month, day):
        return match[0]
    return f"{_say(day, month, of_year, before(match), language)} "


def _written(match: re.Match[str], language: Language) -> str:
    month, day = _months(language)[match["month"]], int(match["day"])
    of_year = int(match["year"]) if match["year"] else None
    if not _is_date(of_year or 2024, month, day):
        return match[0]
    parts = match.groupdict()
    said = _say(day, month, of_year, before(match), language, month_first=match[0].startswith(match["month"]))
    if parts.get("first"):
        said = f"{_day(int(parts['first']), before(match), language)} {language.wording.to} {said.removeprefix('the ')}"
    if parts.get("last"):
        till = f"{_day(day, '', language)} {language.wording.to} {_day(int(parts['last']), '', language)}"
        said = said.replace(_day(day, "", language), till, 1)
    return said + shared_full_stop(match, language)


def _day(day: int, prefix: str, language: Language) -> str:
    match language.code:
        case "en":
            return ordinal(day, language)
        case "de":
            weak = _GERMAN_WEAK.search(prefix)
            nominative = re.search(r"\bder\s$", prefix, re.IGNORECASE)
            return ordinal(day, language) + ("n" if weak else "" if nominative else "r")
        case "ru":
            return ordinal(day, language, gender="n", case="g" if _RUSSIAN_GENITIVE.search(prefix) else "n")
    return ordinal(1, language) if day == 1 else cardinal(day, language)


def _say(
    day: int, month: int, of_year: int | None, prefix: str, language: Language, month_first: bool | None = None
) -> str:
    said_day, name = _day(day, prefix, language), _month(month, language)
    said_year = "" if of_year is None else _of_year(of_year, language)
    if language.code == "en" and month_first is False:
        article = "" if re.search(r"\bthe\s$", prefix, re.IGNORECASE) else "the "
        return f"{article}{said_day} of {name} {said_year}".rstrip()
    if language.code == "en":
        return f"{name} {said_day}" + (f", {said_year}" if said_year else "")
    link = " de " if language.code in ("es", "pt") else " "
    return f"{said_day}{link}{name}" + (f"{link}{said_year}" if said_year else "")


def _of_year(of_year: int, language: Language) -> str:
    if language.code == "ru":
        return f"{ordinal(of_year, language, case='g')} года"
    return year(of_year, language)


def _year_and_month(of_year: int, month: int, language: Language) -> str:
    link = " de " if language.code in ("es", "pt") else " "
    return f"{_month(month, language, 'stand-alone')}{link}{_of_year(of_year, language)} "


def _day_and_month_de(match: re.Match[str], language: Language) -> str:
    day, month = int(match[1]), int(match[2])
    if not _is_date(2024, month, day):
        return match[0]
    return _say(day, month, None, before(match), language) + shared_full_stop(match, language)


def _year_ru(match: re.Match[str], language: Language) -> str:
    case = _CASES_RU[match[2]]
    if match[2] == "г." and re.search(r"\b[вВ]о?\s$", before(match)):
        case = "p"
    noun = next(word for word, of_case in _CASES_RU.items() if of_case == case and word != "г.")
    return f"{ordinal(int(match[1]), language, case=case)} {noun}{shared_full_stop(match, language)}"
