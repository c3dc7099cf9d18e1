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
RIGHT, ROWS, PICKED, PICTURES = range(4)  # counts before those of the languages, which stand behind each other
FEW = 4


def judge(rows: Sequence[Row], model: Model) -> tuple[list[Judged], tuple[Measure, ...]]:
    """Name each row's picture, and once a picture pick its name among twenty; rows of one ``set`` are a group too."""
    languages = list(dict.fromkeys(row.text("language") for row in rows))
    names = {each: sorted({row.text("text") for row in rows if row.text("language") == each}) for each in languages}
    judged, asked = [], set[str]()
    for row in rows:
        name, language = row.text("text"), row.text("language")
        if language not in LANGUAGES:
            raise row.fault("language", f"{language!r} is none of {', '.join(LANGUAGES)}")
        try:
            pixels = image.read(row.path("image"))
        except BadValue as error:
            raise row.fault("image", str(error)) from error
        written = caption(model, pixels, language).text
        picked = False
        if once := row.text("image") not in asked:
            among = [name, *others(name, names[language])]
            picked = int(likelihood(model, pixels, language, among).argmax()) == 0
            asked.add(row.text("image"))
        counts = np.zeros((len(languages), COUNTS))
        counts[languages.index(language)] = sentence_counts(written, name)
        groups = (language, row.text("set")) if row.has("set") else (language,)
        few = (float(written == name), 1.0, float(picked), float(once))
        judged.append(Judged((*few, *counts.ravel()), groups))
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
    Measure("name_of_twenty", ratio(PICKED, PICTURES)),
)
