"""What a value in a program's filter may be: a number written anew, or words copied from the sentence."""

from __future__ import annotations

from abc import ABC, abstractmethod

from walkiosk.skill.word_walk import Place, Sentence, SoFar, Then

LONGEST_VALUE = 12  # tokens


class _Value(ABC):
    """Tokens of a value, then ``<|next|>``; ``then`` gets the value, a space before it."""

    def __init__(self, so_far: SoFar, sentence: Sentence, then: Then) -> None:
        self.so_far, self._then = so_far, then
        self._vocabulary, self._spelling = sentence.vocabulary, sentence.spelling
        self._next = self._vocabulary.special("<|next|>")
        self._written: list[int] = []

    def after(self, token: int) -> Place:
        if token == self._next:
            return self._then(" " + self._vocabulary.decode(self._written).strip())
        self._written.append(token)
        return self

    @abstractmethod
    def allowed(self) -> list[int]: ...

    def _figures(self) -> list[int]:
        """More digits, or the end of what has one."""
        whole = any(character.isdigit() for character in self._vocabulary.decode(self._written))
        return [*self._spelling.digits, *([self._next] if whole else [])]


class Number(_Value):
    """A number or a date in figures."""

    def allowed(self) -> list[int]:
        if len(self._written) >= LONGEST_VALUE:
            return [self._next]
        return self._figures() if self._written else [*self._spelling.first_digits]


class Quoted(_Value):
    """Words of the sentence; a size (``figures``) may be in figures where the sentence has words."""

    def __init__(self, so_far: SoFar, sentence: Sentence, then: Then, figures: bool) -> None:
        super().__init__(so_far, sentence, then)
        self._copy, self._may_be_figures = sentence.copy(), figures
        self._in_figures = False

    def allowed(self) -> list[int]:
        if self._in_figures:
            return self._figures()
        tokens = self._copy.allowed() if len(self._written) < LONGEST_VALUE else []
        if self._written:
            return [*tokens, self._next]
        return sorted({*tokens, *self._spelling.first_digits}) if self._may_be_figures else tokens

    def after(self, token: int) -> Place:
        if token != self._next and not self._in_figures:
            if token in self._copy.allowed():
                self._copy.advance(token)
            else:
                self._in_figures = True
        return super().after(token)
