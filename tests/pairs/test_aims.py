"""What a target is judged as: labels are classes, prices and counts are not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from walkiosk.pairs import aim_of, decide, label_of
from walkiosk.pairs.aims import OFTEN, number_of

DRAW = np.random.default_rng(7)


@pytest.mark.parametrize(
    ("targets", "aim"),
    [
        ([True, False] * 5, "classes"),
        ([True] * 10, "classes"),
        (["cat", "dog"] * 5, "classes"),
        ([0.0, 1.0] * 8, "classes"),
        ([0.0, 1.0] * 7, "quantiles"),  # too few of each
        ([float(n % 10) for n in range(100)], "classes"),  # digits
        ([float(n % 100) for n in range(1_000)], "classes"),  # as many as CIFAR has
        ([float(n % 101) for n in range(2_000)], "quantiles"),
        ([1.0] * 60 + [2.0] * 300 + [3.0] * 30, "classes"),
        ([9.0] * 100 + [99.0] * 100 + [999.0] * 100, "classes"),  # three tariffs
        ([1.5, 2.5] * 50, "quantiles"),
        ([n / 7 for n in range(500)], "quantiles"),
        ([5.0] * 100, "quantiles"),
        (DRAW.poisson(4.0, 2_000).astype(float).tolist(), "quantiles"),  # counts have a tail
        (DRAW.normal(40, 9, 3_000).round().tolist(), "quantiles"),  # ages
        ([float(2000 + n % 20) for n in range(1_000)], "quantiles"),  # years
        ([float(5 * (n % 20)) for n in range(1_000)], "quantiles"),  # prices in steps
    ],
)
def test_scalars(targets: list[Any], aim: str) -> None:
    assert aim_of("scalar", targets) == aim


@pytest.mark.parametrize(
    ("targets", "aim"),
    [
        (["yes", "no "] * 5, "classes"),
        (["yes", "no"] * 4, "text"),
        (["yes"] * 50, "text"),
        ([f"label {n % 200}" for n in range(1_000)], "classes"),
        ([f"label {n % 201}" for n in range(2_000)], "text"),
        (["a" * 61, "b"] * 19, "text"),
        (["a" * 61, "b"] * 20, "classes"),
        ([f"sentence {n}" for n in range(100)], "text"),
    ],
)
def test_texts(targets: list[str], aim: str) -> None:
    assert aim_of("text", targets) == aim


def test_other_kinds_are_their_own_aim_and_classes_are_said() -> None:
    assert [aim_of(kind, []) for kind in ("trend", "image", "audio", "video")] == ["trend", "image", "audio", "video"]
    sounds = [np.full(9, n) for n in range(3)]
    assert not decide("audio", (sounds * OFTEN)[1:]).examples  # too few of each
    assert not decide("audio", sounds[:1] * OFTEN).examples  # one thing alone is not chosen
    chosen = decide("audio", [*sounds * OFTEN, sounds[2].copy()])
    assert chosen.name == "audio" and "3 sounds" in chosen.said
    assert [int(example[0]) for example in chosen.examples] == [2, 0, 1]
    found = decide("text", ["no", "yes", "no"] * 10)
    assert found.labels == ("no", "yes")
    assert found.said == "target: 2 classes (no, yes), because they are 2 short texts, again and again"
    assert decide("scalar", [7.0, 8.0] * 9).said == "target: 2 classes (7, 8), because they are 2 whole numbers"


def test_label() -> None:
    assert [label_of(value) for value in (True, 7.0, 7, 2.5, " cat ")] == ["true", "7", "7", "2.5", "cat"]


@pytest.mark.parametrize("value", [True, False, 0, 7, -3, 2.5])
def test_a_label_names_its_number(value: bool | int | float) -> None:
    found = number_of(label_of(value))
    assert found == value and isinstance(found, bool) == isinstance(value, bool)


def test_a_long_label_is_cut_where_it_is_told() -> None:
    found = decide("text", ["We are open from Tuesday to Friday and at weekends, 7:30 to 17:30.", "no"] * OFTEN)
    assert found.labels[0].endswith("17:30.")
    assert found.said == (
        "target: 2 classes (We are open from Tuesday to Friday and…, no), because they are 2 texts, again and again"
    )


def test_files_are_the_same_where_all_of_them_is(tmp_path: Path) -> None:
    """Recordings of two words may begin alike and be equally long."""
    first, copy, other = (tmp_path / f"{name}.wav" for name in ("first", "copy", "other"))
    for path, end in ((first, b"no"), (copy, b"no"), (other, b"on")):
        path.write_bytes(bytes(100_000) + end)
    assert len(decide("audio", [first, copy, other, other] * OFTEN).examples) == 2
    assert not decide("audio", [first, copy] * OFTEN).examples
    gone = decide("audio", [first, tmp_path / "gone.wav"] * OFTEN)  # reading its pairs will name their lines
    assert len(gone.examples) == 2
