"""speech_generation: text → audio, in the model's own voices; espeak-ng's where it has none or is unsure of itself."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from walkiosk import espeak
from walkiosk.engine import Floats
from walkiosk.modality.audio import HOP, SAMPLE_RATE, Samples
from walkiosk.skill import weights_folder
from walkiosk.skill.text_normalization import words
from walkiosk.speaker import Pronunciation, SpeakerEngine

LONGEST = 200  # letters that are spoken in one breath: more than any sentence that was trained on
UNSURE = 0.45  # of a word's phones, on average: below it nobody should trust the word
MUMBLED = 0.25  # of all words of a sentence may be unsure before another voice speaks
RATES = (3.0, 26.0)  # phones a second, slowest and fastest that a voice of people speaks
BETWEEN = 0.18  # seconds of silence between sentences

_SENTENCE_END = re.compile(
    r"(?<=[.!?…])(?<!\b[^\W\d_]\.)(?<!\b[A-Z][a-z]\.)(?<!\bSra\.)[\"”»’)\]]*\s+(?=\S)|(?<=[。！？।])\s*(?=\S)"
)
_CLAUSE_END = re.compile(r"(?<=[,;:])\s+")


@dataclass(frozen=True)
class Utterance:
    """Samples at 16 kHz in [-1, 1], whose voice they are, and why the model's own did not speak (None: it did)."""

    samples: Samples
    voice: str
    fallback: str | None

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True)
class Said:
    """The frames that the model makes of a part of a sentence, if it says anything; ``doubt``, what is wrong."""

    frames: Floats | None
    doubt: str | None


def sentences(text: str) -> tuple[str, ...]:
    """A text's sentences in order, without the space between them."""
    return tuple(piece.strip() for piece in _SENTENCE_END.split(text.strip()) if piece.strip())


def breaths(sentence: str) -> list[str]:
    """A sentence in parts that the model can say at once, parted at its clauses, else between words."""
    found: list[str] = []
    for clause in _CLAUSE_END.split(sentence):
        for piece in textwrap.wrap(clause, LONGEST, break_on_hyphens=False):
            if found and len(found[-1]) + 1 + len(piece) <= LONGEST:
                found[-1] += " " + piece
            else:
                found.append(piece)
    return found


class Speaker:
    """The voices of a kiosk; without an engine they are all espeak-ng's."""

    def __init__(self, engine: SpeakerEngine | None = None) -> None:
        self._engine = engine

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 2) -> Speaker:
        """Load the speaker of a weights folder; weights without one leave all to espeak-ng."""
        place = weights_folder(folder)
        return cls(SpeakerEngine(place, threads) if (place / "speaker.json").is_file() else None)

    def voice(self, language: str) -> str | None:
        """The name of the voice that speaks a language, None where nobody does."""
        if self._engine is not None and language in self._engine.voice_of:
            return self._engine.voice_of[language]
        return f"espeak-ng {espeak.voice_of(language)}" if espeak.has_voice(language) else None

    def say(self, text: str, language: str, pace: float = 1.0) -> Utterance:
        """Speak a whole text; raises `espeak.NoVoice` when only espeak-ng could and it is not installed."""
        pieces: list[Samples] = []
        reasons: list[str] = []
        for number, sentence in enumerate(sentences(text)):
            if number:
                pieces.append(np.zeros(int(BETWEEN * SAMPLE_RATE), np.float32))
            reason, made = self._sentence(sentence, language, pace)
            pieces += made
            if reason is not None:
                reasons.append(reason)
        samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        voice = f"espeak-ng {espeak.voice_of(language)}" if reasons else self.voice(language) or ""
        return Utterance(samples, voice, reasons[0] if reasons else None)

    def stream(self, text: str, language: str, pace: float = 1.0) -> Iterator[Samples]:
        """Yield a text's samples as they are ready."""
        for number, sentence in enumerate(sentences(text)):
            if number:
                yield np.zeros(int(BETWEEN * SAMPLE_RATE), np.float32)
            yield from self.sentence(sentence, language, pace)

    def sentence(self, sentence: str, language: str, pace: float = 1.0) -> Iterator[Samples]:
        """Yield one sentence's samples as they are ready."""
        yield from self._sentence(sentence, language, pace)[1]

    def _sentence(self, sentence: str, language: str, pace: float) -> tuple[str | None, Iterator[Samples]]:
        """Why espeak-ng speaks, and the pieces."""
        if self._engine is None or language not in self._engine.voice_of:
            reason = f"no voice of our own speaks {language}"
            return reason, iter([espeak.speak(sentence, language, pace)])
        engine = self._engine
        said = [self.think(part, language, pace) for part in breaths(words(sentence, language))]
        doubt = next((each.doubt for each in said if each.doubt), None)
        if doubt is not None and espeak.has_voice(language):
            return doubt, iter([espeak.speak(sentence, language, pace)])
        return None, (piece for each in said if each.frames is not None for piece in engine.samples(each.frames))

    def think(self, part: str, language: str, pace: float = 1.0) -> Said:
        """Pronounce and time a part of a sentence, and look whether that can be right."""
        assert self._engine is not None
        engine = self._engine
        spelled = engine.spelled(part)
        if not any(c.isalpha() for c in spelled):
            return Said(None, None)  # nothing to be said
        found = engine.pronounce(spelled, language)
        doubt = self._doubt(found, spelled)
        if not found.phones:
            return Said(None, doubt)
        frames = engine.speak(found.phones, found.stresses, engine.voice_of[language], pace)
        rate = len(found.phones) * SAMPLE_RATE / (len(frames) * HOP)
        if doubt is None and not RATES[0] * pace <= rate <= RATES[1] * pace:
            doubt = f"{rate:.0f} phones a second"
        if doubt is None and not np.isfinite(frames).all():
            doubt = "frames are not numbers"
        return Said(frames, doubt)

    def _doubt(self, found: Pronunciation, spelled: str) -> str | None:
        """What makes a pronunciation doubtful: a word without a sound, or too many words that are unsure."""
        assert self._engine is not None
        at, unsure, counted = 0, 0, 0
        sounds = np.array([self._engine.is_sound(phone) for phone in found.phones], bool)
        letters, sure = np.array(found.letters, int)[sounds], np.array(found.certainty)[sounds]
        for word in spelled.split():
            start = spelled.index(word, at)
            at = start + len(word)
            if not any(c.isalpha() for c in word):
                continue
            counted += 1
            mine = (letters >= start) & (letters < at)
            if not mine.any():
                return f"{word!r} has no sound"
            unsure += bool(sure[mine].mean() < UNSURE)
        return f"{unsure} of {counted} words are unsure" if unsure > MUMBLED * counted and unsure > 1 else None
