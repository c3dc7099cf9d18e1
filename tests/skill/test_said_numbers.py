"""Numbers that may have been said, in figures and in the words of each language."""

import pytest

from walkiosk.modality.text import LANGUAGES
from walkiosk.skill.said_numbers import LARGEST, chinese, said_numbers, spellings


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "in a forty-two please", 42), ("es", "la del cuarenta y dos", 42), ("fr", "du quarante-deux", 42),
        ("de", "in zweiundvierzig, bitte", 42), ("it", "il quarantadue", 42), ("pt", "o quarenta e dois", 42),
        ("ru", "сорок второго размера", 42), ("zh", "四十二码的", 42), ("zh", "要两百零五的", 205),
        ("en", "a size 42, ok?", 42), ("hi", "बयालीस नंबर दिखाओ", 42), ("hi", "पांच नंबर", 5),
        ("hi", "एक सौ बीस वाली", 120),
    ],
)  # fmt: skip
def test_what_was_said_is_among_them_and_little_else(language: str, text: str, number: int) -> None:
    found = said_numbers(text, language)
    assert number in found and len(found) < 8


def test_figures_leave_no_room_for_others() -> None:
    assert said_numbers("1990", "hi") == []
    assert said_numbers("forty of the 38", "en") == [38]


def test_nothing_is_made_up() -> None:
    assert said_numbers("the blue hats, please", "en") == []
    assert said_numbers("the blue hats, please", "") == []
    assert said_numbers("नीली वाली", "hi") == []


def test_every_number_has_words_of_its_own_in_every_language() -> None:
    for language in LANGUAGES:
        first = [spelled[0] for spelled in spellings(language)]
        assert len(set(first)) == LARGEST and all(first), language


def test_chinese_numbers() -> None:
    assert [chinese(n) for n in (0, 7, 10, 12, 40, 105, 110, 321)] == [
        "零", "七", "十", "十二", "四十", "一百零五", "一百一十", "三百二十一",
    ]  # fmt: skip
