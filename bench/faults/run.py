"""The fault harness: `PYTHONPATH=. python -m bench.faults.run [--fault NAME …] [--sales N] [--postgresql] [--json]`.

Every fault is run over so many sales, six customers at once; then what the shop wrote down is checked against what the
bank and the dispenser remember. Killed tills begin a new life, which settles what the last one left. Prints a line a
fault; exits with 1 if any book does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import create_engine, select

from bench.faults.books import Verdict, check, check_outbox
from bench.faults.line import Weather
from bench.faults.server import Ballast, Server
from bench.faults.till import Life, Place, Till
from bench.faults.torn import tear
from walkiosk.store import tables
from walkiosk.store.database import open_database
from walkiosk.store.sale_book import UNFINISHED

LIVES = 5_000  # of one till, then something is wrong with the harness
LONGEST = 260  # points that a killed till may pass


@dataclass(frozen=True)
class Fault:
    """A kind of life, and what happens between two of them."""

    life: Life
    killed: bool = False
    torn: bool = False


FAULTS = {
    "none": Fault(Life(0, 0)),
    "kill -9": Fault(Life(0, 0), killed=True),
    "torn write": Fault(Life(0, 0, kill_only="after commit"), killed=True, torn=True),
    "lost answers": Fault(Life(0, 0, weather=Weather(lost=0.25))),
    "repeated answers": Fault(Life(0, 0, weather=Weather(repeated=0.4))),
    "reordered answers": Fault(Life(0, 0, weather=Weather(late=0.2))),
    "full disk": Fault(Life(0, 0, disk_fills=True)),
    "clock": Fault(Life(0, 0, clock_jumps=True)),
    "all at once": Fault(
        Life(0, 0, weather=Weather(0.15, 0.2, 0.1), clock_jumps=True, disk_fills=True), killed=True
    ),
}  # fmt: skip


@dataclass
class Outcome:
    """What came of one fault."""

    verdict: Verdict
    lives: int
    left: Counter[str]  # states, and questions without an answer, that a killed till left
    seconds: float


def endure(fault: Fault, place: Place, sales: int, seed: int, server: Server | None = None) -> Outcome:
    """Runs lives of a till until its books hold so many sales, settles, and checks."""
    draw = random.Random(seed)
    began, left = time.monotonic(), Counter[str]()
    for number in range(1, LIVES):
        kill_at = draw.randint(1, LONGEST) if fault.killed else 0
        life = replace(fault.life, sales=sales, seed=seed + number, kill_at=kill_at)
        done = in_child(lambda: Till(place, life).run())  # noqa: B023
        if done:
            break
        if fault.torn and server:
            server.crash()
            server.start()
        elif fault.torn:
            tear(place.folder / "books.db-wal", draw)
        left += _left(place)
    else:
        raise RuntimeError(f"{LIVES} lives and still not {sales} sales")
    in_child(lambda: Till(place, Life(0, seed)).settle())
    engine = open_database(place.database)
    verdict = check(engine, place.reader, place.dispenser)
    if engine.dialect.name == "sqlite":
        check_outbox(verdict, engine)
    engine.dispose()
    return Outcome(verdict, number, left, time.monotonic() - began)


def in_child(work: Callable[[], None]) -> bool:
    """Does something in a process of its own; False when it was killed. Raises RuntimeError when it failed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    if os.WEXITSTATUS(status):
        raise RuntimeError("a till ended by an error of its own")
    return True


def _left(place: Place) -> Counter[str]:
    """In which states a killed till left its sales, and which questions without an answer."""
    engine = create_engine(place.database)
    sale, arrow, given = tables.sale, tables.sale_arrow, tables.dispense
    with engine.connect() as connection:
        states = connection.execute(select(sale.c.state).where(sale.c.state.in_(UNFINISHED))).scalars()
        asked = connection.execute(select(arrow.c.name).where(arrow.c.outcome.is_(None))).scalars()
        units = connection.execute(select(given.c.key).where(given.c.outcome.is_(None))).scalars()
        found = Counter([*states, *(f"{name}?" for name in asked), *("unit?" for _ in units)])
    engine.dispose()
    return found


def sweep(place: Place, seed: int) -> int:
    """Kills a till that serves one customer at its first point, at its second, and so on; how many points there are."""
    number = 0
    while True:
        number += 1
        life = Life(Till(place, Life(0, seed)).sold() + 1, seed, customers=1, kill_at=number, trouble=0.5)
        if in_child(lambda: Till(place, life).run()):  # noqa: B023
            return number - 1
        in_child(lambda: Till(place, Life(0, seed)).settle())


def told(name: str, outcome: Outcome) -> str:
    verdict = outcome.verdict
    endings = ", ".join(f"{count} {state}" for state, count in verdict.endings.most_common())
    left = ", ".join(f"{count} {what}" for what, count in outcome.left.most_common())
    return (
        f"{name:18} {verdict.sales} sales ({endings}), {verdict.units} units, {verdict.taken_cents} cents, "
        f"{outcome.lives} lives, {outcome.seconds:.0f} s{f'; left: {left}' if left else ''}: "
        f"{len(verdict.faults)} faults" + "".join(f"\n    {fault}" for fault in verdict.faults[:10])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--fault", nargs="*", choices=FAULTS, default=list(FAULTS))
    parser.add_argument("--sales", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="keep the books in a PostgreSQL of our own")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {}
    for name in options.fault:
        with tempfile.TemporaryDirectory() as folder:
            run = on_postgresql if options.postgresql else on_sqlite
            found[name] = run(FAULTS[name], Path(folder), options.sales, options.seed)
        if not options.json:
            print(told(name, found[name]), flush=True)
    if options.json:
        print(json.dumps({name: {"faults": o.verdict.faults, "sales": o.verdict.sales} for name, o in found.items()}))
    sys.exit(any(outcome.verdict.faults for outcome in found.values()))


def on_sqlite(fault: Fault, folder: Path, sales: int, seed: int) -> Outcome:
    """The books lie in a file."""
    return endure(fault, Place.made(folder), sales, seed)


def on_postgresql(fault: Fault, folder: Path, sales: int, seed: int) -> Outcome:
    """The books lie in a server of our own, whose disk is small where it is to be filled."""
    folder.chmod(0o755)  # the server runs as somebody else
    fills = fault.life.disk_fills
    with Server(folder / "server", small=fills) as server:
        admin = create_engine(server.url % "postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE books")
        admin.dispose()
        place = Place.made(folder / "till", server.url % "books")
        mine = replace(fault, life=replace(fault.life, disk_fills=False))
        with Ballast(server, seed) if fills else nullcontext():
            return endure(mine, place, sales, seed, server)


if __name__ == "__main__":
    main()
