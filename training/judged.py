"""Examples judged as serving chooses: each token of a target with what the automaton would choose it from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from walkiosk.engine import Constraint
from walkiosk.modality.text import END, Vocabulary
from walkiosk.model.examples import Example
from walkiosk.skill.constraint import UnderstandingConstraint
from walkiosk.skill.phrases import FORWARD, Phrases
from walkiosk.skill.program_grammar import ProgramGrammar
from walkiosk.skill.relation_classification import between, relations_constraint
from walkiosk.skill.understanding import Mention, pair_question, question, schema_tokens, understood
from walkiosk.skill.word_walk import Sentence, SoFar
from walkiosk.store.knowledge_graph import Schema


@dataclass(frozen=True)
class Prefix:
    """A schema as a group's examples read it."""

    vocabulary: Vocabulary
    phrases: Phrases
    tokens: tuple[int, ...]

    @classmethod
    def of(cls, vocabulary: Vocabulary, schema: Schema) -> Prefix:
        phrases = Phrases(schema)
        return cls(vocabulary, phrases, schema_tokens(vocabulary, phrases))


class Judged:
    """A target under construction: each token with what serving would let the model choose it from.

    A token that can only come so is read and not judged; one before which nothing is held to anything is judged among
    all. ``fits`` turns false at one that serving forbids.
    """

    def __init__(self) -> None:
        self.target: list[int] = []
        self.choices: list[Sequence[int]] = []
        self.fits = True

    def read(self, tokens: Iterable[int]) -> None:
        for token in tokens:
            self.target.append(~token)
            self.choices.append(())

    def add(self, other: Judged) -> None:
        self.target += other.target
        self.choices += other.choices

    def walk(self, constraint: Constraint, tokens: Sequence[int]) -> None:
        for number, token in enumerate(tokens, 1):
            allowed = constraint.allowed()
            self.fits = self.fits and (allowed is None or token in allowed)
            if not self.fits:
                return
            among = () if allowed is None else allowed
            self.target.append(~token if len(among) == 1 else token)
            self.choices.append(among if len(among) > 1 else ())
            if number < len(tokens):
                constraint.advance(token)


class Meaning:
    """Holds what a glossary's wording means to the programs of a schema; its names are ``mentions``."""

    def __init__(self, vocabulary: Vocabulary, phrases: Phrases, mentions: Sequence[Mention]) -> None:
        grammar = ProgramGrammar(Sentence(vocabulary, "", phrases))
        self.place = grammar.start(SoFar("", tuple(mentions)))

    def allowed(self) -> list[int]:
        return self.place.allowed()

    def advance(self, token: int) -> None:
        self.place = self.place.after(token)


def classified(behind: Prefix, text: str, pair: tuple[Mention, Mention, str], known: bool) -> Example | None:
    """A sentence and two of its entities, and the relation between them as the schema says it.

    ``known``: the loaded graph has the names, so that a relation is chosen among those between their types.
    """
    vocabulary, phrases = behind.vocabulary, behind.phrases
    head, tail, relation = pair
    row = Judged()
    spelled = [*phrases.spell(vocabulary, " " + relation, FORWARD), vocabulary.special(END)]
    among = between(phrases.schema, {head.type}, {tail.type}) if known else None
    row.walk(relations_constraint(vocabulary, phrases, among), spelled)
    if not row.fits or all(token < 0 for token in row.target):  # where nothing is chosen, nothing is learned
        return None
    prefix = pair_question(vocabulary, text, head.text, tail.text)
    return Example(prefix, row.target, behind.tokens, None, row.choices)


def asked(
    behind: Prefix,
    skill: str,
    text: str,
    language: str,
    mentions: Sequence[Mention],
    program: str | None,
    known: bool,
) -> Example | None:
    """A sentence and what it means; None for what serving forbids. ``known``: the loaded graph has the names."""
    vocabulary, phrases = behind.vocabulary, behind.phrases
    types = {mention.text: mention.type for mention in mentions}
    types_of = (lambda span: {types[span]} if span in types else set()) if known else None
    row = Judged()
    row.walk(
        UnderstandingConstraint(vocabulary, text, skill == "path_query", phrases, types_of=types_of),
        understood(vocabulary, language, mentions, program, phrases, skill),
    )
    prefix = question(vocabulary, skill, text)
    return Example(prefix, row.target, behind.tokens, None, row.choices) if row.fits else None
