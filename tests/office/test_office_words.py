"""The texts of the operator's pages: every language says everything, with the same facts."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from walkiosk.web.office.wording import WORDS, Words, languages, table

FACT = re.compile(r"\{(\w+)\}")


def test_no_key_is_there_twice() -> None:
    keys = Counter(key for file in WORDS.glob("*.json") for key in json.loads(file.read_text("utf-8"))["en"])
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("file", sorted(WORDS.glob("*.json")), ids=lambda file: file.stem)
def test_a_language_says_everything_with_the_same_facts(file: Path) -> None:
    texts: dict[str, dict[str, str]] = json.loads(file.read_text("utf-8"))
    assert set(texts) == set(table()), "a language more is a row more in every file"
    for language, own in texts.items():
        assert set(own) == set(texts["en"]), language
        for key, text in own.items():
            assert sorted(FACT.findall(text)) == sorted(FACT.findall(texts["en"][key])), (language, key)
            assert text.strip(), (language, key)


def test_a_language_that_there_is_not_is_english() -> None:
    assert Words.of(("fr",), "EUR", "Europe/Madrid")("log_in") == "Se connecter"
    assert Words.of(("xx", None), "EUR", "Europe/Madrid")("log_in") == "Log in"
    assert len(languages()) == 9


def test_numbers_money_and_dates() -> None:
    words = Words.of(("xx", "es"), "EUR", "Europe/Madrid")
    assert words.language == "es"
    assert words.money(123456) == "1.234,56\xa0€"
    assert (words.number(1234.56, 1), words.number(1234.56), words.number(-0.04, 1)) == ("1.234,6", "1.235", "0")
    assert (words.percent(0.256), words.percent(0.256, signed=True)) == ("26\xa0%", "+26\xa0%")
    assert words.time(0, "d MMM y, HH:mm") == "1 ene 1970, 01:00"
