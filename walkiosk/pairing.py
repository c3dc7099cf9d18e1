"""A fitted task: which parts go in through which door, what comes out, and how values become elements on both sides.

What is heard or seen goes through the encoder, text is laid in the decoder's prefix; the target is written element by
element behind it. A target that is one of a few, whatever its kind, is one token of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality import Modality, image, modality, trend, video
from walkiosk.modality.picture_codec import PictureCodec
from walkiosk.modality.text import START, Vocabulary
from walkiosk.modality.value import BadValue, Floats, Pick, Scale, Step, largest
from walkiosk.pairs.aims import label_of
from walkiosk.pairs.content import digest
from walkiosk.pairs.pair import Sides

FORMS: dict[str, Callable[..., Any]] = {"scalar": Scale, "image": image.Form, "video": video.Form}
PAINTED = (image.Form, video.Form)
AFTER_FILMS = 8  # frames of a film that one picture is painted after
Value = Any


def label_token(number: int) -> str:
    """The token that stands for the class of that number."""
    return f"<|class_{number}|>"


@dataclass(frozen=True)
class Pairing:
    """The sides of a task with their forms, and the vocabulary of the model between them."""

    sides: Sides
    aim: str  # of `walkiosk.pairs.AIMS`
    vocabulary: Vocabulary
    forms: tuple[Any, ...]  # of an input's parts
    target_form: Any = None
    labels: tuple[str, ...] = ()  # what the target is one of, where it is one of a few; of sounds and such, digests
    answers: tuple[Value, ...] = ()  # the sounds, pictures or films that the labels stand for
    longest: int = 400  # tokens that are read of an input's texts, all together

    @property
    def writes(self) -> str:
        """The modality whose port writes the target."""
        return "text" if self.labels else self.sides.target

    @property
    def paints(self) -> bool:
        """Whether the target is written in the codes of pictures."""
        return self.writes in ("image", "video")

    @cached_property
    def classes(self) -> list[int]:
        """The tokens of the labels."""
        return [self.vocabulary.special(label_token(number)) for number in range(len(self.labels))]

    def side(self, name: str) -> Modality:
        return modality(name, self.vocabulary)

    def read(self, inputs: Sequence[Any]) -> tuple[Value, ...]:
        """Return the values of an input's parts; raises `BadValue` naming the one that cannot be read."""
        if len(inputs) != len(self.sides.inputs):
            parts = "1 part" if len(inputs) == 1 else f"{len(inputs)} parts"
            raise BadValue(f"{parts}, expected {len(self.sides.inputs)}: {', '.join(self.sides.inputs)}")
        return tuple(self.side(name).read(given) for name, given in zip(self.sides.inputs, inputs, strict=True))

    def read_target(self, given: Any) -> Value:
        """Return the value of a target, of a class its label, known or not; raises `BadValue`."""
        return label_of(given) if self.aim == "classes" else self.side(self.sides.target).read(given)

    def label(self, wanted: Value) -> str:
        """What stands for a target's value where it is one of a few."""
        return str(wanted) if self.aim == "classes" else digest([wanted]).hex()

    def perceived(self, values: Sequence[Value]) -> list[tuple[str, int, NDArray[Any]]]:
        """What goes through the encoder: each part's modality, number and sequence (T × features)."""
        parts = enumerate(zip(self.sides.inputs, values, self.forms, strict=True))
        return [
            (name, number, np.asarray(self.side(name).to_sequence(value, form=form)))
            for number, (name, value, form) in parts
            if name != "text"
        ]

    def prefix(self, values: Sequence[Value]) -> list[int]:
        """The tokens before the target: the texts that are read, no more of them than there is room for."""
        special = self.vocabulary.special
        read: list[int] = []
        for name, value in zip(self.sides.inputs, values, strict=True):
            if name == "text":
                read += [special("<|next|>") if read else special("<|input|>"), *self.side(name).to_sequence(value)]
        return [special(START), *read[: self.longest], special("<|output|>")]

    def form(self, values: Sequence[Value]) -> Any:
        """The form of the target behind these inputs: a trend is on the scale of its past, a picture after another."""
        if self.aim == "trend" and self.sides.inputs[0] == "trend":
            return trend.Form.behind(values[0])
        if self.paints:
            return self.target_form.behind(self.frames(values))
        return self.target_form

    def frames(self, values: Sequence[Value]) -> list[Any]:
        """What a picture or a film is painted after: a picture, or the frames of a film that are seen."""
        if (number := self._original) is None:
            return []
        value, form = values[number], self.forms[number]
        return video.sampled(value, form) if isinstance(value, video.Video) else [value]

    def elements(self, values: Sequence[Value], wanted: Value) -> NDArray[Any]:
        """Return the elements that write ``wanted``; raises `BadValue` for a class that was not learned."""
        if self.labels:
            label = self.label(wanted)
            if label not in self.labels:
                told = repr(wanted) if self.aim == "classes" else f"this {self.sides.target}"
                raise BadValue(f"{told} is none of the {len(self.labels)} that were learned")
            return np.array([self.vocabulary.special(label_token(self.labels.index(label)))])
        return np.asarray(self.side(self.sides.target).to_target(wanted, form=self.form(values)))

    def next(self, head: Floats, before: Sequence[Any], form: Any, pick: Pick | None = None) -> Step:
        """The element that a head's output stands for, behind those ``before`` it."""
        if self.labels:
            return Step(self.classes[(pick or largest)(head[self.classes])], True)
        return self.side(self.sides.target).next(head, before, form=form, pick=pick)

    def value(self, elements: Sequence[Any], form: Any) -> Value:
        """Return what ``elements`` write: a label, a text, a picture, …; of numbers their nine quantiles."""
        if self.labels:
            return (self.answers or self.labels)[self.classes.index(int(elements[0]))]
        return self.side(self.sides.target).from_sequence(elements, form=form)

    def telling(self) -> Pairing:
        """Return the pairing that tells with each painted block what is known of the next one's place.

        That is what stood there in the frame before, and what the first picture or film of the input shows there.
        """
        original, form = self._original, self.target_form
        if self.writes == "video":
            return replace(self, target_form=replace(form, after=original is not None, stood=True))
        if self.writes == "image" and original is not None:
            films = self.sides.inputs[original] == "video"
            return replace(self, target_form=replace(form, after=AFTER_FILMS if films else 1))
        return self

    @property
    def _original(self) -> int | None:
        """Which part of an input a picture or a film is painted after."""
        found = [number for number, form in enumerate(self.forms) if isinstance(form, PAINTED)]
        return found[0] if found else None

    def with_codec(self, codec: PictureCodec) -> Pairing:
        """Return the pairing whose pictures are painted by ``codec``."""
        if not isinstance(self.target_form, PAINTED):
            return self
        return replace(self, target_form=replace(self.target_form, codec=codec))

    def of(self, answers: Sequence[Value]) -> Pairing:
        """Return the pairing whose target is one of ``answers``: sounds, pictures or films."""
        apart = {self.label(value): value for value in answers}
        return replace(self, labels=tuple(apart), answers=tuple(apart.values()))

    def to_json(self) -> dict[str, Any]:
        """What `from_json` makes it of again, beside the vocabulary."""
        return {
            "inputs": list(self.sides.inputs),
            "target": self.sides.target,
            "aim": self.aim,
            "forms": [_told(form) for form in self.forms],
            "target_form": _told(self.target_form),
            "labels": list(self.labels),
            "longest": self.longest,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any], vocabulary: Vocabulary) -> Pairing:
        sides = Sides(tuple(told["inputs"]), told["target"])
        forms = tuple(_form(name, form) for name, form in zip(sides.inputs, told["forms"], strict=True))
        target = _form(sides.target, told["target_form"])
        return cls(sides, told["aim"], vocabulary, forms, target, tuple(told["labels"]), longest=told["longest"])


def packed_answers(answers: Sequence[Value]) -> bytes:
    """Return an archive of sounds, pictures or films, which `unpacked_answers` opens."""
    arrays: dict[str, Any] = {}
    for number, value in enumerate(answers):
        if isinstance(value, video.Video):
            arrays |= {str(number): value.frames, f"{number} rate": np.array(value.rate)}
        else:
            arrays[str(number)] = value
    written = BytesIO()
    np.savez_compressed(written, **arrays)
    return written.getvalue()


def unpacked_answers(packed: bytes) -> list[Value]:
    with np.load(BytesIO(packed)) as arrays:
        return [
            video.Video(arrays[name], float(arrays[f"{name} rate"])) if f"{name} rate" in arrays else arrays[name]
            for name in arrays.files
            if name.isdecimal()
        ]


def _told(form: Any) -> dict[str, Any] | None:
    if form is None:
        return None
    if isinstance(form, trend.Form):
        return asdict(form)
    return {each.name: getattr(form, each.name) for each in fields(form) if each.name not in ("codec", "seen")}


def _form(name: str, told: dict[str, Any] | None) -> Any:
    if told is None:
        return None
    if name == "trend":
        return trend.Form(**{key: value and Scale(**value) for key, value in told.items()})
    return FORMS[name](**told)
