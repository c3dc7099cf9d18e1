"""The actions that a conversation may ask for, how one is spelled in tokens, and the automaton that allows no others.

A thing on the screen or in the basket is written as it was called, from any word of its name, colour and size on and
as far as tells it from the others (``balloon``, ``silver, M``), or, where it was counted, by its number: a word that
was said has only to be copied, while a number has to be looked up. Whoever reads the action sees numbers alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from walkiosk.modality.text import END, LANGUAGES, Vocabulary
from walkiosk.skill.calling import apart
from walkiosk.skill.conversation import Shown
from walkiosk.skill.copying import Choice
from walkiosk.skill.slot_values import values
from walkiosk.skill.understanding import language_token


@dataclass(frozen=True)
class Form:
    """What may stand behind an action: numbers of things at most, one bare word, slots in this order."""

    places: int = 0
    words: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    wants_word: bool = False


ACTIONS: Mapping[str, Form] = {
    "answer": Form(),
    "show": Form(words=("back",)),
    "choose": Form(places=3, slots=("size", "colour", "quantity")),
    "remove": Form(places=1, slots=("quantity",)),
    "compare": Form(places=2),
    "cheaper": Form(places=1),
    "other": Form(places=1, words=("colour", "size", "bigger", "smaller", "kind")),
    "ask": Form(
        places=1,
        words=("price", "sizes", "colours", "stock", "deal", "description", "age", "basket", "total"),
        wants_word=True,
    ),
    "identify": Form(slots=("pin",)),
    "checkout": Form(),
    "pay": Form(),
    "cancel": Form(),
    "repeat": Form(),
    "slower": Form(),
    "louder": Form(),
    "language": Form(words=tuple(LANGUAGES), wants_word=True),
    "help": Form(
        words=("returns", "payment", "pickup", "opening", "how", "privacy", "receipt", "allergens"), wants_word=True
    ),
    "feedback": Form(words=("words",), slots=("stars",)),
    "clerk": Form(words=("complaint", "broken", "lost", "age", "emergency", "human"), wants_word=True),
    "smalltalk": Form(),
    "not_understood": Form(),
}
ABOUT_SCREEN = ("show", "choose", "compare", "cheaper", "other", "ask")  # without goods on it, they are questions
PAIR = 2  # things, or none, are compared
NUMBERS = ("quantity", "stars", "pin", "code")  # slots


def parse_action(text: str) -> tuple[str, list[int], dict[str, str], tuple[str, ...]]:
    """Split ``choose 2 size=42`` into action, positions, slots and bare words.

    Values may hold spaces; those that are numbers hold no words: ``stars=4 words`` is a slot and a word.
    """
    name, _, rest = text.strip().partition(" ")
    slots: dict[str, str] = {}
    bare: list[str] = []
    key = ""
    for word in rest.split():
        head, equals, value = word.partition("=")
        if equals:
            key = head
            slots[key] = value
        elif key and (key not in NUMBERS or word.isdecimal()):
            slots[key] += " " + word
        else:
            bare.append(word)
    positions = [int(word) for word in bare if word.isdecimal()]
    return name, positions, slots, tuple(word for word in bare if not word.isdecimal())


@lru_cache(maxsize=4)
def digits(vocabulary: Vocabulary) -> tuple[int, ...]:
    """The tokens that are digits and nothing else."""
    pieces = ((token, vocabulary.piece(token)) for token in range(vocabulary.size))
    return tuple(token for token, piece in pieces if piece and piece.isascii() and piece.isdecimal())


class Actions:
    """Allows ``language, action, things, word, slots, end``, as `ACTIONS` has it, for these things and words."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        languages: Sequence[str],
        screen: Sequence[Shown] = (),
        basket: Sequence[Shown] = (),
        said: str = "",
    ) -> None:
        self._vocabulary = vocabulary
        self._screen, self._basket, self._said = screen, basket, said
        self._end = vocabulary.special(END)
        self._languages = [language_token(vocabulary, code) for code in languages]
        if len(languages) > 1:
            self._languages.append(vocabulary.special("<|other|>"))
        self.language: int | None = None
        self.action = ""
        self._places: list[int] = []
        self._words: list[str] = []
        self._slots: list[str] = []
        self._spelled: dict[str, Sequence[int]] = {name: vocabulary.encode(" " + name) for name in ACTIONS}
        self._choice = Choice(self._spelled)
        self._tail: list[int] = []  # what stands behind the things
        self._valued = True  # whether the last slot has its value, of those in `_spelled`
        self._counting = False  # whether what is being written is a number
        self._figures = 0  # of it

    @property
    def text(self) -> str:
        """What was written, things as numbers: ``choose 2 size=42``."""
        return " ".join([self.action, *map(str, self._places)]) + self._vocabulary.decode(self._tail)

    def allowed(self) -> list[int]:
        if self.language is None:
            return self._languages
        found = self._choice.allowed()
        if self._choice.begun:
            return [*found, *self._ways(Choice(self._options()).allowed())] if self._choice.whole else found
        if not self._counting:
            return self._ways(found) if self._valued else found
        figures = digits(self._vocabulary)
        return self._ways([*figures, *found]) if self._figures else list(figures)

    def advance(self, token: int) -> None:
        if self.language is None:
            self.language = token
            return
        if self._tail:
            self._tail.append(token)
        if self._choice.whole and token not in self._choice.allowed():
            self._take()
        if self._counting and not self._choice.begun and token in digits(self._vocabulary):
            self._figures += 1
            return
        self._choice.advance(token)
        if self._choice.whole and not self._choice.allowed():
            self._take()

    def spell(self, language: str, action: str, called: Mapping[int, int] | None = None) -> list[int]:
        """The tokens of an action; raises ValueError for what is none.

        ``called``: the number of a thing → where the word that it was called by begins in its `label`.
        """
        name, places, slots, words = parse_action(action)
        called = called or {}
        written: list[int] = []

        def write(tokens: Iterable[int]) -> None:
            for token in tokens:
                written.append(token)
                self.advance(token)

        write([language_token(self._vocabulary, language)])
        try:
            write(self._spelled[name])
            for place in places:
                as_called = f"{place}@{called.get(place, '')}"
                write(self._spelled[as_called if as_called in self._spelled else f"={place}"])
            if not slots:
                for word in words:
                    write(self._spelled[word])
            for slot in sorted(slots, key=ACTIONS[name].slots.index):
                write(self._spelled[slot + "="])
                number = self._vocabulary.encode(slots[slot])
                write(number if self._counting else self._spelled[slots[slot].casefold()])
                if self._choice.whole:
                    self._take()
            if slots:
                for word in words:
                    write(self._spelled[word])
        except (KeyError, ValueError) as error:
            raise ValueError(f"{action!r} is no action before {len(self._screen)} things") from error
        if self._end not in self.allowed():
            raise ValueError(f"{action!r} is no action: something is missing behind it")
        return [*written, self._end]

    def _ways(self, found: list[int]) -> list[int]:
        """These tokens, and the end where it may come."""
        if not self.action:
            return found
        lonely = self.action == "compare" and 0 < len(self._places) < PAIR
        wanting = ACTIONS[self.action].wants_word and not self._words
        return found if lonely or wanting else [*found, self._end]

    def _take(self) -> None:
        """Note the word that is whole, and what may come behind it."""
        word = self._choice.whole or ""
        if not self.action:
            self.action = word
        elif not self._valued:
            self._valued = True
        elif word.endswith("="):
            self._slots.append(word[:-1])
            self._counting, self._figures = word[:-1] in NUMBERS, 0
            self._valued = self._counting
        elif number := re.match(r"=?(\d+)", word):
            self._places.append(int(number[1]))
        else:
            self._words.append(word)
            self._counting = False
        if self._slots or self._words:
            self._tail = self._tail or list(self._spelled[word])
        if self._valued:
            self._spelled = self._options()
        else:
            self._spelled = self._values(self._slots[-1])
        self._choice = Choice(self._spelled)

    def _values(self, slot: str) -> dict[str, Sequence[int]]:
        language = next((code for code in LANGUAGES if language_token(self._vocabulary, code) == self.language), "")
        return values(self._vocabulary, slot, self._screen, self._said, language)

    def _options(self) -> dict[str, Sequence[int]]:
        form, encode = ACTIONS[self.action], self._vocabulary.encode
        words = form.words if not self._words else ()
        later = form.slots[form.slots.index(self._slots[-1]) + 1 :] if self._slots else form.slots
        fixed: dict[str, Sequence[int]] = {word: encode(" " + word) for word in words}
        fixed |= {slot + "=": encode(f" {slot}=") for slot in later if slot in NUMBERS or self._values(slot)}
        if self._slots or self._words or len(self._places) >= form.places:
            return fixed
        things = self._basket if self.action == "remove" else self._screen
        if self.action == "compare" and len(things) < PAIR:
            return fixed
        left = {number: thing for number, thing in enumerate(things, 1) if number not in self._places}
        return fixed | apart(self._vocabulary, left, fixed.values())
