"""How a program is written for the model: relations as what they say, in the direction they are followed.

A program whose words read like a sentence is the nearest thing in a formal language to what a customer said (Shin et
al., 2021, "Constrained language models yield few-shot semantic parsers"); a name such as ``r17`` is never written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from walkiosk.modality.text import Vocabulary
from walkiosk.store.knowledge_graph import PRODUCT_KEYS, RESERVED, Relation, Schema

NOTHING = "none"  # the program of a sentence that no graph can answer; the relation of two unrelated entities
TAKEN = {*RESERVED, *PRODUCT_KEYS, NOTHING}  # a relation of such a name is written as it is
FORWARD, BACKWARD, AS_IT_IS = ">", "<", ""  # the roles in which a word may stand


@dataclass(frozen=True, eq=False)
class Phrases:
    """The wordings of a schema's relations, each told from every other in its direction."""

    schema: Schema

    @cached_property
    def forward(self) -> Mapping[str, str]:
        """Relation → ``phrase object``; a phrase that ends in its object's type says it once."""
        return _distinct({r.name: list(_forward(r)) for r in self._said})

    @cached_property
    def backward(self) -> Mapping[str, str]:
        """Relation → ``inverse phrase subject``; for one without an inverse phrase ``subject phrase``."""
        return _distinct({r.name: list(_backward(r)) for r in self._said if not r.literal})

    @property
    def _said(self) -> list[Relation]:
        return [relation for relation in self.schema.relations if relation.name not in TAKEN]

    def of(self, word: str, role: str) -> str:
        """A program's ``word`` as it is written in its role; one that is no relation there is written as it is."""
        said = self.backward if role == BACKWARD else self.forward
        bare = word.strip()
        return f" {said[bare]}" if role != AS_IT_IS and bare in said else word

    def spell(self, vocabulary: Vocabulary, word: str, role: str = AS_IT_IS) -> list[int]:
        return vocabulary.encode(self.of(word, role))


def _ends(relation: Relation) -> tuple[str, str]:
    return "|".join(relation.subject_types), "|".join(relation.object_types)


def _forward(relation: Relation) -> Iterator[str]:
    subject, object_ = _ends(relation)
    yield _onto(relation.phrase, object_)
    yield f"{subject} {_onto(relation.phrase, object_)}"
    yield f"{subject} {relation.name}"


def _backward(relation: Relation) -> Iterator[str]:
    subject, object_ = _ends(relation)
    if relation.inverse_phrase:
        yield _onto(relation.inverse_phrase, subject)
    yield f"{subject} {relation.phrase}"
    yield f"{object_} of {subject} {relation.phrase}"
    yield f"{object_} {relation.name}"


def _onto(phrase: str, type_: str) -> str:
    return phrase if f" {phrase}".endswith(f" {type_}") else f"{phrase} {type_}"


def _distinct(wordings: Mapping[str, list[str]]) -> dict[str, str]:
    """The first wording of each that no other could have; the last, with its name, where there is none."""
    counts: dict[str, int] = {}
    for candidates in wordings.values():
        for text in set(candidates):
            counts[text] = counts.get(text, 0) + 1
    return {
        name: next((text for text in candidates if counts[text] == 1), candidates[-1])
        for name, candidates in wordings.items()
    }
