"""What each language says for the signs; number words come from num2words, names of units and money from Babel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

NBSP = "\u00a0"  # stands for every narrow or unbreakable space until the numbers are read
PAUSE = "\ue000"  # a pause that we put in ourselves: a comma where nothing else stands
SPACES = f"[ {NBSP}]"
FOREIGN = r"\d{1,3}(?:,\d{3})+\.\d{1,2}|\d{1,3}(?:\.\d{3})+,\d{1,2}"  # plain in any language: two signs, in this order


@dataclass(frozen=True)
class Wording:
    """The words for signs. ``half_more`` takes the whole number; ``times`` is keyed by CLDR's plural categories."""

    minus: str
    plus: str
    equals: str
    about: str
    and_: str
    and_cents: str
    at: str
    slash: str
    hyphen: str
    underscore: str
    dot: str
    comma: str
    number: str
    hashtag: str
    to: str
    by: str
    times: Mapping[str, str]
    half: str
    half_more: str
    million_of: str = ""
    point: str = ""  # of a version, where it is not said like the dot of an address


@dataclass(frozen=True, eq=False)
class Language:
    """A language the model speaks."""

    code: str
    num2words: str
    wording: Wording
    feminine: str  # a pattern of nouns, in the singular, that want a feminine one or two
    not_counted: str = ""  # words that may follow a number and are not what it counts

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(self.code)

    @cached_property
    def decimal(self) -> str:
        return get_decimal_symbol(self.locale)

    @cached_property
    def grouped(self) -> str:
        """A pattern of a whole number in groups of three."""
        group = get_group_symbol(self.locale)
        own = SPACES if group.isspace() else re.escape(group)
        return "|".join(rf"\d{{1,3}}(?:{each}\d{{3}})+(?!\d)" for each in dict.fromkeys((own, NBSP, "'")))

    @cached_property
    def number(self) -> str:
        """A pattern of a number beside a currency or unit: there the other decimal sign is understood as well."""
        part = r"\d{1,2}\u2044\d{1,2}"
        whole = rf"(?:{FOREIGN}|(?:{self.grouped}|\d{{1,15}})(?:{re.escape(self.decimal)}\d{{1,15}}|[.,]\d{{1,2}})?)"
        return rf"(?<![\d.,])(?:{whole}(?!\d|[.,]\d)(?:{SPACES}?{part})?|{part})"

    def is_feminine(self, noun: str) -> bool:
        return re.search(self.feminine, noun) is not None


LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        Language(
            "en",
            "en",
            Wording(
                minus="minus", plus="plus", equals="equals", about="about", and_="and", and_cents="and", at="at",
                slash="slash", hyphen="dash", underscore="underscore", dot="dot", point="point", comma="comma",
                number="number", hashtag="hashtag", to="to", by="by", times={"one": "time", "other": "times"},
                half="one half", half_more="{} and a half",
            ),
            r"(?!)",
        ),
        Language(
            "es",
            "es",
            Wording(
                minus="menos", plus="más", equals="igual a", about="aproximadamente", and_="y", and_cents="con",
                at="arroba", slash="barra", hyphen="guion", underscore="guion bajo", dot="punto", comma="coma",
                number="número", hashtag="hashtag", to="a", by="por", times={"one": "vez", "other": "veces"},
                half="medio", half_more="{} y medio", million_of="de",
            ),
            r"^(?:\w+as?|vez|veces|\w+ci[oó]n(?:es)?)\b",
            "para por con sin que hasta ahora cada esta nada cuesta cuestan vale queda quedan está hay más menos las",
        ),
        Language(
            "fr",
            "fr",
            Wording(
                minus="moins", plus="plus", equals="égale", about="environ", and_="et", and_cents="et", at="arobase",
                slash="slash", hyphen="tiret", underscore="tiret bas", dot="point", comma="virgule", number="numéro",
                hashtag="hashtag", to="à", by="sur", times={"one": "fois", "other": "fois"}, half="un demi",
                half_more="{} et demi", million_of="de",
            ),
            r"^(?:heure|minute|seconde|livre|once|tonne|couronne|roupie|lire|hryvnia|fois|paire|pièce|taille|tasse"
            r"|bouteille|affiche|chemise|chaussure|personne|pointure|place|boîte|semaine|année|journée|\w+tion|\w+ette)s?\b",
        ),
        Language(
            "de",
            "de",
            Wording(
                minus="minus", plus="plus", equals="gleich", about="etwa", and_="und", and_cents="und", at="at",
                slash="Schrägstrich", hyphen="Bindestrich", underscore="Unterstrich", dot="Punkt", comma="Komma",
                number="Nummer", hashtag="Hashtag", to="bis", by="mal", times={"one": "mal", "other": "mal"},
                half="ein halb", half_more="{}einhalb",
            ),
            r"(?:[a-zäöüß]{2}e|Lira|ung|heit|keit|ion)$",
        ),
        Language(
            "it",
            "it",
            Wording(
                minus="meno", plus="più", equals="uguale", about="circa", and_="e", and_cents="e", at="chiocciola",
                slash="barra", hyphen="trattino", underscore="trattino basso", dot="punto", comma="virgola",
                number="numero", hashtag="hashtag", to="a", by="per", times={"one": "volta", "other": "volte"},
                half="mezzo", half_more="{} e mezzo", million_of="di",
            ),
            r"^\w+(?:a|zione)\b",
            "per con che non alla dalla nella sulla ora ogni costa viene resta più meno",
        ),
        Language(
            "pt",
            "pt_BR",
            Wording(
                minus="menos", plus="mais", equals="igual a", about="cerca de", and_="e", and_cents="e", at="arroba",
                slash="barra", hyphen="hífen", underscore="sublinhado", dot="ponto", comma="vírgula", number="número",
                hashtag="hashtag", to="a", by="por", times={"one": "vez", "other": "vezes"}, half="meio",
                half_more="{} e meio", million_of="de",
            ),
            r"^(?!\w*gramas?\b)(?:\w+as?|vez|vezes|\w+ç(?:ão|ões))\b",
            "para por com sem que cada agora das nas nos dos nada amanhã custa fica está mais menos",
        ),
        Language(
            "ru",
            "ru",
            Wording(
                minus="минус", plus="плюс", equals="равно", about="примерно", and_="и", and_cents="", at="собака",
                slash="дробь", hyphen="дефис", underscore="подчёркивание", dot="точка", comma="запятая",
                number="номер", hashtag="хэштег", to="до", by="на",
                times={"one": "раз", "few": "раза", "many": "раз", "other": "раза"}, half="половина",
                half_more="{} с половиной",
            ),
            r"^(?!\w*ся\b)\w+[ая]\b",
            "для когда тогда сегодня вчера завтра всегда меня дня года была стоила осталась",
        ),
    )
}  # fmt: skip


def before(match: re.Match[str]) -> str:
    """The last word or two before a match."""
    return match.string[max(0, match.start() - 12) : match.start()]


def shared_full_stop(match: re.Match[str], language: Language) -> str:
    """The full stop that an abbreviation shares with its sentence, where both end."""
    rest = match.string[match.end() : match.end() + 12].lstrip()
    goes_on = rest and (language.code == "de" or not rest[0].isupper())  # German nouns have capitals
    return "." if match[0].endswith(".") and not goes_on else ""
