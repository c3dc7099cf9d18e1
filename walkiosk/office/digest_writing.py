"""The sentences of a digest: which themes come first, what the model writes about them, and what is not believed.

A sentence is dropped when it holds a figure or a product that none of its remarks has, when it is nearer to another
theme than to its own, and when too few of its remarks are near it. Then a remark of the theme speaks for it, quoted.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from babel.lists import format_list
from numpy.typing import NDArray

from walkiosk.office.digest_labels import LABELS
from walkiosk.office.digest_value import Dropped, Floats, RemarkSkills, Sentence, Told
from walkiosk.office.items import MARK, Item
from walkiosk.office.remarks import Remark, count_words
from walkiosk.skill.summarization import FEELINGS, SUPPORTS

PRAISE, COMPLAINT, WISH = FEELINGS
FIRST_STEP = "first_step"
MOST_WORDS = 120
READ = 8  # remarks that a sentence is written from
LEAST_SUPPORT = 0.5  # share of a theme's remarks that have to bear its sentence
LEAST_BEARERS = 2
STEP_SUPPORTS = 0.3  # likeness of a remark and what to do about it: a step says something else than its remarks
HALF, THRICE = 0.5, 3.0  # the least and most that a trend weighs
MOST_QUOTED = 25  # words of a remark that speaks for its theme
POOR = 2  # stars of who complains, at most
NAMED = 0.2  # share of mentions from which on a product is named in a sentence
MOST_NAMED = 3
ORDER = (PRAISE, COMPLAINT, WISH, FIRST_STEP, COMPLAINT, PRAISE, COMPLAINT, WISH, PRAISE, COMPLAINT)  # what gets room
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Group:
    """One theme as the writing needs it: its N remarks of the period, the most central first; what they read as.

    ``vectors`` N D, ``mean`` D of the theme's middle, ``before`` how many remarks it had a period ago.
    """

    texts: list[str]
    vectors: Floats
    mean: Floats
    feeling: str
    before: int
    remarks: NDArray[np.int64]
    said: list[Remark]
    items: list[tuple[Item, ...]]

    @property
    def ids(self) -> list[str]:
        return [remark.id for remark in self.said]


@dataclass(frozen=True)
class Written:
    """The digest's text and sentences, the sentence of each theme that has one, and what was dropped of how many."""

    text: str
    sentences: tuple[Sentence, ...]
    of_themes: tuple[Sentence, ...]
    dropped: tuple[Dropped, ...]
    count: int


def weight(group: Group, known: bool) -> float:
    """How pressing a theme is: its count times its trend."""
    trend = (len(group.ids) + 1) / (group.before + 1) if known else 1.0
    return len(group.ids) * min(THRICE, max(HALF, trend))


def put_first(groups: Sequence[Group], known: bool) -> list[int]:
    """The places of the themes, the most pressing first."""
    return sorted(range(len(groups)), key=lambda place: (-weight(groups[place], known), -len(groups[place].ids), place))


def compose(skills: RemarkSkills, groups: Sequence[Group], language: str, known: bool, told: Told) -> Written:
    """Write about ``groups``, the most pressing first, and lay what holds into `MOST_WORDS` words."""
    dropped: list[Dropped] = []
    kept: list[Sentence] = []
    count = 0
    means = np.stack([group.mean for group in groups]) if groups else np.zeros((0, 1), np.float32)
    steps = _pressing(groups)
    jobs = [(place, groups[place].feeling) for place in _worth_a_sentence(groups)] + steps
    for number, (place, kind) in enumerate(jobs):
        told("write", number, len(jobs))
        if kind == FIRST_STEP and any(sentence.kind == FIRST_STEP for sentence in kept):
            continue
        count += 1
        made = _checked(skills, groups[place], place, kind, language, means)
        if isinstance(made, Dropped):
            dropped.append(made)
            kept += [] if kind == FIRST_STEP else _quoted(groups[place], place, kind, language)
        else:
            kept.append(made)
    told("write", len(jobs), len(jobs))
    if steps and not any(sentence.kind == FIRST_STEP for sentence in kept):
        kept += _quoted(groups[steps[0][0]], steps[0][0], FIRST_STEP, language)
    sentences = _laid_out(kept, language)
    of_themes = tuple(sentence for sentence in kept if sentence.kind != FIRST_STEP and not sentence.quoted)
    glue = "" if language == "zh" else " "
    return Written(glue.join(s.text for s in sentences), sentences, of_themes, tuple(dropped), count)


def _worth_a_sentence(groups: Sequence[Group]) -> list[int]:
    """The most pressing themes of each feeling, as many as there may be room for."""
    first: list[int] = []
    for feeling in FEELINGS:
        first += [place for place, group in enumerate(groups) if group.feeling == feeling][: ORDER.count(feeling)]
    return sorted(first)


def _pressing(groups: Sequence[Group]) -> list[tuple[int, str]]:
    """What to do first is about a complaint; about a wish where nobody complains. The second is tried if one fails."""
    for feeling in (COMPLAINT, WISH):
        if found := [place for place, group in enumerate(groups) if group.feeling == feeling]:
            return [(place, FIRST_STEP) for place in found[:2]]
    return []


def _checked(
    skills: RemarkSkills, group: Group, place: int, kind: str, language: str, means: Floats
) -> Sentence | Dropped:
    """One sentence about a theme with the remarks that bear it, or why there is none."""
    texts = list(dict.fromkeys(group.texts))[:READ]
    text = " ".join((skills.first_step if kind == FIRST_STEP else skills.sentence)(texts, language).split())
    if not text:
        return Dropped(text, "unsure")
    vector = skills.vectors([text])[0]
    likeness = group.vectors @ vector
    bearers = np.flatnonzero(likeness >= (STEP_SUPPORTS if kind == FIRST_STEP else SUPPORTS))
    if len(bearers) < max(min(LEAST_BEARERS, len(group.ids)), LEAST_SUPPORT * len(group.ids)):
        return Dropped(text, f"{len(bearers)} of {len(group.ids)} remarks bear it")
    if kind != FIRST_STEP and int((means @ vector).argmax()) != place:
        return Dropped(text, "nearer to another theme")
    if strange := sorted(figures([text]) - figures(group.texts[int(at)] for at in bearers)):
        return Dropped(text, f"no remark has the figure {strange[0]}")
    filled = put_names(text, [group.items[int(at)] for at in bearers], language)
    if filled is None:
        return Dropped(text, "no remark names a product")
    if MARK.split()[0].casefold() in filled.casefold():
        return Dropped(text, "a product's name is garbled")
    return Sentence(filled, kind, place, tuple(group.ids[int(at)] for at in bearers))


def _quoted(group: Group, place: int, kind: str, language: str) -> list[Sentence]:
    """The most central short remark, one in the operator's language before others."""
    short = [remark for remark in group.said if count_words(remark.words) <= MOST_QUOTED]
    if kind == FIRST_STEP:  # these weights take half of the praise for complaints: stars have to confirm one
        short = [remark for remark in short if remark.stars is not None and remark.stars <= POOR]
    own = [remark for remark in short if remark.language == language]
    if not short:
        return []
    remark = (own or short)[0]
    text = LABELS[language]["quoted_first" if kind == FIRST_STEP else "quoted"].format(words=remark.words)
    return [Sentence(text, kind, place, (remark.id,), quoted=True)]


def figures(texts: Iterable[str]) -> set[str]:
    """The figures in texts, whatever digits they are written with."""
    found = (match for text in texts for match in _FIGURE.findall(text.replace(MARK, " ")))
    return {"".join(str(unicodedata.digit(c)) if c.isdigit() else "." for c in figure) for figure in found}


def put_names(text: str, named: Sequence[tuple[Item, ...]], language: str) -> str | None:
    """Put the products that remarks name most where the mark is; None where there is a mark and no product."""
    if MARK not in text:
        return text
    mentions = Counter(item for items in named for item in items)
    if not mentions:
        return None
    least = NAMED * sum(mentions.values())
    names = [item.name for item, count in mentions.most_common(MOST_NAMED) if count >= least]
    names = names or [mentions.most_common(1)[0][0].name]
    return text.replace(MARK, format_list(names, locale=language))


def _laid_out(kept: Sequence[Sentence], language: str) -> tuple[Sentence, ...]:
    """The sentences that there is room for, each kind's most pressing first; then praise, complaints, wishes, step."""
    waiting = {kind: [sentence for sentence in kept if sentence.kind == kind] for kind in (*FEELINGS, FIRST_STEP)}
    chosen: list[Sentence] = []
    words = 0
    for kind in ORDER:
        if waiting[kind]:
            sentence = waiting[kind].pop(0)
            if words + count_words(sentence.text) <= MOST_WORDS:
                chosen.append(sentence)
                words += count_words(sentence.text)
    places = (*FEELINGS, FIRST_STEP)
    return tuple(sorted(chosen, key=lambda s: (places.index(s.kind), s.theme)))
