"""The knowledge graph: what a shop knows, and path programs that look things up in it."""

from walkiosk.store.knowledge_graph.check import check
from walkiosk.store.knowledge_graph.graph import SKU, KnowledgeGraph, PathResult, Thing, UnknownEntity
from walkiosk.store.knowledge_graph.program import (
    OPERATORS,
    Combine,
    Count,
    Filter,
    Hop,
    PathProgram,
    Pick,
    ProgramError,
    Source,
    Step,
    Value,
)
from walkiosk.store.knowledge_graph.schema import LITERALS, PRODUCT, PRODUCT_KEYS, RESERVED, Relation, Schema
from walkiosk.store.knowledge_graph.trace import TraceStep

__all__ = [
    "LITERALS",
    "OPERATORS",
    "PRODUCT",
    "PRODUCT_KEYS",
    "RESERVED",
    "SKU",
    "Combine",
    "Count",
    "Filter",
    "Hop",
    "KnowledgeGraph",
    "PathProgram",
    "PathResult",
    "Pick",
    "ProgramError",
    "Relation",
    "Schema",
    "Source",
    "Step",
    "Thing",
    "TraceStep",
    "UnknownEntity",
    "Value",
    "check",
]
