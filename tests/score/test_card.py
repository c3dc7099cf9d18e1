"""The model card's table, between its markers."""

from pathlib import Path

import pytest

from walkiosk.score.card import BEGIN, END, SETS, table, write
from walkiosk.score.summary import Score


def test_writes_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text(f"# Weights\n\n{BEGIN}\nold\n{END}\n\nThe end.\n", encoding="utf-8")
    write(card, "new")
    write(card, "newer")
    assert card.read_text(encoding="utf-8") == f"# Weights\n\n{BEGIN}\nnewer\n{END}\n\nThe end.\n"


def test_adds_markers_where_there_are_none(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    write(card, "first")
    assert card.read_text(encoding="utf-8") == f"{BEGIN}\nfirst\n{END}\n"


def test_half_a_pair_of_markers_is_an_error(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text(BEGIN, encoding="utf-8")
    with pytest.raises(ValueError, match="only one of the markers"):
        write(card, "new")


def test_the_table_tells_scores_and_what_was_not_measured() -> None:
    found = table([(SETS[0], Score("path_query", "hits@1", 0.5, 0.4, 0.6, 9, {"en": 0.5})), (SETS[1], None)], 9)
    assert "| hits@1 | 0.500 | 0.400 – 0.600 | 9 | en 0.500 |" in found
    assert "not measured" in found and "at most 9 examples a set" in found
