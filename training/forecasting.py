"""Train the forecaster: `python -m training.forecasting pack`, then `… run NAME --minutes M`, `… export NAME`.

`pack` makes synthetic series into `CACHE/packed/series`; a run draws from these and from those that somebody recorded
(`training.series`), each time with another day as today. Half of the series keep to themselves what was known ahead.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training import series
from training.part import Losses, Schedule, averaged, train
from training.paths import PACKED
from training.synthetic_series import kernel, shelf
from walkiosk.modality.history import LONGEST, PATCH, Encoded, History, encode
from walkiosk.model.forecaster import Forecaster, ForecasterConfig
from walkiosk.series.grid import Grid

FOLDER = PACKED / "series"
ELEMENTS = 3_000  # of a batch
HORIZONS = {
    "D": (7, 14, 28, 28, 28, 42, 56, 91),
    "W": (4, 8, 13, 26),
    "M": (6, 12, 18, 18, 24),
    "Q": (4, 8),
    "Y": (4, 6),
}
CONTEXTS = {
    "D": (28, 56, 112, 182, 365, 365, 730, LONGEST), "W": (13, 26, 52, 104, 156, 260), "M": (24, 48, 72, 120),
    "Q": (16, 40, 60), "Y": (12, 20, 40),
}  # fmt: skip
OFTEN = {"D": 0.55, "W": 0.16, "M": 0.22, "Q": 0.04, "Y": 0.03}
REAL = {"D": 0.0, "W": 0.45, "M": 0.6, "Q": 1.0, "Y": 1.0}  # share of a batch that was recorded
UNDATED = ("m3", "m1", "tourism", "weekly_sales")  # whose dates nobody told
DEVELOPMENT = 20  # one in so many recorded series is kept for choosing between runs
LEAST = 3  # steps of a past
SURPRISED, SURPRISE = 0.5, 0.12  # share of invented days whose future leaves its past's ways, and by how much (log)


@dataclass(frozen=True)
class Row:
    """A whole series, past and future; `id` is empty for a synthetic one."""

    id: str
    frequency: str
    first: date
    values: NDArray[np.float64]
    price: NDArray[np.float64] | None
    promotion: NDArray[np.float64] | None
    country: str
    category: str = ""


def pack(shelves: int, kernels: int, seed: int) -> None:
    """Write so many synthetic series of each maker."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    made = [shelf(draw) for _ in range(shelves)] + [kernel(draw) for _ in range(kernels)]
    np.savez(
        FOLDER / f"synthetic-{seed}.npz",
        lengths=np.array([len(one.values) for one in made]),
        frequency=np.array([one.frequency for one in made]),
        first=np.array([one.first.toordinal() for one in made]),
        country=np.array([one.country for one in made]),
        values=np.concatenate([one.values for one in made]).astype(np.float32),
        price=np.concatenate([one.price for one in made]).astype(np.float16),
        promotion=np.concatenate([one.promotion for one in made]).astype(np.float16),
    )


def synthetic() -> list[Row]:
    """Every packed series; raises FileNotFoundError without any."""
    rows: list[Row] = []
    paths = sorted(FOLDER.glob("synthetic-*.npz"))
    if not paths:
        raise FileNotFoundError(f"{FOLDER}: nothing packed; python -m training.forecasting pack")
    for path in paths:
        with np.load(path) as found:
            ends = np.cumsum(found["lengths"])[:-1]
            parts = [np.split(found[name].astype(np.float32), ends) for name in ("values", "price", "promotion")]
            for f, d, c, v, p, m in zip(found["frequency"], found["first"], found["country"], *parts, strict=True):
                rows.append(Row("", str(f), date.fromordinal(int(d)), v, p, m, str(c)))
    return rows


def recorded(development: bool) -> list[Row]:
    """The recorded series to learn from, or the few that choose between runs."""
    found = [*series.m3(), *series.m1(), *series.tourism(), *series.orange_juice(), *series.weekly_sales()]
    kept = [one for n, one in enumerate(found) if (n % DEVELOPMENT == 0) == development]
    return [
        Row(
            one.id,
            one.frequency,
            one.first,
            one.values,
            one.price,
            one.promotion,
            "US" if one.id.startswith("orange") else "",
            "orange juice" if one.id.startswith("orange") else "",
        )
        for one in kept
        if len(one.values) > LEAST + 1
    ]


class Drawing:
    """Draws batches: series of one frequency, each cut at a day of its own."""

    def __init__(self, rows: Sequence[Row], seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.rows: dict[tuple[str, bool], list[Row]] = {}
        for row in rows:
            self.rows.setdefault((row.frequency, bool(row.id)), []).append(row)

    def batch(self) -> tuple[str, Encoded, NDArray[np.float64]]:
        """Frequency, what is perceived, and what was to come, B H on the model's scale, NaN where nobody knows."""
        draw = self.draw
        frequency = str(draw.choice(list(OFTEN), p=list(OFTEN.values())))
        horizon = int(draw.choice(HORIZONS[frequency]))
        context = int(draw.choice(CONTEXTS[frequency]))
        count = max(8, ELEMENTS // (-(-context // PATCH) + 2 * -(-horizon // PATCH) + 1))
        histories: list[History] = []
        futures = np.full((count, -(-horizon // PATCH) * PATCH), np.nan)
        while len(histories) < count:
            real = draw.random() < REAL[frequency]
            pool = self.rows.get((frequency, real)) or self.rows[(frequency, not real)]
            made = self._cut(pool[draw.integers(len(pool))], horizon, context)
            if made is not None:
                histories.append(made[0])
                futures[len(histories) - 1, : len(made[1])] = made[1]
        encoded = encode(histories, horizon)
        return frequency, encoded, encoded.squeeze(futures)

    def _cut(self, row: Row, horizon: int, context: int) -> tuple[History, NDArray[np.float64]] | None:
        draw, length = self.draw, len(row.values)
        ahead = min(horizon, max(1, length // 3))
        if length - ahead < LEAST:
            return None
        today = int(draw.integers(LEAST, length - ahead + 1))
        if row.id and draw.random() < 0.3:
            today = length - ahead  # what the competitions ask for
        most = min(context, today)
        begin = today - (most if draw.random() < 0.7 else int(draw.integers(min(LEAST, most), most + 1)))
        past = np.array(row.values[begin:today], np.float64)
        if draw.random() < 0.05:  # days that nobody noted
            at = int(draw.integers(len(past)))
            past[at : at + 1 + int(draw.exponential(5))] = np.nan
        if not np.isfinite(past).any() or np.isinf(past).any():
            return None
        first = row.first
        if row.id.startswith(UNDATED) and row.frequency in ("W", "M"):
            first += timedelta(int(draw.integers(365)))
        first = Grid(row.frequency, Grid(row.frequency, first).day(begin)).period
        told = draw.random() < 0.5
        price, promotion = (self._known(x, begin, today, horizon) if told else None for x in (row.price, row.promotion))
        country = row.country if draw.random() < 0.75 else ""
        made = History(past, first, row.frequency, price, promotion, row.category if told else "", "", country)
        future = np.array(row.values[today : today + ahead], np.float64)
        if row.frequency == "D" and not row.id and draw.random() < SURPRISED:
            level, slope = draw.normal(0, SURPRISE, 2)
            future = np.rint(future * np.exp(level + slope * np.arange(ahead) / 28))
        return made, future

    def _known(
        self, given: NDArray[np.float64] | None, begin: int, today: int, horizon: int
    ) -> NDArray[np.float64] | None:
        if given is None:
            return None
        part = np.array(given[begin : today + horizon], np.float64)
        return np.pad(part, (0, today + horizon - begin - len(part)), constant_values=np.nan)


def tensors(encoded: Encoded) -> list[Tensor]:
    """What the forecaster takes."""
    return [torch.from_numpy(x) for x in (encoded.past, encoded.there, encoded.item, encoded.ahead, encoded.base)]


def loss(model: Forecaster, encoded: Encoded, wanted: NDArray[np.float64]) -> list[Tensor]:
    found = model(*tensors(encoded))
    return [model.loss(found, torch.from_numpy(np.clip(wanted, -12, 12).astype(np.float32)))]


def losses(model: Forecaster, seed: int) -> Losses:
    rows = synthetic() + recorded(development=False)
    print(len(rows), "series", flush=True)
    drawing = Drawing(rows, seed)
    while True:
        _, encoded, wanted = drawing.batch()
        if np.isfinite(wanted).any():
            yield partial(loss, model, encoded, wanted)


def development_batches(count: int = 60) -> Iterator[tuple[str, Encoded, NDArray[np.float64]]]:
    """The same batches every time: recorded series that no run learned from, and synthetic ones of another seed."""
    draw = np.random.default_rng(77)
    fresh = [shelf(draw) for _ in range(1_500)]
    rows = [Row("", s.frequency, s.first, s.values, s.price, s.promotion, s.country) for s in fresh]
    drawing = Drawing(rows + recorded(development=True), 77)
    for _ in range(count):
        yield drawing.batch()


def development(model: Forecaster) -> dict[str, float]:
    """Mean quantile loss by frequency."""
    sums: dict[str, list[float]] = {}
    model.eval()
    with torch.no_grad():
        for frequency, encoded, wanted in development_batches():
            sums.setdefault(frequency, []).append(float(loss(model, encoded, wanted)[0]))
    return {frequency: round(sum(found) / len(found), 4) for frequency, found in sorted(sums.items())}


def trained(name: str, config: ForecasterConfig | None = None) -> Forecaster:
    """The forecaster of a run."""
    model = Forecaster(config or ForecasterConfig())
    model.load_state_dict(averaged(name))
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("pack", "run", "look", "export"))
    parser.add_argument("name", nargs="?", default="forecast1")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--from", dest="start", metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path("weights"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.what == "pack":
        pack(40_000, 3_000, options.seed)
    elif options.what == "run":
        model = Forecaster(ForecasterConfig())
        schedule = Schedule(options.minutes, options.rate, (1.0,), start=options.start)
        train(model, losses(model, options.seed), options.name, schedule)
    elif options.what == "look":
        print(development(trained(options.name)))
    else:
        from walkiosk.model.forecaster_export import export_forecaster

        export_forecaster(trained(options.name), options.out)


if __name__ == "__main__":
    main()
