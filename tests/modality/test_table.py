"""Every modality keeps the contract, has a port, and a place in the trunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from walkiosk.modality import MODALITIES, modality
from walkiosk.modality.text import of_bytes
from walkiosk.modality.value import BadValue
from walkiosk.model import trunk
from walkiosk.model.ports import PORTS

STEPS = ("read", "fitting", "to_sequence", "to_target", "next", "from_sequence", "write")
BAD: dict[str, list[tuple[Any, str]]] = {
    "scalar": [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ("forty", "forty"),
        (None, "None"),
        (True, "True"),
        ("", "''"),
    ],
    "trend": [([1.0, float("nan")], "value 2 of 2"), ([], "empty"), ([[1.0]], "2 dimensions"), (["x"], "'x'")],
    "text": [("  ", "'  '"), (5, "5")],
    "image": [(b"no picture", "image"), (np.zeros((0, 4, 3), np.uint8), "(0, 4, 3)"), (7, "int")],
    "audio": [(np.zeros(0, np.float32), "empty"), (np.array([0, np.nan], np.float32), "sample 1"), (7, "7")],
    "video": [(b"no film", "video"), (7, "int")],
}
ENDINGS = {"scalar": "csv", "trend": "csv", "text": "txt", "image": "png", "audio": "wav", "video": "mp4"}


def test_tables_agree() -> None:
    assert tuple(MODALITIES) == trunk.MODALITIES and set(PORTS) == set(MODALITIES)


@pytest.mark.parametrize("name", MODALITIES)
def test_contract(name: str) -> None:
    found = modality(name, of_bytes())
    assert all(callable(getattr(found, step)) for step in STEPS)


@pytest.mark.parametrize(("name", "value", "named"), [(name, *case) for name, cases in BAD.items() for case in cases])
def test_bad_values_are_named(name: str, value: Any, named: str) -> None:
    with pytest.raises(BadValue) as error:
        modality(name, of_bytes()).read(value)
    assert named in str(error.value)


@pytest.mark.parametrize("name", MODALITIES)
@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00broken\x00"])
def test_unreadable_files_are_named(name: str, content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / f"broken.{ENDINGS[name]}"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadValue) as error:
        modality(name, of_bytes()).read(path)
    assert "broken" in str(error.value) or content == b""


def test_unknown_modality() -> None:
    with pytest.raises(KeyError, match="smell"):
        modality("smell", of_bytes())
