"""Which numbers an utterance may have in it, as digits or as words, so that no other is written as somebody's size."""

from __future__ import annotations

import re
from functools import lru_cache

LARGEST = 400
UNSPELLED = ("hi",)  # whose number words no library of ours has
DIGITS = "零一二三四五六七八九"
ENDING = 2  # letters of an ordinal that languages inflect


def said_numbers(text: str, language: str) -> list[int]:
    """Whole numbers below `LARGEST` that may be meant: where there are digits those alone, else those in words.

    A language whose number words are not known may mean any, and one that is not ours none.
    """
    if found := re.findall(r"\d+", text):
        return sorted({int(each) for each in found if int(each) < LARGEST})
    if language in UNSPELLED:
        return list(range(LARGEST))
    heard = _letters(text)
    return [number for number, spelled in enumerate(spellings(language)) if any(each in heard for each in spelled)]


@lru_cache(maxsize=16)
def spellings(language: str) -> tuple[tuple[str, ...], ...]:
    """How each number is said, in letters alone: counting, and ordering without its ending."""
    from num2words import CONVERTER_CLASSES

    if language == "zh":
        return tuple((chinese(number), chinese(number).replace("二百", "两百")) for number in range(LARGEST))
    if (words := CONVERTER_CLASSES.get(language)) is None:
        return ()
    counted = (_letters(str(words.to_cardinal(number))) for number in range(LARGEST))
    ordered = ("", *(_letters(str(words.to_ordinal(number)))[:-ENDING] for number in range(1, LARGEST)))
    return tuple(tuple(filter(None, pair)) for pair in zip(counted, ordered, strict=True))


def chinese(number: int) -> str:
    """A number below a thousand as Chinese says it."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    said = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (DIGITS[ones] if ones or not number else "")


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalpha())
