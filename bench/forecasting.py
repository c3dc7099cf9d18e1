"""Forecasts beside peers in one run: Complete Journey by the day, M3 by the month, and how long it takes.

    PYTHONPATH=. python bench/forecasting.py [--set journey|m3|speed|many] [--weights DIR] [--peers NAME …]
        [--country US] [--fresh] [--write-list]

`journey`: the 200 product types of Complete Journey that sell most, daily in 2017, horizon 28, four windows that do not
overlap, each forecast from its own past, zero-shot (LightGBM is trained on that past). `m3`: the monthly series of the
third of M3 that is never trained on, their last 18 months. What peers said is kept in CACHE/peers, so that new
weights of ours are measured at once; `--fresh` asks them again. `speed`: 200 series × 28 days, everyone timed in this
run on two threads, nothing kept. `many`: `walkiosk forecast` on a CSV of 100,000 series × 365 days, ours alone.

Needs `pip install 'walkiosk[bench-forecasting]'`; a peer that is not installed is named and left out.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from bench.forecasting_peers import CERTAIN, DAILY, PEERS, SLOW, THREADS
from bench.forecasting_sets import Bench, complete_journey, m3_monthly, write_list
from training.paths import CACHE
from walkiosk.score.forecasting import MEASURES, counts
from walkiosk.score.summary import Judged, Score, summarise
from walkiosk.skill.forecasting import Forecaster, Values, load

KEPT = CACHE / "peers"
MANY, DAYS, HORIZON = 100_000, 365, 28
ROW = "{:25} {:>7} {:>17} {:>7} {:>7} {:>9} {:>11}"


def of_peer(name: str, bench: Bench, fresh: bool) -> list[Values]:
    """N H 9 of each window, from disk where they were asked before."""
    path = KEPT / f"{bench.name} {name}.npz".replace(" ", "_").replace(",", "")
    if path.is_file() and not fresh:
        with np.load(path) as kept:
            return list(kept["quantiles"])
    backtest = bench.backtest
    found = [PEERS[name](pasts, backtest.horizon, backtest.season) for pasts, _ in bench.windows()]
    KEPT.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, quantiles=np.array(found, np.float32))
    return found


def of_ours(forecast: Forecaster, bench: Bench) -> list[Values]:
    """The same of the forecaster."""
    return [np.array(forecast(bench.pasts(window), bench.backtest.horizon)) for window in range(bench.backtest.windows)]


def judged(bench: Bench, told: list[Values]) -> Score:
    """All windows of each series in one row of counts."""
    sums = np.zeros((len(bench.ids), len(counts(np.ones(1), np.ones((1, 9)), np.ones(1), 1))))
    for (pasts, came), quantiles in zip(bench.windows(), told, strict=True):
        for number, past in enumerate(pasts):
            sums[number] += counts(came[number], quantiles[number].astype(float), past, bench.backtest.season)
    return summarise("forecasting", [Judged(tuple(row)) for row in sums], MEASURES)


def accuracy(bench: Bench, ours: Forecaster | None, peers: Sequence[str], fresh: bool) -> None:
    backtest = bench.backtest
    print(f"{bench.name}: {len(bench.ids)} series, horizon {backtest.horizon}, {backtest.windows} windows")
    print(ROW.format("", "WAPE", "95%", "MASE", "wQL", "10-90", "bias"))
    if ours is not None:
        tell("ours", bench, of_ours(ours, bench))
    for name in peers:
        if name in DAILY and backtest.season != 7:
            continue
        try:
            tell(name, bench, of_peer(name, bench, fresh))
        except ImportError as error:
            print(f"{name}: not installed, left out ({error})")


def tell(name: str, bench: Bench, told: list[Values]) -> None:
    score = judged(bench, told)
    came = np.array([window for _, window in bench.windows()])
    bias = (np.array(told)[..., 4] - came).sum() / came.sum()
    certain = name in CERTAIN
    wql, inside = ("–", "–") if certain else (f"{score.by['wQL']:.4f}", f"{score.by['coverage 10-90']:.3f}")
    middle = f"{score.low:.4f} – {score.high:.4f}"
    cells = (name, f"{score.value:.4f}", middle, f"{score.by['MASE']:.4f}", wql, inside, f"{bias:+.1%}")
    print(ROW.format(*cells), flush=True)


def speed(bench: Bench, ours: Forecaster | None, peers: Sequence[str]) -> None:
    """Everyone's seconds for the last window, in this process; statsforecast starts two of its own.

    Processor time is told beside them: it hardly changes when others use the machine.
    """
    backtest = bench.backtest
    pasts = bench.windows()[-1][0]
    print(f"{len(pasts)} series × {backtest.horizon} days of {len(pasts[0])} days each, {THREADS} threads")
    steps: dict[str, Callable[[], object]] = {}
    if ours is not None:
        steps["ours"] = partial(ours, bench.pasts(backtest.windows - 1), backtest.horizon)
    steps |= {name: partial(PEERS[name], pasts, backtest.horizon, backtest.season) for name in peers}
    first: tuple[float, float] | None = None
    for name, step in steps.items():
        try:
            taken = seconds(step, 1 if name in SLOW else 5)
        except ImportError as error:
            print(f"{name}: not installed, left out ({error})")
            continue
        first = first or taken
        beside = "".join(f"{mine:10.3f} s ({mine / base:6.1f} ×)" for mine, base in zip(taken, first, strict=True))
        print(f"  {name:25}{beside}", flush=True)


def seconds(step: Callable[[], object], repeat: int) -> tuple[float, float]:
    """The median time and processor time, after a run that does not count where there are several."""
    if repeat > 1:
        step()
    found = []
    for _ in range(repeat):
        start, used = time.perf_counter(), processor()
        step()
        found.append((time.perf_counter() - start, processor() - used))
    return statistics.median(one for one, _ in found), statistics.median(one for _, one in found)


def processor() -> float:
    """Seconds of processor time of this process and of those that it started and saw end."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


def many(bench: Bench, weights: Path | None, count: int) -> None:
    """The command on a file of so many series: the bench's own, each scaled and shifted."""
    draw = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "sales.csv", Path(folder) / "forecast.csv"
        days = [str(day) for day in np.datetime64("2017-01-01") + np.arange(DAYS)]
        with file.open("w", encoding="utf-8") as opened:
            opened.write("unique_id,ds,y\n")
            for number in range(count):
                row = bench.histories[number % len(bench.ids)].values[-DAYS:]
                values = np.roll(np.rint(row * draw.lognormal(0, 0.5)), 7 * int(draw.integers(DAYS // 7)))
                opened.write("".join(f"item {number},{d},{y:g}\n" for d, y in zip(days, values.tolist(), strict=True)))
        command = [
            sys.executable,
            "-m",
            "walkiosk",
            "forecast",
            str(file),
            "--horizon",
            str(HORIZON),
            "--out",
            str(out),
        ]
        command += ["--weights", str(weights)] if weights else []
        start = time.perf_counter()
        subprocess.run(command, check=True)
        taken = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        size, memory = file.stat().st_size / 2**20, used.ru_maxrss / 2**20
        print(f"{count:,} series × {DAYS} days ({size:,.0f} MB): {taken:.0f} s, at most {memory:.2f} GB of memory")
        print(f"  of processor time {used.ru_utime + used.ru_stime:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=("journey", "m3", "speed", "many"), default="journey")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--country", default="", help="whose public holidays we are told: US, for these shops")
    parser.add_argument("--fresh", action="store_true", help="ask peers again")
    parser.add_argument("--write-list", action="store_true", help="Complete Journey as `walkiosk score` reads it")
    parser.add_argument(
        "--peers", nargs="*", choices=tuple(PEERS), default=tuple(PEERS), help="only these; none: ours alone"
    )
    parser.add_argument("--count", type=int, default=MANY, help="series of --set many")
    options = parser.parse_args()
    if options.write_list:
        print(write_list())
        return
    try:
        ours = load(options.weights)
    except FileNotFoundError as error:
        print(f"ours: left out ({error})")
        ours = None
    if options.set == "many":
        many(complete_journey(), options.weights, options.count)
    elif options.set == "speed":
        speed(complete_journey(), ours, options.peers)
    else:
        bench = m3_monthly() if options.set == "m3" else complete_journey(options.country)
        accuracy(bench, ours, options.peers, options.fresh)


if __name__ == "__main__":
    main()
