"""Languages, who the customer is, small requests, and input that is none."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.kiosk.conftest import FILM_SHOP, Say
from tests.kiosk.script import Script, noise
from walkiosk.kiosk import Kiosk, Turn
from walkiosk.kiosk.wording import fallback, replies
from walkiosk.skill.speech_recognition import Heard
from walkiosk.skill.understanding import TooLong, Understood
from walkiosk.store import Store


def test_silence_noise_and_unclear_speech(say: Say, script: Script) -> None:
    assert say(audio=np.zeros(16_000, np.float32)).event == "silence"
    assert say(audio=np.zeros(0, np.float32)).event == "silence"
    assert say(audio=np.full(16_000, np.nan, np.float32)).event == "unreadable"
    assert say(audio=noise(1)).event == "silence"  # nothing was heard in it
    script.hears = Heard("shhh krr", "en", -1.7)
    script.hears_english = Heard("krr", "en", -2.0)
    assert say(audio=noise(1)).event == "not_understood"
    assert say(audio=noise(600.1, 0.01)).event == "too_long"
    assert say("").event == say(" \n\t").event == "silence"
    assert say("?!").event == "not_understood"


def test_texts_that_are_no_sentence(say: Say) -> None:
    megabyte = say("word " * 200_000)
    assert megabyte.event == "too_long" and len(megabyte.heard) < 200
    assert say("\ud800\x00 what\x1b").event == "not_understood"
    assert say("नमस्ते " * 100).event == "not_understood"


def test_a_text_that_the_model_has_no_room_for(kiosk: Kiosk, script: Script, store: Store) -> None:
    def full(text: str, language: str | None) -> Understood:
        raise TooLong("900 tokens")

    script.understand = full  # type: ignore[method-assign]
    assert Kiosk(store, script.skills()).answer(Turn("new", "करना " * 150)).event == "too_long"


def test_speech_is_heard_and_answered(say: Say, script: Script) -> None:
    script.hears = Heard("la peonza", "es", -0.1)
    script.ask("la peonza", "1", ("peonza", "product"), language="es")
    reply = say(audio=noise(40))
    assert (reply.event, reply.language, reply.heard) == ("found_product", "es", "la peonza")


def test_speech_in_a_language_of_nobody_here_is_answered_in_english(say: Say, script: Script) -> None:
    script.hears = Heard("blah", "es", -1.4)
    script.hears_english = Heard("the spinning top", "nl", -0.3)
    script.ask("the spinning top", "1", ("spinning top", "product"))
    reply = say(audio=noise(2))
    assert (reply.event, reply.language) == ("found_product", "en")
    assert reply.text.startswith(fallback("language_unknown", {}, "en"))
    assert not say(audio=noise(2)).text.startswith(fallback("language_unknown", {}, "en"))


def test_typed_words_of_a_language_that_the_shop_has_not(say: Say, script: Script) -> None:
    script.languages["j'aimerais la toupie svp"] = "fr"
    script.ask("[en] j'aimerais la toupie svp", "1", ("spinning top", "product"))
    reply = say("j'aimerais la toupie svp")
    assert (reply.event, reply.language) == ("found_product", "en")


def test_an_unknown_language_without_an_answer(say: Say, script: Script) -> None:
    script.languages["ik wil graag een ding"] = "other"
    assert say("ik wil graag een ding").event == "language_unknown"


def test_the_language_stays_until_another_one_is_sure(say: Say, script: Script) -> None:
    script.languages |= {
        "hola buenos días a todos": "es",
        "ok": "en",
        "yes": "en",
        "I would rather speak English": "en",
    }
    script.actions |= {each: "smalltalk" for each in script.languages}
    assert say("hola buenos días a todos").language == "es"
    assert say("ok").language == "es"  # one word tells nothing
    assert say("hola buenos días a todos").language == "es"
    assert say("I would rather speak English").language == "en"


def test_the_choice_on_the_screen_and_the_wish_to_change_it(kiosk: Kiosk, script: Script) -> None:
    session = kiosk.start()
    script.actions["in Spanish please"] = "language es"
    script.actions["in Klingon please"] = "language tlh"
    assert kiosk.answer(Turn(session, action="help how", language="en")).language == "en"
    assert kiosk.answer(Turn(session, "in Spanish please", language="en")).event == "language_changed"
    assert kiosk.answer(Turn(session, action="help how", language="en")).language == "es"
    assert kiosk.answer(Turn(session, action="language en", language="en")).language == "en"
    assert kiosk.answer(Turn(session, "in Klingon please")).event == "language_unknown"


def test_greeting_by_name_in_the_customers_language(kiosk: Kiosk) -> None:
    assert "Film shop" in kiosk.greet(kiosk.start()).text
    known = kiosk.greet(kiosk.start("c1"))
    assert known.language == "es" and "Ana García" in known.text
    assert kiosk.greet(kiosk.start(), "es").language == "es"
    assert kiosk.greet(kiosk.start("nobody")).event == "greeting"


def test_small_requests(say: Say) -> None:
    first = say(action="repeat")
    assert first.event == "not_understood"
    asked = say(action="help returns")
    assert asked.event == "help_returns"
    assert say(action="slower").event == "slower" and say(action="louder").event == "louder"
    assert say(action="repeat").text == asked.text
    assert say(action="clerk lost").event == "clerk_coming"
    assert say(action="help nonsense").event == "help_how"
    for touch in (
        "",
        "choose",
        "dance 5",
        "choose 1",
        "compare",
        "other",
        "remove -1",
        "size",
        "feedback stars=99",
        "show",
    ):
        assert say("", action=touch).text


def test_feedback_by_touch(kiosk: Kiosk) -> None:
    session = kiosk.start()
    assert kiosk.answer(Turn(session, "Lovely shop", action="feedback stars=5 words")).event == "feedback_thanks"
    assert kiosk.answer(Turn(session, action="feedback stars=2")).event == "feedback_thanks"
    assert kiosk.answer(Turn(session, action="feedback")).asks == "stars"
    remarks = kiosk.shop.store.feedback.remarks()
    assert [(remark.stars, remark.words) for remark in remarks] == [(5, "Lovely shop"), (2, "")]


def test_an_empty_shop_finds_nothing(tmp_path: Path, script: Script) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    shutil.copy(Path(__file__).parents[1] / "store" / "film_shop" / "store.toml", folder)
    kiosk = Kiosk(Store.open(folder, "sqlite://"), script.skills())
    script.ask("shoes", '*product category = "Shoes"')
    script.ask("Inception", "1", ("Inception", "film"))
    assert kiosk.answer(Turn(kiosk.start(), "shoes")).event == "not_found"
    assert kiosk.answer(Turn(kiosk.start(), "Inception")).event == "not_found"


def test_a_session_that_has_ended_begins_anew(kiosk: Kiosk) -> None:
    session = kiosk.start()
    kiosk.end(session)
    assert kiosk.answer(Turn(session, action="help how")).event == "help_how"
    kiosk.end("never begun")


def test_what_was_heard_is_told_before_it_is_understood(kiosk: Kiosk, script: Script) -> None:
    script.hears = Heard("OK Walmart, la peonza", "es", -0.1)
    script.ask("la peonza", "1", ("peonza", "product"), language="es")
    session, told = kiosk.start(), list[tuple[str, int]]()

    def on_heard(heard: str) -> None:
        told.append((heard, len(script.asked)))

    account = kiosk.account(Turn(session, audio=noise(2)), on_heard)
    assert told == [("OK Walmart, la peonza", 0)] and account.reply.heard == told[0][0]
    kiosk.answer(Turn(session, "hm "), on_heard)
    assert [heard for heard, _ in told[1:]] == ["hm"]
    for nothing in (
        Turn(session, audio=np.zeros(16_000, np.float32)),
        Turn(session, " "),
        Turn(session, action="show"),
    ):
        kiosk.answer(nothing, on_heard)
    assert len(told) == 2


def test_a_language_without_a_voice_is_written_and_says_so_once(kiosk: Kiosk, script: Script) -> None:
    session = kiosk.start()
    reply = kiosk.answer(Turn(session, action="help how", language="es"))
    first, second = (kiosk.without_voice(session, reply) for _ in range(2))
    assert first.text == f"{fallback('no_voice', {}, 'es')} {reply.text}" and second.text == reply.text
    assert reply.spoken and not first.spoken and not second.spoken
    assert kiosk.answer(Turn(session, action="repeat")).text == reply.text
    script.words["no_voice"] = "I only write."
    assert kiosk.without_voice(kiosk.start(), reply).text.startswith("I only write. ")


def test_our_own_wordings_use_each_fact_once() -> None:
    for language, situations in replies().items():
        assert situations.keys() == replies()["en"].keys()
        for event, sets in situations.items():
            assert sets.keys() == replies()["en"][event].keys()
            for names, wording in sets.items():
                facts = {name: f"<{name}>" for name in names.split(",") if name}
                said = fallback(event, facts, language)
                assert all(said.count(value) == 1 for value in facts.values()) and "{" not in said, (language, wording)


def test_a_shops_jingle_is_composed_once(tmp_path: Path, script: Script) -> None:
    made: list[int] = []

    def jingle(seed: int) -> NDArray[np.float32]:
        made.append(seed)
        return np.zeros(seed, np.float32)

    film_shop = Path(shutil.copytree(FILM_SHOP, tmp_path / "shop"))
    skills = replace(script.skills(), jingle=jingle)
    silent = Kiosk(Store.open(film_shop, "sqlite://"), skills)
    assert (silent.plays_jingle, silent.jingle) == (False, None)
    settings = film_shop / "store.toml"
    settings.write_text(settings.read_text() + "\njingle_seed = 7\n")
    playing = Kiosk(Store.open(film_shop, "sqlite://"), skills)
    assert playing.plays_jingle and made == []  # nobody waits for it as the shop opens
    assert playing.jingle is not None and playing.jingle is playing.jingle
    assert made == [7]
