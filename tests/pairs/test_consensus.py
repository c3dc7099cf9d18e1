"""Of several pictures or films, the one that the others agree with."""

import numpy as np
import pytest

from walkiosk.modality.video import Video
from walkiosk.pairs.consensus import most_alike


def square(at: int, side: int = 64) -> np.ndarray:
    picture = np.full((side, side, 3), 255, np.uint8)
    picture[20:44, at : at + 24] = (200, 30, 30)
    return picture


def test_the_picture_that_most_are_like() -> None:
    pictures = [np.zeros((64, 64, 3), np.uint8), square(0), square(27), square(29), square(31)]
    assert most_alike("image", pictures) is pictures[3]
    assert most_alike("image", pictures[:1]) is pictures[0]
    large = [square(at, 300) for at in (100, 20, 21, 22)]  # compared at a smaller size, given back at its own
    assert most_alike("image", large) is large[2]


def test_bare_ground_agrees_with_nothing() -> None:
    bare = np.full((64, 64, 3), 255, np.uint8)
    drawn = [square(2), square(36), square(38)]
    assert any(most_alike("image", [bare, bare, *drawn]) is one for one in drawn[1:])
    assert most_alike("image", [bare, bare]) is bare


def test_a_film_is_compared_frame_by_frame() -> None:
    films = [Video(np.stack([square(at + step) for step in range(0, 12, 3)])) for at in (1, 20, 22, 24)]
    assert most_alike("video", films) is films[2]


def test_other_answers_are_not_compared() -> None:
    with pytest.raises(ValueError, match="text"):
        most_alike("text", ["a", "b"])
