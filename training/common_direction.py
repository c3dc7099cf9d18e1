"""What the vectors of customers' remarks have in common: `python -m training.common_direction [FOLDER OF WEIGHTS]`.

Every remark is a remark: half of what the vectors of any two share says nothing of either. The mean over the themes
that are learned, by what is asked for, is written beside the weights, and serving takes it away.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np

from training.summarization import DRAWN, item_names, themes
from walkiosk.skill import Model
from walkiosk.skill.summarization import ABOUT, COMMON, FEELING, SAYS, states

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
    np.savez(folder / COMMON, **means)


if __name__ == "__main__":
    write_common(Path(sys.argv[1] if len(sys.argv) > 1 else "weights"))
