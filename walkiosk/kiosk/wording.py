"""Word: a situation and its facts in the customer's language, by the model or, where its wording fails, by ours."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_percent

from walkiosk.kiosk.skills import Skills

REPLIES = Path(__file__).parents[1] / "replies.json"  # written by training/fallback_replies.py
ENGLISH = "en"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_MANY = 6  # names that are said one by one


@dataclass(frozen=True)
class Telling:
    """A situation with all the facts there are; those that a known wording has room for are said."""

    event: str
    facts: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def replies() -> dict[str, dict[str, dict[str, str]]]:
    """Our own wordings: by language, situation, and the names of its facts joined by commas."""
    read: dict[str, dict[str, dict[str, str]]] = json.loads(REPLIES.read_text("utf-8"))
    return read


def facts_said(telling: Telling) -> dict[str, str]:
    """The largest set of facts that the situation has a wording for."""
    known = [tuple(names.split(",")) if names else () for names in replies()["en"][telling.event]]
    fitting = [names for names in known if all(name in telling.facts for name in names)]
    if not fitting:
        raise KeyError(f"{telling.event} wants one of {known}, has {sorted(telling.facts)}")
    return {name: telling.facts[name] for name in max(fitting, key=len)}


def say(skills: Skills, tellings: tuple[Telling, ...], language: str) -> str:
    """The sentences, one telling after the other."""
    return " ".join(_say(skills, telling, language) for telling in tellings)


def _say(skills: Skills, telling: Telling, language: str) -> str:
    facts = facts_said(telling)
    return skills.word(telling.event, facts, language) or fallback(telling.event, facts, language)


def fallback(event: str, facts: Mapping[str, str], language: str) -> str:
    """Our own wording, in English for a language that has none."""
    wording = replies().get(language, replies()["en"])[event][",".join(facts)]
    return _PLACEHOLDER.sub(lambda match: facts[match[1]], wording)


def money(cents: int, currency: str, language: str) -> str:
    """An amount as it is written in a language."""
    return format_currency(Decimal(cents) / 100, currency, locale=language)


def percent(basis_points: int, language: str) -> str:
    """A percentage as it is written in a language."""
    return format_percent(Decimal(basis_points) / 10_000, locale=language)


def names(words: list[str], language: str) -> str:
    """Names as a list, cut after the first few."""
    said = list(dict.fromkeys(words))
    cut = said[:_MANY]
    return format_list(cut, locale=language) if len(said) <= _MANY else ", ".join([*cut, "…"])


def literal(text: str, kind: str, language: str) -> str:
    """A year, date, number or text as it is said."""
    try:
        return text if kind == "text" else format_date(datetime.date.fromisoformat(text), "long", language)
    except ValueError:
        return text  # a number, a year, or a date of which only year and month are known
