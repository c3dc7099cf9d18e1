"""subtitles: the sound of a film → timed texts, by hearing its spoken pieces one by one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from walkiosk.modality.soundtrack import Block
from walkiosk.modality.text import LANGUAGES
from walkiosk.skill.speech_pieces import Piece, Voice, pieces
from walkiosk.skill.speech_recognition import Heard, known_languages, repeats, to_english, transcribe
from walkiosk.skill.subrip import Cue, columns, readable, split

if TYPE_CHECKING:
    from walkiosk.skill import Model

LEAST_SURE = -1.0  # mean log-probability of a token: Whisper's own bound for what it did not hear
MOST_COLUMNS_A_SECOND = 35  # of speech, more than anybody says
VOTES = 5  # pieces that decide what language is spoken
MOST_WAITING = 20  # pieces that are held until so many have voted
NOISES = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫♬]")  # "[Music]": what Whisper writes where nobody speaks


@dataclass(frozen=True)
class Subtitles:
    """What is said in a film, and in which language; None where nobody speaks."""

    language: str | None
    cues: tuple[Cue, ...]


def languages(model: Model, english: bool = False) -> Sequence[str]:
    """Codes of the languages that are heard: nine, or all of Whisper's where English is written."""
    return known_languages(model.vocabulary) if english else LANGUAGES


def subtitles(
    model: Model, sound: Iterable[Block], voice: Voice, language: str | None = None, english: bool = False
) -> Subtitles:
    """Write what is said in ``sound``, in its own language or in English, with times.

    Where no ``language`` is given, the first pieces of speech tell it. Music and noise give nothing, nor does what
    the model is unsure of or goes round in circles with.
    """
    cues: list[Cue] = []
    for piece, heard in _heard(model, pieces(sound, voice), language, english):
        language = heard.language
        if believable(piece, heard):
            cues += cut(piece, NOISES.sub(" ", heard.text))
    return Subtitles(language if cues else None, tuple(readable(cues)))


def _heard(model: Model, spoken: Iterator[Piece], language: str | None, english: bool) -> Iterator[tuple[Piece, Heard]]:
    def hear(piece: Piece) -> Heard:
        if english and language != "en":
            return to_english(model, piece.samples, language)
        return transcribe(model, piece.samples, language)

    waiting: list[tuple[Piece, Heard]] = []
    votes: list[tuple[Piece, Heard]] = []
    if language is None:
        for piece in spoken:
            waiting.append((piece, hear(piece)))
            votes += [waiting[-1]] if believable(*waiting[-1]) else []
            if len(votes) == VOTES or len(waiting) == MOST_WAITING:
                break
        language = most_spoken(votes or waiting)
    for piece, heard in waiting:
        again = heard.language != language or (english and language == "en")
        yield piece, hear(piece) if again else heard
    for piece in spoken:
        yield piece, hear(piece)


def most_spoken(heard: Iterable[tuple[Piece, Heard]]) -> str | None:
    """The language of most of the speech, by its length; None of none."""
    seconds = defaultdict[str, float](float)
    for piece, each in heard:
        seconds[each.language] += piece.seconds
    return max(seconds, key=lambda code: seconds[code], default=None)


def believable(piece: Piece, heard: Heard) -> bool:
    """Whether somebody said it: there are words, no loop, no more than can be said, and the model is not at a loss."""
    text = NOISES.sub(" ", heard.text)
    if not any(letter.isalnum() for letter in text) or repeats(text):
        return False
    return heard.confidence >= LEAST_SURE and columns(text) <= 12 + MOST_COLUMNS_A_SECOND * piece.seconds


def cut(piece: Piece, text: str) -> list[Cue]:
    """A piece's text in parts of two lines, their times by the letters that come before them."""
    parts = split(text)
    letters = sum(map(len, parts))
    cues, before = [], 0
    for part in parts:
        behind = before + len(part)
        cues.append(Cue(piece.begin(before / letters), piece.end(behind / letters), part))
        before = behind
    return cues
