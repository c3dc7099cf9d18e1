"""Words and letters that were written wrong (jiwer)."""

from __future__ import annotations

import unicodedata

import jiwer

APOSTROPHES = "'’ʼ"


def plain(text: str) -> str:
    """Lower case without marks; accents stay, apostrophes join what they stand between."""
    lower = unicodedata.normalize("NFC", text).lower()
    bare = (" " if unicodedata.category(c)[0] in "PS" else c for c in lower if c not in APOSTROPHES)
    return " ".join("".join(bare).split())


def wrong_words(reference: str, written: str) -> int:
    """Words put in another's place, left out and put in; ``reference`` has some."""
    found = jiwer.process_words(reference, written)
    return found.substitutions + found.deletions + found.insertions


def wrong_letters(reference: str, written: str) -> int:
    """Letters likewise."""
    found = jiwer.process_characters(reference, written)
    return found.substitutions + found.deletions + found.insertions
