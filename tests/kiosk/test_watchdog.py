"""A kiosk whose hearing hangs, whose model breaks, whose voice is stuck: the visit and its sale go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from tests.kiosk.script import PEOPLE, SHOES, SHOES_SAID, Script, noise
from walkiosk import espeak
from walkiosk.crew import Crew, Hung
from walkiosk.kiosk import Kiosk, Skills, Turn
from walkiosk.kiosk.guarding import Guards, watch_over
from walkiosk.kiosk.observing import Observer
from walkiosk.kiosk.watchdog import BREAKS, TOO_OFTEN, WHILE_SECONDS, Bounds, Failed, Part, Restart
from walkiosk.modality.audio import Samples
from walkiosk.skill.speech_generation import Speaker
from walkiosk.skill.speech_recognition import Heard
from walkiosk.skill.understanding import TooLong, Understood
from walkiosk.store.payment import SimulatedReader

SOON = 0.05  # seconds, for what never comes
LATER = Bounds(20.0, 20.0, 20.0, 20.0)  # for what comes, on however busy a machine


class Noting(Observer):
    """Keeps what the watchdog tells."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def restarted(self, part: str) -> None:
        self.parts.append(part)


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a call that hangs waits for; set when the test is over, so that its thread ends."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def noting(kiosk: Kiosk) -> Noting:
    """Who is told by the kiosk."""
    kiosk.observer = observer = Noting()
    return observer


@pytest.fixture
def shop(kiosk: Kiosk, script: Script) -> Kiosk:
    """A kiosk whose customers ask for tops."""
    script.ask("spinning top", "1", ("Spinning top", "product"))
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    script.hears = Heard("spinning top", "en", -0.1)
    return kiosk


def settled(guards: Guards) -> None:
    """Returns when nothing is being built anew; what was bounded tightly, so that it hung, is so no longer."""
    for part in guards.parts:
        part.restart.wait(20)
        part.seconds = 20


def test_a_hearing_that_hangs_is_built_anew_and_the_sale_stays(
    shop: Kiosk, script: Script, noting: Noting, reader: SimulatedReader, never: threading.Event
) -> None:
    session = shop.start("c1")
    shop.answer(Turn(session, "spinning top"))
    shop.answer(Turn(session, action="choose 1 quantity=1"))
    assert shop.answer(Turn(session, action="pay")).event == "paying"
    sale = shop._sessions[session].sale_id

    def hang(samples: Samples, language: str | None) -> Heard:
        never.wait()
        return script.hears

    shop.take(replace(shop.shop.skills, transcribe=hang))
    guards = watch_over(shop, replace(LATER, hear=SOON), skills=script.skills)
    reply = shop.answer(Turn(session, audio=noise(1)))
    assert (reply.event, reply.stage, len(reply.basket)) == ("not_understood", "paying", 1)
    settled(guards)
    assert noting.parts == ["hearing"] and guards.hearing.restart.condition == "alive"
    assert shop._sessions[session].sale_id == sale
    assert shop.answer(Turn(session, audio=noise(1))).event == "found_product"  # it hears again
    assert [step.event for step in shop.pay(session)][-1] == "thanks" and reader.taken_cents() == 1250


def test_a_hearing_that_breaks_again_and_again_is_built_anew(shop: Kiosk, script: Script, noting: Noting) -> None:
    def broken(samples: Samples, language: str | None) -> Heard:
        raise RuntimeError("spinning top")

    shop.take(replace(shop.shop.skills, transcribe=broken))
    guards = watch_over(shop, LATER, skills=script.skills)
    session = shop.start()
    for number in range(BREAKS):
        assert noting.parts == [], number
        assert shop.answer(Turn(session, audio=noise(1))).event == "not_understood"
    settled(guards)
    assert noting.parts == ["hearing"]
    assert shop.answer(Turn(session, audio=noise(1))).event == "found_product"


def test_breaks_with_good_calls_between_them_are_borne(shop: Kiosk, script: Script, noting: Noting) -> None:
    breaks = iter([True, True, False] * BREAKS)

    def flaky(samples: Samples, language: str | None) -> Heard:
        if next(breaks):
            raise RuntimeError
        return script.hears

    shop.take(replace(shop.shop.skills, transcribe=flaky))
    watch_over(shop, LATER, skills=script.skills)
    session = shop.start()
    events = [shop.answer(Turn(session, audio=noise(1))).event for _ in range(3 * BREAKS)]
    assert events == ["not_understood", "not_understood", "found_product"] * BREAKS and noting.parts == []


def test_an_understanding_that_hangs_is_answered(
    shop: Kiosk, script: Script, noting: Noting, never: threading.Event
) -> None:
    def hang(text: str, language: str | None) -> Understood:
        never.wait()
        return script.understand(text, language)

    shop.take(replace(shop.shop.skills, understand=hang))
    guards = watch_over(shop, replace(LATER, understand=SOON), skills=script.skills)
    session = shop.start()
    reply = shop.answer(Turn(session, "spinning top"))
    assert (reply.event, reply.heard) == ("not_understood", "spinning top")
    settled(guards)
    assert noting.parts == ["understanding"]
    assert shop.answer(Turn(session, "spinning top")).event == "found_product"


def test_what_is_too_long_is_an_answer_and_no_fault(shop: Kiosk, script: Script, noting: Noting) -> None:
    def too_long(text: str, language: str | None) -> Understood:
        raise TooLong("999 tokens")

    shop.take(replace(shop.shop.skills, understand=too_long))
    watch_over(shop, LATER, skills=script.skills)
    session = shop.start()
    for _ in range(2 * BREAKS):
        assert shop.answer(Turn(session, "spinning top")).event == "too_long"
    assert noting.parts == []


def test_a_wording_that_hangs_is_ours(shop: Kiosk, script: Script, noting: Noting, never: threading.Event) -> None:
    def hang(event: str, facts: object, language: str) -> str | None:
        never.wait()
        return "too late"

    building = threading.Event()

    def build() -> Skills:
        building.wait(20)
        return script.skills()

    shop.take(replace(shop.shop.skills, word=hang))
    guards = watch_over(shop, replace(LATER, word=SOON), skills=build)
    session = shop.start()
    assert shop.greet(session, "en").text == "Hello and welcome to Film shop! What are you looking for?"
    assert guards.wording.restart.condition == "restarting"
    assert shop.greet(session, "en").text.startswith("Hello")  # nobody waits for the new one
    building.set()
    settled(guards)
    script.words["greeting"] = "Hi!"
    assert shop.greet(session, "en").text == "Hi!" and noting.parts == ["wording"]


def test_a_shop_that_is_loaded_anew_stays_under_watch(shop: Kiosk, script: Script) -> None:
    watch_over(shop, LATER, skills=script.skills)
    watched = shop.shop.skills
    shop._loaded = "another"
    shop.renew()
    assert shop.shop.number == 1 and shop.shop.skills is watched


def test_a_part_that_cannot_be_built_is_given_up_and_what_was_there_stays(noting: Noting) -> None:
    def build() -> None:
        raise FileNotFoundError("no weights")

    restart = Restart("the model", build)
    part = Part("hearing", restart, 20, lambda: noting, TooLong)
    for _ in range(BREAKS):
        with pytest.raises(Failed, match="hearing broke"):
            part.call(lambda: 1 / 0)
    restart.wait(20)
    assert restart.condition == "broken" and part.call(lambda: "still") == "still"


def test_a_part_that_is_built_anew_too_often_is_given_up_for_a_while() -> None:
    now = [0.0]
    restart = Restart("the model", lambda: None, lambda: now[0])
    conditions = []
    for _ in range(TOO_OFTEN):
        assert restart.begin()
        restart.wait(20)
        conditions.append(restart.condition)
        now[0] += 1
    assert conditions == ["alive"] * (TOO_OFTEN - 1) + ["broken"]
    now[0] += WHILE_SECONDS
    assert restart.condition == "alive"


def test_one_restart_at_a_time() -> None:
    building = threading.Event()
    restart = Restart("the model", lambda: building.wait(20) and None)
    assert restart.begin() and not restart.begin() and restart.condition == "restarting"
    building.set()
    restart.wait(20)
    assert restart.begin()
    restart.wait(20)


class StuckSpeaker(Speaker):
    """Says one piece and then hangs, or nothing at all."""

    def __init__(self, never: threading.Event, pieces: int) -> None:
        super().__init__()
        self.never, self.pieces = never, pieces

    def sentence(self, sentence: str, language: str, pace: float = 1.0) -> Iterator[Samples]:
        for _ in range(self.pieces):
            yield np.ones(10, np.float32)
        self.never.wait()


def test_a_voice_that_hangs_is_built_anew_and_espeak_steps_in(
    kiosk: Kiosk, script: Script, noting: Noting, never: threading.Event
) -> None:
    kiosk.speaker = StuckSpeaker(never, 0)
    made = iter([StuckSpeaker(never, 1), Speaker()])
    guards = watch_over(kiosk, replace(LATER, speak=SOON), script.skills, lambda: next(made))
    assert sum(map(len, kiosk.speaker.sentence("Hello.", "en"))) > 1000  # espeak-ng's
    settled(guards)
    pieces = iter(kiosk.speaker.sentence("Hello.", "en"))
    assert len(next(pieces)) == 10
    guards.speaking.seconds = SOON
    assert list(pieces) == []  # half a sentence is left at that
    settled(guards)
    assert noting.parts == ["speaking", "speaking"]
    assert kiosk.speaker.voice("en") == "espeak-ng en-us" and kiosk.speaker.say("Hello.", "en").seconds > 0.1


def test_an_espeak_that_hangs_is_ended_and_asked_once_more(
    kiosk: Kiosk, script: Script, noting: Noting, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak: Callable[..., Samples] = espeak.speak
    hangs = iter([True, False, True, True])

    def hanging(text: str, language: str, pace: float = 1.0) -> Samples:
        if next(hangs):
            raise espeak.Hung("espeak-ng did not answer in 5 s")
        return speak(text, language, pace)

    monkeypatch.setattr(espeak, "speak", hanging)
    watch_over(kiosk, LATER, script.skills, Speaker)
    assert sum(map(len, kiosk.speaker.sentence("Hello.", "en"))) > 1000
    assert noting.parts == ["espeak-ng"]
    with pytest.raises(espeak.NoVoice):
        list(kiosk.speaker.sentence("Hello.", "en"))


def test_a_process_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "PATIENCE_SECONDS", SOON)
    with pytest.raises(espeak.Hung, match="did not answer"):
        espeak._run(["tail", "-f", "/dev/null"])
    monkeypatch.setattr(espeak, "speaks", lambda language: espeak._run(["tail", "-f", "/dev/null"]))
    assert not espeak.has_voice("en")


def test_a_crew_keeps_its_threads_and_leaves_those_that_hang(never: threading.Event) -> None:
    crew = Crew("test")
    first = crew.call(threading.get_ident, 20)
    assert crew.call(threading.get_ident, 20) == first
    with pytest.raises(Hung):
        crew.call(never.wait, SOON)
    assert crew.call(threading.get_ident, 20) != first
    with pytest.raises(TimeoutError, match="of its own") as raised:
        crew.call(lambda: _raise(TimeoutError("of its own")), 20)
    assert not isinstance(raised.value, Hung)


def _raise(error: Exception) -> None:
    raise error
