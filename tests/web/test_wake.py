"""Who is meant by what is said in the lobby."""

import pytest

from walkiosk.web.wake import after_wake_phrase


@pytest.mark.parametrize(
    "heard",
    [
        "OK Walmrt, I want the shoes", "Okay, Walmart. I want the shoes", "ok wal mart i want shoes", "O.K. Wollmert!",
        "okay walmert quiero los zapatos", "ओके वॉलमार्ट, जूते दिखाइए", "Окей, Волмарт, покажи ботинки",
    ],
)  # fmt: skip
def test_wakes(heard: str) -> None:
    assert after_wake_phrase(heard, "OK Walmrt") is not None


@pytest.mark.parametrize("heard", ["", "I want the shoes", "OK, what?", "Okay, one more", "We went to Walmart", "…"])
def test_sleeps_on(heard: str) -> None:
    assert after_wake_phrase(heard, "OK Walmrt") is None


def test_alone() -> None:
    assert after_wake_phrase("Okay Walmart.", "OK Walmrt") == ""
    assert after_wake_phrase("Okay Walmart, the shoes", "OK Walmrt")
