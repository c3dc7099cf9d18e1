"""A tune's notes → samples: a plucked, bell-like tone by adding partials, a soft bass under each bar, a little room."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from walkiosk.modality.abc_key import LETTERS, SEMITONES
from walkiosk.modality.abc_notation import Score
from walkiosk.modality.audio import SAMPLE_RATE, Samples

Array = NDArray[np.float64]

PARTIALS = (  # frequency over the note's, loudness, seconds to a 1/e of it at A4: a tuned bar's octaves and fifth
    (1.0, 1.0, 0.55),
    (2.0, 0.42, 0.34),
    (3.0, 0.20, 0.22),
    (4.0, 0.12, 0.15),
    (6.27, 0.05, 0.05),  # the free bar's second mode (Fletcher and Rossing, 1998): the knock of the hammer
)
A4, A4_HERTZ = 69, 440.0
ATTACK = 0.004  # seconds
DAMPING = 0.09  # seconds in which a note dies away when the next one comes
RINGS = 0.6  # seconds that the last note rings on for
BASS_LOUDNESS, BASS_LOWEST = 0.45, 43  # MIDI: the octave from G2, which small loudspeakers still give
STRONG = 1.15  # a bar's first note, as loud as that
ROOM_SECONDS, ROOM_LOUDNESS = 0.35, 0.16
PEAK = 0.8
CHORDS = {True: (0, 3, 4), False: (0, 3, 6)}  # steps on which a bass builds: I IV V in major, I IV VII elsewhere


def play(score: Score) -> Samples:
    """Return the tune at 16 kHz, its loudest sample `PEAK`."""
    seconds = 60 / score.tempo  # a beat
    length = int((float(score.beats) * seconds + RINGS) * SAMPLE_RATE)
    out = np.zeros(length)
    first = set(score.downbeats)
    for note in score.notes:
        loud = STRONG if note.start in first else 1.0
        _add(out, tone(note.pitch, float(note.beats) * seconds), float(note.start) * seconds, loud)
    for start, pitch in bass(score):
        bar = float(score.metre * 4) * seconds
        _add(out, tone(pitch, bar), float(start) * seconds, BASS_LOUDNESS)
    out = _room(out)
    return (out * (PEAK / max(float(np.abs(out).max()), 1e-9))).astype(np.float32)


def tone(pitch: int, seconds: float) -> Array:
    """Return a note struck once and damped after ``seconds``."""
    hertz = A4_HERTZ * 2 ** ((pitch - A4) / 12)
    time = np.arange(int((seconds + 3 * DAMPING) * SAMPLE_RATE)) / SAMPLE_RATE
    lasts = (A4_HERTZ / hertz) ** 0.5  # low notes ring longer
    wave = np.zeros(len(time))
    for ratio, loudness, decay in PARTIALS:
        if ratio * hertz < 0.45 * SAMPLE_RATE:
            wave += loudness * np.exp(-time / (decay * lasts)) * np.sin(2 * np.pi * ratio * hertz * time)
    attack = np.minimum(1.0, time / ATTACK)
    damped = np.exp(-np.maximum(0.0, time - seconds) / DAMPING)
    end = np.minimum(1.0, (time[-1] - time) / ATTACK)
    return np.asarray(wave * attack * damped * end * lasts**-0.3)


def bass(score: Score) -> list[tuple[Fraction, int]]:
    """Return (start, MIDI pitch) of a note under each bar: the root of the chord that its notes fit best."""
    scale = _scale(score)
    steps = CHORDS[score.key.major]
    found: list[tuple[Fraction, int]] = []
    for start, end in zip(score.downbeats, (*score.downbeats[1:], score.beats), strict=True):
        weights = np.zeros(12)
        for note in score.notes:
            if start <= note.start < end:
                weights[note.pitch % 12] += float(note.beats) * (2 if note.start == start else 1)
        chords = [[scale[(root + third) % 7] for third in (0, 2, 4)] for root in steps]
        fits = [sum(float(weights[pitch]) for pitch in chord) for chord in chords]
        root = chords[int(np.argmax(fits))][0]
        if not found or end == score.beats:
            root = score.key.home  # it begins and ends at home
        found.append((start, BASS_LOWEST + (root - BASS_LOWEST) % 12))
    return found


def _scale(score: Score) -> list[int]:
    """Pitch classes of the key's seven steps, from its first note."""
    steps = [(score.key.tonic + step) % 7 for step in range(7)]
    return [(SEMITONES[step] + score.key.alters(LETTERS[step])) % 12 for step in steps]


def _add(out: Array, sound: Array, seconds: float, loudness: float) -> None:
    at = int(seconds * SAMPLE_RATE)
    piece = sound[: max(0, len(out) - at)]
    out[at : at + len(piece)] += loudness * piece


def _room(dry: Array) -> Array:
    """Add a short, dark reverberation: noise that dies away, always the same."""
    time = np.arange(int(ROOM_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(0).standard_normal(len(time)) * np.exp(-time * 6.9 / ROOM_SECONDS)  # -60 dB
    noise = np.convolve(noise, np.ones(8) / 8, mode="same")  # dark: no hiss
    noise /= np.sqrt((noise**2).sum())
    size = 1 << (len(dry) + len(noise)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(noise, size), size)[: len(dry)]
    return dry + ROOM_LOUDNESS * wet
