"""What is neither letter nor digit: made uniform before the numbers are read, and said, paused for or dropped after."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from walkiosk.skill.text_normalization.language import NBSP, PAUSE, Language
from walkiosk.skill.text_normalization.measures import unit_name
from walkiosk.skill.text_normalization.money import symbols, unit

KEPT = " .,?!;:'-"  # besides letters, what the model reads
_UNIFORM = str.maketrans(
    dict.fromkeys("\u00a0\u2006\u2007\u2008\u2009\u202f", NBSP)
    | dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2002\u2003\u2004\u2005\u200a\u205f\u3000\u2028\u2029", " ")
    | dict.fromkeys("\u2010\u2011\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u2012\u2013", "–")
    | dict.fromkeys("\u2014\u2015", "—")
    | dict.fromkeys("“”„‟«»‹›＂", '"')
    | {"…": "...", "⁄": "/", "∕": "/", "÷": "/", "·": " ", "∙": "•", "℃": "°C", "℉": "°F"}
    | {"。": ".", "।": ".", "、": ",", "،": ",", "؟": "?"}
)
_APOSTROPHE = re.compile("(?<=[^\\W_])[’‘ʼ‛´`](?=[^\\W_])")
_SINGLE_QUOTE = re.compile("[’‘ʼ‛‚´`]")
_COMPATIBLE = ("<wide>", "<font>", "<circle>", "<narrow>", "<square>", "<small>")
_PAUSES = dict.fromkeys("()[]{}|•→—<>\\–", PAUSE)


def uniform(text: str) -> str:
    """One way to write each space, dash, quote and digit; what is unseen or private is dropped."""
    text = _SINGLE_QUOTE.sub(" ", _APOSTROPHE.sub("'", unicodedata.normalize("NFC", text)))
    said = ""
    for letter in map(_uniform, text.translate(_UNIFORM)):
        if not is_mark(letter) or (said and (said[-1].isalpha() or is_mark(said[-1]))):
            said += letter  # a mark stands on a letter, or on nothing
    return said


def is_mark(letter: str) -> bool:
    """Whether it is an accent or vowel sign of the letter before it."""
    return len(letter) == 1 and unicodedata.category(letter) in ("Mn", "Mc")


@lru_cache(maxsize=2048)
def _uniform(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isprintable() else ""
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if letter in "²³":
        return letter  # of a unit, if there is one
    if category in ("No", "Nl", "Lm") or unicodedata.decomposition(letter).startswith(_COMPATIBLE):
        plain = unicodedata.normalize("NFKC", letter)
        if plain == letter:
            return letter if category == "Lm" else " "
        return f" {plain}" if "\u2044" in plain else f" {plain} " if category == "No" else plain
    return "" if category in ("Cc", "Cf", "Cn", "Co", "Cs") or 0xFE00 <= ord(letter) <= 0xFE0F else letter


def signs(text: str, language: Language) -> str:
    """Every sign in words where it has a sound, as a pause where it parts, and else dropped."""
    text = re.sub(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])", PAUSE, text)
    text = re.sub(r"(?<=[^\W\d_])–(?=[^\W\d_])", "-", text)
    said = " "
    for letter in text:
        said += _sign(letter, said[-1], language)
    return said


def _sign(letter: str, before: str, language: Language) -> str:
    if letter in KEPT or letter == PAUSE or (letter.isalpha() and letter not in "ºª"):
        return letter
    if is_mark(letter):
        return letter if before.isalpha() or is_mark(before) else ""
    return _PAUSES.get(letter) or f" {_names(language).get(letter, '')} "


@lru_cache(maxsize=8)
def _names(language: Language) -> dict[str, str]:
    wording, many = language.wording, Decimal(5)
    money = {sign: unit(code, many, language) for sign, code in symbols(language).items() if len(sign) == 1}
    return money | {
        "&": wording.and_, "+": wording.plus, "=": wording.equals, "@": wording.at, "/": wording.slash,
        "×": wording.by, "№": wording.number, "%": unit_name("concentr-percent", many, language),
        "‰": unit_name("concentr-permille", many, language), "°": unit_name("angle-degree", many, language),
    }  # fmt: skip


def punctuation(text: str, language: Language) -> str:
    """One mark at a time, each where it belongs; our own pauses give way to every other mark."""
    text = re.sub(r",?\s*\.(?:\s*\.)+\s*(?=(\w?))", lambda match: PAUSE if match[1].islower() else ". ", text)
    text = re.sub(r"([.,;:!?])(?:\s*\1)+", r"\1", text)
    text = re.sub(r"[!?]{2,}", lambda match: "?" if "?" in match[0] else "!", text)
    text = re.sub(rf"[\s{PAUSE}]*{PAUSE}[\s{PAUSE}]*", PAUSE, text).strip(f" {PAUSE}")
    text = re.sub(rf"(?<=[.,;:!?]){PAUSE}", " ", re.sub(rf"{PAUSE}(?=[.,;:!?])", "", text))
    text = re.sub(r"\s+", " ", text.replace(PAUSE, ", "))
    return re.sub(r" (?=[.,])" if language.code == "fr" else r" (?=[.,;:!?])", "", text).strip()
