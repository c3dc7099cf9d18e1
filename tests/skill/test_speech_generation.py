"""Speaking: our own voice where the model is sure, espeak-ng's where it is not, and nothing that makes it stumble."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkiosk import espeak
from walkiosk.modality.audio import SAMPLE_RATE
from walkiosk.skill.speech_generation import BETWEEN, LONGEST, Speaker, breaths
from walkiosk.speaker import SpeakerEngine
from walkiosk.speech import Speech

TINY = Path(__file__).parents[1] / "tiny"
STEP = 0.04  # seconds of an element


@pytest.fixture(scope="module")
def speaker() -> Speaker:
    return Speaker.load(TINY, threads=1)


def test_the_models_own_voice_speaks(speaker: Speaker) -> None:
    made = speaker.say("red shoes", "en")
    assert (made.voice, made.fallback) == ("two", None)
    assert made.samples.dtype == np.float32 and np.abs(made.samples).max() > 0
    assert made.seconds == pytest.approx(11 * 0.08, abs=4 * STEP)  # nine letters between two silences, 80 ms each


def test_a_stream_is_the_whole(speaker: Speaker) -> None:
    text = "hello. see you soon."
    pieces = list(speaker.stream(text, "en"))
    assert len(pieces) > 3
    np.testing.assert_allclose(np.concatenate(pieces), speaker.say(text, "en").samples, atol=1e-4)


def test_the_first_piece_is_short(speaker: Speaker) -> None:
    first = next(iter(speaker.stream("the first film. see you soon.", "en")))
    assert len(first) <= 0.3 * SAMPLE_RATE


def test_sentences_are_parted_by_a_pause(speaker: Speaker) -> None:
    one, two = speaker.say("hello.", "en"), speaker.say("hello. hello.", "en")
    assert two.seconds == pytest.approx(2 * one.seconds + BETWEEN)


def test_a_word_without_a_sound_is_left_to_the_fallback(speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    speak = espeak.speak
    monkeypatch.setattr(espeak, "speak", lambda text, *rest: heard.append(text) or speak(text, *rest))
    made = speaker.say("hello. red qqqqqqqq xqzkw.", "en")
    assert made.fallback is not None and "espeak" in made.voice
    assert heard == ["red qqqqqqqq xqzkw."]  # the sentence before it keeps its voice


def test_nasal_vowels_are_sounds(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    about = json.loads((folder / "speaker.json").read_text("utf-8"))
    about["phones"][:4] = ["ɑ̃", "aː", " ", ","]
    (folder / "speaker.json").write_text(json.dumps(about), "utf-8")
    engine = SpeakerEngine(folder, 1)
    assert [engine.is_sound(phone) for phone in range(4)] == [True, True, False, False]


def test_another_language_is_the_fallbacks(speaker: Speaker) -> None:
    made = speaker.say("नमस्ते", "hi")
    assert made.voice == "espeak-ng hi"
    assert made.fallback == "no voice of our own speaks hi"
    assert made.seconds > 0.3


def test_weights_without_a_speaker_leave_all_to_espeak() -> None:
    assert Speaker().voice("en") == "espeak-ng en-us"
    assert Speaker().voice("xx") is None
    assert Speaker().say("Hello.", "en").seconds > 0.3


@pytest.mark.parametrize(
    "text", ["", "   ", "...", "🙂", "42", "0049 7 11", "a", "東京", "Привет", "x" * 900, "hola " * 90, "-h"]
)
def test_whatever_comes_is_spoken_or_silent(speaker: Speaker, text: str) -> None:
    made = speaker.say(text, "en")
    assert np.isfinite(made.samples).all()
    assert bool(len(made.samples)) == any(c.isalnum() for c in text)


def test_slower_is_longer(speaker: Speaker) -> None:
    usual, slow = (speaker.say("where is it", "en", pace).seconds for pace in (1.0, 0.6))
    assert slow > 1.4 * usual


def test_a_reply_can_be_stopped_between_pieces(speaker: Speaker) -> None:
    speech = Speech(speaker, "the first film. " * 4, "en")
    pieces = iter(speech)
    first = next(pieces)
    assert (first.sentence, first.sample_rate, first.last) == (0, SAMPLE_RATE, False)
    speech.stop()
    assert list(pieces) == []


def test_louder_is_louder(speaker: Speaker) -> None:
    def loudest(loudness: float) -> int:
        pcm = b"".join(piece.pcm for piece in Speech(speaker, "hello", "en", loudness=loudness))
        return int(np.abs(np.frombuffer(pcm, np.int16).astype(int)).max())

    assert loudest(0.5) == pytest.approx(loudest(1.0) / 2, rel=0.05)


@given(st.text(alphabet="ab, ;.", max_size=900))
def test_breaths_are_short_and_lose_no_letter(text: str) -> None:
    parts = breaths(text)
    assert all(0 < len(part) <= LONGEST for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    if all(len(word) <= LONGEST for word in text.split()):
        assert " ".join(parts).split() == text.split()
