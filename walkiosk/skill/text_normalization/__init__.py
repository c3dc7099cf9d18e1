"""Text normalization: everything in a sentence that is not letters is written out before the model pronounces it.

Number words, ordinals and years are num2words', names of months, units and currencies Babel's. What is to be spelled is
written with its letters apart: ``X L``, ``P M``, ``W W W``. Of punctuation, ``. , ? ! ; : ' -`` is left.
"""

from __future__ import annotations

from collections.abc import Callable

from walkiosk.skill.text_normalization.addresses import addresses
from walkiosk.skill.text_normalization.dates import dates
from walkiosk.skill.text_normalization.figures import codes, fractions, numbers, ordinals, ranges
from walkiosk.skill.text_normalization.language import LANGUAGES, Language
from walkiosk.skill.text_normalization.letters import is_plain, sizes_and_numerals
from walkiosk.skill.text_normalization.measures import measures, repetitions
from walkiosk.skill.text_normalization.money import prices
from walkiosk.skill.text_normalization.signs import punctuation, signs, uniform
from walkiosk.skill.text_normalization.times import times

READERS: tuple[Callable[[str, Language], str], ...] = (  # in this order: each leaves fewer digits to the next
    addresses,
    dates,
    fractions,
    ranges,
    times,
    ordinals,
    prices,
    measures,
    repetitions,
    codes,
    numbers,
    signs,
    sizes_and_numerals,
    punctuation,
)
PASSES = 5  # one does, but for an address or numeral that comes to light when the signs within it are gone


def words(text: str, language: str) -> str:
    """``text`` as it is pronounced, in letters and simple punctuation; hi, zh and others come back as they are.

    Saying it again changes nothing.
    """
    spoken = LANGUAGES.get(language)
    if spoken is None:
        return text
    for _ in range(PASSES):
        if is_plain(text):
            break
        before, text = text, _words(text, spoken)
        if text == before:
            break
    return text


def _words(text: str, language: Language) -> str:
    text = uniform(text)
    for read in READERS:
        text = read(text, language)
    return text
