"""The black box by itself: pairs of "this in, that out" → a model, and a model's answers. Loads without torch.

model = Sequence("audio", "text").fit("pairs.jsonl")
model("b.wav")
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from collections.abc import Sequence as Several
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from walkiosk.engine import Engine, State
from walkiosk.modality.picture_codec import DECODER, ENCODER, PictureCodec
from walkiosk.modality.text import Vocabulary
from walkiosk.modality.value import MEDIAN, TEMPERATURE, BadValue, Pick, drawn
from walkiosk.model_file import ANSWERS, ModelFile
from walkiosk.pairing import Pairing, unpacked_answers
from walkiosk.pairs.aims import number_of
from walkiosk.pairs.columns import check_kind
from walkiosk.pairs.consensus import most_alike, ways_to_pick

if TYPE_CHECKING:
    from walkiosk.model.fit import Fitted, Told


NOTHING = "fit or load a model first"


class Unfitted(RuntimeError):
    """A sequence that was asked before it was fitted or loaded."""


class Sequence:
    """A sequence of one or more kinds in, a sequence of one kind out."""

    def __init__(self, input: str | Several[str] = "", target: str = "") -> None:
        """``input`` is a modality, or several where an input has parts; what is left out is guessed from the data.

        Raises `walkiosk.pairs.PairsError` for an unknown modality.
        """
        self.inputs = tuple([input] if isinstance(input, str) else input) if input else ()
        self.target = target
        for side, name in [*(("input", name) for name in self.inputs), *([("target", target)] if target else [])]:
            check_kind(side, name)
        self._file: ModelFile | None = None
        self._pairing: Pairing | None = None
        self.fitted: Fitted | None = None

    def fit(
        self, pairs: str | Path | Iterable[Any], *, told: Told | None = None, work: Path | None = None, **settings: Any
    ) -> Sequence:
        """Fit to a file of pairs, or to (input, target) tuples, and return itself. Needs ``walkiosk[train]``.

        ``settings`` are those of `walkiosk.model.fit.Settings`: minutes, steps, group, size, start, seed, hold_back.
        In the folder ``work`` a fit that was stopped goes on. Raises `walkiosk.pairs.PairsError` naming the lines to
        put right.
        """
        from walkiosk.model.fit import Settings, Told, fit_pairs

        source = Path(pairs) if isinstance(pairs, str) else pairs
        with tempfile.TemporaryDirectory(prefix="walkiosk-fit-") as scratch:
            self.fitted = fit_pairs(
                source, self.inputs, self.target, work or Path(scratch), Settings(**settings), told or Told()
            )
        self._open(ModelFile(self.fitted.parts))
        return self

    @classmethod
    def load(cls, path: str | Path) -> Sequence:
        """Open a model's file; raises FileNotFoundError, `walkiosk.model_file.NoModel`."""
        file = ModelFile.open(Path(path))
        told = file.json("model.json")["pairing"]
        found = cls(told["inputs"], told["target"])
        found._open(file)
        return found

    def save(self, path: str | Path) -> None:
        """Write the model into one file: weights, sizes, vocabulary, data card."""
        self._opened.save(Path(path))

    @property
    def card(self) -> dict[str, Any]:
        """What the model was fitted to, and how."""
        return self._opened.json("card.json")

    def __call__(self, *parts: Any) -> Any:
        """Return the answer to an input: as many parts as it has, each a value or a path.

        A number is the median of what is expected, a trend its medians; `spread` tells how sure both are. Raises
        `BadValue` naming a part that cannot be read.
        """
        return self._plain(self.found(parts))

    def spread(self, *parts: Any) -> Any:
        """Return how likely each class is, or the nine quantiles (of each value of a trend: N × 9)."""
        if self.pairing.aim == "classes":
            values = self.pairing.read(parts)
            scores = self._state(values).logits[0][self.pairing.classes].astype(np.float64)
            shares = np.exp(scores - scores.max())
            return dict(zip(self.pairing.labels, (shares / shares.sum()).tolist(), strict=True))
        if self.pairing.aim not in ("quantiles", "trend"):
            raise BadValue(f"{self.pairing.sides.target}: an answer of this kind has no spread")
        return self.found(parts)

    def found(self, parts: Several[Any]) -> Any:
        """Return the answer as it is judged: a label, quantiles, or the value itself.

        Of a picture or a film several are drawn beside the likeliest, always the same ones, and the one that is most
        like the others is the answer.
        """
        if self.pairing.labels:
            return self._written(parts, [None])[0]
        return most_alike(self.pairing.aim, self._written(parts, ways_to_pick(self.pairing.aim)))

    def draw(self, *parts: Any, seed: int, temperature: float = TEMPERATURE) -> Any:
        """Return one of the answers that there might be to an input; the same seed, the same answer.

        The colder, the nearer to the likeliest; of a trend, to the median. A number and a sound have one answer.
        """
        return self._plain(self._written(parts, [drawn(seed, temperature)])[0])

    def _plain(self, found: Any) -> Any:
        """An answer without its quantiles."""
        if self.pairing.aim == "classes":
            return number_of(found) if self.pairing.sides.target == "scalar" else found
        if self.pairing.aim == "quantiles":
            return float(found[MEDIAN])
        return found[:, MEDIAN] if self.pairing.aim == "trend" else found

    def _written(self, parts: Several[Any], picks: Several[Pick | None]) -> list[Any]:
        """An answer for each way to pick."""
        pairing = self.pairing
        values = pairing.read(parts)
        state, form = self._state(values), pairing.form(values)
        nexts = [partial(pairing.next, form=form, pick=pick) for pick in picks]
        rows = self._engine.compose_rows(state, nexts, self._engine.places)
        return [pairing.value(elements, form) for elements in rows]

    def write(self, value: Any, path: str | Path) -> None:
        """Put an answer into a file: CSV, text, PNG, WAV, MP4, …, by the name's ending."""
        if self.pairing.aim == "classes":
            Path(path).write_text(f"{value}\n", encoding="utf-8")
        else:
            self.pairing.side(self.pairing.sides.target).write(value, Path(path))

    @property
    def pairing(self) -> Pairing:
        """The task that the model was fitted to; raises `Unfitted`."""
        if self._pairing is None:
            raise Unfitted(NOTHING)
        return self._pairing

    @property
    def _opened(self) -> ModelFile:
        if self._file is None:
            raise Unfitted(NOTHING)
        return self._file

    def _open(self, file: ModelFile) -> None:
        vocabulary = Vocabulary.from_bytes(file.read("tokenizer.json.gz"))
        pairing = Pairing.from_json(file.json("model.json")["pairing"], vocabulary)
        if ENCODER in file:
            pairing = pairing.with_codec(PictureCodec(file.read(ENCODER), file.read(DECODER)))
        if ANSWERS in file:
            pairing = pairing.of(unpacked_answers(file.read(ANSWERS)))
        self._file, self._pairing, self._engine = file, pairing, Engine(file)
        self.inputs, self.target = pairing.sides.inputs, pairing.sides.target

    def _state(self, values: tuple[Any, ...]) -> State:
        parts = self.pairing.perceived(values)
        perceived = None
        if parts:
            perceived = self._engine.perceive([(name, x) for name, _, x in parts], [number for _, number, _ in parts])
        return self._engine.read(self.pairing.prefix(values), None, perceived, self._engine.places)
