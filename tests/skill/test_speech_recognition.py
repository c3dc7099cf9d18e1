"""What hearing does about a decoder that has lost its place."""

import pytest

from walkiosk.skill.speech_recognition import repeats


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No, no, no!",
        "Press 1 to hear it again, press 2 for the next message, or press 3 to go back to where you came from.",
        "OK Walmart, quiero los zapatos que llevaba Leonardo DiCaprio en la primera escena de la primera película.",
    ],
)
def test_what_people_say_is_no_loop(text: str) -> None:
    assert not repeats(text)


def test_a_sentence_over_and_over_is_a_loop() -> None:
    assert repeats("and return to the conference, " * 9)
