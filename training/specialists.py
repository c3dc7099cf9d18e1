"""The yardstick of the one model: each skill alone, from where the last mixture began, by as many of its own batches.

`python -m training.specialists MIXTURE START [FAMILY …]` reads how many batches of each skill the run MIXTURE took from
its `log.csv`, and trains the same code from run START on that skill alone (runs `specialist-FAMILY`). The skills that
read a graph learn from the same sentences, so they are one family; hearing, speaking and forecasting share no moving
weight with another skill, and are specialists already.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter

import torch

from training.paths import CACHE, PACKED
from walkiosk.model.train import Run, TrainConfig, averaged

FAMILIES = {  # a family of skills → its folders of packed examples
    "chat": ("chat", "wording"),
    "graph": ("understanding", "store_demo_films"),
    "translation": ("translation",),
    "music": ("music",),
}
RATE = 1.3e-4  # the mixture's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mixture")
    parser.add_argument("start")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(FAMILIES))
    options = parser.parse_args()
    if unknown := set(options.families) - set(FAMILIES):
        parser.error(f"{', '.join(sorted(unknown))}: none of {', '.join(FAMILIES)}")
    with (CACHE / "runs" / options.mixture / "log.csv").open(newline="") as file:
        batches = Counter(row[2] for row in csv.reader(file))
    for family in options.families or FAMILIES:
        counts = {folder: float(batches[folder]) for folder in FAMILIES[family]}
        config = TrainConfig(0, counts, RATE, steps=max(1, round(sum(counts.values()) / 3)))
        kept = torch.load(CACHE / "runs" / options.start / "checkpoint.pt", weights_only=True)
        run = Run(averaged(kept), config, CACHE / "runs" / f"specialist-{family}")
        print(family, "going on" if run.resume() else "starting", f"at step {run.step} of {config.steps}", flush=True)
        run.train(PACKED)


if __name__ == "__main__":
    main()
