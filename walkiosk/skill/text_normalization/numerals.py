"""Numbers in words: whole, ordinal, year, decimal, fraction, digit by digit, and in agreement with what they count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from walkiosk.skill.text_normalization.language import FOREIGN, NBSP, Language

LONGEST = 15  # digits that are said as one number, 999 trillion
DIGIT_BY_DIGIT = {"en", "de", "ru"}  # where decimals are said so; elsewhere they are a number again
LONGEST_RUSSIAN_FRACTION = 6  # digits: millionths are the last that anybody says
_MILLIONS = re.compile(r"(?:ll?[oó]n(?:es)?|lli(?:on|ard)s?|li(?:one|ardo)|li(?:oni|ardi)|lh(?:ão|ões))$")
_OTHERWISE = {  # parts whose name is not the ordinal's
    ("en", 4): ("quarter", "quarters"),
    ("es", 3): ("tercio", "tercios"),
    ("fr", 3): ("tiers", "tiers"),
    ("fr", 4): ("quart", "quarts"),
    ("pt", 3): ("terço", "terços"),
}


@lru_cache(maxsize=1)
def converters() -> Mapping[str, Any]:
    """num2words' languages; loaded with the first number, since many replies have none."""
    from num2words import CONVERTER_CLASSES

    classes: Mapping[str, Any] = CONVERTER_CLASSES
    return classes


@lru_cache(maxsize=4096)
def cardinal(number: int, language: Language) -> str:
    """A whole number from 0 to 10¹⁵ - 1."""
    said = str(converters()[language.num2words].to_cardinal(number)).replace(",", "")
    if language.code == "es":  # num2words has "veintiuno mil" and "treinta y uno millones"
        said = re.sub(r"veintiuno(?= m)", "veintiún", said)
        said = re.sub(r"\buno(?= m)", "un", said)
    if language.code == "de":  # and "einhunderteinstausend"
        said = said.replace("einstausend", "eintausend")
    if language.code == "ru":  # nobody says the one of a thousand
        said = said.removeprefix("одна ") if said.startswith("одна тысяча") else said
    return said


@lru_cache(maxsize=4096)
def ordinal(number: int, language: Language, **form: str | bool) -> str:
    """An ordinal, masculine unless Russian's ``form`` (gender, case, plural) says otherwise."""
    return re.sub(r"\s+", " ", str(converters()[language.num2words].to_ordinal(number, **form))).strip()


def feminine_ordinal(number: int, language: Language) -> str:
    if language.code == "ru":
        return ordinal(number, language, gender="f")
    said = ordinal(number, language)
    if language.code == "fr":
        return "première" if number == 1 else said
    return re.sub(r"o\b", "a", said) if language.code in ("es", "pt") else re.sub("o$", "a", said)


def year(number: int, language: Language) -> str:
    """A year as it is said: nineteen ninety-nine."""
    if language.code not in ("en", "de"):
        return cardinal(number, language)
    return str(converters()[language.num2words].to_year(number))


def genitive(number: int, language: Language) -> str:
    """A whole number in the genitive, in Russian only."""
    return str(converters()[language.num2words].to_cardinal(number, case="g"))


def digits(written: str, language: Language) -> str:
    """Digit by digit."""
    return " ".join(cardinal(int(digit), language) for digit in written)


def whole(written: str, language: Language) -> str:
    """A whole number, digit by digit where it is a code: with a zero in front or too long for a number."""
    if len(written) > LONGEST or (len(written) > 1 and written[0] == "0"):
        return digits(written, language)
    return cardinal(int(written), language)


@dataclass(frozen=True)
class Figure:
    """A number as it is written: digits before and after the decimal sign, and a part such as 1⁄2."""

    whole: str
    fraction: str = ""
    part: tuple[int, int] | None = None

    @property
    def value(self) -> Decimal:
        """The number, roughly: enough to choose a plural, for which 5 and 5.0 differ."""
        fraction = self.fraction or ("5" if self.part else "")
        return Decimal(f"{self.whole or 0}.{fraction}" if fraction else self.whole)

    @property
    def is_whole(self) -> bool:
        return not self.fraction and self.part is None


def figure(written: str, language: Language) -> Figure:
    """Read a match of ``language.number``."""
    part = None
    if "\u2044" in written:
        found = re.fullmatch(rf"(.*?)[ {NBSP}]?(\d\d?)\u2044(\d\d?)", written, re.DOTALL)
        assert found is not None
        written, part = found[1], (int(found[2]), int(found[3]))
    if re.fullmatch(FOREIGN, written):
        written = re.sub(r"[.,](?=\d{3})", "", written)
    elif re.fullmatch(rf"(?:{language.grouped})(?:{re.escape(language.decimal)}\d+)?", written):
        written = written.replace("." if language.decimal == "," else ",", "")
    bare = re.sub(rf"[ {NBSP}']", "", written).replace(",", ".")
    before, _, after = bare.partition(".")
    return Figure(before, after, part)


def say(number: Figure, language: Language) -> str:
    """A number without what it counts."""
    if number.part is not None:
        return _with_part(number.whole, *number.part, language)
    if not number.fraction:
        return whole(number.whole, language)
    if language.code == "ru" and len(number.whole) <= LONGEST and len(number.fraction) <= LONGEST_RUSSIAN_FRACTION:
        return str(converters()["ru"].to_cardinal(f"{number.whole}.{number.fraction}"))
    sign = language.wording.point if language.decimal == "." else language.wording.comma
    return f"{whole(number.whole, language)} {sign} {decimals(number.fraction, language)}"


def decimals(written: str, language: Language) -> str:
    """What stands behind a decimal sign."""
    rest = written.lstrip("0")
    if language.code in DIGIT_BY_DIGIT or len(rest) > 2 or not rest:
        return digits(written, language)
    zeros = digits(written[: len(written) - len(rest)], language)
    return f"{zeros} {cardinal(int(rest), language)}".strip()


def half(noun: str, language: Language) -> str:
    """Half of what a noun names."""
    said, feminine = language.wording.half, language.is_feminine(noun)
    match language.code:
        case "es" | "it" | "pt":
            return re.sub("o$", "a", said) if feminine else said
        case "fr":
            return said.replace("un ", "une ") if feminine else said
        case "de":
            return "eine halbe" if feminine else "ein halbes" if re.search("gramm|Pfund|byte$", noun) else "ein halber"
    return said


def _with_part(before: str, parts: int, of: int, language: Language) -> str:
    wording = language.wording
    if not before:
        return wording.half if (parts, of) == (1, 2) else _parts(parts, of, language)
    said = whole(before, language)
    if (parts, of) == (1, 2):
        said = said.removesuffix("s") if language.code == "de" and said.endswith("eins") else said
        return wording.half_more.format(said)
    return f"{said} {wording.and_} {_parts(parts, of, language)}"


def _parts(parts: int, of: int, language: Language) -> str:
    if not (0 < parts < 100 and 2 < of <= 100):
        return f"{cardinal(parts, language)} {language.wording.slash} {cardinal(of, language)}"
    if language.code == "ru":
        one = parts % 10 == 1 and parts != 11
        form: dict[str, str | bool] = {"gender": "f"} if one else {"case": "g", "plural": True}
        return f"{agree(cardinal(parts, language), 'часть', language, feminine=True)} {ordinal(of, language, **form)}"
    singular, plural = _OTHERWISE.get((language.code, of)) or _part_names(of, language)
    said = agree(cardinal(parts, language), singular, language, feminine=False)
    return f"{said} {singular if parts == 1 else plural}"


def _part_names(of: int, language: Language) -> tuple[str, str]:
    name = ordinal(of, language)
    if language.code == "de":
        return (f"{name.capitalize()}l",) * 2
    return name, re.sub("o$", "i", name) if language.code == "it" else f"{name}s"


def agree(said: str, noun: str, language: Language, feminine: bool | None = None) -> str:
    """A number in the form it has before the noun it counts: una libra, zwei, ein Liter, две минуты."""
    feminine = language.is_feminine(noun) if feminine is None else feminine
    match language.code:
        case "es" if feminine:
            return re.sub("uno$", "una", said).replace("cientos", "cientas").replace("quinientos", "quinientas")
        case "es":
            return re.sub("uno$", "un", re.sub("veintiuno$", "veintiún", said))
        case "fr" if feminine:
            return re.sub(r"\bun$", "une", said)
        case "de":
            return re.sub("eins$", "eine" if feminine else "ein", said)
        case "it" if said == "uno":
            return "una" if feminine else "uno" if re.match(r"(?:s[^aeiou]|z|y|gn|ps|x)", noun) else "un"
        case "pt" if feminine:
            return re.sub(r"\bum$", "uma", re.sub(r"\bdois\b", "duas", said)).replace("entos", "entas")
        case "ru" if feminine:
            return re.sub(r"\bдва$", "две", re.sub(r"\bодин$", "одна", said))
    return said


def counted(said: str, singular: str, form: str, language: Language) -> str:
    """A number and the noun it counts: its singular, which tells the gender, and the form to be said."""
    said = agree(said, singular, language)
    if language.wording.million_of and _MILLIONS.search(said):
        return f"{said} {of(form, language)}"
    if said == "una" and language.code == "it" and form[0] in "aeiou":
        return f"un'{form}"
    return f"{said} {form}"


def of(noun: str, language: Language) -> str:
    """A noun behind a million: de euros, d'euros."""
    preposition = language.wording.million_of
    if language.code == "fr" and noun[:1].lower() in "aeiouéèh":
        return f"d'{noun}"
    return f"{preposition} {noun}".strip()


@lru_cache(maxsize=8)
def magnitudes(language: Language) -> Mapping[str, str]:
    """Babel's words for thousands, millions and more, abbreviated or not → their power of ten."""
    formats = language.locale.compact_decimal_formats
    found = {}
    for forms in (*formats["short"].values(), *formats["long"].values()):
        for power, pattern in forms.items():
            word = str(pattern.pattern).replace("'", "").lstrip(f"0{NBSP} ").removesuffix(".")
            if len(word) > 1 and word.isalpha() and len(power) % 3 == 1:  # "10K" and "5M" may be anything
                found[word] = power
    return found


def magnified(number: Figure, word: str, language: Language) -> str:
    """A number of thousands, millions and more."""
    forms = language.locale.compact_decimal_formats["long"]
    power = magnitudes(language)[word.removesuffix(".")]
    plural = language.locale.plural_form(number.value)
    long = {each: str(forms[each][power].pattern).replace("'", "").lstrip("0 ") for each in (plural, "one")}
    said = say(number, language)
    return counted(said, long["one"], long[plural], language) if number.is_whole else f"{said} {long[plural]}"
