"""Whether somebody in the lobby means us: does what was heard begin with the shop's wake phrase, or nearly?"""

from __future__ import annotations

from rapidfuzz import fuzz

from walkiosk.store.sounding import latin, sound

LIKENESS = 70.0  # of 100; "okay walmart" for "OK Walmrt" has 84, "OK, what?" has 67
SHORTER, LONGER = 2, 4  # letters that a mishearing may be shorter or longer


def after_wake_phrase(heard: str, phrase: str) -> str | None:
    """What follows the wake phrase, in rough Latin letters ("" when it stood alone); None where it was not said."""
    if not heard.strip() or not phrase.strip():
        return None
    said, wanted = (text.replace(" ", "") for text in sound(latin([heard, phrase])))
    ends = range(max(1, len(wanted) - SHORTER), min(len(said), len(wanted) + LONGER) + 1)
    scored = [(fuzz.ratio(said[:end], wanted), end) for end in ends]
    if not scored:
        return None
    likeness, end = max(scored)
    return said[end:] if likeness >= LIKENESS else None
