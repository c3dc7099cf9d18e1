"""The constraint of `music`: tokens of one letter each, held to a tune that ends before its room does."""

from __future__ import annotations

from copy import copy
from functools import lru_cache

from walkiosk.modality.text import END, Vocabulary
from walkiosk.skill.copying import Choice
from walkiosk.skill.tune_grammar import KEYS, METRES, NOTES, STOP, Body, Form

NEAR = 160  # letters: no tune is further from its end than this, less `SLACK`
SLACK = 64  # letters by which none can put off the end: eight more bars
LETTERS = f"|:]\n(3{NOTES}z,'^=_<>/2468MK9mixdor"  # of the heading, too


def heading(metre: str, key: str) -> str:
    return f"M:{metre}\nK:{key}\n"


def spelled(vocabulary: Vocabulary, text: str) -> list[int]:
    """Return a token a letter, so that notes are the same tokens wherever they stand."""
    tokens = _tokens(vocabulary)
    return [tokens[letter] for letter in text]


@lru_cache(maxsize=4)
def _headings(vocabulary: Vocabulary) -> Choice:
    """Those that a tune may have, before their first token: to be copied and not moved."""
    return Choice({f"{metre} {key}": spelled(vocabulary, heading(metre, key)) for metre in METRES for key in KEYS})


@lru_cache(maxsize=4)
def _tokens(vocabulary: Vocabulary) -> dict[str, int]:
    return {STOP: vocabulary.special(END), **{letter: vocabulary.encode(letter)[0] for letter in LETTERS}}


class TuneConstraint:
    """Allows metre, key, music and end, ``room`` tokens in all."""

    def __init__(self, vocabulary: Vocabulary, form: Form, room: int) -> None:
        self._form, self._left = form, room
        self._head = copy(_headings(vocabulary))
        self._token = _tokens(vocabulary)
        self._letter = {token: letter for letter, token in self._token.items()}
        self._body: Body | None = None

    def allowed(self) -> list[int]:
        """The tokens that may come; near the end of the room only those that leave enough of it."""
        body = self._body
        if body is None:
            return self._head.allowed()
        letters = body.next()
        if self._left < NEAR and self._left < body.least() + SLACK:
            costs = {letter: 1 if letter == STOP else 1 + body.after(letter).least() for letter in letters}
            fitting = [letter for letter, cost in costs.items() if cost <= self._left]
            letters = "".join(fitting or [min(costs, key=costs.__getitem__)])
        return [self._token[letter] for letter in letters]

    def advance(self, token: int) -> None:
        self._left -= 1
        if self._body is not None:
            self._body = self._body.after(self._letter[token])
            return
        self._head.advance(token)
        if self._head.whole is not None:
            metre, key = self._head.whole.split()
            self._body = Body(self._form, METRES[metre], KEYS[key])
