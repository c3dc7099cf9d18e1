"""The wake phrase at the beginning of an utterance, however it was heard: is it there, and what follows it?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from walkiosk.store.sounding import latin, sound

LIKENESS = 81.0  # of 100; for "OK Walmrt" "okay wollmert" has 82, "Walmart" 80, "OK, what" 77, "OK Walter" 75
EXTRA_WORDS = 2  # that a mishearing may have more than the phrase
_CHINESE = "\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_CHINESE}]|[^\s,.;:!?¿¡，。！？、…—–\"'“”«»()\-{_CHINESE}]+")
_BETWEEN = re.compile(r"[\s,.;:!?，。！？、…—–\-]*")
_OKAY = re.compile(r"^o ?k[aei]{0,2}(?= |$)")  # as `sound` has it: ok, o k, okai, okei, oke


def after_wake_phrase(text: str, phrases: Iterable[str]) -> str | None:
    """What follows the wake phrase, "" where it stands alone; None where it was not said."""
    words = list(_WORD.finditer(text))
    best, end = 0.0, 0
    for phrase in phrases:
        wanted = _letters(phrase)
        for word in words[: len(phrase.split()) + EXTRA_WORDS] if wanted else ():
            likeness = fuzz.ratio(_letters(text[: word.end()]), wanted)
            if likeness > best:
                best, end = likeness, word.end()
    if best < LIKENESS:
        return None
    rest = text[_BETWEEN.match(text, end).end() :]  # type: ignore[union-attr]  # it matches nothing, too
    return rest if _WORD.search(rest) else ""


def without_wake_phrase(text: str, phrases: Iterable[str]) -> str:
    """What follows the wake phrase; the text itself where it was not said, or where nothing follows."""
    return after_wake_phrase(text, phrases) or text


def _letters(text: str) -> str:
    return _OKAY.sub("ok", sound(latin([text]))[0]).replace(" ", "")
