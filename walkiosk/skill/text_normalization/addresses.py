"""Web and e-mail addresses, hashtags and mentions, so that somebody could write them down."""

from __future__ import annotations

import re

from walkiosk.skill.text_normalization.language import Language

_TOP_LEVEL = "com|org|net|info|eu|io|app|dev|shop|store|biz|es|fr|de|it|pt|br|ru|uk|us|mx|ch|at"
_LABEL = r"[^\W_](?:[\w-]{0,62})"
_EMAIL = re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}@{_LABEL}(?:\.{_LABEL}){{1,8}}")
_URL = re.compile(
    rf"(?:https?://|\bwww\.)\S+|(?<![\w@./-]){_LABEL}(?:\.{_LABEL}){{0,6}}\.(?:{_TOP_LEVEL})(?:/\S*)?(?![\w@-])"
)
_TAG = re.compile(r"(?<!\w)(#(?=[^\W\d_]{3})|@(?=\w*[^\W\d_]))(\w{1,200})")
_HUMP = re.compile(r"(?<=[^\W\d_])(?=[A-ZА-ЯÀ-Þ][^\WA-ZА-ЯÀ-Þ\d_])")


def addresses(text: str, language: Language) -> str:
    """Every address, tag and mention in words; digits in them are left for the numbers' turn."""
    text = _EMAIL.sub(lambda match: _spell(match[0], language), text)
    text = _URL.sub(lambda match: _url(match[0], language), text)
    return _TAG.sub(lambda match: _tag(match, language), text)


def _spell(address: str, language: Language) -> str:
    wording = language.wording
    signs = {".": wording.dot, "@": wording.at, "/": wording.slash, "-": wording.hyphen, "_": wording.underscore,
             "+": wording.plus}  # fmt: skip
    pieces = re.findall(r"[^\W_]+|[./@_+-]", address)
    return " ".join(" ".join("WWW") if piece == "www" else signs.get(piece, piece) for piece in pieces)


def _url(address: str, language: Language) -> str:
    ending = re.search(r"[^\w/]*$", address)
    assert ending is not None
    bare = re.sub(r"^https?://", "", address[: ending.start()])
    page = re.split("[?#]", bare)[0].rstrip("/")  # what stands behind is for machines
    return f" {_spell(page, language)} {ending[0]}".replace("  ", " ")


def _tag(match: re.Match[str], language: Language) -> str:
    name = language.wording.hashtag if match[1] == "#" else language.wording.at
    return f"{name} {_HUMP.sub(' ', match[2]).replace('_', ' ')}"
