"""Three parts: the same each time, what belongs together together, none empty; and what is odd about the pairs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from walkiosk.pairs import Pair, PairsError, Sides, leaks, split


def pairs_of(*rows: tuple[Any, Any] | tuple[Any, Any, str]) -> list[Pair]:
    return [Pair(line, (row[0],), row[1], row[2] if len(row) > 2 else None) for line, row in enumerate(rows, 1)]


def numbered(count: int) -> list[Pair]:
    return pairs_of(*((f"words {n}", float(n % 5)) for n in range(count)))


@pytest.mark.parametrize("count", [10, 11, 37, 100, 1_000])
def test_shares_are_kept_and_no_part_is_empty(count: int) -> None:
    parts = split(numbered(count))
    assert sorted(pair.line for part in parts for pair in part) == list(range(1, count + 1))
    assert all(abs(len(part) - count * share) <= 1 for part, share in zip(parts, (0.8, 0.1, 0.1), strict=True))


def test_split_does_not_depend_on_the_order_and_hardly_on_new_lines() -> None:
    pairs = numbered(1_000)
    held = {pair.inputs for pair in split(pairs)[2]}
    assert {pair.inputs for pair in split(pairs[::-1])[2]} == held
    assert len({pair.inputs for pair in split(numbered(1_100))[2]} & held) > 80


def test_split_does_not_depend_on_the_folder() -> None:
    names = [[f"{root}/photos/{n}.png" for n in range(50)] for root in ("/data", "elsewhere/data/of")]
    here, there = (split(pairs_of(*((Path(name), 1.0) for name in side)))[2] for side in names)
    assert [pair.line for pair in here] == [pair.line for pair in there]


def test_groups_stay_together() -> None:
    rows = [(f"words {n % 250}", float(n), f"g{n % 30}") for n in range(300)]
    parts = split(pairs_of(*rows))
    groups = [{pair.group for pair in part} for part in parts]
    assert sum(map(len, groups)) == 30
    crossing = [said for said in leaks(parts, Sides(("text",), "scalar")) if "in an earlier part too" in said]
    assert len(crossing) == 2  # groups are what the user said belongs together; equal inputs are told


def test_equal_inputs_stay_together_unless_they_are_kinds_of_things() -> None:
    rows = [(np.arange(n % 40, 50.0), float(n)) for n in range(400)]
    lengths = [{len(pair.inputs[0]) for pair in part} for part in split(pairs_of(*rows))]
    assert sum(map(len, lengths)) == 40
    rows = [(f"a {('red', 'blue')[n % 2]} circle", float(n // 2 % 50)) for n in range(200)]  # every pair twice
    parts = split(pairs_of(*rows))
    assert list(map(len, parts)) == [160, 20, 20]
    assert sum(len({(pair.inputs, pair.target) for pair in part}) for part in parts) == 100


def test_copies_of_a_file_stay_together(tmp_path: Path) -> None:
    for n in range(40):
        (tmp_path / f"{n}.txt").write_bytes(bytes([n % 20]) * 50_000)
    parts = split(pairs_of(*((tmp_path / f"{n}.txt", 1.0) for n in range(40))))
    found = [{pair.inputs[0].read_bytes()[:1] for pair in part} for part in parts]
    assert sum(map(len, found)) == 20


def test_a_group_larger_than_a_small_part_is_trained_on() -> None:
    rows = [(f"words {n}", 1.0, "large" if n < 120 else f"g{n}") for n in range(200)]
    training, validation, held = split(pairs_of(*rows))
    assert sum(pair.group == "large" for pair in training) == 120
    assert len(validation) == len(held) == 20
    uneven = [(f"words {n} {m}", 1.0, f"g{n}") for n in range(10) for m in range(1 + 40 * (n < 8))]
    assert all(split(pairs_of(*uneven)))


def test_too_few() -> None:
    with pytest.raises(PairsError, match="9 pairs; to hold some out, at least 10 different ones are needed"):
        split(numbered(9))
    with pytest.raises(PairsError, match="20 pairs with 1 different inputs; to hold some out, at least 10"):
        split(pairs_of(*[("same", 1.0)] * 20))
    with pytest.raises(PairsError, match="2 groups; to hold some out, at least 10 are needed"):
        split(pairs_of(*((f"w{n}", 1.0, f"g{n % 2}") for n in range(50))))


def told(pairs: list[Pair], kinds: str = "text scalar", aim: str = "") -> list[str]:
    given, target = kinds.split()
    return leaks([pairs[:-4], pairs[-4:-2], pairs[-2:]], Sides((given,), target), aim)


def test_nothing_is_told_of_sound_pairs() -> None:
    assert told(pairs_of(*((f"words {n}", n / 3) for n in range(100)))) == []


def test_repeated_lines_and_torn_inputs() -> None:
    pairs = pairs_of(*((f"words {n}", n / 3) for n in range(20)))
    pairs[5] = Pair(6, ("words 1",), 1 / 3)
    pairs[6] = Pair(7, ("words 2",), 9.0)
    pairs[-1] = Pair(20, ("words 3",), 1.25)
    assert told(pairs) == [
        "1 line repeats an earlier one (line 6)",
        "2 inputs have several different targets (first at lines 3, 4): none can be right for all",
        "held out: 1 input is in an earlier part too",
    ]


def test_targets() -> None:
    assert told(pairs_of(*((f"words {n}", 1.0) for n in range(20)))) == [
        "all targets are the same: there is nothing to learn"
    ]
    assert told(pairs_of(*((f"words {n}", "" if n < 12 else f"x{n}") for n in range(20))), "text text") == [
        "60% of the targets are the same as that of line 1",
        "12 targets are an empty text (lines 1, 2, 3, 4, 5, …)",
    ]
    assert told(pairs_of(*((f"words {n}", f"words {n}") for n in range(20))), "text text") == [
        "100% of the targets are their input itself"
    ]


def test_groups_and_classes() -> None:
    rows = [(f"words {n}", "a" if n < 60 else "b" if n < 62 else "c", "g" if n % 3 else f"g{n}") for n in range(64)]
    assert told(pairs_of(*rows), "text text", "classes") == [
        "validation: 1 group is in an earlier part too",
        "held out: 1 group is in an earlier part too",
        "group 'g' has 66% of the pairs; the held-out score speaks for the others only",
        "2 classes have fewer than 5 examples: b, c",
        "validation: 1 class is not in training: b",
        "held out: 1 class is not in training: c",
        "94% are of class 'a': accuracy says little here, look at macro-F1",
    ]


def test_outliers() -> None:
    pairs = pairs_of(*((f"w{n}" * (9 + n % 3), float(n)) for n in range(40)))
    pairs[3] = Pair(4, ("w" * 9_000_000,), 3.0)
    pairs[8] = Pair(9, ("words " * 4,), 1e9)
    assert told(pairs) == [
        "input: 1 value is far from the others, up to 9e+06 letters where 30 letters is usual (line 4)",
        "target: 1 value is far from the others, up to 1e+09 where 20.5 is usual (line 9)",
    ]
