"""chat: what is on the screen and what was said → one action with its slots; a situation and its facts → words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from walkiosk.modality.text import END, LANGUAGES, START, Vocabulary
from walkiosk.skill.conversation import ACTIONS, Said, Shown, situation, wording
from walkiosk.skill.copying import Choice
from walkiosk.skill.understanding import TooLong, language_token

if TYPE_CHECKING:
    from walkiosk.skill import Model

LONGEST_ACTION, LONGEST_REPLY = 24, 90  # tokens
LEAST_SURE = -0.3  # mean log-probability of a wording's tokens; below it these weights begin to ramble
NUMBERS = ("quantity", "stars", "pin", "code")  # slots
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Decision:
    """One action as the model proposes it; the shop bounds and decides."""

    language: str
    action: str  # one of ACTIONS
    text: str  # the action with its slots, as written
    places: tuple[int, ...] = ()  # 1-based, on the screen or in the basket
    slots: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    confidence: float = 0.0


def parse_action(text: str) -> tuple[str, list[int], dict[str, str], tuple[str, ...]]:
    """Split ``choose 2 size=42`` into action, positions, slots and bare words.

    Values may hold spaces; those that are numbers hold no words: ``stars=4 words`` is a slot and a word.
    """
    name, _, rest = text.strip().partition(" ")
    slots: dict[str, str] = {}
    bare: list[str] = []
    key = ""
    for word in rest.split():
        head, equals, value = word.partition("=")
        if equals:
            key = head
            slots[key] = value
        elif key and (key not in NUMBERS or word.isdecimal()):
            slots[key] += " " + word
        else:
            bare.append(word)
    positions = [int(word) for word in bare if word.isdecimal()]
    return name, positions, slots, tuple(word for word in bare if not word.isdecimal())


class Actions:
    """Holds the first word of the output to the documented actions, behind a language token; what follows is free."""

    def __init__(self, vocabulary: Vocabulary, languages: Sequence[str]) -> None:
        self.languages = [language_token(vocabulary, code) for code in languages]
        if len(languages) > 1:
            self.languages.append(vocabulary.special("<|other|>"))
        self.choice = Choice({name: vocabulary.encode(" " + name) for name in ACTIONS})
        self.language: int | None = None

    def allowed(self) -> list[int] | None:
        if self.language is None:
            return self.languages
        if self.choice.whole is None:
            return self.choice.allowed()
        return None

    def advance(self, token: int) -> None:
        if self.language is None:
            self.language = token
        elif self.choice.whole is None:
            self.choice.advance(token)


def decide(
    model: Model,
    screen: Sequence[Shown],
    basket: Sequence[Shown],
    history: Sequence[Said],
    language: str | None = None,
) -> Decision:
    """Propose the action that the last utterance of ``history`` asks for; raises `TooLong`."""
    vocabulary, engine = model.vocabulary, model.engine
    tokens = situation(vocabulary, screen[:8], basket[:8], history[-3:])
    if len(tokens) + LONGEST_ACTION > engine.places:
        raise TooLong(f"{len(tokens)} tokens")
    constraint = Actions(vocabulary, (language,) if language in LANGUAGES else LANGUAGES)
    state = engine.read(tokens, room=LONGEST_ACTION)
    forbidden = range(vocabulary.special(START), vocabulary.size)
    written = engine.write(state, vocabulary.special(END), LONGEST_ACTION, constraint, forbidden)
    codes = {language_token(vocabulary, code): code for code in LANGUAGES}
    text = vocabulary.decode(written.tokens[1:]).strip()
    name, positions, slots, words = parse_action(text)
    name = name if name in ACTIONS else "not_understood"  # the free tokens may have gone on without a space
    language = codes.get(written.tokens[0], "other")
    return Decision(language, name, text, tuple(positions), slots, words, written.confidence)


def word(model: Model, event: str, facts: Mapping[str, str], language: str) -> str | None:
    """Word a reply in which every fact is a placeholder, check it, and fill it; None when it fails the check.

    A wording passes when the model is sure of it, and it uses each fact exactly once, no other placeholder, and no
    digit of its own.
    """
    vocabulary, engine = model.vocabulary, model.engine
    state = engine.read(wording(vocabulary, event, facts, language), room=LONGEST_REPLY)
    forbidden = range(vocabulary.special(START), vocabulary.size)
    written = engine.write(state, vocabulary.special(END), LONGEST_REPLY, forbidden=forbidden)
    text = vocabulary.decode(written.tokens).strip()
    bare = PLACEHOLDER.sub("", text)
    if (
        not written.finished
        or written.confidence < LEAST_SURE
        or not text
        or any(c.isdigit() or c in "{}" for c in bare)
    ):
        return None
    if sorted(PLACEHOLDER.findall(text)) != sorted(facts):
        return None
    return PLACEHOLDER.sub(lambda match: facts[match[1]], text)
