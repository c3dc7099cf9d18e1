"""Short shop phrases that we wrote, spoken by espeak-ng.

Tux Paint's stamps have recordings (GPL-2) of 900 captions in each of six languages, but one speaker says each caption
once and nearly every word comes once: nothing that a held-out caption needs is heard often enough to be learned from
scratch in minutes, and they may not be shown. espeak-ng is a GPL program; what it speaks of our texts is ours.
"""

from __future__ import annotations

import io
import itertools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from training.pairs.lines import Line, Media, write_lines
from walkiosk.modality import audio

COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
KINDS = ("red", "green", "small", "large", "fresh", "sweet")
GOODS = (
    "apples", "bananas", "cakes", "lemons", "onions", "pears", "potatoes", "rolls", "teas", "tomatoes", "waters",
    "wraps",
)  # fmt: skip
QUIET = 0.01  # of the loudest sample: silence at the ends
PEAK = 0.7
SLOT = int(0.44 * audio.SAMPLE_RATE)  # a digit of a called number, whichever it is
DIGITS = 3


@dataclass(frozen=True)
class Voice:
    """What espeak-ng is told: ``speaker`` is one of its variants, ``pitch`` 0 to 99, ``speed`` in words a minute."""

    language: str
    speaker: str
    pitch: int
    speed: int

    @property
    def name(self) -> str:
        return f"{self.language}-{self.speaker}-{self.pitch}-{self.speed}"


HOUSE_VOICE = Voice("en-us", "f2", 50, 175)
FRENCH, SPANISH = [Voice("fr-fr", speaker, 50, 210) for speaker in ("f2", "m3", "f4")], Voice("es", "f2", 50, 210)
SPEAKERS = (
    "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "klatt", "klatt2", "klatt3", "klatt4",
    "edward", "linda", "max",
)  # fmt: skip


def voices() -> Iterator[Voice]:
    """Twenty speakers, each at three pitches and speeds."""
    for speaker in SPEAKERS:
        for pitch, speed in ((35, 150), (50, 170), (65, 195)):
            yield Voice("en-us", speaker, pitch, speed)


@lru_cache(maxsize=256)
def say(text: str, voice: Voice) -> audio.Samples:
    """Samples at 16 kHz without silence at the ends."""
    variant = f"{voice.language}+{voice.speaker}"
    command = ["espeak-ng", "-b1", "-v", variant, f"-p{voice.pitch}", f"-s{voice.speed}", "--stdin", "--stdout"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    samples = audio.read(io.BytesIO(done.stdout))
    return trimmed(samples)


def trimmed(samples: audio.Samples) -> audio.Samples:
    """Without the silence at its ends, its loudest sample `PEAK`."""
    loud = np.flatnonzero(np.abs(samples) > QUIET * np.abs(samples).max())
    kept = samples[loud[0] : loud[-1] + 1]
    return np.asarray(kept * (PEAK / np.abs(kept).max()), np.float32)


def called(number: int, voice: Voice) -> audio.Samples:
    """The three digits of an order's number, each in a `SLOT` of its own, as stations put announcements together."""
    return np.concatenate([slotted(say(digit, voice)) for digit in f"{number:0{DIGITS}}"])


def slotted(samples: audio.Samples) -> audio.Samples:
    """The samples in exactly one slot; what is longer fades out."""
    fade = audio.SAMPLE_RATE // 50
    kept = samples[:SLOT].copy()
    kept[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return np.pad(kept, (0, SLOT - len(kept)))


def phrases() -> list[str]:
    """What customers ask for: all 648 of a count, a kind and goods."""
    return [" ".join(words) for words in itertools.product(COUNTS, KINDS, GOODS)]


def text_to_speech(folder: Path) -> None:
    media = Media(folder, "target")
    said = enumerate(phrases())
    write_lines(folder, [Line(text, media.sound(f"{n:03}", say(text, HOUSE_VOICE)), text) for n, text in said])


def speech_to_text(folder: Path, speakers: int = 3) -> None:
    """Each phrase by three of the speakers, so that a held-out phrase is one that nobody said."""
    media = Media(folder, "input")
    lines: list[Line] = []
    for number, text in enumerate(phrases()):
        for turn in range(speakers):
            voice = Voice("en-us", SPEAKERS[(number + 7 * turn) % 13], 50, 175)
            lines.append(Line(media.sound(f"{number:03}-{voice.speaker}", say(text, voice)), text, text))
    write_lines(folder, lines)


def number_to_speech(folder: Path) -> None:
    """Numbers that share all but the last digit are a group: the number next to a held-out one is no answer."""
    media = Media(folder, "target")
    numbers = range(10**DIGITS)
    lines = [Line(n, media.sound(f"{n:03}", called(n, HOUSE_VOICE)), f"{n // 10:02}") for n in numbers]
    write_lines(folder, lines)


def french_to_spanish(folder: Path) -> None:
    """The same number called in two languages; groups as in `number_to_speech`."""
    heard, spoken = Media(folder, "input"), Media(folder, "target")
    lines: list[Line] = []
    for number in range(10**DIGITS):
        voice = FRENCH[number % len(FRENCH)]
        sounds = (
            heard.sound(f"{number:03}", called(number, voice)),
            spoken.sound(f"{number:03}", called(number, SPANISH)),
        )
        lines.append(Line(*sounds, f"{number // 10:02}"))
    write_lines(folder, lines)
