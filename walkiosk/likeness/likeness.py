"""A likeness: the model that was fitted to what a user has, and what a seed may ask it for, in one file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from walkiosk.likeness import named, passages, series
from walkiosk.likeness.files import digest_of, files_of
from walkiosk.likeness.laid import Laid
from walkiosk.model_file import ModelFile, NoModel
from walkiosk.sequence import Sequence as Model

if TYPE_CHECKING:
    from walkiosk.model.fit import Told

PART = "likeness.json"  # of the model's file


@dataclass(frozen=True)
class Kind:
    """How files of a kind become pairs, and a seed something like them."""

    input: str
    lay: Callable[[Path, str, Sequence[Path]], Laid]
    make: Callable[[Model, dict[str, Any], np.random.Generator, str, int | None], tuple[Any, str]]
    check: Callable[[Sequence[Path], str], None]


NAMED = Kind("text", named.lay, named.make, named.check)
KINDS = {
    "text": Kind("text", passages.lay, passages.make, passages.check),
    "image": NAMED,
    "trend": Kind("trend", series.lay, series.make, series.check),
    "audio": NAMED,
    "video": NAMED,
}


@dataclass(frozen=True)
class Generated:
    """Something new, and what it was asked for by: a name, or what it begins with."""

    value: Any
    asked: str


class Likeness:
    """What makes things like those that a user has."""

    def __init__(self, file: ModelFile, model: Model) -> None:
        self._file, self._model = file, model
        self._told = file.json(PART)
        self.kind: str = self._told["kind"]
        self.digest: str = self._told["digest"]  # of what it was fitted to

    @classmethod
    def fit(
        cls, place: str | Path, kind: str, *, told: Told | None = None, work: Path | None = None, **settings: Any
    ) -> Likeness:
        """Fit to the files of a kind in a folder, or to one file. Needs ``walkiosk[train]``.

        ``settings`` and ``work`` are those of `Sequence.fit`. Raises `walkiosk.pairs.PairsError` for what the user must
        put right, and KeyError for a kind that is none of `KINDS`.
        """
        place, how = Path(place), KINDS[kind]
        files = files_of(place, kind)
        digest = digest_of(kind, files)
        laid = how.lay(place, kind, files)
        model = Model(how.input, kind).fit(laid.pairs, told=told, work=work, hold_back=laid.hold_back, **settings)
        assert model.fitted is not None
        kept = json.dumps({"kind": kind, "digest": digest, **laid.told}, ensure_ascii=False).encode()
        return cls(ModelFile({**model.fitted.parts, PART: kept}), model)

    @classmethod
    def load(cls, path: str | Path) -> Likeness:
        """Open a file that `save` wrote; raises FileNotFoundError, `walkiosk.model_file.NoModel`."""
        file = ModelFile.open(Path(path))
        if PART not in file:
            raise NoModel(f"{path}: not a model that `walkiosk generate` wrote")
        return cls(file, Model.load(path))

    def save(self, path: str | Path) -> None:
        """Write the model into one file, which `Sequence.load` opens too."""
        self._file.save(Path(path))

    @property
    def settings(self) -> dict[str, Any]:
        """How long it was fitted, and what else was said."""
        found: dict[str, Any] = self._model.card["settings"]
        return found

    def generate(self, seed: int, of: str = "", length: int | None = None) -> Generated:
        """Make something new; the same seed makes the same.

        ``of`` says what: a name that need not be there, or what a text (words) or a series (numbers) begins with;
        without it the seed draws one that is there. ``length`` is in words or values. Raises
        `walkiosk.modality.value.BadValue` where ``of`` cannot be read.
        """
        make = KINDS[self.kind].make
        return Generated(*make(self._model, self._told, np.random.default_rng(seed), of, length))

    def write(self, value: Any, path: str | Path) -> None:
        """Put what was generated into a file, by the name's ending."""
        self._model.write(value, path)
