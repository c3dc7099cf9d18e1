"""Tunes as text: what is read, what is refused and where, and what is played."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from walkiosk.modality import abc_notation, audio, music_box
from walkiosk.modality.abc_key import Key
from walkiosk.modality.abc_notation import BadTune, Score, length_of, read

HEAD = "X:1\nT:Try\nM:4/4\nL:1/8\nQ:1/4=120\nK:"
REEL = HEAD + "G\n|:D2|G4 B4|(3ABc d2 e3 z|g2 f>e d4|G6:|\nDF|G8|=F4 f4|^c4 c4|[G6|]".replace("[", "")


def pitches(music: str, key: str = "C") -> list[int]:
    return [note.pitch for note in read(f"{HEAD}{key}\n{music}|]").notes]


def beats(music: str) -> list[Fraction]:
    return [note.beats for note in read(f"{HEAD}C\n{music}|]").notes]


def test_a_tune_is_read_with_its_repeats() -> None:
    score = read(REEL)
    assert (score.title, score.metre, score.key.name, score.tempo) == ("Try", 1, "G", 120)
    assert [(len(part.bars), part.repeated) for part in score.parts] == [(5, True), (5, False)]
    assert score.beats == 3 * 16 and score.seconds == 24
    assert score.downbeats[:5] == (1, 5, 9, 13, 17) and len(score.downbeats) == 12
    once = [note for note in score.notes if note.start < 16]
    again = [note for note in score.notes if 16 <= note.start < 32]
    assert [note.later(Fraction(16)) for note in once] == again


def test_letters_are_pitches_of_the_key() -> None:
    assert pitches("C2 G,2 c2 d'2") == [60, 55, 72, 86]
    assert pitches("F4 C4", "D") == [66, 61]
    assert pitches("B4 E4", "Gm") == [70, 63]
    assert pitches("c2 F2 B2 f2", "Amix") == [73, 66, 71, 78]


def test_an_accidental_holds_to_the_bar_line() -> None:
    assert pitches("^F2 F2 f2 =f2|F8") == [66, 66, 78, 77, 65]


def test_lengths() -> None:
    assert [length_of(written) for written in ("", "/", "3/", "3/2", "//", "2")] == [1, 0.5, 1.5, 1.5, 0.25, 2]
    assert beats("(3CDE F>G A<B c2") == [Fraction(n, 12) for n in (4, 4, 4, 9, 3, 3, 9, 12)]


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("X:1\nW:la la\nK:C\nC8|]", 2, 1, "none of X T M L Q K"),
        ("M:four\nK:C\nC8|]", 1, 3, "'four' is no fraction"),
        ("Q:quick\nK:C\nC8|]", 1, 3, "'quick' is no tempo"),
        ("X:1\nK:H\nC8|]", 2, 3, "'H' is no key"),
        ("X:1\nT:no key", 3, 1, "no K: field"),
        ("K:C\nC4 h4|]", 2, 4, "'h' is nothing that we read"),
        ("K:C\nC4 c0|]", 2, 4, "no length"),
        ("K:C\nC8|C4 c2|C8|]", 2, 9, "has 3 beats, not 4"),
        ("K:C\nC8|\nC9|]", 3, 3, "has 9/2 beats, not 4"),
        ("K:C\nC8|C4", 2, 1, "ends before a final bar line"),
        ("K:C\nC8||", 2, 3, "'||', which is no final bar line"),
        ("K:C\n|:C8|]", 2, 5, "wants :|"),
        ("K:C\nC8|]:|", 2, 5, "nothing to repeat"),
        ("K:C\n>C8|]", 2, 1, "follows no note"),
        ("K:C\n(3CD|E8|]", 2, 5, "1 more notes are due"),
        ("K:C", 1, 1, "no final bar line"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_column(text: str, line: int, column: int, what: str) -> None:
    with pytest.raises(BadTune) as raised:
        read(text)
    assert str(raised.value).startswith(f"line {line}, column {column}: ")
    assert what in str(raised.value)


def test_signatures() -> None:
    sharps = {"C": 0, "G": 1, "F": -1, "Bb": -2, "F#m": 3, "Ador": 1, "Dmix": 1, "Em": 1, "Gm": -2}
    assert {name: Key.of(name).sharps for name in sharps} == sharps
    assert [Key.of("A").alters(letter) for letter in "FCGD"] == [1, 1, 1, 0]
    assert [Key.of("Gm").alters(letter) for letter in "BEA"] == [-1, -1, 0]


def dominant(samples: audio.Samples) -> float:
    """Hertz of the loudest partial."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum[1:].argmax() + 1) * audio.SAMPLE_RATE / len(samples)


def test_a_tune_sounds(tmp_path: Path) -> None:
    score = read(REEL)
    samples = music_box.play(score)
    assert len(samples) == int((score.seconds + music_box.RINGS) * audio.SAMPLE_RATE)
    assert np.abs(samples).max() == pytest.approx(music_box.PEAK)
    assert np.abs(np.diff(samples)).max() < 0.5 and np.abs(samples[-80:]).max() < 0.01  # no click, no cut
    audio.write(samples, tmp_path / "tune.wav")
    assert len(audio.read(tmp_path / "tune.wav")) == len(samples)


@pytest.mark.parametrize("pitch", [55, 69, 86])
def test_a_tone_has_its_pitch_and_dies_away(pitch: int) -> None:
    tone = music_box.tone(pitch, 0.4)
    assert dominant(tone.astype(np.float32)) == pytest.approx(440 * 2 ** ((pitch - 69) / 12), rel=0.02)
    assert np.abs(tone[-100:]).max() < 0.05 * np.abs(tone).max()


def test_the_bass_is_in_the_chord() -> None:
    score: Score = read(HEAD + "G\nG8|c2 e2 g2 e2|d2 f2 a2 f2|G8|]")
    assert [pitch % 12 for _, pitch in music_box.bass(score)] == [7, 0, 2, 7]
    assert [start for start, _ in music_box.bass(score)] == [0, 4, 8, 12]


def test_items_are_all_of_a_line() -> None:
    line = REEL.splitlines()[-1]
    assert "".join(item[0] for item in abc_notation.items(line)) == line
