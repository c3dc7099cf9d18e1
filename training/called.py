"""Which things somebody names, and by which of their words: what is learned of how things are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from walkiosk.modality.text import Vocabulary
from walkiosk.skill.actions import NUMBERS, parse_action
from walkiosk.skill.calling import CHARACTERS, starts
from walkiosk.skill.conversation import Shown, label
from walkiosk.skill.slot_values import values


def called(things: Sequence[Shown], said: Sequence[str]) -> dict[int, int]:
    """The numbers of the things that the customer, who spoke last, names, and of one that alone was named before.

    Each with the place in its label of the word it was called by, which fewest of the others have.
    """
    *before, last = said or ("",)
    found = _called(things, last)
    for text in before[-1:]:
        told = _called(things, text)
        found = told | found if len(told) == 1 else found
    return found


def as_written(vocabulary: Vocabulary, language: str, action: str, screen: Sequence[Shown], said: str) -> str:
    """The action with the sizes and colours that can be written: what was said in place of its base form.

    A value that is neither shown nor said, nor begins like anything said, is left out.
    """
    name, places, slots, words = parse_action(action)
    parts = [name, *map(str, places), *words]
    for slot, value in slots.items():
        if slot not in NUMBERS:
            among = values(vocabulary, slot, screen, said, language)
            value = value if value.casefold() in among else _nearest(value.casefold(), [*among])
        if value:
            parts.append(f"{slot}={value}")
    return " ".join(parts)


def _nearest(value: str, among: Sequence[str]) -> str:
    """What begins most like a value, and like enough; "" for nothing."""
    best = max(among, key=lambda text: (_alike(value, text), -len(text)), default="")
    return best if _alike(value, best) >= (1 if value >= CHARACTERS else 3) else ""


def _alike(one: str, other: str) -> int:
    """With how many letters both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _called(things: Sequence[Shown], text: str) -> dict[int, int]:
    heard = text.casefold()
    labels = [label(thing).casefold() for thing in things]
    found: dict[int, int] = {}
    for number, whole in enumerate(map(label, things), 1):
        if those := [start for start in starts(whole) if _is_said(whole[start:], heard)]:
            found[number] = min(those, key=lambda start: (_had_by(whole[start:], labels), start))
    return found


def _is_said(rest: str, heard: str) -> bool:
    """Whether the word that ``rest`` begins with was said; a short one has to be a word of what was heard as well."""
    word = _first(rest)
    if word < CHARACTERS and len(word) < 4:
        return (len(word) == 3 or word.isdecimal()) and re.search(rf"\b{re.escape(word)}\b", heard) is not None
    return any(begins in heard for begins in beginnings(word))


def _had_by(rest: str, labels: Sequence[str]) -> int:
    """How many labels have the word that ``rest`` begins with."""
    return sum(_is_said(rest, text) for text in labels)


def _first(rest: str) -> str:
    """The word that a text begins with; of characters, the first two."""
    word = re.split(r"[\s,;.()/-]+", rest.casefold(), maxsplit=1)[0]
    return word[:2] if word >= CHARACTERS else word


def named(thing: Shown, said: str) -> bool:
    """Whether a word of a thing's name or colour is said; how it begins is enough, for endings change."""
    said, words = said.casefold(), re.split(r"[\s,.()/-]+", f"{thing.name} {thing.colour}".casefold())
    return any(begins in said for word in words for begins in beginnings(word))


def beginnings(word: str) -> list[str]:
    """What tells a word apart: its first four letters or more; of one in characters, any two in a row."""
    if word >= CHARACTERS:
        return [word[at : at + 2] for at in range(len(word) - 1)]
    return [word[: max(4, len(word) - 2)]] if len(word) >= 4 else []
