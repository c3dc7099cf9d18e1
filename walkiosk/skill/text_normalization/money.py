"""Prices: the amount in the currency's units and hundredths."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from babel.numbers import get_currency_name, get_currency_precision

from walkiosk.skill.text_normalization.language import SPACES, Language, before, shared_full_stop
from walkiosk.skill.text_normalization.measures import per_unit, unit_symbol, units
from walkiosk.skill.text_normalization.numerals import (
    LONGEST,
    Figure,
    cardinal,
    converters,
    counted,
    figure,
    magnified,
    magnitudes,
    say,
)

SYMBOLS = {
    "€": "EUR", "$": "USD", "US$": "USD", "$US": "USD", "£": "GBP", "£GB": "GBP", "¥": "JPY", "JP¥": "JPY",
    "CN¥": "CNY", "R$": "BRL", "₽": "RUB", "руб.": "RUB", "руб": "RUB", "р.": "RUB", "₹": "INR", "₴": "UAH",
    "грн": "UAH", "₸": "KZT", "₺": "TRY", "₩": "KRW", "₪": "ILS", "₫": "VND", "zł": "PLN", "Kč": "CZK",
    "SFr.": "CHF", "CA$": "CAD", "C$": "CAD", "$CA": "CAD", "A$": "AUD", "MX$": "MXN", "$MX": "MXN",
}  # fmt: skip
CODES = (  # those that are traded; none of them is a word that stands beside a number
    "AED AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW KZT MAD MXN MYR NOK NZD PEN PHP "
    "PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)

Forms = tuple[str, ...]
_DOLLAR_PT, _CENT_PT = ("dólar", "dólares"), ("centavo", "centavos")
AT_THE_COUNTER: dict[tuple[str, str], tuple[Forms, Forms]] = {
    # num2words says "two euro", "pounds sterling", "kopeykas", "slotych", or has no hundredths, or Lisbon's
    ("en", "EUR"): (("euro", "euros"), ("cent", "cents")),
    ("en", "GBP"): (("pound", "pounds"), ("penny", "pence")),
    ("en", "CHF"): (("Swiss franc", "Swiss francs"), ("centime", "centimes")),
    ("es", "RUB"): (("rublo", "rublos"), ("kopek", "kopeks")),
    ("fr", "CHF"): (("franc", "francs"), ("centime", "centimes")),
    ("de", "CHF"): (("Franken", "Franken"), ("Rappen", "Rappen")),
    ("it", "CHF"): (("franco", "franchi"), ("centesimo", "centesimi")),
    ("it", "GBP"): (("sterlina", "sterline"), ("penny", "pence")),
    ("pt", "EUR"): (("euro", "euros"), _CENT_PT),
    ("pt", "USD"): (_DOLLAR_PT, _CENT_PT),
    ("pt", "CAD"): (_DOLLAR_PT, _CENT_PT),
    ("pt", "AUD"): (_DOLLAR_PT, _CENT_PT),
    ("pt", "GBP"): (("libra", "libras"), ("penny", "pence")),
    ("pt", "BRL"): (("real", "reais"), _CENT_PT),
    ("ru", "GBP"): (("фунт", "фунта", "фунтов"), ("пенни", "пенса", "пенсов")),
    ("ru", "PLN"): (("злотый", "злотых", "злотых"), ("грош", "гроша", "грошей")),
}
_CASES_RU = {"за": "a", "на": "a", "в": "a"} | dict.fromkeys(("вместо", "до", "от", "с", "около"), "g")
_PREPOSITION_RU = re.compile(rf"\b({'|'.join(_CASES_RU)}){SPACES}$", re.IGNORECASE)
WRONG = {"CNY"}  # whose hundredths num2words names differently in singular and plural


@lru_cache(maxsize=256)
def _forms(code: str, language: Language) -> tuple[Forms, Forms] | None:
    """The forms of a currency's unit and its hundredth, None where only Babel has a name."""
    if (language.code, code) in AT_THE_COUNTER:
        return AT_THE_COUNTER[language.code, code]
    converter = converters()[language.code]
    return None if code in WRONG else converter.CURRENCY_FORMS.get(code)


@lru_cache(maxsize=1024)
def unit(code: str, number: Decimal, language: Language) -> str:
    """The currency's name in the form it has behind a number."""
    forms = _forms(code, language)
    if forms is None:
        name = get_currency_name(code, number, locale=language.locale)
        return name.lower() if language.code == "pt" else name  # only there Babel capitalises it
    if number != int(number):
        return forms[0][1]  # два рубля, полтора рубля
    return str(converters()[language.code].pluralize(int(number), forms[0]))


@lru_cache(maxsize=8)
def symbols(language: Language) -> dict[str, str]:
    own = {language.locale.currency_symbols.get(code, code): code for code in CODES.split()}
    return own | SYMBOLS | {code: code for code in CODES.split()}


@lru_cache(maxsize=8)
def _price(language: Language) -> re.Pattern[str]:
    names = sorted(symbols(language), key=len, reverse=True)
    symbol = f"(?:{'|'.join(re.escape(name) for name in names)})"
    sign = rf"(?P<sign>(?<![\w)])[-~]{SPACES}?)?"
    spaced = r"(?<![\d.,])\d{1,3}(?: \d{3})+[.,]\d{1,2}(?!\d)|"  # a plain space parts thousands only here
    number = rf"{spaced}{language.number}"
    scale = rf"{SPACES}(?:{'|'.join(magnitudes(language))})(?!\w)\.?"
    linked = rf"{scale}(?:{SPACES}d[ei](?={SPACES}))?"
    before = rf"(?<!\w)(?P<before>{symbol}){SPACES}?(?P<inner>-?)(?P<first>{number})(?P<first_scale>{scale})?"
    after = rf"(?P<second>{number})(?P<second_scale>{linked})?{SPACES}?(?P<after>{symbol})(?!\w)"
    per = rf"(?:{SPACES}?/{SPACES}?(?P<per>{unit_symbol(language)}))?"
    return re.compile(rf"{sign}(?:{before}|{after}){per}")


def prices(text: str, language: Language) -> str:
    """Amounts with a currency's symbol or code before or behind them."""
    return _price(language).sub(lambda match: _say(match, language), text)


def _say(match: re.Match[str], language: Language) -> str:
    code = symbols(language)[match["before"] or match["after"]]
    number = figure(match["first"] or match["second"], language)
    scale = re.match(r"\s(\S+)", match["first_scale"] or match["second_scale"] or "")
    preposition = _PREPOSITION_RU.search(before(match)) if language.code == "ru" else None
    if scale:
        many = unit(code, Decimal(1_000_000), language)
        said = counted(magnified(number, scale[1], language), many, many, language)
    else:
        said = price(number, code, language, _CASES_RU[preposition[1].lower()] if preposition else "n")
    if match["per"]:
        said += f" {per_unit(units(language)[match['per']], language)}"
    sign = (match["sign"] or "") + (match["inner"] or "")
    if sign:
        said = f"{language.wording.about if '~' in sign else language.wording.minus} {said}"
    return f"{said}{shared_full_stop(match, language)} "


def price(number: Figure, code: str, language: Language, case: str = "n") -> str:
    """An amount as it is said at a counter: no hundredths where there are none, and no units below one.

    ``case`` is Russian's: n, g or a.
    """
    hundredths = len(number.fraction) <= 2 and number.part is None and get_currency_precision(code) == 2
    if not hundredths or len(number.whole) > LONGEST:
        return f"{say(number, language)} {unit(code, number.value, language)}"
    whole, cents, forms = int(number.whole), int(number.fraction.ljust(2, "0")), _forms(code, language)
    if forms is None:  # neither library knows the hundredths: twenty Mexican pesos fifty
        singular, form = unit(code, Decimal(1), language), unit(code, Decimal(whole), language)
        zero = f" {cardinal(0, language)}" if 0 < cents < 10 else ""
        said = counted(cardinal(whole, language), singular, form, language)
        return f"{said}{zero} {cardinal(cents, language)}" if cents else said
    said, smaller = (_some(count, each, language, case) for count, each in zip((whole, cents), forms, strict=True))
    if not cents:
        return said
    return " ".join(filter(None, (said, language.wording.and_cents, smaller))) if whole else smaller


def _some(count: int, forms: Forms, language: Language, case: str) -> str:
    converter = converters()[language.code]
    form = str(converter.pluralize(count, forms))
    if case == "n":
        return counted(cardinal(count, language), forms[0], form, language)
    feminine, one = language.is_feminine(forms[0]), count % 10 == 1 and count % 100 != 11
    said = converter.to_cardinal(count, case=case, gender="f" if feminine else "m", animate=False)
    if case == "g":
        form = forms[1] if one else forms[2]
    elif feminine and one:
        form = f"{forms[0][:-1]}у"
    return f"{re.sub('^(?:одну|одной) (?=тысяч)', '', said)} {form}"
