"""relation_classification: a sentence and two of its entities → a relation of the loaded graph, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from walkiosk.modality.text import END, Vocabulary
from walkiosk.skill.copying import Choice
from walkiosk.skill.graph import Graph, Part
from walkiosk.skill.phrases import FORWARD, NOTHING, Phrases
from walkiosk.skill.understanding import TooLong, pair_question

if TYPE_CHECKING:
    from walkiosk.skill import Model


LONGEST = 40  # tokens of a relation's phrase


class OneOf:
    """Holds the output to one of a few words, then the end."""

    def __init__(self, words: dict[str, list[int]], end: int) -> None:
        self.choice, self.end = Choice({**words}), end

    def allowed(self) -> list[int]:
        tokens = self.choice.allowed()
        return tokens if self.choice.whole is None else [*tokens, self.end]

    def advance(self, token: int) -> None:
        self.choice.advance(token)


def relations_constraint(vocabulary: Vocabulary, phrases: Phrases) -> OneOf:
    """Holds the output to a relation of the schema, written as programs write it, or to none."""
    names = [*(relation.name for relation in phrases.schema.relations), NOTHING]
    return OneOf({name: phrases.spell(vocabulary, " " + name, FORWARD) for name in names}, vocabulary.special(END))


def classify(model: Model, graph: Graph, text: str, head: str, tail: str) -> str | None:
    """Return the relation that ``text`` states from ``head`` to ``tail``, or None; raises `TooLong`."""
    prefix = pair_question(model.vocabulary, " ".join(text.split()), head, tail)
    parts = graph.parts
    if len(parts) > 1:  # the likeliest of each part, then the likeliest of those
        parts = (graph.of({name for part in parts if (name := _likeliest(model, part, prefix))}),)
    return _likeliest(model, parts[0], prefix)


def _likeliest(model: Model, part: Part, prefix: list[int]) -> str | None:
    vocabulary, engine = model.vocabulary, model.engine
    if part.state.length + len(prefix) + LONGEST > engine.places:
        raise TooLong(f"{len(prefix)} tokens behind a schema of {part.state.length}")
    constraint = relations_constraint(vocabulary, part.phrases)
    state = engine.read(prefix, part.state, room=LONGEST)
    engine.write(state, vocabulary.special(END), LONGEST, constraint)
    found = constraint.choice.whole
    return None if found in (None, NOTHING) else found
