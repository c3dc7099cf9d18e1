"""chat: what is on the screen and what was said → one action with its slots; a situation and its facts → words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from walkiosk.modality.text import END, LANGUAGES, START
from walkiosk.skill.actions import Actions, parse_action
from walkiosk.skill.conversation import Said, Shown, situation, wording
from walkiosk.skill.understanding import TooLong, language_token

if TYPE_CHECKING:
    from walkiosk.skill import Model

LONGEST_ACTION, LONGEST_REPLY = 60, 90  # tokens
MOST_THINGS = 8  # that the model is shown of the screen, and of the basket
LEAST_SURE = -0.3  # mean log-probability of a wording's tokens; below it these weights begin to ramble
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Decision:
    """One action as the model proposes it; the shop bounds and decides."""

    language: str
    action: str  # one of `ACTIONS`
    text: str  # the action with its slots, things as numbers
    places: tuple[int, ...] = ()  # 1-based, on the screen or in the basket
    slots: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    confidence: float = 0.0


def decide(
    model: Model,
    screen: Sequence[Shown],
    basket: Sequence[Shown],
    history: Sequence[Said],
    language: str | None = None,
) -> Decision:
    """Propose the action that the last utterance of ``history`` asks for; raises `TooLong`."""
    vocabulary, engine = model.vocabulary, model.engine
    screen, basket = screen[:MOST_THINGS], basket[:MOST_THINGS]
    tokens = situation(vocabulary, screen, basket, history[-3:])
    if len(tokens) + LONGEST_ACTION > engine.places:
        raise TooLong(f"{len(tokens)} tokens")
    languages = (language,) if language in LANGUAGES else LANGUAGES
    constraint = Actions(vocabulary, languages, screen, basket, history[-1].text)
    state = engine.read(tokens, room=LONGEST_ACTION)
    written = engine.write(state, vocabulary.special(END), LONGEST_ACTION, constraint)
    codes = {language_token(vocabulary, code): code for code in LANGUAGES}
    name, positions, slots, words = parse_action(constraint.text or "not_understood")
    language = codes.get(written.tokens[0], "other")
    return Decision(language, name, constraint.text, tuple(positions), slots, words, written.confidence)


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
