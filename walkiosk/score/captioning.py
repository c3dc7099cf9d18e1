"""captioning by chrF, each language by itself and their mean, by exact names, and by the right name among twenty."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import numpy as np

from walkiosk.modality import image
from walkiosk.modality.text import LANGUAGES
from walkiosk.modality.value import BadValue
from walkiosk.score.data import Row
from walkiosk.score.summary import Counts, Judged, Measure, ratio
from walkiosk.score.translating import COUNTS, chrf, sentence_counts
from walkiosk.skill import Model
from walkiosk.skill.captioning import caption, likelihood

CHOICES = 20  # names, the right one among them
RIGHT, PICKED, ROWS = 0, 1, 2  # counts before those of the languages, behind each other
FEW = 3


def judge(rows: Sequence[Row], model: Model) -> tuple[list[Judged], tuple[Measure, ...]]:
    """Name each row's picture; rows of one ``set``, where they say one, are a group too."""
    languages = list(dict.fromkeys(row.text("language") for row in rows))
    names = {each: sorted({row.text("text") for row in rows if row.text("language") == each}) for each in languages}
    judged = []
    for row in rows:
        name, language = row.text("text"), row.text("language")
        if language not in LANGUAGES:
            raise row.fault("language", f"{language!r} is none of {', '.join(LANGUAGES)}")
        try:
            pixels = image.read(row.path("image"))
        except BadValue as error:
            raise row.fault("image", str(error)) from error
        written = caption(model, pixels, language).text
        among = [name, *others(name, names[language])]
        picked = among[int(likelihood(model, pixels, language, among).argmax())]
        counts = np.zeros((len(languages), COUNTS))
        counts[languages.index(language)] = sentence_counts(written, name)
        groups = (language, row.text("set")) if row.has("set") else (language,)
        judged.append(Judged((float(written == name), float(picked == name), 1.0, *counts.ravel()), groups))
    return judged, MEASURES


def others(name: str, names: Sequence[str]) -> list[str]:
    """Names that are not ``name``, always the same ones beside it."""
    left = [each for each in names if each != name]
    seed = int.from_bytes(hashlib.sha1(name.encode()).digest()[:4], "big")
    return random.Random(seed).sample(left, min(CHOICES - 1, len(left)))


def _chrf(sums: Counts) -> Counts:
    return chrf(sums[:, FEW:])


MEASURES = (
    Measure("chrF", _chrf),
    Measure("exact", ratio(RIGHT, ROWS)),
    Measure("name_of_twenty", ratio(PICKED, ROWS)),
)
