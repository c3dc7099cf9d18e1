"""The weights that are shipped: how large they are, and that they are whole."""

import json

import numpy as np

from walkiosk.modality.text import LANGUAGES
from walkiosk.skill import Model, weights_folder
from walkiosk.skill.captioning import caption, names_of

MOST = 100_000_000  # bytes, the model card included


def test_they_are_no_larger_than_promised() -> None:
    assert sum(path.stat().st_size for path in weights_folder().iterdir()) <= MOST


def test_a_picture_is_named_in_every_language() -> None:
    """Any picture gets one of the names that things have there; which one, `walkiosk score` tells."""
    folder = weights_folder()
    assert "captioning" not in json.loads((folder / "model.json").read_text())["untrained"]
    known, model = names_of(folder), Model.load(folder)
    assert set(known) == set(LANGUAGES) and len({len(names) for names in known.values()}) == 1
    red = np.full((64, 64, 3), (200, 30, 30), np.uint8)
    for language in LANGUAGES:
        assert caption(model, red, language).text in known[language]
