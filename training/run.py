"""Run (or go on with) a training run: `python -m training.run NAME --minutes 60 --mix translation=2 understanding=5 …`.

`torchrun --nproc-per-node 2 -m training.run …` shares each step between two processes: on two cores a tenth faster.
"""

import argparse
from pathlib import Path

import torch

from training.paths import CACHE, PACKED, WHISPER
from walkiosk.model.export import load
from walkiosk.model.sequence_model import from_whisper
from walkiosk.model.train import Run, TrainConfig, averaged
from walkiosk.model.workers import Workers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the run's folder under CACHE/runs")
    parser.add_argument("--minutes", type=float, required=True, help="of the whole schedule, earlier parts included")
    parser.add_argument("--mix", nargs="+", required=True, help="FOLDER=WEIGHT of packed examples")
    parser.add_argument("--from", dest="start", type=Path, help="a checkpoint or a weights folder; else Whisper base")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--encoder-rate", type=float, default=2e-5)
    parser.add_argument("--budget", type=int, default=1_500)
    parser.add_argument("--batches", type=int, default=3)
    options = parser.parse_args()
    mixture = {name: float(weight) for name, weight in (item.split("=") for item in options.mix)}
    config = TrainConfig(
        minutes=options.minutes,
        mixture=mixture,
        learning_rate=options.rate,
        encoder_rate=options.encoder_rate,
        budget=options.budget,
        batches_a_step=options.batches,
    )
    if options.start and options.start.is_dir():
        model = load(options.start)
    elif options.start:
        model = averaged(torch.load(options.start, weights_only=True))
    else:
        model = from_whisper(WHISPER / "model.bin")
    run = Run(model, config, CACHE / "runs" / options.name, workers=Workers.join())
    print("going on" if run.resume() else "starting", f"at step {run.step}", flush=True)
    run.train(PACKED)


if __name__ == "__main__":
    main()
