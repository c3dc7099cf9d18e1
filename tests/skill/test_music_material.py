"""Transcriptions of old tunes → what the model learns: cleaned, made even, transposed, held out."""

from __future__ import annotations

import pytest

from training.abc_books import Unfit, key_of, tune_of
from training.music import example, in_key, is_test_tune, opening
from training.music_perplexity import Ngrams
from walkiosk.modality import abc_notation
from walkiosk.modality.text import of_bytes
from walkiosk.skill.music import laid_out
from walkiosk.skill.tune_constraint import heading
from walkiosk.skill.tune_grammar import JINGLE, KEYS, TUNE

RAW = """ 12
T:The Kiosk -- Jig
M:6/8
L:1/8
Z:somebody
K:Em
% a remark
B|"Em"E2E {f}GFE|~B3 BAB|(D2F) AFD|DED FAB|
E2E GFE|B3 BAB|d>cB AFD|1 DEE E2:|2 DEE E2||
f|e/f/ge fed|[Be]dB AFD|EFG FGA|BAB dBd|
e2e fed|edB AFD|EFG F>ED|DEE E2|]
"""
BODY = (
    "|:B|E2EGFE|B3BAB|D2FAFD|DEDFAB|E2EGFE|B3BAB|d>cBAFD|DEEE2:|\n"
    "f|e/f/gefed|edBAFD|EFGFGA|BABdBd|e2efed|edBAFD|EFGF>ED|DEEE2|]"
)


def pitches(metre: str, key: str, body: str) -> list[int]:
    return [note.pitch for note in abc_notation.read(laid_out(heading(metre, key) + body, "Try")).notes]


def test_a_transcription_is_cleaned() -> None:
    tune = tune_of(RAW)
    assert (tune.title, tune.metre, tune.key.name, tune.body) == ("The Kiosk -- Jig", "6/8", "Em", BODY)
    assert example(of_bytes(), TUNE, tune.metre, tune.key, tune.body) is not None


def test_its_last_bars_are_a_jingle() -> None:
    close = tune_of(RAW).close(2)
    assert close.body == "EFGF>ED|DEEE3|]"  # nothing follows for which a quaver was left
    assert example(of_bytes(), JINGLE, close.metre, close.key, close.body) is not None


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("B3 BAB", "B3 BABB", "bars that do not add up"),
        ("K:Em", "K:Hp", "a key"),
        ("M:6/8", "M:5/4", "a metre"),
        ("E2E GFE|", "K:G\nE2E GFE|", "its key or metre changes"),
        ("E2E GFE|B3 BAB|d>cB", "d>cB", "parts of other lengths"),
        ("(D2F) AFD", "(2DF AFD", "tuplets other than triplets"),
        ("D2F", "D5F", "bars that do not add up"),
    ],
)
def test_what_does_not_fit_says_why(old: str, new: str, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        tune_of(RAW.replace(old, new, 1))


@pytest.mark.parametrize("key", ["Am", "Dm", "Bm"])
def test_a_transposed_tune_is_the_same_tune(key: str) -> None:
    tune = tune_of(RAW)
    moved = in_key(tune, BODY, KEYS[key])
    assert moved is not None and opening(moved) == opening(BODY)
    pairs = zip(pitches("6/8", "Em", BODY), pitches("6/8", key, moved), strict=True)
    assert len({new - old for old, new in pairs}) == 1


def test_keys_of_the_books() -> None:
    names = {"G": "G", "E Minor": "Em", "AMix": "Amix", "EMin": "Em", "GM": "G", "A Dorian": "Ador", "Bb": "Bb"}
    assert {name: key_of(name).name for name in names} == names


def test_a_title_is_held_out_however_it_is_written() -> None:
    assert is_test_tune("The White Cockade") == is_test_tune("white cockade -- Reel")
    assert 0.05 < sum(is_test_tune(f"tune {chr(97 + n % 26)}{chr(97 + n // 26)}") for n in range(500)) / 500 < 0.15


def test_ngrams_learn() -> None:
    ngrams = Ngrams(3)
    ngrams.learn([1, 2, 3] * 20)
    odds = ngrams.odds([3, 1], [1, 2, 3])
    assert odds[1] > 0.9 * sum(odds) and min(odds) > 0
