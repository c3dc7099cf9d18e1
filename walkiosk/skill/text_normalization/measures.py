"""Percentages, sizes and amounts with a unit; the units' names are Babel's."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from babel.units import format_unit

from walkiosk.skill.text_normalization.language import NBSP, SPACES, Language, shared_full_stop
from walkiosk.skill.text_normalization.numerals import Figure, cardinal, counted, figure, half, of, say

UNITS = {  # as shops write them: CLDR's identifier
    "mm": "length-millimeter", "cm": "length-centimeter", "m": "length-meter", "km": "length-kilometer",
    "″": "length-inch", "ft": "length-foot", "mg": "mass-milligram", "g": "mass-gram", "kg": "mass-kilogram",
    "t": "mass-tonne", "oz": "mass-ounce", "lb": "mass-pound", "ml": "volume-milliliter", "cl": "volume-centiliter",
    "dl": "volume-deciliter", "l": "volume-liter", "mL": "volume-milliliter", "cL": "volume-centiliter",
    "L": "volume-liter", "m²": "area-square-meter", "cm²": "area-square-centimeter", "km²": "area-square-kilometer",
    "m³": "volume-cubic-meter", "cm³": "volume-cubic-centimeter", "s": "duration-second", "min": "duration-minute",
    "h": "duration-hour", "km/h": "speed-kilometer-per-hour", "m/s": "speed-meter-per-second",
    "°C": "temperature-celsius", "°F": "temperature-fahrenheit",
    "°": "angle-degree", "%": "concentr-percent", "‰": "concentr-permille",
    "W": "power-watt", "kW": "power-kilowatt", "V": "electric-volt", "Hz": "frequency-hertz",
    "GHz": "frequency-gigahertz", "kB": "digital-kilobyte", "MB": "digital-megabyte", "GB": "digital-gigabyte",
    "TB": "digital-terabyte",
}  # fmt: skip
WORDS_TOO = {"in", "с", "pi", "deg"}  # Babel's symbols that follow a number as words: 3 in stock, 5 с половиной


@lru_cache(maxsize=8)
def units(language: Language) -> dict[str, str]:
    """Symbol → CLDR's identifier: the international ones and the language's own."""
    found = {}
    for name in UNITS.values():
        symbol = _without_number(format_unit(5, name, "short", locale=language.locale))
        if symbol not in WORDS_TOO:
            found[symbol] = name
    return found | UNITS


@lru_cache(maxsize=512)
def unit_name(name: str, number: Decimal, language: Language) -> str:
    """A unit's name in the form it has behind a number."""
    return _without_number(format_unit(number, name, "long", locale=language.locale)).replace("’", "'")


@lru_cache(maxsize=64)
def per_unit(name: str, language: Language) -> str:
    """A price's unit: per kilogram."""
    pattern = language.locale._data["unit_patterns"][name]["long"].get("per")  # Babel has no public way to it
    return _without_number(str(pattern)).replace("’", "'") if pattern else f"/ {unit_name(name, Decimal(1), language)}"


def _without_number(formatted: str) -> str:
    return re.sub(rf"^[\s\d.,{NBSP}]+|\{{0\}}", "", formatted).replace(NBSP, " ").strip()


@lru_cache(maxsize=8)
def unit_symbol(language: Language) -> str:
    """A pattern of every unit's symbol, the longest first."""
    symbols = sorted(units(language), key=len, reverse=True)
    return rf"(?:{'|'.join(map(re.escape, symbols))})(?![\w'²³°])"


@lru_cache(maxsize=8)
def _amount(language: Language) -> re.Pattern[str]:
    sign = rf"(?P<minus>(?<![\w)])-{SPACES}?)?"
    return re.compile(rf"{sign}(?P<number>{language.number}){SPACES}?(?P<unit>{unit_symbol(language)})")


def measures(text: str, language: Language) -> str:
    """Amounts with a unit, dimensions, percentages."""
    by = language.wording.by
    text = re.sub(rf"(?<=[\d²³]){SPACES}?[x×X✕*]{SPACES}?(?=\d)", f" {by} ", text)
    text = re.sub(rf"(?<=\w){SPACES}?×{SPACES}?(?=\d)", f" {by} ", text)
    text = re.sub(r'(?<!\w)"(?=\S)([^"]*)"', r" \1 ", text)  # what is quoted may end in a number
    text = re.sub(r'(?<=\d)"', "″", text)
    return _amount(language).sub(lambda match: _say(match, language), text)


def _say(match: re.Match[str], language: Language) -> str:
    number, name = figure(match["number"], language), units(language)[match["unit"]]
    minus = f"{language.wording.minus} " if match["minus"] else ""
    return f"{minus}{measured(number, name, language)}{shared_full_stop(match, language)} "


def measured(number: Figure, name: str, language: Language) -> str:
    """A number with the unit's name in the right plural."""
    singular = unit_name(name, Decimal(1), language)
    if number.part == (1, 2) and language.code != "en":
        return _with_half(number, name, language)
    only_part = number.part is not None and not number.whole
    form = singular if only_part else unit_name(name, number.value, language)
    if only_part and language.wording.million_of:
        return f"{say(number, language)} {of(singular, language)}"  # tres cuartos de litro
    if not number.is_whole or (name.startswith("concentr") and language.code in ("es", "it")):
        return f"{say(number, language)} {form}"  # uno por ciento
    return counted(say(number, language), singular, form, language)


def _with_half(number: Figure, name: str, language: Language) -> str:
    """Half a unit, or units and a half: the noun stands between them in Romance languages."""
    singular = unit_name(name, Decimal(1), language)
    form = unit_name(name, number.value, language)
    if not number.whole:
        return f"{half(singular, language)} {form if language.code == 'ru' else singular}"
    if language.code in ("de", "ru"):
        return f"{say(number, language)} {form}"
    tail = language.wording.half_more.format("")
    if language.is_feminine(singular):
        tail = re.sub("([oi])$", lambda end: "a" if end[1] == "o" else "ie", tail)
    count = int(number.whole)
    return counted(cardinal(count, language), singular, unit_name(name, Decimal(count), language), language) + tail


@lru_cache(maxsize=8)
def _repeated(language: Language) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,])(\d{{1,4}}){SPACES}?[x×](?!\w)")


def repetitions(text: str, language: Language) -> str:
    """2x is two times."""

    def say_times(match: re.Match[str]) -> str:
        number, forms = int(match[1]), language.wording.times
        form = forms.get(language.locale.plural_form(number), forms["other"])
        return counted(cardinal(number, language), forms["one"], form, language)

    return _repeated(language).sub(say_times, text)
