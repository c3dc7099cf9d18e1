"""What a size or a colour may be: one that stands on the screen, words of the customer's, and for sizes numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from walkiosk.modality.text import Vocabulary
from walkiosk.skill.calling import CHARACTERS
from walkiosk.skill.conversation import Shown
from walkiosk.skill.said_numbers import said_numbers

LETTERS = ("XS", "S", "M", "L", "XL", "XXL", "XXXL", "2XL", "3XL", "4XL", "5XL")
LONGEST = 4  # letters of a value that was said, where each is as good as a word
BREAK = re.compile(r"[\s,;:=.!?…()\"'“”«»„。，！？、।-]+")


def values(
    vocabulary: Vocabulary, slot: str, screen: Iterable[Shown], said: str, language: str
) -> dict[str, Sequence[int]]:
    """Each value that ``slot`` (size or colour) may have → its tokens; keys are folded, what is shown comes first."""
    every = (thing.size if slot == "size" else thing.colour for thing in screen)
    shown = [text for text in every if text and "=" not in text]
    found: dict[str, Sequence[int]] = {}
    for text in (*shown, *spans(said)):
        found.setdefault(text.casefold(), vocabulary.encode(text))
    if slot == "size":
        units = {"": ()} | {
            unit: vocabulary.encode(unit) for text in shown if (unit := re.sub(r"^[\d.,]+", "", text)) != text
        }
        for number in said_numbers(said, language):
            for unit, behind in units.items():
                for figures in (str(number), f"{number}.5", f"{number},5"):
                    found.setdefault((figures + unit).casefold(), (*vocabulary.encode(figures), *behind))
        for letter in LETTERS:
            found.setdefault(letter.casefold(), vocabulary.encode(letter))
    return found


def spans(said: str) -> list[str]:
    """The words of an utterance, and each two that follow one another."""
    words = [word for word in BREAK.split(said) if word]
    found = [word for word in words if word < CHARACTERS]
    found += [f"{one} {two}" for one, two in pairwise(words) if max(one, two) < CHARACTERS]
    for word in words:
        if word >= CHARACTERS:
            found += [word[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(word) - size + 1)]
    return found
