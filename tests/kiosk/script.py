"""Skills that say what a test has written down for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from walkiosk.kiosk import Skills
from walkiosk.skill.actions import parse_action
from walkiosk.skill.chat import Decision
from walkiosk.skill.conversation import Said, Shown
from walkiosk.skill.speech_recognition import Heard
from walkiosk.skill.understanding import Mention, Understood
from walkiosk.store.knowledge_graph import PathProgram

SHOES = '1 >acted_in and ( 2 >directed ) first >has_scene first >has_appearance and ( 1 <by ) >shows category = "shoes"'
SHOES_SAID = "the shoes DiCaprio wore in the first scene of his first film with Nolan"
PEOPLE = (("DiCaprio", "person"), ("Christopher Nolan", "person"))

NOTHING = Heard("", "en", 0.0)


@dataclass
class Script:
    """What each sentence means. A sentence that was not written down is `not_understood` and asks for nothing."""

    actions: dict[str, str] = field(default_factory=dict)
    questions: dict[str, tuple[tuple[tuple[str, str], ...], str | None]] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    hears: Heard = NOTHING
    hears_english: Heard = NOTHING
    confidence: float = -0.05
    words: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[list[Shown], list[Shown], list[Said]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ask(self, sentence: str, program: str | None, *mentions: tuple[str, str], language: str = "en") -> None:
        """Writes down a question."""
        self.actions[sentence] = "answer"
        self.questions[sentence] = (mentions, program)
        self.languages[sentence] = language

    def skills(self) -> Skills:
        """The script as skills."""
        return Skills(
            lambda samples, language: self.hears,
            lambda samples, language: self.hears_english,
            lambda text, source, target: f"[{target}] {text}",
            self.understand,
            self.decide,
            self.word,
            lambda seed: np.full(1600, seed / 1000, np.float32),
        )

    def understand(self, text: str, language: str | None) -> Understood:
        self.asked.append(text)
        mentions, program = self.questions.get(text, ((), None))
        parsed = PathProgram.parse(program) if program else None
        known = tuple(Mention(*mention) for mention in mentions)
        return Understood(language or self.languages.get(text, "en"), known, parsed, self.confidence)

    def decide(
        self, screen: Sequence[Shown], basket: Sequence[Shown], history: Sequence[Said], language: str | None
    ) -> Decision:
        self.seen.append((list(screen), list(basket), list(history)))
        said = history[-1].text
        text = self.actions.get(said, "not_understood")
        name, positions, slots, words = parse_action(text)
        code = language or self.languages.get(said, "en")
        return Decision(code, name, text, tuple(positions), slots, words, self.confidence)

    def word(self, event: str, facts: Mapping[str, str], language: str) -> str | None:
        return self.words.get(event)


def noise(seconds: float, loudness: float = 0.1) -> NDArray[np.float32]:
    """Sound that is not silent."""
    draw = np.random.default_rng(0)
    return (loudness * draw.standard_normal(int(16_000 * seconds))).astype(np.float32)
