"""translation: text → text, between English and the other languages and among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from walkiosk.modality.text import END, START, Vocabulary

if TYPE_CHECKING:
    from walkiosk.skill import Model

BEAMS = 4


def prefix(vocabulary: Vocabulary, source: str, target: str, text: str) -> list[int]:
    """What is read before the translation is written; ``source`` and ``target`` are language codes."""
    special = vocabulary.special
    return [
        special("<|translation|>"),
        vocabulary.language(source),
        special("<|input|>"),
        *vocabulary.encode(" " + text),
        special("<|output|>"),
        vocabulary.language(target),
    ]


def translate(model: Model, text: str, source: str, target: str) -> str:
    """Return ``text`` in the language ``target``."""
    vocabulary, engine = model.vocabulary, model.engine
    tokens = prefix(vocabulary, source, target, " ".join(text.split()))
    longest = min(2 * len(tokens) + 16, engine.places - len(tokens))
    state = engine.read(tokens, room=longest)
    forbidden = range(vocabulary.special(START), vocabulary.size)
    written = engine.search(state, vocabulary.special(END), longest, BEAMS, forbidden)
    return vocabulary.decode(written.tokens).strip()
