"""Valid ABC letter by letter: where a tune stands, which letters may come, and how many it needs to end.

Bars add up to the metre (a part may begin with an upbeat, which its last bar makes whole), notes keep to the key but
for the alterations that old tunes use, and to a fiddle's first position, parts have whole phrases, and the last bar
line is a final one. Lengths are counted in halves of the unit that L: names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache

from walkiosk.modality.abc_key import LETTERS, MODES, SHARPENED, Key
from walkiosk.modality.abc_notation import ACCIDENTALS


@dataclass(frozen=True)
class Metre:
    unit: Fraction  # of a whole note: what L: says
    units: int  # a bar
    beam: int  # units that are written together
    tempo: str  # what Q: says


@dataclass(frozen=True)
class Form:
    """How long a tune may be: bars of a part, parts at least and at most, and whether parts may be repeated."""

    name: str
    bars: tuple[int, ...]
    least: int
    most: int
    repeats: bool


METRES = {
    "2/4": Metre(Fraction(1, 16), 8, 4, "1/4=92"),
    "3/4": Metre(Fraction(1, 8), 6, 2, "1/4=132"),
    "4/4": Metre(Fraction(1, 8), 8, 4, "1/4=144"),
    "6/8": Metre(Fraction(1, 8), 6, 3, "3/8=104"),
    "9/8": Metre(Fraction(1, 8), 9, 3, "3/8=104"),
}
KEYS = {  # what a fiddle plays: signatures from one flat to three sharps
    key.name: key for key in (Key.of(tonic + mode) for mode in MODES for tonic in LETTERS) if -1 <= key.sharps <= 3
}
TUNE, JINGLE = Form("tune", (4, 8, 12, 16), 2, 4, True), Form("jingle", (2, 4), 1, 1, False)
FORMS = {form.name: form for form in (TUNE, JINGLE)}
LENGTHS = {"": 2, "/": 1, "3/": 3, "2": 4, "3": 6, "4": 8, "6": 12, "8": 16}  # as written → halves of the unit
ALTERED = {(3, 1), (0, 1), (4, 1), (6, -1)}  # (degree of the signature's major key, from 0; semitones)
NOTES = "CDEFGABcdefgab"
LOWER, HIGHER = "GAB", "cd"  # what may stand an octave below and above: G3 to D6
STOP = "$"  # no letter of ours: the end
TOO_FAR = 10_000  # letters, where no end can be reached


@lru_cache(maxsize=64)
def fill(halves: int) -> int:
    """The fewest letters that fill so much of a bar."""
    if halves <= 0:
        return -TOO_FAR * halves
    return min(1 + len(spelled) + fill(halves - n) for spelled, n in LENGTHS.items() if n <= halves)


@lru_cache(maxsize=4096)
def alterable(key: Key, accidental: str, altered: frozenset[str]) -> str:
    """The notes before which an accidental says what tunes in the key say, or takes back one of ``altered``."""
    tonic = LETTERS.index(SHARPENED[(key.sharps + 1) % 7])  # of the signature's major key
    found = ""
    for note in NOTES:
        letter = note.upper()
        moved = ACCIDENTALS[accidental] - key.alters(letter)
        degree = (LETTERS.index(letter) - tonic) % 7
        if (degree, moved) in ALTERED or (moved == 0 and letter in altered):
            found += note
    return found


@dataclass(frozen=True)
class Body:
    """Where a tune stands behind its key."""

    form: Form
    metre: Metre
    key: Key
    parts: int = 0  # that are whole
    bars: int = 0  # of this part that are whole, its upbeat left out
    begun: bool = False  # something of this part is written
    led: bool = True  # its upbeat is written, or it has none
    repeated: bool = False
    upbeat: int | None = None  # of each part; None: the tune's first bar is not over
    filled: int = 0  # of the bar, by notes that are whole
    open: str = ""  # the note or bar line of which something is written
    rested: bool = False  # the last note is a rest
    triplet: int = 0  # notes of it that are due, the open one included
    halved: bool = False  # the triplet's notes are half units
    pair: int = 0  # what the second note of a broken pair will fill
    altered: frozenset[str] = frozenset()  # letters with an accidental in this bar

    def next(self) -> str:
        """The letters that may come, or `STOP`."""
        if self.open in ("|", "||", "|]", ":", ":|"):
            return self._behind_line()
        if self.open == "(":
            return "3"
        if not self.open:
            return self._starts()
        if self.open[-1] in "^=_":
            return alterable(self.key, self.open, self.altered)
        return self._goes_on() + (self._whole.next() if self._may_end() else "")

    def after(self, letter: str) -> Body:
        """Where one of `next` leads."""
        if self.open == "|" and letter not in ":|]":
            return self._next_bar().after(letter)
        if self.open == "|" and letter == ":":
            return replace(self, open="", begun=True, repeated=True)
        if letter == "\n":
            bare = Body(self.form, self.metre, self.key, self.parts + 1, upbeat=self.upbeat)
            return replace(bare, led=not self.upbeat)
        if self.open == "(":
            return replace(self, open="", triplet=3)
        if not self.open or self.open[-1] in "|:":
            return replace(self, open=self.open + letter, begun=self.begun or letter != "|")
        if self.open[-1] not in "^=_" and letter not in self._goes_on():
            return self._whole.after(letter)
        longer = replace(self, open=self.open + letter)
        if letter not in "<>":
            return longer
        taken = 3 if letter == ">" else 1
        return replace(longer._whole, filled=self.filled + taken, pair=4 - taken)

    def _name(self) -> str:
        """The open note's letter."""
        return self.open.lstrip("^=_")[0]

    def _length(self) -> str:
        """What is written of its length."""
        return self.open.lstrip("^=_(")[1:].strip(",'<>")

    @property
    def _bar(self) -> int:
        return 2 * self.metre.units

    @property
    def _last_bar(self) -> int:
        return self._bar - (self.upbeat or 0)

    def _left(self) -> int:
        """Halves that the bar has room for."""
        if not self.led:
            return (self.upbeat or 0) - self.filled
        return (self._last_bar if self.bars + 1 == self.form.bars[-1] else self._bar) - self.filled

    def _starts(self) -> str:
        """What may begin where nothing is open."""
        notes = NOTES + "".join(sign for sign in "^=_" if alterable(self.key, sign, self.altered))
        if self.pair or self.triplet:
            return notes
        left = self._left()
        found = (notes if left else "") + ("(" if left >= 2 else "") + ("z" if left and not self.rested else "")
        if not self.begun:
            return found + ("|" if self.form.repeats else "")
        plain, last = self._lines()
        return found + ("|" if plain or (last and not self.repeated) else "") + (":" if last and self.repeated else "")

    def _lines(self) -> tuple[bool, bool]:
        """Whether a plain bar line may come, and whether the part's last one may."""
        if self.upbeat is None:
            return 0 < self.filled <= self.metre.units or self.filled == self._bar, False
        if not self.led:
            return self.filled == self.upbeat, False
        plain = self.filled == self._bar and self.bars + 1 < self.form.bars[-1]
        return plain, self.filled == self._last_bar and self.bars + 1 in self.form.bars

    def _behind_line(self) -> str:
        more = "\n" if self.parts + 1 < self.form.most else ""
        enough = self.parts + 1 >= self.form.least
        if self.open == ":":
            return "|"
        if self.open == "|" and not self.begun:
            return ":"
        if self.open == "|":
            plain, last = self._lines()
            double = ("|" if more else "") + ("]" if enough else "") if last and not self.repeated else ""
            return double + (self._next_bar().next() if plain else "")
        return (more if self.open != "|]" else "") + (STOP if enough and self.open != "||" else "")

    def _next_bar(self) -> Body:
        """Behind a plain bar line."""
        bare = replace(self, open="", filled=0, altered=frozenset(), led=True)
        if self.upbeat is None:
            upbeat = self.filled % self._bar
            return replace(bare, upbeat=upbeat, bars=0 if upbeat else 1)
        return replace(bare, bars=self.bars + 1 if self.led else 0)

    def _goes_on(self) -> str:
        """What may be written behind the open note's letter."""
        name, length, left = self._name(), self._length(), self._left()
        marks = "," if name in LOWER else "'" if name in HIGHER else ""
        found = marks if self.open[-1] == name else ""
        if self.pair:
            return found
        if self.triplet:
            return found + ("/" if not length and (self.halved or self.triplet == 3) else "")
        lengths = {s[len(length)] for s, n in LENGTHS.items() if n <= left and s.startswith(length) and s != length}
        return found + "".join(sorted(lengths)) + ("<>" if not length and name != "z" and left >= 4 else "")

    def _may_end(self) -> bool:
        length, left = self._length(), self._left()
        if self.pair:
            return True
        if self.triplet:
            return length == "/" or (left >= 4 if self.triplet == 3 else not self.halved)
        return LENGTHS[length] <= left

    @cached_property
    def _whole(self) -> Body:
        """The open note is over."""
        altered = self.altered | {self._name().upper()} if self.open[0] in "^=_" else self.altered
        length = self._length()
        bare = replace(self, open="", altered=altered, rested=self._name() == "z", pair=0)
        if self.pair:
            return replace(bare, filled=self.filled + self.pair)
        if self.triplet:
            halved = length == "/"
            over = (2 if halved else 4) if self.triplet == 1 else 0
            return replace(bare, triplet=self.triplet - 1, halved=halved, filled=self.filled + over)
        return replace(bare, filled=self.filled + LENGTHS[length])

    def least(self) -> int:
        """How many letters it takes to end, the end included."""
        if self.open == "|" and not self.begun:
            return 1 + self._rest(0)
        if self.open == "|":
            more = self.parts + 1 < self.form.least
            plain, last = self._lines()
            on = [self._next_bar().least()] if plain else []
            return min([*on, *([1 + self._parts(self.parts + 1, more)] if last and not self.repeated else [])])
        if self.open in ("||", "|]", ":", ":|"):
            return 2 - len(self.open) + self._parts(self.parts + 1, self.open == "||")
        if not (self.open or self.pair or self.triplet):
            return self._rest(self.filled)
        due = not self.open.strip("^=_(")  # the note's letter is not written
        if self.pair:
            return due + self._rest(self.filled + self.pair)
        length = "" if due else self._length()
        if self.triplet or self.open == "(":
            ways = (True,) if length else (True, False) if self.triplet in (0, 3) else (self.halved,)
            sign, written = self.open == "(", (not due) + len(length)
            notes = {halved: (self.triplet or 3) * (1 + halved) - written for halved in ways}
            return min(n + sign + self._rest(self.filled + (2 if h else 4)) for h, n in notes.items())
        ends = {s: n for s, n in LENGTHS.items() if s.startswith(length)}
        return due + min(len(s) - len(length) + self._rest(self.filled + n) for s, n in ends.items())

    def _rest(self, filled: int) -> int:
        """Letters from a place in the bar to the end."""
        if self.upbeat is None:
            return fill(self._bar - filled) + 1 + self._phrase(1, 0)
        if not self.led:
            return fill(self.upbeat - filled) + 1 + self._phrase(0, 0)
        return self._phrase(self.bars, filled)

    def _phrase(self, bars: int, filled: int) -> int:
        """Letters to the end from a place in the bar behind so many, of a part whose upbeat is written."""
        ends = [n for n in self.form.bars if n > bars + (filled > self._last_bar)]
        if not ends:
            return TOO_FAR
        between = ends[0] - bars - 1
        if not between:
            return fill(self._last_bar - filled) + 2 + self._parts(self.parts + 1)
        bare = fill(self._bar - filled) + (between - 1) * fill(self._bar) + between + fill(self._last_bar)
        return bare + 2 + self._parts(self.parts + 1)

    def _parts(self, parts: int, more: bool = False) -> int:
        """Letters behind the last bar line of so many parts; ``more``: it says that another comes."""
        lead = fill(self.upbeat or 0) + bool(self.upbeat)
        bars = self.form.bars[0]
        part = 1 + lead + (bars - 1) * (fill(self._bar) + 1) + fill(self._last_bar) + 2
        return 1 + max(more, self.form.least - parts) * part
