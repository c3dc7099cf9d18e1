"""Which numbers an utterance may have in it, as digits or as words, so that no other is written as somebody's size."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from walkiosk.skill.text_normalization.language import LANGUAGES
from walkiosk.skill.text_normalization.numerals import cardinal, ordinal

LARGEST = 400
CHINESE = "零一二三四五六七八九"
HINDI = (  # below a hundred each is a word of its own
    "शून्य", "एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ",
    "दस", "ग्यारह", "बारह", "तेरह", "चौदह", "पंद्रह", "सोलह", "सत्रह", "अठारह", "उन्नीस",
    "बीस", "इक्कीस", "बाईस", "तेईस", "चौबीस", "पच्चीस", "छब्बीस", "सत्ताईस", "अट्ठाईस", "उनतीस",
    "तीस", "इकतीस", "बत्तीस", "तैंतीस", "चौंतीस", "पैंतीस", "छत्तीस", "सैंतीस", "अड़तीस", "उनतालीस",
    "चालीस", "इकतालीस", "बयालीस", "तैंतालीस", "चौवालीस", "पैंतालीस", "छियालीस", "सैंतालीस", "अड़तालीस", "उनचास",
    "पचास", "इक्यावन", "बावन", "तिरपन", "चौवन", "पचपन", "छप्पन", "सत्तावन", "अट्ठावन", "उनसठ",
    "साठ", "इकसठ", "बासठ", "तिरसठ", "चौंसठ", "पैंसठ", "छियासठ", "सड़सठ", "अड़सठ", "उनहत्तर",
    "सत्तर", "इकहत्तर", "बहत्तर", "तिहत्तर", "चौहत्तर", "पचहत्तर", "छिहत्तर", "सतहत्तर", "अठहत्तर", "उन्यासी",
    "अस्सी", "इक्यासी", "बयासी", "तिरासी", "चौरासी", "पचासी", "छियासी", "सत्तासी", "अट्ठासी", "नवासी",
    "नब्बे", "इक्यानवे", "बानवे", "तिरानवे", "चौरानवे", "पचानवे", "छियानवे", "सत्तानवे", "अट्ठानवे", "निन्यानवे",
)  # fmt: skip
ENDING = 2  # letters of an ordinal that Russian, which orders its sizes, inflects


def said_numbers(text: str, language: str) -> list[int]:
    """Whole numbers below `LARGEST` that may be meant: where there are digits those alone, else those in words."""
    digits = "".join(letter if letter.isdecimal() else " " for letter in text).split()
    if digits:
        return sorted({int(each) for each in digits if int(each) < LARGEST})
    heard = _letters(text)
    return [number for number, spelled in enumerate(spellings(language)) if any(each in heard for each in spelled)]


@lru_cache(maxsize=16)
def spellings(language: str) -> tuple[tuple[str, ...], ...]:
    """The ways to say each number, in letters alone; none of a language that is not ours."""
    return tuple(tuple(map(_letters, _said(number, language))) for number in range(LARGEST))


def _said(number: int, language: str) -> tuple[str, ...]:
    if language == "zh":
        return (chinese(number), chinese(number).replace("二百", "两百"))
    if language == "hi":
        return (hindi(number),)
    if language not in LANGUAGES:
        return ()
    own = LANGUAGES[language]
    ordered = (ordinal(number, own)[:-ENDING],) if language == "ru" and number else ()
    return (cardinal(number, own), *ordered)


def chinese(number: int) -> str:
    """A number below a thousand as Chinese says it."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    said = f"{CHINESE[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else CHINESE[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (CHINESE[ones] if ones or not number else "")


def hindi(number: int) -> str:
    """A number below a thousand as Hindi says it."""
    hundreds, rest = divmod(number, 100)
    said = [HINDI[hundreds], "सौ"] if hundreds else []
    return " ".join([*said, HINDI[rest]] if rest or not hundreds else said)


def _letters(text: str) -> str:
    """Letters and their marks, of which Hindi writes one nasal in two ways."""
    folded = unicodedata.normalize("NFC", text.casefold()).replace("ँ", "ं")
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LM")
