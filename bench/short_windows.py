"""Speech at its true length beside Whisper's 30 s window: word error rate and encoder time, in one run.

    python bench/short_windows.py [--data LIST.jsonl …] [--weights DIR] [--before DIR] [--quick N] [--threads 2]

Lists are those of `python -m training.speech_lists`. With --before, a folder of the weights that training started from
is heard in the same run, so that what training cost can be read off. Times are medians of perceiving one clip.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from training.paths import CACHE
from walkiosk.modality import audio
from walkiosk.score.data import Row, read_rows
from walkiosk.score.hearing import MEASURES, hearing, judge
from walkiosk.score.summary import Score, summarise
from walkiosk.skill import Model

LANGUAGES = ("en", "es", "fr", "it")
TIMED = 40  # clips


def heard(model: Model, rows: Sequence[Row], padded: bool) -> Score:
    return summarise("speech_recognition", judge(rows, hearing(model, padded)), MEASURES)


def encoder_milliseconds(model: Model, rows: Sequence[Row], padded: bool) -> float:
    """The median time from samples to what the decoder crosses to, features included."""
    times = []
    for row in rows[:TIMED]:
        samples = audio.read(row.path("audio"))[: audio.LONGEST]
        wanted = audio.LONGEST if padded else min(audio.LONGEST, len(samples) + audio.QUIET_PAD)
        start = time.perf_counter()
        model.engine.perceive([("audio", audio.to_sequence(samples, wanted))])
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    lists = [CACHE / "scores" / f"asterisk-{language}.jsonl" for language in LANGUAGES]
    parser.add_argument("--data", type=Path, nargs="+", default=lists)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--before", type=Path, help="weights that training started from")
    parser.add_argument("--quick", type=int, metavar="N", help="at most so many clips a list")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    models = {"ours": Model.load(options.weights, options.threads)}
    if options.before:
        models["before"] = Model.load(options.before, options.threads)
    titles = ("WER", "95%", "no accents", "CER", "clips", "encoder ms")
    print("{:16} {:7} {:7} {:>6} {:>15} {:>10} {:>6} {:>5} {:>10}".format("list", "weights", "window", *titles))
    for data in options.data:
        rows = read_rows(data, options.quick)
        for name, model in models.items():
            for window in ("padded", "true"):
                score = heard(model, rows, window == "padded")
                milliseconds = encoder_milliseconds(model, rows, window == "padded")
                print(
                    f"{data.stem:16} {name:7} {window:7} {score.value:6.3f} {score.low:7.3f}-{score.high:.3f}  "
                    f"{score.by['WER without accents']:10.3f} {score.by['CER']:6.3f} {score.n:5} {milliseconds:10.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
