"""Five kiosks in network namespaces whose links are cut; the whole is `python -m bench.several_kiosks.run`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from bench.several_kiosks.network import why_not
from bench.several_kiosks.run import run

SALES = 4


def test_nothing_is_lost_or_doubled_when_links_are_cut() -> None:
    if reason := why_not():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory() as folder:  # not pytest's own: the server runs as somebody else
        found: dict[str, Any] = run(Path(folder), kiosks=5, sales=SALES, seed=3)
    assert (found["lost or doubled"], found["money"], found["not at the latest facts"]) == ([], [], [])
    assert set(found["sales"].values()) == {SALES} and found["rows at headquarters"]["sale"] == 5 * SALES
    assert found["happened"]["cut"] and found["happened"]["facts published"]
