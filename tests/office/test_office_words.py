"""The texts of the operator's pages: every language says everything, with the same facts."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from walkiosk.web.office.wording import WORDS, Words, languages, table

FACT = re.compile(r"\{(\w+)\}")


def test_no_key_is_there_twice() -> None:
    keys = Counter(key for file in WORDS.glob("*.json") for key in json.loads(file.read_text("utf-8"))["en"])
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything(language: str) -> None:
    english, own = table()["en"], table()[language]
    assert set(own) == set(english)
    for key, text in own.items():
        assert sorted(FACT.findall(text)) == sorted(FACT.findall(english[key])), key
        assert text.strip(), key


def test_numbers_money_and_dates() -> None:
    words = Words.of(("xx", "es"), "EUR", "Europe/Madrid")
    assert words.language == "es"
    assert words.money(123456) == "1234,56\xa0€"
    assert words.number(1234.56, 1) == "1.234,6" or words.number(1234.56, 1) == "1234,6"
    assert (words.percent(0.256), words.percent(0.256, signed=True)) == ("26\xa0%", "+26\xa0%")
    assert words.time(0, "d MMM y, HH:mm") == "1 ene 1970, 01:00"
