"""speech_recognition: audio → text, at the clip's true length."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from walkiosk.modality import audio
from walkiosk.modality.text import END, LANGUAGES, START, Vocabulary

if TYPE_CHECKING:
    from walkiosk.skill import Model

LONGEST_TEXT = 160  # tokens of half a minute
TOKENS_A_SECOND = 9  # more than anybody says: what goes on longer is a loop
REPEATING = 2.4  # letters to a compressed byte: Whisper's own bound for a loop


@dataclass(frozen=True)
class Heard:
    text: str
    language: str
    confidence: float  # mean log-probability of a token


def transcribe(model: Model, samples: audio.Samples, language: str | None = None, padded: bool = False) -> Heard:
    """Write what is said in ``samples`` (16 kHz mono, 30 s at most) in its own language.

    ``padded`` lays the clip in Whisper's window of 30 s instead of a little silence.
    """
    heard = _hear(model, samples, language, "<|transcribe|>", padded, LANGUAGES)
    if padded or not repeats(heard.text):
        return heard
    return _hear(model, samples, language, "<|transcribe|>", True, LANGUAGES)


def repeats(text: str) -> bool:
    """Whether a text goes round in circles, as a decoder does that has lost its place; a full window helps then."""
    letters = text.encode()
    return len(letters) > REPEATING * len(zlib.compress(letters))


def to_english(model: Model, samples: audio.Samples, language: str | None = None) -> Heard:
    """Write in English what is said in any of Whisper's languages."""
    return _hear(model, samples, language, "<|translate|>", False, None)


def _hear(
    model: Model,
    samples: audio.Samples,
    language: str | None,
    task: str,
    padded: bool,
    languages: Sequence[str] | None,
) -> Heard:
    vocabulary, engine = model.vocabulary, model.engine
    special = vocabulary.special
    wanted = audio.LONGEST if padded else min(audio.LONGEST, len(samples) + audio.QUIET_PAD)
    perceived = engine.perceive([("audio", audio.to_sequence(samples, wanted))])
    longest = min(LONGEST_TEXT, 12 + int(TOKENS_A_SECOND * len(samples) / audio.SAMPLE_RATE))
    state = engine.read([special(START)], perceived=perceived, room=longest + 4)
    if language is None:
        language = _spoken_language(model, state.logits[0].tolist(), languages)
    start = [vocabulary.language(language), special(task), special("<|notimestamps|>")]
    state = engine.read(start, state, room=longest)
    first_special = special(START)
    forbidden = range(first_special, vocabulary.size)
    written = engine.write(state, special(END), longest, forbidden=forbidden)
    return Heard(vocabulary.decode(written.tokens).strip(), language, written.confidence)


def _spoken_language(model: Model, logits: Sequence[float], languages: Sequence[str] | None) -> str:
    """The likeliest language token, of ``languages`` or of all that Whisper knows."""
    vocabulary = model.vocabulary
    return max(languages or known_languages(vocabulary), key=lambda code: logits[vocabulary.language(code)])


def known_languages(vocabulary: Vocabulary) -> list[str]:
    """Codes of all languages that Whisper knows."""
    first, behind = vocabulary.special("<|en|>"), vocabulary.special("<|translate|>")
    return [(vocabulary.piece(number) or "")[2:-2] for number in range(first, behind)]
