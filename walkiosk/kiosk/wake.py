"""Takes the wake phrase off the beginning of an utterance, however it was heard."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from walkiosk.store.sounding import latin, sound

LIKENESS = 78.0  # of 100; "okay walmart" for "OK Walmrt" has 84, "OK Walter" 75
SHORTEST = 0.75  # of the phrase's sound; "OK, what" is shorter
EXTRA_WORDS = 2  # that a mishearing may have more than the phrase
_CHINESE = "\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_CHINESE}]|[^\s,.;:!?¿¡，。！？、…—–\"'“”«»()\-{_CHINESE}]+")
_BETWEEN = re.compile(r"[\s,.;:!?，。！？、…—–\-]*")


def without_wake_phrase(text: str, phrases: Iterable[str]) -> str:
    """What follows the wake phrase; the text itself where it was not said, or where nothing follows."""
    words = list(_WORD.finditer(text))
    best, end = 0.0, 0
    for phrase in phrases:
        wanted = sound(latin([phrase]))[0].replace(" ", "") if phrase.strip() else ""
        for count in range(1, min(len(words), len(phrase.split()) + EXTRA_WORDS) + 1):
            said = sound(latin([text[: words[count - 1].end()]]))[0].replace(" ", "")
            likeness = fuzz.ratio(said, wanted)
            if likeness > best and len(said) >= SHORTEST * len(wanted):
                best, end = likeness, words[count - 1].end()
    if best < LIKENESS:
        return text
    rest = text[_BETWEEN.match(text, end).end() :]  # type: ignore[union-attr]  # it matches nothing, too
    return rest if _WORD.search(rest) else text
