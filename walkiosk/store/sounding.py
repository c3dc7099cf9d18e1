"""Names as they sound: in Latin letters, then without what listeners and typists confuse.

Three forms, each coarser than the one before: `latin` ("leonardo dicaprio"), `sound` ("leonardo dikaprio") and `bones`,
the consonants that survive another script ("lnltkpl", also of the Chinese 莱昂纳多·迪卡普里奥, nearly).
"""

import re

from anyascii import anyascii

from walkiosk.store.folding import fold

ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}  # not i, v, x: also letters
_LETTERS = re.compile(r"[^a-z0-9\n]+")
_REPEATED = re.compile(r"([a-z])\1+")
_SOFT_C = re.compile(r"c(?=[eiy])")
_VOWELS = re.compile(r"[aeiou]+")
_SOUNDS = (  # in this order
    ("sch", "s"), ("tch", "k"), ("ph", "f"), ("ck", "k"), ("qu", "k"), ("th", "t"), ("sh", "s"), ("ch", "k"),
    ("gh", "g"), ("x", "ks"),
)  # fmt: skip
_ONE_SOUND = str.maketrans({"c": "k", "q": "k", "z": "s", "w": "v", "y": "i", "h": None})
_ONE_BONE = str.maketrans("rbdgvj", "lptkfs")


def latin(texts: list[str]) -> list[str]:
    """Lower-case Latin letters and digits, words separated by one space, Roman numerals as digits."""
    lines = "\n".join(_one_line(text) for text in texts)
    return [_numerals(line) for line in _LETTERS.sub(" ", lines).split("\n")] if texts else []


def _one_line(text: str) -> str:
    folded = fold(text)
    return folded if folded.isascii() else anyascii(folded).lower().replace("\n", " ")


def _numerals(line: str) -> str:
    return " ".join(ROMAN.get(word, word) for word in line.split())


def sound(latins: list[str]) -> list[str]:
    """How they sound, roughly, in any of the six languages."""
    lines = _SOFT_C.sub("s", "\n".join(latins))
    for written, heard in _SOUNDS:
        lines = lines.replace(written, heard)
    return _REPEATED.sub(r"\1", lines.translate(_ONE_SOUND)).split("\n") if latins else []


def bones(sounds: list[str]) -> list[str]:
    """The consonants, voiced and unvoiced alike, l and r alike; a word of vowels only keeps its first."""
    lines = "\n".join(sounds).translate(_ONE_BONE)
    found = []
    for line in lines.split("\n") if sounds else []:
        words = [_VOWELS.sub("", word) or word[:1] for word in line.split()]
        found.append(_REPEATED.sub(r"\1", "".join(words)))
    return found
