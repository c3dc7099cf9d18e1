"""speech_recognition by word and character error rate."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from walkiosk.metrics.words import plain, wrong_letters, wrong_words
from walkiosk.modality import audio
from walkiosk.score.data import Row
from walkiosk.score.summary import Judged, Measure, ratio
from walkiosk.skill import Model
from walkiosk.skill.speech_recognition import transcribe

MEASURES = (
    Measure("WER", ratio(0, 1)),
    Measure("CER", ratio(2, 3)),
    Measure("WER without accents", ratio(4, 5)),
    Measure("WER, loops capped", ratio(6, 1)),
)


def without_accents(text: str) -> str:
    """Latin letters without their accents; other scripts as they are."""
    found: list[str] = []
    for c in unicodedata.normalize("NFD", text):
        if not (unicodedata.combining(c) and found and ord(found[-1]) < 0x250):
            found.append(c)
    return unicodedata.normalize("NFC", "".join(found))


def compare(reference: str, heard: str) -> tuple[float, ...]:
    """Errors and lengths: words, characters, words without accents; and errors of words, at most all of them.

    A listener that loops on one clip can write more words than all others have; capped, that clip is just wrong.
    """
    reference, heard = plain(reference), plain(heard)
    wrong, size = wrong_words(reference, heard), len(reference.split())
    bare = wrong_words(without_accents(reference), without_accents(heard))
    counts = (wrong, size, wrong_letters(reference, heard), len(reference), bare, size, min(wrong, size))
    return tuple(map(float, counts))


def judge(rows: Sequence[Row], hear: Callable[[audio.Samples, str | None], str]) -> list[Judged]:
    """What ``hear`` writes for each clip, against the row's text."""
    judged = []
    for row in rows:
        reference = row.text("text")
        language = row.text("language", "") or None
        try:
            samples = audio.read(row.path("audio"))
        except (audio.Unreadable, OSError) as error:
            raise row.fault("audio", str(error)) from error
        judged.append(Judged(compare(reference, hear(samples, language)), (language,) if language else ()))
    return judged


def hearing(model: Model, padded: bool = False) -> Callable[[audio.Samples, str | None], str]:
    """Transcription by the model, a clip longer than its window in pieces."""

    def hear(samples: audio.Samples, language: str | None) -> str:
        pieces = [samples[at : at + audio.LONGEST] for at in range(0, len(samples), audio.LONGEST)]
        return " ".join(transcribe(model, piece, language, padded).text for piece in pieces)

    return hear
