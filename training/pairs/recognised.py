"""Name → picture → name: whether `walkiosk caption` finds the name that a picture was painted for, among 20.

`python -m training.pairs.recognised [--folder CACHE/gallery] [--count 100]` takes the model of the cell text → image
and the captioner of the shipped weights. Names that the painter never saw are asked for, and names that it learned from
beside them, all of them names of things that the captioner knows; the twenty are drawn from the same part, and true
pictures say how far the captioner itself can be trusted.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.pairs.cells import PAIRS
from training.pairs.gallery import GALLERY
from training.pairs.lines import NAME
from walkiosk.pairs.reading import read_pairs
from walkiosk.pairs.splitting import split
from walkiosk.sequence import Sequence as Painter
from walkiosk.skill import Model
from walkiosk.skill.captioning import likelihood, names_of

AMONG, LANGUAGE = 20, "en"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=GALLERY)
    parser.add_argument("--count", type=int, default=100, help="names of each part")
    parser.add_argument("--weights", type=Path, help="those of the captioner; the installed ones if left out")
    options = parser.parse_args()
    painter, captioner = Painter.load(options.folder / "text-image" / "my.model"), Model.load(options.weights)
    known = set(names_of(captioner.folder)[LANGUAGE])
    training, _, held_out = split(read_pairs(PAIRS / "text-image" / NAME, target="image").pairs)
    for part, pairs in (("names never seen", held_out), ("names learned from", training)):
        pictures = {str(pair.inputs[0]): pair.target for pair in pairs if pair.inputs[0] in known}
        names, dice = list(pictures), np.random.default_rng(0)
        asked = [names[at] for at in dice.choice(len(names), min(options.count, len(names)), replace=False)]
        painted = recognised(captioner, [painter(name) for name in asked], asked, names)
        true = recognised(captioner, [pictures[name] for name in asked], asked, names)
        print(f"{part}: {painted:.2f} of {len(asked)} painted ones recognised among {AMONG}, {true:.2f} of true ones")


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
