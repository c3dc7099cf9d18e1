"""What a list of entities may be: ``span <|is|> type <|next|>``, spans of the sentence with types of the schema."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from walkiosk.skill.understanding import Mention
from walkiosk.skill.word_walk import Place, Sentence, SoFar, Tokens, Words

MOST_MENTIONS = 6


class EntityList:
    """The places of a list that the token ``last`` closes; behind it comes ``then``, or (None) nothing.

    ``types_of`` says which types a name has in the loaded graph; a span is held to them when there are any.
    """

    def __init__(
        self,
        sentence: Sentence,
        types_of: Callable[[str], Collection[str]] | None,
        last: int,
        then: Callable[[SoFar], Place] | None,
    ) -> None:
        self.sentence, self.schema = sentence, sentence.phrases.schema
        self.types_of, self.last, self.then = types_of, last, then
        self.is_, self.next_ = (sentence.vocabulary.special(name) for name in ("<|is|>", "<|next|>"))

    def start(self, so_far: SoFar) -> Place:
        return _Span(so_far, self)

    def types(self, so_far: SoFar, span: str) -> Place:
        """Behind a span: its type."""
        known = set(self.types_of(span)) & set(self.schema.types) if self.types_of else set()
        names = [name for name in self.schema.types if not known or name in known]
        typed = partial(self._typed, so_far, span)
        return Words(so_far, self.sentence, {f" {name}": typed for name in names})

    def _typed(self, so_far: SoFar, span: str, word: str) -> Place:
        so_far = so_far.named(Mention(span, word.strip()))
        return Tokens(so_far, {self.next_: partial(self.start, so_far)})


class _Span:
    """An entity's words are due, copied from the sentence, or the end of the list."""

    def __init__(self, so_far: SoFar, entities: EntityList) -> None:
        self.so_far, self._entities = so_far, entities
        self._copy = entities.sentence.copy()
        self._written: list[int] = []

    def allowed(self) -> list[int]:
        if self._written:
            return [*self._copy.allowed(), self._entities.is_]
        more = self._copy.allowed() if len(self.so_far.mentions) < MOST_MENTIONS else ()
        return [self._entities.last, *more]

    def after(self, token: int) -> Place:
        if token == self._entities.last:
            return self._entities.then(self.so_far) if self._entities.then else self
        if token == self._entities.is_:
            return self._entities.types(self.so_far, self._entities.sentence.vocabulary.decode(self._written).strip())
        self._copy.advance(token)
        self._written.append(token)
        return self
