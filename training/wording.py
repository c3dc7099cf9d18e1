"""How nine languages put words together: what comes before a noun, contractions, ordinals in figures."""

from __future__ import annotations

import re

GENERIC = {  # goods without a category's word
    "en": ("the thing", "things"), "es": ("lo", "cosas"), "fr": ("l'article", "articles"), "de": ("das Ding", "Sachen"),
    "it": ("l'articolo", "articoli"), "pt": ("o artigo", "artigos"), "ru": ("вещь", "вещи"),
    "hi": ("वह चीज़", "चीज़ें"), "zh": ("那个东西", "东西"),
}  # fmt: skip
BEFORE_NOUN = ("zh",)  # languages whose modifiers come before the noun
COLOUR_BEFORE = ("en", "de", "ru", "hi", "zh")
CONTRACTIONS = {  # preposition and article that languages write as one
    "es": (("de el ", "del "), ("a el ", "al ")),
    "fr": (("de le ", "du "), ("de les ", "des "), ("à le ", "au "), ("à les ", "aux ")),
    "de": (("von dem ", "vom "), ("in das ", "ins "), ("zu der ", "zum "), ("von der ", "vom ")),
    "it": (("di il ", "del "), ("di la ", "della "), ("di l'", "dell'"), ("in il ", "nel "), ("in la ", "nella "),
           ("a il ", "al "), ("a la ", "alla "), ("da il ", "dal "), ("da la ", "dalla "), ("con il ", "col ")),
    "pt": (("de o ", "do "), ("de a ", "da "), ("em o ", "no "), ("em a ", "na "), ("por o ", "pelo "),
           ("por a ", "pela "), ("a o ", "ao ")),
}  # fmt: skip
FIRST = {  # "first" in figures, as people type it
    "en": (("first", "1st"), ("second", "2nd"), ("third", "3rd")),
    "es": (("primera", "1ª"), ("primer", "1er"), ("segunda", "2ª"), ("segundo", "2º")),
    "fr": (("première", "1re"), ("premier", "1er"), ("deuxième", "2e")),
    "de": (("ersten", "1."), ("erste", "1."), ("zweiten", "2."), ("zweite", "2.")),
    "it": (("prima", "1ª"), ("primo", "1º"), ("seconda", "2ª"), ("secondo", "2º")),
    "pt": (("primeira", "1ª"), ("primeiro", "1º"), ("segunda", "2ª"), ("segundo", "2º")),
    "ru": (("первый", "1-й"), ("первая", "1-я"), ("второй", "2-й")),
}


def in_figures(text: str, language: str) -> str:
    """Ordinals in figures; names are still marks and stay."""
    for word, figure in FIRST.get(language, ()):
        text = re.sub(rf"(?<!\w){word}(?!\w)", figure, text)
    return text


def contracted(text: str, language: str) -> str:
    """Prepositions and articles as one word, as the language writes them."""
    for apart, together in CONTRACTIONS.get(language, ()):
        text = re.sub(rf"(?<!\w){re.escape(apart)}", together, text)
    return text


def nth_in_figures(number: int, language: str) -> str:
    """An ordinal above the first, as people type it in figures; empty where they do not."""
    forms = {
        "en": f"{number}{'nd' if number == 2 else 'rd' if number == 3 else 'th'}",
        "de": f"{number}.",
        "ru": f"{number}-й",
    }
    return forms.get(language, f"{number}º" if language in ("es", "it", "pt") else "")
