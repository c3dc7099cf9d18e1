"""Tunes as text: the part of ABC notation (abcnotation.com, standard 2.1) that we write → the notes that are played.

Header `X: T: M: L: Q: K:`; notes and rests with accidentals, octave marks and lengths, broken rhythm (`>`, `<`),
triplets (`(3`), bars, repeats. Bars must add up: the first of a part may be an upbeat, which the part's last bar makes
whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from walkiosk.modality.abc_key import Key, pitch_of
from walkiosk.modality.value import BadValue

QUARTER = Fraction(1, 4)  # a beat, of a whole note
TEMPO = 120.0  # beats a minute where Q: does not say
ACCIDENTALS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
ITEM = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<triplet>\(3(?!\d))"
    r"|(?P<accidental>\^\^|\^|__|_|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)(?P<length>\d*(?:/+\d*)?)"
    r"|(?P<rest>z)(?P<quiet>\d*(?:/+\d*)?)"
    r"|(?P<broken>[<>])"
    r"|(?P<bar>::|:\|\]?|\|:|\|\]|\|\||\|)"
)
LENGTH = re.compile(r"(\d*)(/*)(\d*)")


class BadTune(BadValue):
    """A text that is no tune of ours; the message begins with line and column, both from 1."""

    def __init__(self, line: int, column: int, what: object) -> None:
        super().__init__(f"line {line}, column {column}: {what}")


@dataclass(frozen=True)
class Note:
    pitch: int  # MIDI
    start: Fraction  # beats, quarter notes
    beats: Fraction

    def later(self, beats: Fraction) -> Note:
        return replace(self, start=self.start + beats)


@dataclass(frozen=True)
class Bar:
    notes: tuple[Note, ...]  # from the bar's start
    beats: Fraction


@dataclass(frozen=True)
class Part:
    bars: tuple[Bar, ...]
    repeated: bool


@dataclass(frozen=True)
class Score:
    """A tune: how it is written (``parts``), and how it is played, repeats played twice.

    ``downbeats`` are the starts of its bars; an upbeat has none.
    """

    title: str
    metre: Fraction
    key: Key
    tempo: float  # beats a minute
    parts: tuple[Part, ...]
    notes: tuple[Note, ...]
    downbeats: tuple[Fraction, ...]
    beats: Fraction

    @property
    def seconds(self) -> float:
        return float(self.beats) * 60 / self.tempo


def read(text: str) -> Score:
    """Return the tune that ``text`` writes; raises `BadTune`."""
    told: dict[str, str] = {}
    fields: dict[str, Callable[[str], object]] = {"X": str, "T": str, "M": _fraction, "L": _fraction, "Q": _tempo}
    fields["K"] = Key.of
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        name, colon, value = line[:1], line[1:2], line[2:].strip()
        if name not in fields or colon != ":":
            raise BadTune(number, 1, f"{line[:20]!r} before K: is none of {' '.join(fields)}")
        try:
            fields[name](value)
        except ValueError as error:
            raise BadTune(number, 3, error) from error
        told[name] = value
        if name == "K":
            break
    else:
        raise BadTune(len(lines) + 1, 1, "no K: field")
    metre = _fraction(told.get("M", "4/4"))
    body = _Body(Key.of(told["K"]), metre / QUARTER, _fraction(told.get("L", "1/8")) / QUARTER)
    for number in range(len(told), len(lines)):
        body.line(number + 1, lines[number])
    parts = body.finish()
    tempo = _tempo(told["Q"]) if "Q" in told else TEMPO
    return Score(told.get("T", ""), metre, body.key, tempo, parts, *_played(parts, body.whole))


def items(line: str, number: int = 1) -> Iterator[re.Match[str]]:
    """Yield what a line of music consists of, matches of `ITEM`; raises `BadTune` for anything else."""
    at = 0
    while at < len(line):
        found = ITEM.match(line, at)
        if not found:
            raise BadTune(number, at + 1, f"{line[at]!r} is nothing that we read")
        yield found
        at = found.end()


def length_of(written: str) -> Fraction:
    """Return the length written behind a note, in units: nothing is 1, "/" is 1/2, "3/" and "3/2" are 3/2.

    Raises ValueError for a length of nothing.
    """
    found = LENGTH.fullmatch(written)
    if not found or 0 in (int(found[1] or 1), int(found[3] or 1)):
        raise ValueError(f"{written!r} is no length")
    halvings = len(found[2]) - 1 if found[3] else len(found[2])
    return Fraction(int(found[1] or 1), int(found[3] or 1) * 2**halvings)


def _fraction(text: str) -> Fraction:
    if not re.fullmatch(r"[1-9]\d*/[1-9]\d*", text):
        raise ValueError(f"{text!r} is no fraction such as 1/8")
    return Fraction(text)


def _tempo(text: str) -> float:
    note, _, count = text.partition("=")
    if not re.fullmatch(r"[1-9]\d*", count):
        raise ValueError(f"{text!r} is no tempo such as 1/4=120")
    return float(_fraction(note) / QUARTER) * int(count)


def _played(parts: tuple[Part, ...], whole: Fraction) -> tuple[tuple[Note, ...], tuple[Fraction, ...], Fraction]:
    """Notes, downbeats and length of the parts one after another, each as often as it is played."""
    notes: list[Note] = []
    downbeats: list[Fraction] = []
    at = Fraction(0)
    for part in parts:
        for _ in range(2 if part.repeated else 1):
            for number, bar in enumerate(part.bars):
                if number or bar.beats == whole:
                    downbeats.append(at)
                notes += [note.later(at) for note in bar.notes]
                at += bar.beats
    return tuple(notes), tuple(downbeats), at


class _Body:
    """The music of a tune, line by line: notes into bars, bars into parts."""

    def __init__(self, key: Key, whole: Fraction, unit: Fraction) -> None:
        self.key, self.whole, self.unit = key, whole, unit  # beats
        self.parts: list[Part] = []
        self.bars: list[Bar] = []  # of the part at hand
        self.repeats = False  # it began with |:
        self.notes: list[Note] = []  # of the bar at hand, rests left out
        self.filled = Fraction(0)
        self.altered: dict[str, int] = {}  # an accidental holds for its letter to the bar line, in all octaves
        self.due: list[Fraction] = []  # what the lengths of the next notes are multiplied by
        self.breakable = False  # the last item was a note that > or < may follow
        self.last = (1, 1, "")  # line, column and sign of the last bar line
        self.number = 1

    def line(self, number: int, text: str) -> None:
        self.number = number
        for item in items(text, number):
            column = item.start() + 1
            if item["letter"] or item["rest"]:
                self._note(item, column)
            elif item["broken"]:
                self._break(item["broken"], column)
            elif item["triplet"] or item["bar"]:
                if self.due:
                    raise BadTune(number, column, f"{len(self.due)} more notes are due before {item[0]!r}")
                self.breakable = False
                if item["triplet"]:
                    self.due = [Fraction(2, 3)] * 3
                else:
                    self._bar_line(item["bar"], column)

    def finish(self) -> tuple[Part, ...]:
        line, column, sign = self.last
        if self.filled or self.bars:
            raise BadTune(self.number, 1, "the music ends before a final bar line")
        if not self.parts or sign == "||" or self.repeats:
            raise BadTune(line, column, f"the music ends on {sign!r}, which is no final bar line")
        return tuple(self.parts)

    def _note(self, item: re.Match[str], column: int) -> None:
        try:
            beats = length_of(item["quiet"] if item["rest"] else item["length"]) * self.unit
        except ValueError as error:
            raise BadTune(self.number, column, error) from error
        self.breakable = not self.due
        beats *= self.due.pop() if self.due else 1
        if item["letter"]:
            name = item["letter"].upper()
            if item["accidental"]:
                self.altered[name] = ACCIDENTALS[item["accidental"]]
            alter = self.altered.get(name, self.key.alters(name))
            self.notes.append(Note(pitch_of(item["letter"], item["octave"], alter), self.filled, beats))
        else:
            self.breakable = False
        self.filled += beats

    def _break(self, sign: str, column: int) -> None:
        """`A>B`: the first is dotted and the second halved; `A<B` the other way round."""
        if not self.breakable:
            raise BadTune(self.number, column, f"{sign!r} follows no note that it could lengthen")
        first, second = (Fraction(3, 2), Fraction(1, 2)) if sign == ">" else (Fraction(1, 2), Fraction(3, 2))
        note = self.notes[-1]
        self.notes[-1] = replace(note, beats=note.beats * first)
        self.filled += note.beats * (first - 1)
        self.due = [second]
        self.breakable = False

    def _bar_line(self, sign: str, column: int) -> None:
        closes = sign != "|" and not (sign == "|:" and not self.bars and not self.filled)
        if self.filled:
            self._close_bar(closes, column)
        self.last = (self.number, column, sign)
        ends_repeat = sign.startswith(":")
        if closes and self.bars:
            if self.repeats and not ends_repeat:
                raise BadTune(self.number, column, f"{sign!r} where |: wants :|")
            self.parts.append(Part(tuple(self.bars), ends_repeat))
            self.bars = []
            self.repeats = False
        elif ends_repeat:
            raise BadTune(self.number, column, f"nothing to repeat before {sign!r}")
        if sign in ("|:", "::"):
            self.repeats = True

    def _close_bar(self, last: bool, column: int) -> None:
        upbeat = self.bars[0].beats if self.bars and self.bars[0].beats < self.whole else Fraction(0)
        right = self.filled == self.whole or (last and upbeat and self.filled + upbeat == self.whole)
        if not right and (self.bars or last or self.filled > self.whole):
            raise BadTune(self.number, column, f"the bar before it has {self.filled} beats, not {self.whole}")
        self.bars.append(Bar(tuple(self.notes), self.filled))
        self.notes, self.filled, self.altered = [], Fraction(0), {}
