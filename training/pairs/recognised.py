"""Name → picture → name: whether `walkiosk caption` finds the name that a picture was painted for, among 20.

`python -m training.pairs.recognised [--minutes 25] [--count 100]` fits a painter to the pairs of the cell text → image,
all but those that the cell holds out, or goes on with one, and takes the captioner of the shipped weights. The cell's
own model stops where names that it never saw gain no more, which is long before it paints those that it knows. Names
that the painter learned from are asked for, and names that it never saw beside them, all of them names of things that
the captioner knows; the twenty are drawn from the same part, and true pictures say how far the captioner itself can be
trusted.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.pairs.cells import PAIRS
from training.pairs.lines import NAME
from training.paths import CACHE
from walkiosk.pairs.pair import Pair
from walkiosk.pairs.reading import read_pairs
from walkiosk.pairs.splitting import split
from walkiosk.sequence import Sequence as Painter
from walkiosk.skill import Model
from walkiosk.skill.captioning import likelihood, names_of

AMONG, LANGUAGE = 20, "en"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=CACHE / "painter")
    parser.add_argument("--minutes", type=float, default=25.0, help="of the painter's training")
    parser.add_argument("--threads", type=int, default=1, help="of it; a small model gains little from a second")
    parser.add_argument("--count", type=int, default=100, help="names of each part")
    parser.add_argument("--weights", type=Path, help="those of the captioner; the installed ones if left out")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    captioner = Model.load(options.weights)
    known = set(names_of(captioner.folder)[LANGUAGE])
    training, validation, held_out = split(read_pairs(PAIRS / "text-image" / NAME, target="image").pairs)
    painter = fitted([*training, *validation], options.folder, options.minutes)
    for part, pairs in (("names never seen", held_out), ("names learned from", training)):
        pictures = {str(pair.inputs[0]): pair.target for pair in pairs if pair.inputs[0] in known}
        names, dice = list(pictures), np.random.default_rng(0)
        asked = [names[at] for at in dice.choice(len(names), min(options.count, len(names)), replace=False)]
        painted = recognised(captioner, [painter(name) for name in asked], asked, names)
        true = recognised(captioner, [pictures[name] for name in asked], asked, names)
        print(f"{part}: {painted:.2f} of {len(asked)} painted ones recognised among {AMONG}, {true:.2f} of true ones")


def fitted(pairs: Sequence[Pair], folder: Path, minutes: float) -> Painter:
    """The painter of ``folder``, all ``pairs`` learned from; fitted if it is not there, or was not to its end."""
    file = folder / "my.model"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        made = Painter("text", "image")
        made.fit([(*pair.inputs, pair.target) for pair in pairs], work=folder, minutes=minutes, hold_back=False)
        assert made.fitted is not None
        for look in made.fitted.looks:
            print(f"step {look.step}, {look.seconds:.0f} s: {look.training:.3f}", flush=True)
        made.save(file)
    return Painter.load(file)


def recognised(captioner: Model, pictures: Sequence[Any], asked: Sequence[str], names: Sequence[str]) -> float:
    """The share of ``pictures`` whose own name is the likeliest of `AMONG`, the others drawn from ``names``."""
    dice, right = np.random.default_rng(1), 0
    for picture, own in zip(pictures, asked, strict=True):
        others = [name for name in names if name != own]
        among = [own, *(others[at] for at in dice.choice(len(others), AMONG - 1, replace=False))]
        right += int(likelihood(captioner, picture, LANGUAGE, among).argmax()) == 0
    return right / len(asked)


if __name__ == "__main__":
    main()
