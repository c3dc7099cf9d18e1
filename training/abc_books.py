"""Three old tune books in ABC, as people transcribed them → tunes in the part of ABC that we write.

They come with PyPI's music21 10.5.1, whose code is not used: Aird's Airs (Glasgow, 1778 to 1801), Ryan's Mammoth
Collection (Boston, 1883) and O'Neill's Music of Ireland (Chicago, 1903). The tunes are in the public domain; notes,
bars and keys are taken of them, nothing else of the transcriptions. The wheel's Essen songs are for non-commercial use
only and its other ABC says nothing of its licence: neither is read.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from training.paths import CACHE
from walkiosk.modality.abc_key import KEY, Key
from walkiosk.modality.abc_notation import length_of
from walkiosk.skill.tune_grammar import LENGTHS, METRES, TUNE

WHEEL = CACHE / "downloads" / "music21-10.5.1-py3-none-any.whl"
BOOKS = ("airdsAirs", "oneills1850", "ryansMammoth")
SAME_METRE = {"C": "4/4", "C|": "4/4", "3/8": "3/4"}
SPELLED = {halves: spelled for spelled, halves in LENGTHS.items()}
BROKEN = {(3, 1): ">", (1, 3): "<"}  # halves of the unit
FIELD = re.compile(r"[A-Za-z]:(?!\|)")
RAW = re.compile(
    r"(?P<skip>[\s`\\~.uvykTHLMPSOR*]+|\"[^\"]*\"|![^!\n]*!|\{[^}]*\}|\((?!\d)|[)\-])"
    r"|\((?P<tuplet>\d)(?P<odd>:[\d:]*)?"
    r"|\[(?P<chord>[A-Ga-gz^_=,'\d/]+)\](?P<of_chord>\d*(?:/+\d*)?)"
    r"|\[?(?P<ending>[12](?![\d,]))"
    r"|(?P<bar>\[?[:|]+[\]|]*:*|[\[\]])"
    r"|(?P<accidental>\^|_|=)?(?P<letter>[A-Ga-gzx])(?P<octave>[,']*)(?P<length>\d*(?:/+\d*)?)"
    r"|(?P<broken>[<>])"
)
NOTE = re.compile(r"(\^|_|=)?([A-Ga-gz])([,']*)(\d*(?:/+\d*)?)")


class Unfit(Exception):
    """Why a tune is left out."""


@dataclass(frozen=True)
class Sound:
    name: str  # accidental, letter and octave marks; z
    units: Fraction  # as written
    triplet: bool = False

    @property
    def heard(self) -> Fraction:
        return self.units * Fraction(2, 3) if self.triplet else self.units


@dataclass(frozen=True)
class Part:
    repeated: bool
    bars: list[list[Sound]]


@dataclass(frozen=True)
class Tune:
    title: str
    metre: str
    key: Key
    parts: list[Part]

    @property
    def body(self) -> str:
        """The music in our part of ABC, a line a part and no spaces; raises `Unfit`."""
        return "\n".join(_written(self.parts))

    def close(self, bars: int) -> Tune:
        """Return the last bars by themselves, the last note held for an upbeat that does not follow."""
        last = self.parts[-1].bars[-bars:]
        missing = METRES[self.metre].units - sum((sound.heard for sound in last[-1]), Fraction(0))
        return replace(self, parts=[Part(False, [*last[:-1], _held(last[-1], missing)])])


def raw_tunes() -> Iterator[str]:
    """The text of each tune of the three books, behind its X:; raises FileNotFoundError saying what to get."""
    if not WHEEL.is_file():
        raise FileNotFoundError(f"{WHEEL}: pip download --no-deps --dest {WHEEL.parent} music21==10.5.1")
    with zipfile.ZipFile(WHEEL) as wheel:
        for name in sorted(wheel.namelist()):
            if name.endswith(".abc") and name.split("/")[-2] in BOOKS:
                yield from re.split(r"(?m)^X:", wheel.read(name).decode("utf-8", "replace"))[1:]


def tunes(left_out: Counter[str]) -> Iterator[Tune]:
    """The tunes that fit our part of ABC; why others do not is counted in ``left_out``."""
    for raw in raw_tunes():
        try:
            yield tune_of(raw)
        except Unfit as why:
            left_out[str(why)] += 1


def tune_of(raw: str) -> Tune:
    """Return a tune from its text behind X:; raises `Unfit`."""
    lines = [line.partition("%")[0].strip() for line in raw.splitlines()]
    at = next((number for number, line in enumerate(lines) if line.startswith("K:")), None)
    if at is None:
        raise Unfit("no key")
    head = {line[0]: line[2:].strip() for line in reversed(lines[: at + 1]) if FIELD.match(line)}
    music = [line for line in lines[at + 1 :] if not FIELD.match(line)]
    if any(line[0] in "KLMV" for line in lines[at + 1 :] if FIELD.match(line)) or "V" in head:
        raise Unfit("its key or metre changes, or it has voices")
    metre = SAME_METRE.get(head.get("M", ""), head.get("M", ""))
    if metre not in METRES:
        raise Unfit("a metre that we do not write")
    unit = Fraction(head.get("L") or "1/8") / METRES[metre].unit * (2 if head["M"] == "3/8" else 1)
    reader = _Reader(unit)
    reader.read("\n".join(music))
    whole = Fraction(METRES[metre].units)
    parts = phrased(evened(reader.parts, whole), whole)
    tune = Tune(head.get("T", ""), metre, key_of(head["K"]), parts)
    _ = tune.body  # what cannot be written raises
    return tune


def key_of(text: str) -> Key:
    """The key that a K: field of the books means; raises `Unfit`."""
    tonic, mode = re.fullmatch(r"([A-G][#b]?|)(.*)", text).groups()  # type: ignore[union-attr]
    mode = "" if mode.strip() == "M" else mode.strip().lower()[:3]
    name = tonic + {"maj": "", "min": "m"}.get(mode, mode)
    if not KEY.fullmatch(name):
        raise Unfit("a key that we do not write")
    return Key.of(name)


class _Reader:
    """Transcribed music → parts of bars; of two endings the second is taken."""

    def __init__(self, unit: Fraction) -> None:
        self.unit = unit
        self.parts: list[Part] = []
        self.bars: list[tuple[int, list[Sound]]] = []  # of the part at hand, each with its ending or 0
        self.bar: list[Sound] = []
        self.ending = 0
        self.triplet = 0  # notes due
        self.factor = Fraction(1)  # of the next note

    def read(self, music: str) -> None:
        at = 0
        while at < len(music):
            found = RAW.match(music, at)
            if not found:
                raise Unfit("signs that we do not read")
            at = found.end()
            if found["bar"]:
                self._bar_line(found["bar"])
            elif found["ending"]:
                self.ending = int(found["ending"])
            elif found["tuplet"]:
                if found["tuplet"] != "3" or found["odd"]:
                    raise Unfit("tuplets other than triplets")
                self.triplet = 3
            elif found["broken"]:
                self._break(found["broken"])
            elif found["letter"]:
                rest = found["letter"] in "xz"
                self._sound("z" if rest else found["accidental"], found["letter"], found["octave"], found["length"])
            elif found["chord"]:
                *_, (accidental, letter, octave, length) = NOTE.findall(found["chord"])  # the melody is its last note
                self._sound(accidental, letter, octave, found["of_chord"] or length)
        self._bar_line("||")

    def _sound(self, accidental: str | None, letter: str, octave: str, length: str) -> None:
        name = "z" if accidental == "z" else (accidental or "") + letter + octave
        self.bar.append(Sound(name, length_of(length) * self.unit * self.factor, self.triplet > 0))
        self.triplet, self.factor = max(0, self.triplet - 1), Fraction(1)

    def _break(self, sign: str) -> None:
        if not self.bar or self.triplet or self.bar[-1].triplet:
            raise Unfit("broken rhythm that we do not read")
        factor = Fraction(3, 2) if sign == ">" else Fraction(1, 2)
        self.bar[-1] = replace(self.bar[-1], units=self.bar[-1].units * factor)
        self.factor = 2 - factor

    def _bar_line(self, sign: str) -> None:
        if self.bar:
            self.bars.append((self.ending, self.bar))
            self.bar = []
        ends = sign.startswith(":")
        if not self.bars or not (ends or sign.endswith(":") or sign.count("|") > 1 or sign == "|]"):
            return
        if ends and self.ending == 1:
            self.ending = 2  # follows, whether it says so or not
            return
        first, second = (sum(ending == n for ending, _ in self.bars) for n in (1, 2))
        if first != second and second:
            raise Unfit("endings of two lengths")
        kept = [bar for ending, bar in self.bars if ending != 1 or not second]
        self.parts.append(Part(ends or second > 0, kept))
        self.bars, self.ending = [], 0


def evened(parts: list[Part], whole: Fraction) -> list[Part]:
    """Parts whose bars add up to ``whole`` units, each with the same upbeat, or none where they differ."""
    lengths = [[sum((sound.heard for sound in bar), Fraction(0)) for bar in part.bars] for part in parts]
    if not parts or any(len(part.bars) < 2 for part in parts):
        raise Unfit("parts of no bars")
    if any(length != whole for of_part in lengths for length in of_part[1:-1]):
        raise Unfit("bars that do not add up")
    upbeats = [of_part[0] if of_part[0] < whole else Fraction(0) for of_part in lengths]
    same = len(set(upbeats)) == 1 and upbeats[0] * 2 <= whole
    found = []
    for part, of_part, upbeat in zip(parts, lengths, upbeats, strict=True):
        bars = part.bars if same or not upbeat else part.bars[1:]
        found.append(
            Part(part.repeated, [*bars[:-1], _held(bars[-1], whole - (upbeats[0] if same else 0) - of_part[-1])])
        )
        if of_part[0] > whole:
            raise Unfit("bars that do not add up")
    return found


def _held(bar: list[Sound], units: Fraction) -> list[Sound]:
    """The bar with its last note so much longer, or shorter; raises `Unfit`."""
    held = replace(bar[-1], units=bar[-1].units + units)
    if units and (bar[-1].triplet or held.units <= 0):
        raise Unfit("bars that do not add up")
    return [*bar[:-1], held]


def phrased(parts: list[Part], whole: Fraction) -> list[Part]:
    """The first of the parts, as many as a tune may have; raises `Unfit` where one has other than whole phrases."""
    for part in parts:
        upbeat = sum(sound.heard for sound in part.bars[0]) < whole
        if len(part.bars) - upbeat not in TUNE.bars:
            raise Unfit("parts of other lengths")
    if len(parts) < TUNE.least:
        raise Unfit("a single part")
    return parts[: TUNE.most]


def _written(parts: list[Part]) -> Iterator[str]:
    """A line a part."""
    for number, part in enumerate(parts, 1):
        bars = "|".join("".join(_spelled(bar)) for bar in part.bars)
        yield f"|:{bars}:|" if part.repeated else bars + ("|]" if number == len(parts) else "||")


def _spelled(bar: list[Sound]) -> Iterator[str]:
    at = 0
    while at < len(bar):
        sound, three = bar[at], bar[at : at + 3]
        halves = [int(2 * each.units) if (2 * each.units).denominator == 1 else 0 for each in three]
        notes = all(each.name != "z" for each in three)
        if sound.triplet:
            if len(three) < 3 or not notes or not all(each.triplet for each in three) or set(halves) not in ({1}, {2}):
                raise Unfit("triplets that we do not write")
            yield "(3" + "".join(each.name + SPELLED[halves[0]] for each in three)
            at += 3
        elif tuple(halves[:2]) in BROKEN and "z" not in (sound.name, three[1].name) and not three[1].triplet:
            yield sound.name + BROKEN[halves[0], halves[1]] + three[1].name
            at += 2
        elif halves[0] not in SPELLED:
            raise Unfit("lengths that we do not write")
        else:
            yield sound.name + SPELLED[halves[0]]
            at += 1
