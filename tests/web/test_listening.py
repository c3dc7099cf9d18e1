"""Sentences, the voice that speaks them, and where speech begins and ends."""

import tracemalloc
from collections.abc import Iterable

import numpy as np
import pytest

from tests.web.sound import frames, said, silence
from walkiosk.speech import SAMPLE_RATE, VOICES, WINDOW, Ended, Onset, Speech, TurnDetector, has_voice, sentences


def heard(detector: TurnDetector, pieces: Iterable[bytes]) -> list[Onset | Ended]:
    return [event for piece in pieces for event in detector.hear(piece)]


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


@pytest.mark.parametrize("language", VOICES)
def test_every_language_has_a_voice(language: str) -> None:
    assert has_voice(language)
    pieces = list(Speech("42.", language))
    assert pieces[-1].last
    assert np.abs(np.frombuffer(b"".join(piece.pcm for piece in pieces), np.int16)).max() > 1000


def test_speech_names_its_sentences() -> None:
    pieces = list(Speech("Here they are. They are yours for ten. Do you want them?", "en"))
    assert [piece.sentence for piece in pieces if piece.last] == [0, 1, 2]
    assert all(piece.sample_rate == 22_050 and len(piece.pcm) % 2 == 0 for piece in pieces)


def test_a_dash_is_spoken_and_no_option() -> None:
    assert list(Speech("-h is what I wear.", "en"))


def test_stopped_speech_ends() -> None:
    speech = Speech("One. Two. Three. Four.", "en")
    pieces = iter(speech)
    assert next(pieces).sentence == 0
    speech.stop()
    assert all(piece.sentence == 0 for piece in pieces)


def test_a_language_without_voice_is_silent() -> None:
    assert not has_voice("xx")
    assert list(Speech("Sveiki.", "xx")) == []


def test_a_voice_can_be_missing_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = has_voice.__wrapped__  # which remembers nothing
    monkeypatch.setattr("walkiosk.speech.VOICES", {"lv": "xx-none", "en": "en-us"})
    assert not ask("lv") and ask("en-GB")
    monkeypatch.setattr("walkiosk.speech.PROGRAM", "no-such-program")
    assert not ask("en")


def test_slower_is_longer() -> None:
    usual, slow = (sum(len(piece.pcm) for piece in Speech("Here they are.", "en", pace)) for pace in (1.0, 0.6))
    assert slow > 1.3 * usual


@pytest.mark.parametrize(("text", "language"), [("I want the black shoes.", "en"), ("Quiero los zapatos.", "es")])
def test_a_turn_is_cut_out(text: str, language: str) -> None:
    speech = said(text, language)
    onset, ended = heard(TurnDetector(), frames(silence(1), speech, silence(1.2)))
    assert isinstance(onset, Onset)
    assert isinstance(ended, Ended) and ended.audio is not None and not ended.cut
    assert ended.audio.dtype == np.float32
    assert abs(len(ended.audio) - len(speech)) < 0.6 * SAMPLE_RATE


def test_the_onset_comes_within_a_fifth_of_a_second() -> None:
    detector = TurnDetector()
    detector.kiosk_speaks = True
    heard(detector, frames(silence(1)))
    speech = said("Wait, please.")
    first_loud = int(np.argmax(np.abs(speech) > 1000))
    assert heard(detector, frames(speech[: first_loud + SAMPLE_RATE // 5])) == [Onset()]


def test_two_turns() -> None:
    speech = said("The red one.")
    events = heard(TurnDetector(), frames(silence(0.5), speech, silence(1), speech, silence(1)))
    assert [type(event) for event in events] == [Onset, Ended, Onset, Ended]


def test_a_pause_inside_a_sentence_does_not_end_it() -> None:
    events = heard(TurnDetector(), frames(silence(0.5), said("I want"), silence(0.3), said("the shoes"), silence(1)))
    assert [type(event) for event in events] == [Onset, Ended]


def test_silence_noise_and_knocks_are_no_turns() -> None:
    noise = np.random.default_rng(7)
    hiss = (noise.normal(0, 900, 4 * SAMPLE_RATE)).astype(np.int16)
    knock = np.zeros(SAMPLE_RATE, np.int16)
    knock[4000:4300] = 20_000
    events = heard(TurnDetector(), frames(silence(2), hiss, knock, silence(1)))
    assert all(isinstance(event, Onset) or event.audio is None for event in events)


def test_speech_without_end_is_cut_once_and_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walkiosk.speech.LONGEST", 60)  # windows: 2 s instead of 30
    speech = frames(said("This customer goes on and on about the shoes and the hats and the coats and the gloves"))
    detector = TurnDetector()
    tracemalloc.start()
    try:
        events = heard(detector, [*speech, *speech, *speech])
        assert tracemalloc.get_traced_memory()[0] < 500_000
    finally:
        tracemalloc.stop()
    assert [type(event) for event in events] == [Onset, Ended]
    cut = events[1]
    assert isinstance(cut, Ended)
    assert cut.cut
    assert cut.audio is not None
    assert len(cut.audio) == 60 * WINDOW
    assert [type(event) for event in heard(detector, frames(silence(1), said("Hello"), silence(1)))] == [Onset, Ended]


def test_frames_of_any_length() -> None:
    stream = b"".join(frames(silence(0.5), said("The red one."), silence(1)))
    pieces = [stream[start : start + 354] for start in range(0, len(stream), 354)]
    assert [type(event) for event in heard(TurnDetector(), pieces)] == [Onset, Ended]
