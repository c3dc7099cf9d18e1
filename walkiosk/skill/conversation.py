"""How a conversation is spelled in tokens: what is on the screen, what was said, which facts are at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from walkiosk.modality.text import Vocabulary
from walkiosk.skill.understanding import language_token


@dataclass(frozen=True)
class Shown:
    """A thing on the screen or in the basket, as the model sees it: no price, the shop keeps those."""

    name: str
    colour: str = ""
    size: str = ""


@dataclass(frozen=True)
class Said:
    """One utterance of the history: ``who`` is ``customer`` or ``kiosk``."""

    who: str
    text: str


def label(item: Shown) -> str:
    return ", ".join(part for part in (item.name, item.colour, item.size) if part)


def goods(items: Iterable[Shown]) -> str:
    """What stands on the screen; a thing's number comes behind it, so that whoever copies it has read what it is."""
    return ";".join(f" {label(item)} = {number}" for number, item in enumerate(items, 1))


def situation(
    vocabulary: Vocabulary, screen: Sequence[Shown], basket: Sequence[Shown], history: Sequence[Said]
) -> list[int]:
    """The prefix that asks for the action of the last utterance of ``history``."""
    special = vocabulary.special
    tokens = [special("<|chat|>"), special("<|screen|>"), *vocabulary.encode(goods(screen))]
    if basket:
        tokens += [special("<|basket|>"), *vocabulary.encode(goods(basket))]
    for said in history:
        tokens += [special(f"<|{said.who}|>"), *vocabulary.encode(" " + said.text)]
    return [*tokens, special("<|output|>")]


def wording(vocabulary: Vocabulary, event: str, facts: Iterable[str], language: str) -> list[int]:
    """The prefix that asks for a reply to ``event`` with the named facts."""
    told = f" {event}: {', '.join(facts)}"
    return [
        vocabulary.special("<|chat|>"),
        vocabulary.special("<|facts|>"),
        *vocabulary.encode(told),
        vocabulary.special("<|output|>"),
        language_token(vocabulary, language),
    ]
