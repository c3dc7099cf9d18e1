"""Dialogues as plain text → what chat learns from and is scored on: `python -m training.dialogues FILE …` checks files.

A file `LANGUAGE-NAME.txt` under `material/dialogues/` holds dialogues one after the other:

    --- climbing shop
    c: do you have rope => answer
    s: Dynamic rope / orange / 60 m | Static rope / white / 50 m
    k: I have two climbing ropes.
    c: two of the white ones please => choose 2 quantity=2
    b: Static rope x2
    k: Two static ropes, in your basket.
    c: that's all => checkout

`---` begins a dialogue and names its kind of goods; `s:` is what is on the screen from here on (name / colour / size,
`-` for nothing), `b:` what is in the basket (name x quantity), `k:` what the kiosk says, `c:` what they say and,
behind `=>`, the action it asks for. A turn in another language than the file's begins `c(de):`.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from training.paths import MATERIAL
from walkiosk.modality.text import LANGUAGES
from walkiosk.skill.actions import ACTIONS, NUMBERS, parse_action
from walkiosk.skill.conversation import Shown

FOLDER = MATERIAL / "dialogues"


@dataclass(frozen=True)
class Spoken:
    """A customer's turn, with what they see and have just been told."""

    text: str
    action: str
    language: str
    screen: tuple[Shown, ...]
    basket: tuple[Shown, ...]
    quantities: tuple[int, ...]  # of what is in the basket, in its order
    kiosk: str  # "" when it has said nothing since


@dataclass(frozen=True)
class Dialogue:
    language: str
    kind: str
    turns: tuple[Spoken, ...]


@lru_cache(maxsize=1)
def dialogues() -> tuple[Dialogue, ...]:
    """All that there are to learn from and to choose by; what is scored lies in `scores/` alone."""
    return tuple(dialogue for path in sorted(FOLDER.glob("*.txt")) for dialogue in read(path))


def is_development(dialogue: Dialogue) -> bool:
    """Whether a dialogue is to choose by and not to learn from: one in twenty-five, by what is said first."""
    return zlib.crc32(dialogue.turns[0].text.encode()) % 25 == 0


def read(path: Path) -> list[Dialogue]:
    """The dialogues of a file; raises ValueError that names file and line."""
    language = path.stem.split("-")[0]
    if language not in LANGUAGES:
        raise ValueError(f"{path}: {language!r} is none of {', '.join(LANGUAGES)}")
    found: list[Dialogue] = []
    for kind, lines in _parts(path):
        turns = _turns(path, language, lines)
        if not turns:
            raise ValueError(f"{path}: {kind!r} has no turn of the customer")
        found.append(Dialogue(language, kind, tuple(turns)))
    return found


def _parts(path: Path) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    kind, lines = "", list[tuple[int, str]]()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("---"):
            if lines:
                yield kind, lines
            kind, lines = line.strip("- "), []
        elif line.strip():
            lines.append((number, line.strip()))
    if lines:
        yield kind, lines


def _turns(path: Path, language: str, lines: list[tuple[int, str]]) -> list[Spoken]:
    screen: tuple[Shown, ...] = ()
    basket: tuple[tuple[Shown, int], ...] = ()
    kiosk = ""
    turns: list[Spoken] = []
    for number, line in lines:
        match = re.fullmatch(r"([skbc])(?:\((\w\w)\))?:\s*(.*)", line)
        if match is None:
            raise ValueError(f"{path}:{number}: {line!r}: s:, b:, k: or c: expected")
        what, other, text = match.groups()
        if what == "s":
            screen = tuple(_shown(item) for item in text.split(" | ")) if text != "-" else ()
        elif what == "b":
            basket = tuple(_held(item.strip()) for item in text.split(" | ")) if text != "-" else ()
        elif what == "k":
            kiosk = text
        else:
            said, arrow, action = (part.strip() for part in text.rpartition("=>"))
            fault = fault_of(action, len(screen), len(basket)) if arrow and said else "words => action expected"
            if fault:
                raise ValueError(f"{path}:{number}: {line!r}: {fault}")
            if other is not None and other not in LANGUAGES:
                raise ValueError(f"{path}:{number}: {other!r} is none of {', '.join(LANGUAGES)}")
            held, quantities = tuple(item for item, _ in basket), tuple(many for _, many in basket)
            turns.append(Spoken(said, action, other or language, screen, held, quantities, kiosk))
            kiosk = ""
    return turns


def _shown(item: str) -> Shown:
    name, colour, size = (*(part.strip() for part in re.split(r"\s/(?=\s|$)", item)), "", "")[:3]
    return Shown(name, colour, size)


def _held(item: str) -> tuple[Shown, int]:
    """A thing in the basket and how many of it: one where no number is written."""
    counted = re.fullmatch(r"(.*?)\s+[x×]\s*(\d+)", item)
    return (Shown(counted[1]), int(counted[2])) if counted else (Shown(item), 1)


def fault_of(action: str, screen: int, basket: int) -> str:
    """What is wrong with an action before so many things on the screen and in the basket; "" when nothing is."""
    name, places, slots, words = parse_action(action)
    if name not in ACTIONS:
        return f"{name!r} is no action"
    form = ACTIONS[name]
    for word in words:
        if word not in form.words:
            return f"{name} takes no {word!r}"
    if form.wants_word and len(words) != 1:
        return f"{name} wants one of {', '.join(form.words)}"
    for slot, value in slots.items():
        if slot not in form.slots or not value:
            return f"{name} takes no {slot}={value}"
        if slot in NUMBERS and not value.isdecimal():
            return f"{slot}={value}: a number expected"
    if len(places) > form.places:
        return f"{name} takes {form.places} numbers of things"
    if places != [int(word) for word in action.split()[1 : 1 + len(places)] if word.isdecimal()]:
        return "the numbers of things come first"
    there = basket if name == "remove" else screen
    if places and not 1 <= min(places) <= max(places) <= there:
        return f"there are {there} things, {max(places)} is none of them"
    return ""


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("usage: python -m training.dialogues FILE …")
    failed = False
    for name in sys.argv[1:]:
        try:
            made = read(Path(name))
            print(f"{name}: {len(made)} dialogues, {sum(len(d.turns) for d in made)} turns")
        except ValueError as error:
            failed = True
            print(error, file=sys.stderr)
    sys.exit(failed)


if __name__ == "__main__":
    main()
