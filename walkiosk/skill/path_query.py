"""path_query: a question → its entities and a path program that the loaded graph can run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from walkiosk.skill.graph import Graph
from walkiosk.skill.semantic_parsing import write_understood
from walkiosk.skill.understanding import Mention, Understood

if TYPE_CHECKING:
    from walkiosk.skill import Model


def understand(
    model: Model, graph: Graph, text: str, language: str | None = None, mentions: Sequence[Mention] | None = None
) -> Understood:
    """Return language, entities and program of ``text``; raises `TooLong` when it has no room behind the schema."""
    return write_understood(model, graph, text, "path_query", language, mentions)
