"""What is written in the letters of another language stands in the wrong place of the material."""

import re

LETTERS = {"ru": "[\u0400-\u04ff]", "hi": "[\u0900-\u097f]", "zh": "[\u4e00-\u9fff]"}  # the others' are Latin


def in_the_script_of(language: str, text: str) -> bool:
    """Whether ``text`` has letters of its language's script and of none of the others' (a blank one has not)."""
    found = {code for code, letters in LETTERS.items() if re.search(letters, text)}
    return text == text.strip() != "" and found == {language} & set(LETTERS)
