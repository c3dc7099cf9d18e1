"""What is odd about pairs that can be learnt from all the same: sentences for whoever reads the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from walkiosk.pairs.aims import label_of
from walkiosk.pairs.content import digest, root_of
from walkiosk.pairs.pair import Pair, Sides

PARTS = ("training", "validation", "held out")
FEW = 5  # examples of a class
MOST = 0.5  # of the pairs in one group
FAR = 10.0  # interquartile ranges from the quartiles, on a logarithmic scale: an outlier in length
NAMED = 5  # lines, labels or groups that a sentence lists


def leaks(parts: Sequence[Sequence[Pair]], sides: Sides, aim: str = "") -> list[str]:
    """Return the problems of pairs in their three parts, a sentence each; ``aim`` is one of `AIMS` or ""."""
    pairs = sorted((pair for part in parts for pair in part), key=lambda pair: pair.line)
    if not pairs:
        return []
    root = root_of(pairs)
    inputs = {pair.line: digest(pair.inputs, root) for pair in pairs}
    targets = {pair.line: digest([pair.target]) for pair in pairs}
    found = [*_repeated(pairs, inputs, targets), *_across(parts, inputs), *_of_targets(pairs, targets, sides, aim)]
    found += [*_of_groups(pairs), *_of_classes(parts, aim)]
    for place, kind in enumerate(sides.inputs):
        name = "input" if len(sides.inputs) == 1 else f"input {place + 1}"
        found += _of_lengths(name, kind, [(pair.line, pair.inputs[place]) for pair in pairs])
    found += _of_lengths("target", sides.target, [(pair.line, pair.target) for pair in pairs])
    return found


def _repeated(pairs: Sequence[Pair], inputs: dict[int, bytes], targets: dict[int, bytes]) -> Iterator[str]:
    """Lines that stand there twice, and inputs with several targets."""
    by_input: defaultdict[bytes, list[int]] = defaultdict(list)
    for pair in pairs:
        by_input[inputs[pair.line]].append(pair.line)
    twice, torn = [], []
    for lines in by_input.values():
        if len(lines) > 1:
            seen: dict[bytes, int] = {}
            twice += [line for line in lines if seen.setdefault(targets[line], line) != line]
            torn += [lines[0]] if len(seen) > 1 else []
    if twice:
        yield f"{_count(len(twice), 'line repeats', 'lines repeat')} an earlier one ({_lines(sorted(twice))})"
    if torn:
        have = _count(len(torn), "input has", "inputs have")
        yield f"{have} several different targets (first at {_lines(sorted(torn))}): none can be right for all"


def _across(parts: Sequence[Sequence[Pair]], inputs: dict[int, bytes]) -> Iterator[str]:
    """Inputs and groups that stand in two parts: a split that was made elsewhere."""
    for number, part in enumerate(parts[1:], 1):
        earlier = {inputs[pair.line] for before in parts[:number] for pair in before}
        groups = {pair.group for before in parts[:number] for pair in before} - {None}
        both = [pair.line for pair in part if inputs[pair.line] in earlier]
        shared = sorted({pair.group for pair in part if pair.group in groups and pair.group is not None})
        if both:
            yield f"{PARTS[number]}: {_count(len(both), 'input is', 'inputs are')} in an earlier part too"
        if shared:
            yield f"{PARTS[number]}: {_count(len(shared), 'group is', 'groups are')} in an earlier part too"


def _of_targets(pairs: Sequence[Pair], targets: dict[int, bytes], sides: Sides, aim: str) -> Iterator[str]:
    counts = Counter(targets.values())
    most, often = counts.most_common(1)[0]
    if len(counts) == 1:
        yield "all targets are the same: there is nothing to learn"
    elif aim != "classes" and often > MOST * len(pairs):
        line = next(pair.line for pair in pairs if targets[pair.line] == most)
        yield f"{often / len(pairs):.0%} of the targets are the same as that of line {line}"
    empty = [pair.line for pair in pairs if sides.target == "text" and not str(pair.target).strip()]
    if empty:
        yield f"{_count(len(empty), 'target is', 'targets are')} an empty text ({_lines(empty)})"
    if sides.inputs == (sides.target,):
        alike = sum(digest(pair.inputs) == targets[pair.line] for pair in pairs)
        if alike > MOST * len(pairs):
            yield f"{alike / len(pairs):.0%} of the targets are their input itself"


def _of_groups(pairs: Sequence[Pair]) -> Iterator[str]:
    counts = Counter(pair.group for pair in pairs if pair.group is not None)
    if not counts:
        return
    name, size = counts.most_common(1)[0]
    if size > MOST * len(pairs):
        yield f"group {name!r} has {size / len(pairs):.0%} of the pairs; the held-out score speaks for the others only"
    without = len(pairs) - sum(counts.values())
    if without:
        yield f"{_count(without, 'pair has', 'pairs have')} no group where others have one, and may stand in any part"


def _of_classes(parts: Sequence[Sequence[Pair]], aim: str) -> Iterator[str]:
    if aim != "classes":
        return
    counts = [Counter(label_of(pair.target) for pair in part) for part in parts]
    every = sum(counts, Counter[str]())
    few = sorted(label for label, count in every.items() if count < FEW)
    if few:
        yield f"{_count(len(few), 'class has', 'classes have')} fewer than {FEW} examples: {_list(few)}"
    for name, part in zip(PARTS[1:], counts[1:], strict=False):
        unseen = sorted(set(part) - set(counts[0]))
        if unseen:
            yield f"{name}: {_count(len(unseen), 'class is', 'classes are')} not in training: {_list(unseen)}"
    label, often = every.most_common(1)[0]
    if often > 0.9 * every.total() and len(every) > 1:
        yield f"{often / every.total():.0%} are of class {label!r}: accuracy says little here, look at macro-F1"


def _of_lengths(name: str, kind: str, values: Sequence[tuple[int, Any]]) -> Iterator[str]:
    """Texts and trends that are far longer or shorter than the others, and numbers far from them."""
    if kind == "scalar":
        kept = [(line, float(value)) for line, value in values if isinstance(value, int | float)]
        sizes = np.array([value for _, value in kept])
        far = _far(sizes)
    elif kind in ("text", "trend"):
        kept = [(line, float(len(value))) for line, value in values if isinstance(value, str | np.ndarray)]
        sizes = np.array([size for _, size in kept])
        far = _far(np.log1p(sizes))
    else:
        return
    if not far.any():
        return
    lines = [line for (line, _), odd in zip(kept, far, strict=True) if odd]
    middle, extreme = float(np.median(sizes)), float(sizes[far][np.abs(sizes[far] - np.median(sizes)).argmax()])
    unit = {"scalar": "", "text": " letters", "trend": " numbers"}[kind]
    is_far = _count(len(lines), "value is", "values are")
    usual, odd_one = (f"{number:,.6g}{unit}" for number in (middle, extreme))
    yield f"{name}: {is_far} far from the others, up to {odd_one} where {usual} is usual ({_lines(lines)})"


def _far(sizes: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which are more than `FAR` interquartile ranges outside the quartiles."""
    if len(sizes) < 20:
        return np.zeros(len(sizes), np.bool_)
    low, high = np.quantile(sizes, (0.25, 0.75))
    spread = max(high - low, 1e-9 * max(abs(low), abs(high)), 1e-12)
    if high == low:  # most are alike, and every other would be far
        return np.zeros(len(sizes), np.bool_)
    return np.asarray((sizes < low - FAR * spread) | (sizes > high + FAR * spread))


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _list(things: Sequence[object]) -> str:
    return ", ".join(map(str, things[:NAMED])) + (", …" if len(things) > NAMED else "")


def _lines(lines: Sequence[int]) -> str:
    return f"{'line' if len(lines) == 1 else 'lines'} {_list(lines)}"
