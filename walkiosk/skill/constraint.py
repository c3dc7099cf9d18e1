"""The automaton that holds understanding to the loaded graph: spans copied from the sentence, types and relations of
the schema, and programs that the graph can run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from walkiosk.modality.text import END, LANGUAGES, Vocabulary
from walkiosk.skill.entity_list import EntityList
from walkiosk.skill.phrases import Phrases
from walkiosk.skill.program_grammar import ProgramGrammar
from walkiosk.skill.understanding import Mention
from walkiosk.skill.word_walk import Place, Sentence, SoFar, Tokens, Words


class UnderstandingConstraint:
    """Allows ``language, entities, <|program|>, program, end`` (or no program) for one sentence."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        text: str,
        programs: bool,
        phrases: Phrases,
        languages: Sequence[str] = LANGUAGES,
        types_of: Callable[[str], Collection[str]] | None = None,
    ) -> None:
        sentence = Sentence(vocabulary, text, phrases)
        last, then = ("<|program|>", ProgramGrammar(sentence).start) if programs else (END, None)
        self._entities = EntityList(sentence, types_of, vocabulary.special(last), then)
        told = {vocabulary.language(code): partial(self._entities.start, SoFar(code)) for code in languages}
        if len(languages) > 1:
            told[vocabulary.special("<|other|>")] = partial(self._entities.start, SoFar("other"))
        self._place: Place = Tokens(SoFar(), told)

    @property
    def language(self) -> str:
        return self._place.so_far.language

    @property
    def mentions(self) -> tuple[Mention, ...]:
        return self._place.so_far.mentions

    @property
    def words(self) -> tuple[str, ...]:
        """The program's words, as `program_of` takes them."""
        return self._place.so_far.words

    def take(self, language: str, mentions: Sequence[Mention]) -> None:
        """Start behind entities that are given rather than written."""
        self._place = self._entities.start(SoFar(language, tuple(mentions)))

    def allowed(self) -> list[int]:
        """The tokens that may come; none at a dead end."""
        return self._place.allowed()

    def advance(self, token: int) -> None:
        """Take an allowed token."""
        self._place = self._place.after(token)

    def finish(self) -> None:
        """Take a word that was still open as whole: nothing more comes."""
        if isinstance(self._place, Words):
            self._place = self._place.finish()
