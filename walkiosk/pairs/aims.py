"""What a target is written and judged as: few labels are classes, numbers quantiles, all else its own kind. Sounds,
pictures and films that come again and again are chosen from, not made anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from walkiosk.pairs.columns import cut
from walkiosk.pairs.content import contents

FEW = 5  # whole numbers up to this many are classes, whatever they are
SOME = 20  # up to this many are classes where they are counted from 0 or 1 on and none is very rare
MANY = 100  # up to this many are classes where they are about equally frequent besides
EACH = 8  # examples a class has on average
RARE, EVEN = 0.05, 0.3  # of that average: what the rarest of SOME and of MANY must have; counts have long tails
LABELS, LABEL_EACH = 200, 5  # texts that are classes, and examples of each on average
LONGEST_LABEL = 60  # letters; longer ones, such as answers, and what is no text are chosen from where each comes OFTEN
OFTEN = 20
SHOWN = 40  # letters of a label that is told
MEDIA = {"image": "pictures", "audio": "sounds", "video": "films"}


@dataclass(frozen=True)
class Aim:
    """One of `AIMS`, the sentence that says why, and what is chosen from, the most frequent first."""

    name: str
    said: str
    labels: tuple[str, ...] = ()  # where the aim is "classes"
    examples: tuple[Any, ...] = ()  # targets, one of each, where they are sounds, pictures or films


def aim_of(kind: str, targets: Sequence[Any]) -> str:
    """Return what targets of modality ``kind`` are written as, one of `AIMS`; `decide` says why."""
    return decide(kind, targets).name


def decide(kind: str, targets: Sequence[Any]) -> Aim:
    """Return the aim of ``targets`` as `Pair.target` has them; of the training pairs, so that nothing else is seen."""
    if kind == "scalar":
        return _of_scalars(targets)
    if kind == "text":
        return _of_texts(targets)
    return _of_media(kind, targets) if kind in MEDIA else Aim(kind, f"target: {kind}")


def label_of(value: Any) -> str:
    """The class that a target names: "true", "7" for 7.0, a text without the space around it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value).strip()


def number_of(label: str) -> bool | int | float:
    """The number, or what is true, that a label of `label_of` names; raises ValueError for another."""
    if label in ("true", "false"):
        return label == "true"
    value = float(label)
    return int(value) if value.is_integer() else value


def _of_scalars(targets: Sequence[Any]) -> Aim:
    kinds = {type(value) for value in targets}
    if kinds and kinds <= {bool, str}:
        return _classes(targets, "they are labels" if str in kinds else "they are true or false")
    numbers = [float(value) for value in targets if not isinstance(value, str)]
    counts = Counter(numbers)
    distinct, average = len(counts), len(numbers) / max(len(counts), 1)
    if distinct < 2 or distinct > MANY or average < EACH or not all(map(float.is_integer, counts)):
        return Aim("quantiles", "target: a number with its quantiles")
    if distinct <= FEW:
        return _classes(numbers, f"they are {distinct} whole numbers")
    low, high = min(counts), max(counts)
    counted = low in (0, 1) and high - low + 1 == distinct  # labels leave no gaps, and do not begin at 1950
    rarest = min(counts.values()) / average
    if counted and rarest >= (RARE if distinct <= SOME else EVEN):
        return _classes(numbers, f"they are the whole numbers {low:.0f} to {high:.0f}, none of them rare")
    return Aim("quantiles", f"target: a number with its quantiles; its {distinct} whole numbers have an order")


def _of_texts(targets: Sequence[Any]) -> Aim:
    texts = [value.strip() for value in targets if isinstance(value, str)]
    counts = Counter(texts)
    few = 2 <= len(counts) <= LABELS and len(texts) == len(targets) >= LABEL_EACH * len(counts)
    short = few and max(map(len, counts)) <= LONGEST_LABEL
    if few and (short or len(texts) >= OFTEN * len(counts)) and "" not in counts:
        return _classes(texts, f"they are {len(counts)} {'short ' if short else ''}texts, again and again")
    return Aim("text", "target: text")


def _of_media(kind: str, targets: Sequence[Any]) -> Aim:
    most = min(LABELS, len(targets) // OFTEN)
    seen = cache(contents)  # of files that are named again and again each is looked at once
    examples: dict[bytes, Any] = {}
    counts = Counter[bytes]()
    for target in targets:
        found = seen(target) if isinstance(target, Path) else contents(target)
        examples.setdefault(found, target)
        counts[found] += 1
        if len(counts) > most:
            return Aim(kind, f"target: {kind}")
    if len(counts) < 2:
        return Aim(kind, f"target: {kind}")
    said = f"target: one of {len(counts)} {MEDIA[kind]}, because they come again and again"
    return Aim(kind, said, examples=tuple(examples[found] for found, _ in counts.most_common()))


def _classes(targets: Sequence[Any], why: str) -> Aim:
    labels = tuple(label for label, _ in Counter(map(label_of, targets)).most_common())
    shown = ", ".join(cut(label, SHOWN) for label in labels[:5]) + (", …" if len(labels) > 5 else "")
    return Aim("classes", f"target: {len(labels)} classes ({shown}), because {why}", labels)
