"""The texts of the operator's pages, and numbers, money and dates as they are written in a language.

`words/*.json` hold language → key → text, a file a page; a language more is a row more.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

WORDS = Path(__file__).parent / "words"
ENGLISH = "en"


@lru_cache(maxsize=1)
def table() -> dict[str, dict[str, str]]:
    """All texts: language → key → text."""
    merged: dict[str, dict[str, str]] = {}
    for file in sorted(WORDS.glob("*.json")):
        for language, texts in json.loads(file.read_text("utf-8")).items():
            merged.setdefault(language, {}).update(texts)
    return merged


def languages() -> tuple[str, ...]:
    """Those the pages can be in, English first."""
    return (ENGLISH, *sorted(code for code in table() if code != ENGLISH))


@dataclass(frozen=True)
class Words:
    """One language's texts for one shop."""

    language: str
    currency: str
    zone: datetime.tzinfo

    @classmethod
    def of(cls, wanted: tuple[str | None, ...], currency: str, time_zone: str) -> Words:
        """The first of the wanted languages that there are texts in, else English."""
        found = next((code for code in wanted if code in table()), ENGLISH)
        return cls(found or ENGLISH, currency, ZoneInfo(time_zone))

    def __call__(self, key: str, **facts: object) -> str:
        """A text with its facts; raises KeyError for a key that English does not have either."""
        text = table()[self.language].get(key) or table()[ENGLISH][key]
        return text.format(**facts) if facts else text

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in table()[ENGLISH]

    def money(self, cents: int) -> str:
        """An amount in the shop's currency."""
        return format_currency(Decimal(cents) / 100, self.currency, locale=self.locale)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with so many digits behind the point at most."""
        return format_decimal(round(value, digits) + 0.0, "#,##0" + ("." + "#" * digits) * (digits > 0), self.locale)

    def percent(self, share: float, signed: bool = False) -> str:
        """A share of 1 as a percentage, with a plus sign if asked."""
        text = format_percent(round(share, 2) + 0.0, locale=self.locale)
        return f"+{text}" if signed and share >= 0.005 else text

    def date(self, day: datetime.date, form: str = "medium") -> str:
        """A date: `short`, `medium`, `long`, `full`, or a pattern of CLDR such as `d MMM`."""
        return format_date(day, form, locale=self.locale)

    def time(self, at_ms: int, form: str = "medium") -> str:
        """An instant, in the shop's time."""
        return format_datetime(datetime.datetime.fromtimestamp(at_ms / 1000, self.zone), form, locale=self.locale)

    def today(self, at_ms: int) -> datetime.date:
        """The shop's date at an instant."""
        return datetime.datetime.fromtimestamp(at_ms / 1000, self.zone).date()

    @property
    def locale(self) -> Locale:
        """What babel calls the language."""
        return Locale.parse("zh_Hans_CN" if self.language == "zh" else self.language)

    def name_of(self, language: str) -> str:
        """A language's name in this one."""
        return str(self.locale.languages.get(language, language))


def own_name(language: str) -> str:
    """A language's name in itself."""
    return (Locale.parse(language).get_display_name(language) or language).capitalize()
