"""entity_extraction: text → the spans that name things of the loaded graph, with their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from walkiosk.skill.graph import Graph
from walkiosk.skill.semantic_parsing import write_understood
from walkiosk.skill.understanding import Understood

if TYPE_CHECKING:
    from walkiosk.skill import Model


def extract(model: Model, graph: Graph, text: str, language: str | None = None) -> Understood:
    """Return the entities of ``text``, copied from it, of types of the graph; raises `TooLong`."""
    return write_understood(model, graph, text, "entity_extraction", language)
