"""Write what a sentence means: its language, its entities and its program, held to the loaded graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from walkiosk.modality.text import END, LANGUAGES
from walkiosk.skill.constraint import UnderstandingConstraint
from walkiosk.skill.graph import Graph, Part, named
from walkiosk.skill.phrases import NOTHING
from walkiosk.skill.understanding import (
    Mention,
    TooLong,
    Understood,
    language_token,
    mentions_tokens,
    program_of,
    question,
)
from walkiosk.store.knowledge_graph import PathProgram, ProgramError

if TYPE_CHECKING:
    from walkiosk.engine import Written
    from walkiosk.skill import Model

LONGEST, SHORTEST = 140, 8  # tokens of an answer, and how many there must be room for
WORTH_TRYING, TRIES = 3.0, 6  # log-probability behind the likeliest, and how many other programs are tried


def write_understood(
    model: Model, graph: Graph, text: str, skill: str, language: str | None, mentions: Sequence[Mention] | None = None
) -> Understood:
    """Ask ``skill`` about ``text`` behind the graph's schema; given ``mentions`` are read, not written.

    A program to which the loaded graph has no answer gives way to the next likely one that has, if there is one.
    """
    text = " ".join(text.split())
    part = graph.parts[0]  # each has all types
    if len(graph.parts) > 1 and skill == "path_query":
        part = graph.of(nearest(model, graph, text, language, mentions))
    reading = _Reading(model, graph, part, text, skill, language, mentions)
    first, written = reading.write(())
    if first.program is None or graph.answers is None or graph.answers(first):
        return first
    likely: list[tuple[float, tuple[int, ...]]] = []  # how far behind the likeliest, and how it begins
    _branch(likely, written, 0, 0.0)
    for _ in range(TRIES):
        if not likely:
            break
        behind, begin = heappop(likely)
        other, written = reading.write(begin)
        if other.program is not None and graph.answers(other):
            return other
        _branch(likely, written, len(begin), behind)
    return first


def nearest(
    model: Model, graph: Graph, text: str, language: str | None, mentions: Sequence[Mention] | None = None
) -> set[str]:
    """What of a schema in parts ``text`` may be about: in each, what the likeliest program and the next one name."""
    found: set[str] = set()
    for part in graph.parts:
        reading = _Reading(model, graph, part, text, "path_query", language, mentions)
        first, written = reading.write(())
        likely: list[tuple[float, tuple[int, ...]]] = []
        _branch(likely, written, 0, 0.0)
        second = reading.write(heappop(likely)[1])[0] if likely else first
        for understood in (first, second):
            if understood.program is not None:
                found.update(named(understood.program))
    return found


def _branch(likely: list[tuple[float, tuple[int, ...]]], written: Written, forced: int, behind: float) -> None:
    """Add what was nearly written instead, behind the first ``forced`` tokens; the language stays as it was found."""
    for fork in written.forks:
        if fork.place >= max(forced, 1) and behind + fork.margin < WORTH_TRYING:
            heappush(likely, (behind + fork.margin, (*written.tokens[: fork.place], fork.token)))


class _Reading:
    """One sentence before one schema, to be written out once or, forced another way at some place, again."""

    def __init__(
        self,
        model: Model,
        graph: Graph,
        part: Part,
        text: str,
        skill: str,
        language: str | None,
        mentions: Sequence[Mention] | None,
    ) -> None:
        self.model, self.graph, self.part = model, graph, part
        self.text, self.skill, self.mentions = text, skill, mentions
        vocabulary = model.vocabulary
        self.told: tuple[str, ...] = (language,) if language in LANGUAGES else LANGUAGES
        self.code = language or "en"
        self.prefix = question(vocabulary, skill, text)
        if mentions is not None:
            self.prefix += [language_token(vocabulary, self.code), *mentions_tokens(vocabulary, mentions)]
        self.room = min(LONGEST, model.engine.places - part.state.length - len(self.prefix))
        if self.room < SHORTEST:
            raise TooLong(f"{len(self.prefix)} tokens behind a schema of {part.state.length}")

    def write(self, forced: Sequence[int]) -> tuple[Understood, Written]:
        """What the model writes when it begins with ``forced``, those tokens included."""
        vocabulary, engine, programs = self.model.vocabulary, self.model.engine, self.skill == "path_query"
        constraint = UnderstandingConstraint(
            vocabulary, self.text, programs, self.part.phrases, self.told, self.graph.types_of
        )
        if self.mentions is not None:
            constraint.take(self.code, self.mentions)
        for token in forced:
            constraint.advance(token)
        room = self.room - len(forced)
        state = engine.read([*self.prefix, *forced], self.part.state, room=room)
        written = engine.write(state, vocabulary.special(END), room, constraint)
        program = None
        if written.finished and programs:
            constraint.finish()
            spelled = program_of(constraint.words)
            program = None if spelled == NOTHING else _parsed(spelled)
        found = Understood(constraint.language, tuple(constraint.mentions), program, written.confidence)
        forks = tuple(replace(fork, place=fork.place + len(forced)) for fork in written.forks)
        return found, replace(written, tokens=[*forced, *written.tokens], forks=forks)


def _parsed(spelled: str) -> PathProgram | None:
    """The program, or None for one that is beyond a program's bounds: a customer's words can lead there."""
    try:
        return PathProgram.parse(spelled)
    except ProgramError:
        return None
