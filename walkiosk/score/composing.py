"""music by its perplexity: between how many letters of a tune that it has never seen the model is undecided."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from walkiosk.score.data import Row
from walkiosk.score.summary import Counts, Judged, Measure
from walkiosk.skill import Model
from walkiosk.skill.music import surprise
from walkiosk.skill.tune_grammar import FORMS, TUNE


def perplexity(sums: Counts) -> Counts:
    return np.exp(sums[:, 0] / np.maximum(sums[:, 1], 1e-12))


MEASURES = (Measure("perplexity", perplexity),)


def judge(rows: Sequence[Row], model: Model) -> list[Judged]:
    """Nats and choices of each row's ``tune``, which is in the letters that the model writes, without spaces."""
    judged = []
    for row in rows:
        name = row.text("form", TUNE.name)
        if name not in FORMS:
            raise row.fault("form", f"{name!r} is none of {', '.join(FORMS)}")
        try:
            counts = surprise(model, row.text("tune"), FORMS[name])
        except ValueError as error:
            raise row.fault("tune", str(error)) from error
        judged.append(Judged(counts, (name,)))
    return judged
