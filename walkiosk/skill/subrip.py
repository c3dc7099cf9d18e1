"""Timed texts → subtitles that can be read, and SubRip (.srt), the file that players take."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

LINE = 42  # columns of a line, as the BBC's and Netflix's guides have it; a Chinese character takes two
LINES = 2
COLUMNS_A_SECOND = 17  # that are read with ease, as the same guides say
LEAST_SECONDS = 0.8  # that a subtitle is shown
GAP_SECONDS = 0.08  # two frames between subtitles, that a change is seen
SENTENCE_ENDS, CLAUSE_ENDS = ".!?…。！？।", ",;:—–，、；："
MARKS = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")"})  # players read tags in <> and {}: SubRip has no escapes


@dataclass(frozen=True)
class Cue:
    """A subtitle: seconds from the film's start, and its text in one line."""

    start: float
    end: float
    text: str


def columns(text: str) -> int:
    """How broad a text is: accents take no column, Chinese characters two."""
    return sum(_breadth(letter) for letter in text)


def _breadth(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def split(text: str) -> list[str]:
    """A text in parts that fit into two lines each, at the ends of sentences, of clauses or of words."""
    text = " ".join(text.split())
    if not text or lines(text):
        return [text] if text else []
    left, right = _parted(text, _best(text, _places(text)))
    return [*split(left), *split(right)]


def lines(text: str) -> list[str]:
    """The text laid in two lines at most; none where it does not fit."""
    if columns(text) <= LINE:
        return [text]
    if columns(text) > LINES * LINE + 1:
        return []
    fit = [place for place in _places(text) if max(map(columns, _parted(text, place))) <= LINE]
    return list(_parted(text, _best(text, fit))) if fit else []


def _places(text: str) -> list[int]:
    """Where a text may be parted: between words and Chinese characters, and within a word too long for a line."""
    found: list[int] = []
    for start, end in _words(text):
        if start and (text[start - 1] == " " or _opens(text[start])):
            found.append(start)
        if columns(text[start:end]) > LINE:
            found += [at for at in range(start + 1, end) if _opens(text[at])]
    return found or list(range(1, len(text)))


def _words(text: str) -> Iterator[tuple[int, int]]:
    """From where to where each word goes; a Chinese character is one."""
    start: int | None = None
    for at, letter in enumerate(text):
        wide = _breadth(letter) == 2
        if start is not None and (letter == " " or wide or _breadth(text[at - 1]) == 2):
            yield start, at
            start = None
        if start is None and letter != " ":
            start = at
    if start is not None:
        yield start, len(text)


def _opens(letter: str) -> bool:
    """Whether a line may begin with it."""
    return unicodedata.category(letter)[0] not in "PMZ" and unicodedata.category(letter) != "Cf"


def _parted(text: str, place: int) -> tuple[str, str]:
    return text[:place].rstrip(), text[place:].lstrip()


def _best(text: str, places: Sequence[int]) -> int:
    """The place that leaves two parts of about one length, at an end of a sentence or a clause if there is one near."""

    def cost(place: int) -> float:
        left, right = _parted(text, place)
        ends = 0.5 if left[-1:] in SENTENCE_ENDS else 0.25 if left[-1:] in CLAUSE_ENDS else 0.0
        return abs(columns(left) - columns(right)) / columns(text) - (ends if left else 0.0)

    return min(places, key=cost)


def readable(cues: Iterable[Cue]) -> list[Cue]:
    """The subtitles in order, each shown long enough to be read where there is time, none over another.

    What would be shown for less than 0.8 s is joined to the next where two lines hold both; else the next waits.
    """
    found: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: cue.start):
        last = found[-1] if found else None
        if last is not None and cue.start < last.start + LEAST_SECONDS + GAP_SECONDS:
            both = _joined(last.text, cue.text)
            if lines(both):
                found[-1] = Cue(last.start, max(last.end, cue.end), both)
                continue
            cue = replace(cue, start=last.start + LEAST_SECONDS + GAP_SECONDS)
        found.append(cue)
    following = [cue.start - GAP_SECONDS for cue in found[1:]]
    return [_shown(cue, until) for cue, until in zip(found, [*following, float("inf")], strict=False)]


def _joined(left: str, right: str) -> str:
    return left + ("" if _breadth(left[-1]) == 2 else " ") + right


def _shown(cue: Cue, until: float) -> Cue:
    wanted = max(cue.end, cue.start + max(LEAST_SECONDS, columns(cue.text) / COLUMNS_A_SECOND))
    return replace(cue, end=min(wanted, until))


def write(cues: Iterable[Cue]) -> str:
    """SubRip: numbered, with a blank line behind each subtitle; nothing in a text is read as a tag or a time."""
    blocks = []
    for number, cue in enumerate((cue for cue in cues if _clean(cue.text)), 1):
        text = _clean(cue.text)
        shown = "\n".join(lines(text) or [text])
        blocks.append(f"{number}\n{_clock(cue.start)} --> {_clock(cue.end)}\n{shown}\n\n")
    return "".join(blocks)


def _clean(text: str) -> str:
    """Without line breaks, control characters and what players take for tags; `-->` becomes `--›`."""
    bare = "".join(letter if unicodedata.category(letter) != "Cc" else " " for letter in text)
    return re.sub(r"\s+", " ", bare.translate(MARKS)).strip()


def _clock(seconds: float) -> str:
    whole, thousandths = divmod(round(max(0.0, seconds) * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02},{thousandths:03}"
