"""Where speech begins and ends."""

import tracemalloc
from collections.abc import Iterable

import numpy as np
import pytest

from tests.web.sound import frames, said, silence
from walkiosk.listening import SAMPLE_RATE, WINDOW, Ended, Onset, TurnDetector


def heard(detector: TurnDetector, pieces: Iterable[bytes]) -> list[Onset | Ended]:
    return [event for piece in pieces for event in detector.hear(piece)]


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
    monkeypatch.setattr("walkiosk.listening.LONGEST", 60)  # windows: 2 s instead of 30
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
