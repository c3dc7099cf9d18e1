"""Tunes of three old books (public domain; `training.abc_books`): their notes, their text, their sound, their pitch.

A title is a group in whichever book and setting. `walkiosk.modality.music_box` plays them.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from training import abc_books
from training.pairs.lines import Line, Media, drawn, write_lines
from walkiosk.modality import abc_notation, audio, music_box
from walkiosk.modality.abc_notation import Score
from walkiosk.skill.tune_grammar import METRES

NOTES = 8  # of a melody: quavers
QUAVER, SEMIQUAVER = Fraction(1, 2), Fraction(1, 4)  # beats
QUAVER_SECONDS = 0.25  # so that a frame of a film at 4 a second is one note
VALUES_A_NOTE = 5  # of a pitch curve: one every 50 ms
LOUDNESS = 0.3  # of a note struck alone
LISTENED = 3.0  # seconds that a tempo is told from
SLOWEST, FASTEST = 60.0, 180.0  # crotchets a minute
MELODIES, TEMPOS, FRAGMENTS = 1_500, 1_200, 5_000
NAMED = 64  # semiquavers that a key is told from
LEAST_VALUES, LONGEST = 24, 80  # semiquavers and letters of a written fragment
MODES = {"": "major", "m": "minor", "dor": "dorian", "mix": "mixolydian"}


@dataclass(frozen=True)
class Setting:
    """A tune as a book has it: ``group`` is its title without spelling."""

    group: str
    tune: abc_books.Tune
    score: Score


@dataclass(frozen=True)
class Melody:
    """`NOTES` quavers of a tune: the MIDI pitch at each."""

    group: str
    pitches: tuple[int, ...]


@cache
def settings() -> tuple[Setting, ...]:
    """All tunes that our part of ABC can write."""
    found = [(tune, score_of(tune)) for tune in abc_books.tunes(Counter())]
    return tuple(Setting(bare_title(tune.title), tune, score) for tune, score in found if score is not None)


def score_of(tune: abc_books.Tune) -> Score | None:
    head = f"M:{tune.metre}\nL:{METRES[tune.metre].unit}\nK:{tune.key.name}\n"
    try:
        return abc_notation.read(head + tune.body)
    except (abc_notation.BadTune, abc_books.Unfit):
        return None


def bare_title(title: str) -> str:
    """Without article, kind and spelling of spaces, as the held-out tunes of `training.music` are known."""
    return re.sub(r"\bthe\b|[^a-z]", "", re.sub(r"--.*", "", title).lower())


def pitches(score: Score, start: Fraction, step: Fraction, count: int) -> list[int]:
    """The MIDI pitch that sounds, or sounded last, at ``count`` places from ``start``."""
    notes, at, found = score.notes, 0, []
    for place in (start + step * n for n in range(count)):
        while at + 1 < len(notes) and notes[at + 1].start <= place:
            at += 1
        found.append(notes[at].pitch)
    return found


def melodies() -> list[Melody]:
    """Two of each tune, from its first bar and from its middle; a fixed draw of them."""
    found: dict[tuple[int, ...], Melody] = {}
    for one in settings():
        for start in (one.score.downbeats[0], one.score.downbeats[len(one.score.downbeats) // 2]):
            played = tuple(pitches(one.score, start, QUAVER, NOTES))
            found.setdefault(played, Melody(one.group, played))  # one that two tunes share would be in two groups
    rows = [melody for melody in found.values() if len(set(melody.pitches)) > 2]
    return [rows[n] for n in drawn(len(rows), MELODIES)]


def sound(played: tuple[int, ...]) -> audio.Samples:
    """The melody's quavers; equal ones that follow each other are one long note, as a curve of pitch has them."""
    quaver = int(QUAVER_SECONDS * audio.SAMPLE_RATE)
    out = np.zeros(quaver * len(played))
    start = 0
    for place in range(1, len(played) + 1):
        if place == len(played) or played[place] != played[start]:
            note = music_box.tone(played[start], (place - start) * QUAVER_SECONDS)[: len(out) - start * quaver]
            out[start * quaver : start * quaver + len(note)] += LOUDNESS * note
            start = place
    return np.clip(out, -1, 1).astype(np.float32)


def curve(played: tuple[int, ...]) -> list[float]:
    """MIDI pitch every 50 ms."""
    return np.repeat(np.asarray(played, np.float64), VALUES_A_NOTE).tolist()


def curve_to_sound(folder: Path) -> None:
    media = Media(folder, "target")
    rows = enumerate(melodies())
    write_lines(folder, [Line(curve(m.pitches), media.sound(f"{n:04}", sound(m.pitches)), m.group) for n, m in rows])


def sound_to_curve(folder: Path) -> None:
    media = Media(folder, "input")
    rows = enumerate(melodies())
    write_lines(folder, [Line(media.sound(f"{n:04}", sound(m.pitches)), curve(m.pitches), m.group) for n, m in rows])


def sound_to_tempo(folder: Path) -> None:
    """Crotchets a minute, drawn evenly over the logarithm, of a tune's first bars with a bass under each bar."""
    media, draw = Media(folder, "input"), random.Random(0)
    chosen = [settings()[n] for n in drawn(len(settings()), TEMPOS)]
    lines: list[Line] = []
    for number, one in enumerate(chosen):
        tempo = round(SLOWEST * (FASTEST / SLOWEST) ** draw.random(), 1)
        heard = music_box.play(opening(one.score, tempo))[: int(LISTENED * audio.SAMPLE_RATE)]
        lines.append(Line(media.sound(f"{number:04}", heard), tempo, one.group))
    write_lines(folder, lines)


def opening(score: Score, tempo: float) -> Score:
    """What is heard of a tune in `LISTENED` seconds, at another tempo."""
    beats = min(score.beats, Fraction(int(LISTENED * tempo / 60) + 1))
    notes = tuple(note for note in score.notes if note.start < beats)
    downbeats = tuple(start for start in score.downbeats if start < beats)
    return replace(score, tempo=tempo, notes=notes, downbeats=downbeats, beats=beats)


def curve_to_key(folder: Path) -> None:
    """Pitch every semiquaver → key and metre in words. Chosen over sales curves → names: UCI's articles have no names,
    and the stores of orangeJuice share their weeks, so that its nearest neighbour knows the week and not the product.
    """
    lines: list[Line] = []
    for one in settings():
        for start in {one.score.downbeats[0], one.score.downbeats[len(one.score.downbeats) // 2]}:
            heard = pitches(one.score, start, SEMIQUAVER, NAMED)
            lines.append(Line([float(pitch) for pitch in heard], key_in_words(one.tune), one.group))
    write_lines(folder, lines)


def key_in_words(tune: abc_books.Tune) -> str:
    tonic = tune.key.name[:2].rstrip("md")
    return f"{tonic} {MODES[tune.key.name[len(tonic) :]]}, {tune.metre}"


def notation_to_curve(folder: Path) -> None:
    """Chosen over product name → daily curve, for which there is no series with names that may be shown."""
    lines = [line for one in settings() for line in fragments(one)]
    write_lines(folder, [lines[n] for n in drawn(len(lines), FRAGMENTS)])


def fragments(one: Setting) -> Iterator[Line]:
    """Stretches of whole bars as written, with key and metre before them, and the pitch at each semiquaver."""
    metre = METRES[one.tune.metre]
    values_a_bar = int(metre.units * metre.unit * 16)
    bars_each = -(-LEAST_VALUES // values_a_bar)
    for part in one.tune.parts:
        whole = [bar for bar in part.bars if sum((each.heard for each in bar), Fraction(0)) == metre.units]
        for at in range(0, len(whole) - bars_each + 1, 2 * bars_each):
            piece = replace(one.tune, parts=[abc_books.Part(False, whole[at : at + bars_each])])
            score = score_of(piece)
            if score is None or not score.notes or score.notes[0].start:
                continue
            text = f"{one.tune.key.name} {one.tune.metre} {piece.body}"
            values = [float(each) for each in pitches(score, Fraction(0), SEMIQUAVER, int(score.beats / SEMIQUAVER))]
            if len(text) <= LONGEST:
                yield Line(text, values, one.group)
