"""Keys of ABC notation, and the pitches that its letters stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

LETTERS = "CDEFGAB"
SEMITONES = (0, 2, 4, 5, 7, 9, 11)  # of the letters above C
SHARPENED = "FCGDAEB"  # in the order that signatures sharpen them, and flatten them backwards
MIDDLE_C = 60  # MIDI; written "C", an octave below "c"
MODES = {"": 0, "mix": -1, "dor": -2, "m": -3}  # how many sharps more than major
KEY = re.compile(r"([A-G])([#b]?)(mix|dor|m|)")


@dataclass(frozen=True)
class Key:
    """A key as K: names it; ``sharps`` of its signature are negative for flats."""

    name: str
    sharps: int

    @classmethod
    def of(cls, name: str) -> Key:
        """Return the key called so, such as G, Bb, F#m, Ador or Dmix; raises ValueError."""
        found = KEY.fullmatch(name)
        if not found:
            raise ValueError(f"{name!r} is no key such as G, Em, Ador or Dmix")
        letter, sign, mode = found.groups()
        major = SHARPENED.index(letter) - 1
        return cls(name, major + {"#": 7, "": 0, "b": -7}[sign] + MODES[mode])

    @property
    def tonic(self) -> int:
        """The place of its first note's letter in LETTERS."""
        return LETTERS.index(self.name[0])

    @property
    def home(self) -> int:
        """The pitch class of its first note, 0 for C."""
        return (SEMITONES[self.tonic] + self.alters(self.name[0])) % 12

    @property
    def major(self) -> bool:
        return not self.name.endswith(("m", "dor", "mix"))

    def alters(self, letter: str) -> int:
        """By how many semitones the signature raises a letter."""
        return (self.sharps + 6 - SHARPENED.index(letter)) // 7


def pitch_of(letter: str, octave: str, alter: int) -> int:
    """Return the MIDI pitch of a letter with its octave marks, raised by ``alter`` semitones."""
    octaves = letter.islower() + octave.count("'") - octave.count(",")
    return MIDDLE_C + SEMITONES[LETTERS.index(letter.upper())] + 12 * octaves + alter
