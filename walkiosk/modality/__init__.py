"""Six modalities: how a raw value becomes a sequence and a sequence becomes a value: numpy, and ONNX Runtime for codes.

A modality perceives in one form (rows of numbers that its port embeds) and writes in another (elements that its port
predicts one after another). Adding one is a file here, a file in `model/ports`, and a row in each table.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from walkiosk.modality import audio, image, scalar, trend, video
from walkiosk.modality.text import Vocabulary
from walkiosk.modality.value import Floats, Pick, Step


class Modality(Protocol):
    """The contract; every function raises `BadValue`, naming what it was given, where nothing can be made of it."""

    def read(self, source: Any, /) -> Any:
        """Return the value that ``source`` (a path or the thing itself) holds."""

    def fitting(self, values: Sequence[Any], /) -> Any:
        """Return the form that suits ``values``: sizes and scales that a model fitted to them keeps; None has none."""

    def to_sequence(self, value: Any, /, *, form: Any = None) -> Any:
        """Return what is perceived of ``value``: T × features, or tokens."""

    def to_target(self, value: Any, /, *, form: Any = None) -> Any:
        """Return the elements that write ``value``, the last one ending it."""

    def next(self, head: Floats, before: Sequence[Any], /, *, form: Any = None, pick: Pick | None = None) -> Step:
        """Return the element that a head's output stands for, behind the elements ``before`` it.

        ``pick`` says which of several choices is taken, else the kind's own way; what is no choice knows no other.
        """

    def from_sequence(self, elements: Sequence[Any], /, *, form: Any = None) -> Any:
        """Return the value that ``elements`` write."""

    def write(self, value: Any, path: Path, /) -> None:
        """Put ``value`` into a file that `read` reads."""


MODALITIES: dict[str, Modality | type[Vocabulary]] = {
    "scalar": scalar,
    "trend": trend,
    "text": Vocabulary,  # made from the tokenizer that comes with a model
    "image": image,
    "audio": audio,
    "video": video,
}


def modality(name: str, vocabulary: Vocabulary) -> Modality:
    """Return the modality ``name`` of a model with ``vocabulary``; raises KeyError naming those there are."""
    if name not in MODALITIES:
        raise KeyError(f"no modality {name!r}; there are {', '.join(MODALITIES)}")
    found = MODALITIES[name]
    return vocabulary if isinstance(found, type) else found
