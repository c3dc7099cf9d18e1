"""How a thing on the screen is called: from any word of its label on, and as far as tells it from the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from walkiosk.modality.text import Vocabulary
from walkiosk.skill.conversation import Shown, label

CHARACTERS = "\u3400"  # from here on a letter is as good as a word


def starts(text: str) -> list[int]:
    """Where a thing's label may be taken up: at each word of it, at each letter that is as good as a word.

    Not at a digit that stands alone: that is the number of a thing.
    """
    found: list[int] = []
    for word in re.finditer(r"(?!\d(?!\w))[^\s,;.()/-]+", text):
        found += range(word.start(), word.end()) if word[0] >= CHARACTERS else [word.start()]
    return found


@dataclass
class Node:
    """What begins with the same tokens: whose it is, and whether something is whole here."""

    owners: set[int] = field(default_factory=set)
    whole: bool = False
    after: dict[int, Node] = field(default_factory=dict)


def apart(
    vocabulary: Vocabulary, things: Mapping[int, Shown], others: Iterable[Sequence[int]]
) -> dict[str, Sequence[int]]:
    """``=NUMBER`` → its tokens; ``NUMBER@START`` → those that tell this thing from the rest, and from ``others``.

    A spelling that goes on where a number or one of ``others`` is whole cannot be told from it, and is left out.
    """
    counted = {f"={number}": vocabulary.encode(f" {number}") for number in things}
    spelled: dict[str, tuple[int, Sequence[int]]] = {}
    for number, thing in things.items():
        text = label(thing)
        for start in starts(text):
            space = "" if text[start] >= CHARACTERS else " "
            spelled[f"{number}@{start}"] = number, vocabulary.encode(f"{space}{text[start:]} = {number}")
    whole = [(0, tokens) for tokens in (*others, *counted.values())]
    root = Node()
    for owner, tokens in (*whole, *spelled.values()):
        node = root
        for token in tokens:
            node = node.after.setdefault(token, Node())
            node.owners.add(owner)
        node.whole = node.whole or owner == 0
    found: dict[str, Sequence[int]] = dict(counted)
    for word, (_, tokens) in spelled.items():
        node = root
        for size, token in enumerate(tokens, 1):
            node = node.after[token]
            if len(node.owners) == 1:
                found[word] = tokens[:size]
                break
            if node.whole:
                break
    return found
