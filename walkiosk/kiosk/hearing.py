"""Hear: a turn's words and their language, or the situation that there are none to work with."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkiosk.kiosk.session import Session
from walkiosk.kiosk.skills import Skills
from walkiosk.kiosk.turn import Turn
from walkiosk.kiosk.wake import without_wake_phrase

SAMPLE_RATE = 16_000  # Hz
LONGEST = 30 * SAMPLE_RATE  # samples that are heard; the rest of a turn is cut off
LONGEST_TAKEN = 600 * SAMPLE_RATE  # samples; nobody's turn is longer
SHORTEST = SAMPLE_RATE // 20  # samples; 50 ms is a click
QUIETEST = 0.001  # RMS of full scale, -60 dB
LONGEST_TEXT = 1_000  # letters
JOINERS = "\u200c\u200d"
UNSURE, SURE = -1.0, -0.4  # mean log-probability of a token; Whisper itself gives up a transcript at -1.0


@dataclass(frozen=True)
class Hearing:
    """The words, their language (None: the text skills find it), and `trouble`, the situation when there are none."""

    text: str = ""
    language: str | None = None
    sure: bool = False
    foreign: bool = False  # in no language of the shop; `text` is English then
    trouble: str | None = None
    written: str = ""  # what is shown as heard: with the wake phrase


def hear(skills: Skills, session: Session, turn: Turn, languages: tuple[str, ...], phrases: tuple[str, ...]) -> Hearing:
    """The words of a turn."""
    heard = _read(turn.text or "") if turn.audio is None else _listen(skills, turn.audio, session.forced, languages)
    if heard.trouble:
        return heard
    text = without_wake_phrase(heard.text, phrases)
    return Hearing(text, heard.language, heard.sure, heard.foreign, written=heard.text)


def _read(text: str) -> Hearing:
    if len(text) > LONGEST_TEXT:
        return Hearing(trouble="too_long", written=f"{text[:120]}…")
    clean = readable(text)
    if not any(letter.isalnum() for letter in clean):
        return Hearing(trouble="not_understood" if clean else "silence", written=clean)
    return Hearing(clean, written=clean)


def readable(text: str) -> str:
    """A text of letters that are seen: control characters and halves of letters part words, others go without trace.

    So nothing turns the order of letters round or hides between them; the joiners that Hindi is written with stay.
    """
    return " ".join("".join(map(_seen, text)).split())


def _seen(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in ("Cc", "Cs", "Cn", "Co"):
        return " "
    return "" if kind == "Cf" and letter not in JOINERS else letter


def _listen(skills: Skills, samples: NDArray[np.float32], forced: str | None, languages: tuple[str, ...]) -> Hearing:
    if len(samples) > LONGEST_TAKEN:
        return Hearing(trouble="too_long")
    samples = samples[:LONGEST]
    if not np.isfinite(samples).all():
        return Hearing(trouble="unreadable")
    if len(samples) < SHORTEST or float(np.sqrt(np.mean(np.square(samples)))) < QUIETEST:
        return Hearing(trouble="silence")
    heard = skills.transcribe(samples, forced)
    text = " ".join(heard.text.split())
    if forced is None and (heard.confidence < SURE or heard.language not in languages):
        english = skills.to_english(samples, None)  # which knows all languages, ours and others
        if english.language not in languages and english.confidence >= UNSURE and english.text.strip():
            return Hearing(" ".join(english.text.split()), english.language, True, foreign=True)
    if not any(letter.isalnum() for letter in text):
        return Hearing(trouble="silence")
    if heard.confidence < UNSURE:
        return Hearing(trouble="not_understood", written=text)
    return Hearing(text, heard.language, heard.confidence >= SURE)
