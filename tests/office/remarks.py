"""Skills that a test writes itself: words of a theme point one way, and sentences are as told."""

from collections.abc import Sequence

import numpy as np

from walkiosk.office.digest_value import Floats, RemarkSkills

WAYS = ("queue", "coffee", "sizes", "card", "light", "music")  # a text points along the words of these that it has
WIDTH = 64
MEANT = {"lovely": "praise", "wish": "wish"}  # anything else is a complaint


def vectors(texts: Sequence[str]) -> Floats:
    found = np.zeros((len(texts), WIDTH), np.float32)
    for row, text in enumerate(texts):
        for place, way in enumerate(WAYS):
            found[row, place] = text.lower().count(way)
        if not found[row].any():  # says what nobody says
            found[row, len(WAYS) + hash_of(text) % (WIDTH - len(WAYS))] = 1
    unit: Floats = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def hash_of(text: str) -> int:
    return sum(place * ord(letter) for place, letter in enumerate(text, 1))


def feelings(texts: Sequence[str]) -> list[str]:
    return [next((feeling for word, feeling in MEANT.items() if word in text), "complaint") for text in texts]


class Script:
    """What was read by the skill that writes, and what it writes: by the way that most of the texts point."""

    def __init__(self) -> None:
        self.sentences = {way: f"Several customers mention the {way}." for way in WAYS}
        self.steps = {way: f"See to the {way}." for way in WAYS}
        self.read: list[list[str]] = []

    def way(self, texts: Sequence[str]) -> str:
        self.read.append(list(texts))
        return WAYS[int(vectors(texts).sum(axis=0)[: len(WAYS)].argmax())]

    def skills(self) -> RemarkSkills:
        return RemarkSkills(
            vectors,
            feelings,
            lambda texts, names, filed: [names[hash_of(text) % len(names)] for text in texts],
            lambda texts, language: self.sentences[self.way(texts)],
            lambda texts, language: self.steps[self.way(texts)],
        )
