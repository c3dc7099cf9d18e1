"""Write what a sentence means: its language, its entities and its program, held to the loaded graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import heappop, heappush
from math import inf
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
WORTH_TRYING, TRIES = 3.0, 6  # log-probability behind what came first, and how many others are written out


def write_understood(
    model: Model, graph: Graph, text: str, skill: str, language: str | None, mentions: Sequence[Mention] | None = None
) -> Understood:
    """Ask ``skill`` about ``text`` behind the graph's schema; given ``mentions`` are read, not written.

    The likeliest meaning as a whole is looked for; one with which the loaded graph can do nothing (a program that it
    does not answer, a name that it does not know) gives way to any that is not far behind.
    """
    text = " ".join(text.split())
    part = graph.parts[0]  # each has all types
    if len(graph.parts) > 1 and skill == "path_query":
        part = graph.of(nearest(model, graph, text, language, mentions))
    fruitful = partial(_answered if skill == "path_query" else _known, graph)
    search = _Search(_Reading(model, graph, part, text, skill, language, mentions))
    first = search.first
    asked = skill != "path_query" or first.understood.program is not None
    best = replace(first, likelihood=-inf) if asked and not fruitful(first.understood) else first
    for _ in range(TRIES):
        if search.bound <= max(best.likelihood, first.likelihood - WORTH_TRYING):
            break
        other = search.next()
        if other.likelihood > best.likelihood and fruitful(other.understood):
            best = other
    return best.understood


def _answered(graph: Graph, understood: Understood) -> bool:
    """Whether there is a program, and it finds something in the loaded graph, if one is loaded."""
    return understood.program is not None and (graph.answers is None or graph.answers(understood))


def _known(graph: Graph, understood: Understood) -> bool:
    """Whether the loaded graph, if one is, knows every name."""
    return graph.types_of is None or all(graph.types_of(mention.text) for mention in understood.mentions)


def nearest(
    model: Model, graph: Graph, text: str, language: str | None, mentions: Sequence[Mention] | None = None
) -> set[str]:
    """What of a schema in parts ``text`` may be about: in each, what the likeliest program and the next one name."""
    found: set[str] = set()
    for part in graph.parts:
        search = _Search(_Reading(model, graph, part, text, "path_query", language, mentions))
        second = search.next() if search.bound > search.first.likelihood - WORTH_TRYING else search.first
        for understood in (search.first.understood, second.understood):
            if understood.program is not None:
                found.update(named(understood.program))
    return found


@dataclass(frozen=True)
class _Found:
    """What a sentence may mean, and how likely that is (log)."""

    understood: Understood
    likelihood: float


class _Search:
    """Best first: of all that was nearly written, the likeliest beginning is written out next.

    The language stays as it was found.
    """

    def __init__(self, reading: _Reading) -> None:
        self._reading = reading
        self._open: list[tuple[float, tuple[int, ...]]] = []  # how unlikely, and how it begins
        self.first = self._written_out((), 0.0)

    @property
    def bound(self) -> float:
        """No meaning that is still to come is likelier."""
        return -self._open[0][0] if self._open else -inf

    def next(self) -> _Found:
        unlikely, begin = heappop(self._open)
        return self._written_out(begin, -unlikely)

    def _written_out(self, begin: tuple[int, ...], likelihood: float) -> _Found:
        understood, written = self._reading.write(begin)
        for fork in written.forks:
            if fork.place >= max(len(begin), 1):
                heappush(self._open, (-likelihood - fork.likelihood, (*written.tokens[: fork.place], fork.token)))
        return _Found(understood, likelihood + written.likelihood)


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
