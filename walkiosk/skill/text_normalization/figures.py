"""Numbers that stand alone: fractions, ranges, ordinals, codes, and what is left."""

from __future__ import annotations

import re
from functools import lru_cache

from walkiosk.skill.text_normalization.language import FOREIGN, NBSP, SPACES, Language, before, shared_full_stop
from walkiosk.skill.text_normalization.numerals import (
    agree,
    cardinal,
    digits,
    feminine_ordinal,
    figure,
    genitive,
    half,
    magnified,
    magnitudes,
    ordinal,
    say,
    whole,
    year,
)

CODE = 7  # digits without a separator from which a number is a code: said one by one
_FRACTION = re.compile(r"(?<![\d/.,])(\d{1,2})/(\d{1,2})(?![\d/])")
_TERM = rf"\d{{1,2}}:\d\d(?:{SPACES}?[AaPp][Mm])?|\d{{1,2}}{SPACES}?[AaPp][Mm]|\d{{1,4}}(?:[.,]\d{{1,2}})?"
_RANGE = re.compile(rf"(?<![\w.,-])({_TERM})({SPACES}?–{SPACES}?|[—-])({_TERM})(?![\d-]|[.,:]\d)")
_PRICE_RANGE = re.compile(rf"(?<=[\d%°€$£¥₽]){SPACES}?–{SPACES}?(?=[\d€$£¥])|(?<=\d)-(?=[€$£¥]\d)")
_SIZE_RANGE = re.compile(rf"(?<!\w)(X{{0,4}}[SML]){SPACES}?–{SPACES}?(X{{0,4}}[SML])(?!\w)")
_PHONE = re.compile(r"(?<![\w.,+])\+?\(?\d{1,6}\)?(?:[ .\-/]\(?\d{1,6}\)?){1,7}(?!\w|[.,]\d)")


def fractions(text: str, language: Language) -> str:
    """1/2 is a fraction, 38/40 a double size, and any other a stroke."""

    def read(match: re.Match[str]) -> str:
        above, below = int(match[1]), int(match[2])
        if 0 < above < below <= 10:
            return f"{above}\u2044{below}"
        if 20 <= above < below:
            return f"{cardinal(above, language)} {below}"
        return match[0]

    text = re.sub(r"(?<=\d)  ?(?=\d{1,2}\u2044)", " ", text)
    return re.sub(r"(?<=\d)/(?=\d)", f" {language.wording.slash} ", _FRACTION.sub(read, text))


def ranges(text: str, language: Language) -> str:
    """From one number to another; with a mere hyphen only where it rises."""

    def read(match: re.Match[str]) -> str:
        first, dash, last = match.groups()
        if dash == "-":
            is_code = "0" in (first[0], last[0]) or (len(first), len(last)) == (3, 4)
            if is_code or not (first.isdigit() and last.isdigit()):
                return match[0]
            if int(first) >= int(last):
                return f"{first} {last}"
        if language.code != "ru" or ":" in first:
            return f"{first} {to} {last}"
        return _russian_range(first, last, match, language)

    to = language.wording.to
    text = _PRICE_RANGE.sub(f" {to} ", _RANGE.sub(read, text))
    return _SIZE_RANGE.sub(rf"\1 {to} \2", text)


def _russian_range(first: str, last: str, match: re.Match[str], language: Language) -> str:
    """Two or three metres are "два-три метра", but without a noun "от двух до трёх"."""
    noun_follows = re.match(rf"{SPACES}?[^\s\d.,;:!?{NBSP}]", match.string[match.end() : match.end() + 2])
    if noun_follows or not (first.isdigit() and last.isdigit()):
        return f"{say(figure(first, language), language)}-{last}"
    begun = re.search(rf"\b(?:с|со|от){SPACES}$", before(match), re.IGNORECASE)
    return f"{'' if begun else 'от '}{genitive(int(first), language)} до {genitive(int(last), language)}"


@lru_cache(maxsize=8)
def _ordinal_endings(language: Language) -> re.Pattern[str]:
    ending = {
        "en": r"(?P<ending>st|nd|rd|th)",
        "es": r"\.?(?P<ending>[ºª]|er|r[oa]|d[oa]|t[oa]|v[oa]|m[oa]|n[oa]|°(?= [^\W\d_]{3}))",
        "fr": r"(?P<ending>ers?|res?|ères?|e|es|èmes?|nde?)",
        "it": r"\.?(?P<ending>[ºª]|°(?= [^\W\d_]{3}))",
        "pt": r"\.?(?P<ending>[ºªoa]|°(?= [^\W\d_]{3}))",
        "ru": r"-(?P<ending>й|ый|ий|ой|я|ая|ья|е|ое|ье|го|ого|его|му|ому|ему|м|ом|ем|ю|ую|х|ых|их)",
        "de": r"(?P<ending>\.(?= [^\W\d_])|er(?=[ -][A-ZÄÖÜ]))",
    }[language.code]
    return re.compile(rf"(?<![\w.,-])(?P<number>\d{{1,4}}){ending}(?!\w)")


_ARTICLE_DE = re.compile(r"\b(der|die|das|dem|den|des|am|im|zum|zur|vom|beim|ins)\s$", re.IGNORECASE)
_FORMS_RU = {
    "я": ("f", "n"),
    "е": ("n", "n"),
    "о": ("m", "g"),
    "у": ("m", "d"),
    "м": ("m", "p"),
    "ю": ("f", "a"),
    "х": ("m", "g"),
}
_NUMBER_SIGN = re.compile(rf"(?:№|#|\b[nN]\.?[º°]|\b[nN]úm\.){SPACES}?(?=\w)")
_NUMBER_WORDS = {"en": r"\b[Nn]o\. ?(?=\d)", "de": r"\bNr\. ?(?=\d)", "it": r"\b[Nn]\. ?(?=\d)"}
_DECADE_EN = re.compile(r"(?:(?<=the )|(?<!\w)')([2-9]0)s\b|(?<![\w.,])([12]\d\d0)'?s\b")


def ordinals(text: str, language: Language) -> str:
    """1st, 2nd, 3.º, 2e, der 3. Platz, 5-й; the decades of English; the number sign."""
    text = _NUMBER_SIGN.sub(f" {language.wording.number} ", text)
    text = re.sub(_NUMBER_WORDS.get(language.code, "(?!)"), f"{language.wording.number} ", text)
    if language.code == "en":
        text = _DECADE_EN.sub(lambda match: _decade(match, language), text)
    text = re.sub(r"(?<!\w)'(?=\d\d(?!\d))", "", text)  # anni '80
    return _ordinal_endings(language).sub(lambda match: _ordinal(match, language), text)


def _decade(match: re.Match[str], language: Language) -> str:
    said = cardinal(int(match[1]), language) if match[1] else year(int(match[2]), language)
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _ordinal(match: re.Match[str], language: Language) -> str:
    number, ending = int(match["number"]), match["ending"]
    if number == 0 or (ending == "°" and number > 12):  # 25° is rather a temperature
        return match[0]
    match language.code:
        case "de":
            return _german_ordinal(match, number, language)
        case "ru":
            gender, case = _FORMS_RU.get(ending[-1], ("m", "n"))
            decade = ending[-1] == "х" or (ending in ("е", "ые") and number % 10 == 0)
            return ordinal(number, language, gender=gender, case=case, plural=decade)
        case "fr" if ending[0] == "n":
            return "second" if ending == "nd" else "seconde"
        case "fr":
            return (feminine_ordinal if ending.rstrip("s") in ("re", "ère") else ordinal)(number, language)
        case "es" if ending == "er":
            return ordinal(number, language).removesuffix("o")
        case "es" if ending in "º°" and number % 10 in (1, 3) and _counts(match, language):
            return re.sub("(primer|tercer)o$", r"\1", ordinal(number, language))
    return feminine_ordinal(number, language) if ending[-1] in "aª" else ordinal(number, language)


def _german_ordinal(match: re.Match[str], number: int, language: Language) -> str:
    if match["ending"] == "er":
        return f"{year(number, language)}er"
    article = _ARTICLE_DE.search(before(match))
    if article is None:  # "Es sind 3. Möchten Sie …" ends a sentence
        return match[0]
    return ordinal(number, language) + ("" if article[1].lower() in ("der", "die", "das", "ins") else "n")


def _counts(match: re.Match[str], language: Language) -> str | None:
    """The noun behind a number, or None where what follows is no noun: talla 41 cuesta …"""
    following = re.match(rf"{SPACES}([^\W\d_]+)", match.string[match.end() : match.end() + 40])
    if following is None or following[1] in language.not_counted.split():
        return None
    noun, many = following[1], match[0].isdigit() and match[0] != "1"
    if many and language.code in ("es", "pt") and noun[-1] != "s":
        return None
    return noun if _is_counted(noun, language) else None


def codes(text: str, language: Language) -> str:
    """Telephone numbers and codes digit by digit; other digits are parted from the letters beside them."""

    def phone(match: re.Match[str]) -> str:
        groups = re.findall(r"\d+", match[0])
        lengths = [len(group) for group in groups]
        named = match[0][0] in "+(0" or lengths == [3, 4] or (len(groups) > 2 and max(lengths) > 2)
        if sum(lengths) < CODE or not named or re.fullmatch(language.grouped, match[0]):
            return match[0]
        plus = f"{language.wording.plus} " if match[0][0] == "+" else ""
        return plus + ", ".join(digits(group, language) for group in groups)

    text = _PHONE.sub(phone, text).replace("²", " 2 ").replace("³", " 3 ")
    text = re.sub(r"(?<=[A-ZА-Я])-(?=\d{4})", "", text)  # KN-4410
    text = re.sub(r"(?<=[^\W\d_])\d{3,}(?![\d]|[.,]\d)", lambda match: f" {digits(match[0], language)} ", text)
    return re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", text)


@lru_cache(maxsize=8)
def _number(language: Language) -> re.Pattern[str]:
    fraction = rf"{re.escape(language.decimal)}\d{{1,15}}"
    own = rf"(?:{language.grouped})(?:{fraction})?|\d{{1,15}}{fraction}"
    part = r"\d{1,2}\u2044\d{1,2}"
    return re.compile(rf"(?<![\d.,])(?:(?:{FOREIGN}|{own})(?!\d|[.,]\d)|(?:\d{{1,4}}{SPACES}?)?{part})")


def numbers(text: str, language: Language) -> str:
    """Every number that is left, so that no digit is."""
    wording = language.wording
    text = re.sub(r"(?<![\w)])-(?=\d)", f"{wording.minus} ", text)
    text = re.sub(rf"[~≈]{SPACES}?(?=\d)", f"{wording.about} ", text)
    if language.decimal == ".":
        text = re.sub(r"(?<![\w.])\.(?=\d)", "0.", text)
    text = _scaled(language).sub(lambda match: _magnified(match, language), text)
    text = _number(language).sub(lambda match: _alone(match, language), text)
    text = re.sub(r"\d+(?:\.\d+)+", lambda match: _version(match[0], language), text)
    text = re.sub(r"(?<=\d),(?=\d)", ", ", text)
    if language.code in ("en", "de"):
        text = re.sub(r"(?<![\d.,])(?:1[1-9]|20)\d\d(?![\d])", lambda match: year(int(match[0]), language), text)
    return re.sub(r"\d+", lambda match: _whole(match, language), text)


@lru_cache(maxsize=8)
def _scaled(language: Language) -> re.Pattern[str]:
    words = "|".join(map(re.escape, magnitudes(language)))
    return re.compile(rf"(?P<number>{language.number}){SPACES}(?P<word>{words})(?!\w)\.?")


def _magnified(match: re.Match[str], language: Language) -> str:
    said = magnified(figure(match["number"], language), match["word"], language)
    return said + shared_full_stop(match, language)


def _alone(match: re.Match[str], language: Language) -> str:
    number, noun = figure(match[0], language), _counts(match, language)
    only_half = number.part == (1, 2) and not number.whole
    return half(noun, language) if only_half and noun else say(number, language)


def _version(written: str, language: Language) -> str:
    point = f" {language.wording.point or language.wording.dot} "
    return point.join(
        whole(part, language) if len(part) < CODE else digits(part, language) for part in written.split(".")
    )


def _whole(match: re.Match[str], language: Language) -> str:
    if len(match[0]) >= CODE:
        return digits(match[0], language)
    said = whole(match[0], language)
    noun = _counts(match, language)
    return agree(said, noun, language) if noun else said


def _is_counted(word: str, language: Language) -> bool:
    """Whether a word behind a number is rather the noun it counts."""
    match language.code:
        case "de":
            return word[0].isupper() or word == "mal"
        case "es" | "it" | "pt":
            return word.islower() and len(word) > 2
    return word.islower() and language.is_feminine(word)
