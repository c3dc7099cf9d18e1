"""The skills that a conversation needs, as functions: the model's in the shop, scripted ones in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.audio import Samples
from walkiosk.skill.chat import Decision
from walkiosk.skill.conversation import Said, Shown
from walkiosk.skill.speech_recognition import Heard
from walkiosk.skill.understanding import Understood
from walkiosk.store.knowledge_graph import ProgramError, UnknownEntity

if TYPE_CHECKING:
    from walkiosk.skill import Model
    from walkiosk.skill.graph import Graph
    from walkiosk.store import Store


def answered(store: Store, understood: Understood) -> bool:
    """Whether the shop's graph answers a question with anything, its names linked to what they most likely are."""
    if understood.program is None:
        return False
    nodes = []
    for mention in understood.mentions:
        best = store.linker.link(mention.text, [mention.type]).best
        nodes.append(best.nodes if best else ())
    try:
        return bool(store.graph.run(understood.program, nodes).answers)
    except (ProgramError, UnknownEntity):
        return False


Hear = Callable[[NDArray[np.float32], str | None], Heard]
Language = str | None


@dataclass(frozen=True)
class Skills:
    """One function a skill; a language of None lets the model find it."""

    transcribe: Hear
    to_english: Hear
    translate: Callable[[str, str, str], str]  # text, source, target
    understand: Callable[[str, Language], Understood]
    decide: Callable[[Sequence[Shown], Sequence[Shown], Sequence[Said], Language], Decision]
    word: Callable[[str, Mapping[str, str], str], str | None]  # situation, facts, language
    jingle: Callable[[int], Samples]  # seed
    graph: Graph | None = None  # what the model has read of the shop

    @classmethod
    def of(cls, model: Model, store: Store, known: Skills | None = None) -> Skills:
        """The model's skills in this shop; `known` are those of before, whose reading serves if the schema is the same.

        Raises ValueError for a schema whose types alone leave the model no room.
        """
        from walkiosk.skill import chat, music, path_query, speech_recognition, translation
        from walkiosk.skill.graph import Graph

        def types_of(words: str) -> frozenset[str]:
            return store.linker.types_of(words)

        try:
            if known is not None and known.graph is not None and known.graph.schema == store.schema:
                graph = known.graph.serving(types_of, partial(answered, store))
            else:
                graph = Graph(model, store.schema, types_of, partial(answered, store))
        except ValueError as error:
            raise ValueError(f"{store.folder}: {error}") from error
        return cls(
            partial(speech_recognition.transcribe, model),
            partial(speech_recognition.to_english, model),
            partial(translation.translate, model),
            partial(path_query.understand, model, graph),
            partial(chat.decide, model),
            partial(chat.word, model),
            lambda seed: music.jingle(model, seed).samples,
            graph,
        )
