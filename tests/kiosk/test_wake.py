"""Who is meant by what is said in the lobby, and what is left of it without the wake phrase."""

import pytest

from walkiosk.kiosk.wake import after_wake_phrase, without_wake_phrase

PHRASES = ("OK Walmrt",)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("OK Walmrt, I want the shoes", "I want the shoes"),
        ("Okay, Walmart. I want the shoes", "I want the shoes"),
        ("okay walmart i want shoes", "i want shoes"),
        ("ok wal mart i want shoes", "i want shoes"),
        ("Ok, Wal Mart. ¿Tienen zapatos?", "¿Tienen zapatos?"),
        ("okay walmert quiero los zapatos", "quiero los zapatos"),
        ("ओके वॉलमार्ट, जूते दिखाइए", "जूते दिखाइए"),
        ("Окей, Волмарт, покажи ботинки", "покажи ботинки"),
        ("OK Walmrt，我要鞋", "我要鞋"),
    ],
)
def test_what_follows_the_wake_phrase(text: str, rest: str) -> None:
    assert after_wake_phrase(text, PHRASES) == without_wake_phrase(text, PHRASES) == rest


@pytest.mark.parametrize("text", ["OK Walmrt", "Okay Walmart.", "O.K. Wollmert!", "okay, wal mart …"])
def test_the_wake_phrase_alone(text: str) -> None:
    assert after_wake_phrase(text, PHRASES) == ""
    assert without_wake_phrase(text, PHRASES) == text


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "…", "I want the shoes", "OK, what?", "OK, what shoes are there", "Okay, one more", "OK, all more",
        "OK Walter wore a hat", "okay, well, more of these", "Walls of Jericho", "Walmart is closed",
        "We went to Walmart", "Is it okay, Walmart?",
    ],
)  # fmt: skip
def test_sleeps_on(text: str) -> None:
    assert after_wake_phrase(text, PHRASES) is None
    assert without_wake_phrase(text, PHRASES) == text


def test_any_of_the_shops_phrases_wakes() -> None:
    phrases = ("OK Walmrt", "Hola tienda")
    assert after_wake_phrase("¡Hola, tienda! ¿Hay zapatos?", phrases) == "¿Hay zapatos?"
    assert after_wake_phrase("Okay Walmart, the shoes", phrases) == "the shoes"
    assert after_wake_phrase("OK Walmrt", ()) is None
