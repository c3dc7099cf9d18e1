"""Letters that are not read as a word: sizes and Roman numerals; and whether there is anything to be done at all."""

from __future__ import annotations

import re

from walkiosk.skill.text_normalization.language import Language
from walkiosk.skill.text_normalization.numerals import cardinal, feminine_ordinal, ordinal
from walkiosk.skill.text_normalization.signs import KEPT, is_mark

_SIZE = re.compile(r"(?<!\w)X{1,4}[SL](?!\w)")
_ROMAN = r"X{0,3}(?:IX|IV|V?I{0,3})"
_NUMBERED = re.compile(
    rf"(?<![^\W\d_])(?P<name>[^\W\d_]{{2,}})(?P<space>\s+)(?P<numeral>(?=[IVX]{{2}}){_ROMAN})(?![\w'])"
)
_CENTURY = re.compile(rf"(?<!\w)(?P<numeral>(?=[IVX]){_ROMAN})(?P<word>\s+(?:century|secolo|век|века|веке)(?!\w))")
_CASES_RU = {"века": "g", "веке": "p"}
_CENTURY_FR = re.compile(rf"(?<!\w)(?P<numeral>(?=[IVX]{{2}}|I(?=er|re)){_ROMAN})(?P<ending>er|re|e|ème)(?!\w)")
_BEFORE_A_NUMERAL = (
    "part parte partie teil часть chapter capítulo capitolo chapitre kapitel глава volume volumen tome tomo том siglo "
    "século secolo act acto acte atto"
)
_VALUES = {"I": 1, "V": 5, "X": 10}
_UNFINISHED = re.compile(  # what a reader may still change although there are but letters and punctuation
    r"(?<!\w)(?:X{1,4}[SL]|[IVX]{2,}(?:e|ème)?|I(?:er|re))(?!\w)|[IVX]\s(?:century|secolo|век)"
    r"|([.,;:!?])\s*\1|[!?]{2}|\b(?:www\.|https?:)|\w\.[a-z]{2}"
)


def is_plain(text: str) -> bool:
    """Whether a text is pronounced as it is written."""
    before = ""
    for letter in text:
        if not (letter in KEPT or (letter.isalpha() and letter not in "ºª")):
            if not (is_mark(letter) and before.isalpha()):
                return False
            continue  # the letter before stays before, for a second mark
        before = letter
    return _UNFINISHED.search(text) is None


def sizes_and_numerals(text: str, language: Language) -> str:
    """XL letter by letter; a Roman numeral of two letters or more behind a name as a number."""
    text = _SIZE.sub(lambda match: " ".join(match[0]), text)
    if language.code == "fr":
        text = _CENTURY_FR.sub(lambda match: _century_fr(match, language), text)
    text = _CENTURY.sub(lambda match: _century(match, language), text)
    return _NUMBERED.sub(lambda match: _numbered(match, language), text)


def _value(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-one if one < after else one for one, after in zip(values, following, strict=True))


def _numbered(match: re.Match[str], language: Language) -> str:
    name, numeral = match["name"], match["numeral"]
    is_name = name[0].isupper() and not name.isupper()
    if not is_name and name not in _BEFORE_A_NUMERAL.split():
        return match[0]
    return f"{name}{match['space']}{cardinal(_value(numeral), language)}"


def _century(match: re.Match[str], language: Language) -> str:
    form = {"case": _CASES_RU.get(match["word"].strip(), "n")} if language.code == "ru" else {}
    return ordinal(_value(match["numeral"]), language, **form) + match["word"]


def _century_fr(match: re.Match[str], language: Language) -> str:
    value = _value(match["numeral"])
    return feminine_ordinal(value, language) if match["ending"] == "re" else ordinal(value, language)
