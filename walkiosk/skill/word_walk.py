"""The walk over what a model writes: places, each with the tokens that may come and where they lead.

Words are spelled one by one, as in training; a word that begins another (``first`` and ``first_flight``) stays open
until the next token tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from walkiosk.modality.text import Vocabulary
from walkiosk.skill.copying import Choice, Copy, Spelling
from walkiosk.skill.phrases import AS_IT_IS, Phrases
from walkiosk.skill.understanding import Mention


@lru_cache(maxsize=4)
def spelling_of(vocabulary: Vocabulary) -> Spelling:
    """The bytes of a vocabulary's tokens, read once."""
    return Spelling(vocabulary)


@lru_cache(maxsize=500)
def _choice(vocabulary: Vocabulary, phrases: Phrases, words: tuple[str, ...], role: str) -> Choice:
    """The words before their first token, to be copied and not moved: a schema has few sets of words, often met."""
    return Choice({word: phrases.spell(vocabulary, word, role) for word in words})


@dataclass(frozen=True)
class Sentence:
    """What a customer said, the vocabulary that spells it, and the phrases of the schema's relations."""

    vocabulary: Vocabulary
    text: str
    phrases: Phrases

    @property
    def spelling(self) -> Spelling:
        return spelling_of(self.vocabulary)

    def copy(self) -> Copy:
        return Copy(self.spelling, self.text)


@dataclass(frozen=True)
class SoFar:
    """What the walk has understood on its way to a place."""

    language: str = ""
    mentions: tuple[Mention, ...] = ()
    words: tuple[str, ...] = ()  # of the program

    def named(self, mention: Mention) -> SoFar:
        return replace(self, mentions=(*self.mentions, mention))

    def wrote(self, *words: str) -> SoFar:
        return replace(self, words=(*self.words, *words))


class Place(Protocol):
    """Where the walk stands."""

    so_far: SoFar

    def allowed(self) -> list[int]:
        """The tokens that may come; asking changes nothing."""

    def after(self, token: int) -> Place:
        """Where an allowed token leads: this place itself, moved on, while a word or span is not over."""


Then = Callable[[str], Place]


class Tokens:
    """One of several tokens that stand alone is due."""

    def __init__(self, so_far: SoFar, then: Mapping[int, Callable[[], Place]]) -> None:
        self.so_far, self._then = so_far, then

    def allowed(self) -> list[int]:
        return list(self._then)

    def after(self, token: int) -> Place:
        return self._then[token]()


class Words:
    """One of several words is due, or ``end``; ``then`` gets the word, its space before it, and must have no effect.

    ``role`` says how relations among the words are written.
    """

    def __init__(
        self,
        so_far: SoFar,
        sentence: Sentence,
        then: Mapping[str, Then],
        end: int | None = None,
        role: str = AS_IT_IS,
    ) -> None:
        self.so_far, self._then, self._end = so_far, then, end
        self._choice = copy(_choice(sentence.vocabulary, sentence.phrases, tuple(then), role))
        self._next: Place | None = None  # the place behind the word that is whole, once somebody asked

    def allowed(self) -> list[int]:
        tokens = self._choice.allowed()
        if not self._choice.begun:
            return tokens if self._end is None else [self._end, *tokens]
        if self._choice.whole is not None:
            tokens += [token for token in self._behind().allowed() if token not in tokens]
        return tokens

    def after(self, token: int) -> Place:
        if token in self._choice.node:
            self._choice.advance(token)
            self._next = None
            return self if self._choice.allowed() else self._behind()  # no longer word begins like this one
        if token == self._end and not self._choice.begun:
            return self
        return self._behind().after(token)

    def finish(self) -> Place:
        """Take a word that was still open as whole: nothing more comes."""
        return self if self._choice.whole is None else self._behind()

    def _behind(self) -> Place:
        word = self._choice.whole
        assert word is not None
        if self._next is None:
            self._next = self._then[word](word)
        return self._next
