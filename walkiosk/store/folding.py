"""Text made comparable: case, accents and punctuation go, letters of every script stay."""

import re
import unicodedata

from anyascii import anyascii

LATIN_END = 0x250  # after Latin Extended-B: a letter before it is a Latin one, such as ø or ł
WHOLE_WORD_LENGTH = 3  # a shorter word must be met whole: "red" is not the beginning of "redwood"
_ACCENTS = re.compile("[\u0300-\u036f]")  # Latin, Greek and Cyrillic accents; the vowel signs of Hindi are letters
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")  # written without spaces


def fold(text: str) -> str:
    """Lower case without accents, words separated by one space: `"Björk: Vespertine"` gives `"bjork vespertine"`."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    letters = [_letter(character) for character in unicodedata.normalize("NFC", plain)]
    return " ".join("".join(letters).split())


def _letter(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else " "
    if unicodedata.category(character)[0] not in "LMN":
        return " "
    return anyascii(character).lower() if ord(character) < LATIN_END else character


def is_unspaced(text: str) -> bool:
    """Whether a text has letters of a script that parts no words, as Chinese."""
    return _UNSPACED.search(text) is not None


def searchable(texts: list[str]) -> str:
    """The distinct words of several texts with a space on each side, for the patterns of `like_patterns`."""
    words = dict.fromkeys(word for text in texts for word in fold(text).split())
    return f" {' '.join(words)} "


def like_patterns(text: str) -> list[str]:
    """SQL LIKE patterns, all of which a `searchable` text matches that has the words of `text`.

    Long words match from their beginning and without a last s ("vinilos" finds "vinilo"), short ones whole, and
    scripts without spaces anywhere.
    """
    return [_pattern(word) for word in fold(text).split()]


def _pattern(word: str) -> str:
    if _UNSPACED.search(word):
        return f"%{word}%"
    if len(word) <= WHOLE_WORD_LENGTH:
        return f"% {word} %"
    return f"% {word.removesuffix('s')}%"
