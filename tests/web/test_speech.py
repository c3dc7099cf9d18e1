"""A reply's sentences, the voice that speaks them, and how it is stopped."""

import numpy as np
import pytest

from walkiosk import espeak
from walkiosk.modality.audio import SAMPLE_RATE
from walkiosk.skill.speech_generation import Speaker, sentences
from walkiosk.speech import Speech

NOBODY = Speaker()  # all languages are espeak-ng's


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 19.90 €. For you 15.", ("It costs 19.90 €.", "For you 15.")),
        ("Mr. Smith bought it. Did he?", ("Mr. Smith bought it.", "Did he?")),
        ("你好。这双鞋是您的！", ("你好。", "这双鞋是您的！")),
        ("ठीक है। और कुछ?", ("ठीक है।", "और कुछ?")),
        ("no end", ("no end",)),
        ("   ", ()),
    ],
)
def test_sentences(text: str, expected: tuple[str, ...]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize("language", espeak.VOICES)
def test_every_language_has_a_voice(language: str) -> None:
    assert espeak.has_voice(language)
    pieces = list(Speech(NOBODY, "42.", language))
    assert pieces[-1].last
    assert np.abs(np.frombuffer(b"".join(piece.pcm for piece in pieces), np.int16)).max() > 1000


def test_speech_names_its_sentences() -> None:
    pieces = list(Speech(NOBODY, "Here they are. They are yours for ten. Do you want them?", "en"))
    assert [piece.sentence for piece in pieces if piece.last] == [0, 1, 2]
    assert all(piece.sample_rate == SAMPLE_RATE and len(piece.pcm) % 2 == 0 for piece in pieces)


def test_a_dash_is_spoken_and_no_option() -> None:
    assert list(Speech(NOBODY, "-h is what I wear.", "en"))


def test_stopped_speech_ends() -> None:
    speech = Speech(NOBODY, "One. Two. Three. Four.", "en")
    pieces = iter(speech)
    assert next(pieces).sentence == 0
    speech.stop()
    assert all(piece.sentence == 0 for piece in pieces)


def test_a_language_without_voice_is_silent() -> None:
    assert not espeak.has_voice("xx")
    assert list(Speech(NOBODY, "Sveiki.", "xx")) == []


def test_a_voice_can_be_missing_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = espeak.speaks.__wrapped__  # which remembers nothing
    monkeypatch.setattr("walkiosk.espeak.VOICES", {"lv": "xx-none", "en": "en-us"})
    assert not ask("lv") and ask("en-GB")
    with pytest.raises(espeak.NoVoice, match="failed with"):
        espeak.speak("Sveiki.", "lv")
    monkeypatch.setattr("walkiosk.espeak.PROGRAM", "no-such-program")
    assert not ask("en")


def test_slower_is_longer() -> None:
    usual, slow = (sum(len(piece.pcm) for piece in Speech(NOBODY, "Here they are.", "en", pace)) for pace in (1.0, 0.6))
    assert slow > 1.3 * usual
