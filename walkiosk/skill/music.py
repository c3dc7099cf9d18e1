"""music: a seed → a tune in ABC notation, held to valid ABC, and the sound of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from walkiosk.modality import abc_notation, music_box
from walkiosk.modality.audio import SAMPLE_RATE, Samples
from walkiosk.modality.text import END, Vocabulary
from walkiosk.modality.value import drawn
from walkiosk.skill.tune_constraint import TuneConstraint, spelled
from walkiosk.skill.tune_grammar import JINGLE, METRES, TUNE, Form, Metre

if TYPE_CHECKING:
    from walkiosk.skill import Model

LONGEST = 400  # tokens that are written, the end included; tunes of training have fewer
BARS_A_LINE = 4


@dataclass(frozen=True)
class Tune:
    seed: int
    form: str
    abc: str
    score: abc_notation.Score
    samples: Samples
    confidence: float  # mean log-probability of a choice

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def prefix(vocabulary: Vocabulary, form: Form) -> list[int]:
    """What is read before a tune is written."""
    return [vocabulary.special("<|music|>"), *vocabulary.encode(" " + form.name), vocabulary.special("<|output|>")]


def compose(model: Model, seed: int, form: Form = TUNE) -> Tune:
    """Write the tune of ``seed``, always the same with the same weights on the same kind of processor."""
    vocabulary = model.vocabulary
    state = model.engine.read(prefix(vocabulary, form), room=LONGEST)
    constraint = TuneConstraint(vocabulary, form, LONGEST)
    end = vocabulary.special(END)
    written = model.engine.write(state, end, LONGEST, constraint, choose=drawn(seed))
    abc = laid_out(vocabulary.decode(written.tokens), f"{form.name.capitalize()} {seed}")
    score = abc_notation.read(abc)
    return Tune(seed, form.name, abc, score, music_box.play(score), written.confidence)


def jingle(model: Model, seed: int) -> Tune:
    """Write a few bars that the attract screen can play."""
    return compose(model, seed, JINGLE)


def surprise(model: Model, written: str, form: Form) -> tuple[float, int]:
    """Return minus the log-probability of a tune as the model writes it, and how many of its letters were a choice.

    Each letter is judged behind the right ones, among those that may come. Raises ValueError for a tune that the
    constraint does not let through.
    """
    vocabulary = model.vocabulary
    end = vocabulary.special(END)
    try:
        tokens = spelled(vocabulary, written)
    except KeyError as error:
        raise ValueError(f"{error} is no letter of ours") from None
    told = Told(TuneConstraint(vocabulary, form, LONGEST), [*tokens, end])
    state = model.engine.read(prefix(vocabulary, form), room=LONGEST)
    made = model.engine.write(state, end, LONGEST, told, choose=lambda _: told.place())
    if not made.finished:
        raise ValueError(f"longer than {LONGEST} tokens")
    return -made.likelihood, len(made.forks)


class Told:
    """A constraint under which one tune is written, whatever is likely."""

    def __init__(self, constraint: TuneConstraint, tokens: Sequence[int]) -> None:
        self._constraint, self._tokens = constraint, iter(tokens)

    def allowed(self) -> list[int]:
        self._allowed, self._next = self._constraint.allowed(), next(self._tokens)
        if self._next not in self._allowed:
            raise ValueError("not a tune that could have been written")
        return self._allowed

    def advance(self, token: int) -> None:
        self._constraint.advance(token)

    def place(self) -> int:
        """Where the tune goes on among what may come."""
        return self._allowed.index(self._next)


def laid_out(written: str, title: str) -> str:
    """Return what the model writes (M:, K: and music without spaces) as a tune with its whole header, notes beamed."""
    metre, key, *parts = written.splitlines()
    of_metre = METRES[metre[2:]]
    head = ["X:1", f"T:{title}", metre, f"L:{of_metre.unit}", f"Q:{of_metre.tempo}", key]
    return "\n".join([*head, *(line for part in parts for line in _lines(part, of_metre))]) + "\n"


def _lines(part: str, metre: Metre) -> list[str]:
    """A part in lines of a few bars each, a space where a beat begins."""
    bars = [""]
    filled, due = Fraction(0), list[Fraction]()  # units; what the lengths of the next notes are multiplied by
    for item in abc_notation.items(part):
        sounds = item["letter"] or item["rest"]
        if (sounds or item["triplet"]) and filled and filled % metre.beam == 0 and not due:
            bars[-1] += " "
        bars[-1] += item[0]
        if sounds:
            filled += abc_notation.length_of(item["length"] or item["quiet"] or "") * (due.pop() if due else 1)
        elif item["triplet"]:
            due = [Fraction(2, 3)] * 3
        elif item["broken"]:
            due = [Fraction(1)]  # a pair is as long as two even notes
        elif item["bar"] != "|:":
            bars += [""] if len(bars) > 1 or filled == metre.units else []  # an upbeat stands with the first bar
            filled = Fraction(0)
    bars = [bar for bar in bars if bar]
    return [" ".join(bars[at : at + BARS_A_LINE]) for at in range(0, len(bars), BARS_A_LINE)]
