"""What the vectors of customers' remarks have in common: `python -m training.common_direction [FOLDER OF WEIGHTS]`.

Every remark is a remark: half of what the vectors of any two share says nothing of either. The mean over the themes
that are learned, by what is asked for, is written beside the weights, and serving takes it away. Beside it are the
middles of what the watch over conversations looks for, of all that is learned to be under each.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.summarization import DRAWN, item_names, subjects, themes
from walkiosk.engine import Floats
from walkiosk.skill import Model
from walkiosk.skill.summarization import ABOUT, COMMON, FEELING, SAYS, states, unit

REMARKS_EACH = 3  # of a theme, in languages that are drawn


def common_texts() -> list[str]:
    """Remarks of every theme that is learned."""
    draw, found = random.Random(0), []
    for theme in themes():
        for language in draw.choices(list(DRAWN), list(DRAWN.values()), k=REMARKS_EACH):
            found.append(draw.choice(theme["remarks"][language]).replace("{item}", draw.choice(item_names())))
    return found


def write_common(folder: Path) -> None:
    """Write `COMMON` into ``folder``, with the weights that are there."""
    model, texts = Model.load(folder), common_texts()
    means = {asked: states(model, asked, texts).mean(axis=0) for asked in (SAYS, ABOUT, FEELING)}
    middles = {name: watched(model, said, means[ABOUT]) for name, said in watched_texts().items()}
    arrays: dict[str, Any] = {**means, **middles}
    np.savez(folder / COMMON, **arrays)


def watched_texts() -> dict[str, list[str]]:
    """What is learned to be under each category of the watch, in all languages."""
    return {
        subject["category"]["en"][0]: [text for texts in subject["texts"].values() for text in texts]
        for subject in subjects("watch")
    }


def watched(model: Model, said: Sequence[str], common: Floats) -> NDArray[np.float16]:
    """The middle of texts, D, of length 1."""
    middle = unit(states(model, ABOUT, said) - common).mean(axis=0, keepdims=True)
    found: NDArray[np.float16] = unit(middle)[0].astype(np.float16)
    return found


if __name__ == "__main__":
    write_common(Path(sys.argv[1] if len(sys.argv) > 1 else "weights"))
