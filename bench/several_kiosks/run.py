"""Kiosks that sell while links are cut: `PYTHONPATH=. python -m bench.several_kiosks.run [--kiosks N] [--sales N]`.

As root. Each kiosk is a process in a network namespace with its books in SQLite; headquarters is a real PostgreSQL in
another. While they sell, links go down and come up, sessions are ended in the middle of their work, kiosks are killed
(-9) and start again, facts are published. In the end links are healed and everything is shipped; then the books are
compared row by row, and money with the simulated bank. Prints one JSON object; exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from bench.faults.books import check
from bench.faults.till import SHOP
from bench.several_kiosks.books import compare
from bench.several_kiosks.network import DistantServer, Network, why_not
from walkiosk.store.database import open_database
from walkiosk.store.kiosks import Kiosks
from walkiosk.store.loading import load_folder, loaded_fingerprint
from walkiosk.store.shipping import line_of

PATIENCE_SECONDS = 300.0  # for what waits to be shipped when every link is there
STEP_SECONDS = 0.4
DIE_AFTER_SECONDS = 10.0  # a life is let begin before it may end


@dataclass
class Machine:
    """A kiosk's process and its files."""

    number: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0

    @property
    def name(self) -> str:
        return f"kiosk-{self.number}"

    @property
    def sold(self) -> bool:
        return (self.folder / "sold").exists()


@dataclass
class Drive:
    """What happens to the machines while they sell."""

    network: Network
    server: DistantServer
    folder: Path  # headquarters'
    sales: int
    draw: random.Random
    machines: list[Machine] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    down: set[int] = field(default_factory=set)

    def run(self, headquarters: Engine) -> None:
        """Until everybody has sold what they are to sell."""
        for machine in self.machines:
            self.start(machine)
        while not all(machine.sold for machine in self.machines):
            time.sleep(STEP_SECONDS)
            self.disturb(headquarters)

    def disturb(self, headquarters: Engine) -> None:
        """One thing that may go wrong with each machine, and facts that may be others."""
        for machine in self.machines:
            chance, here = self.draw.random(), machine.number in self.down
            if chance < (0.25 if here else 0.12):
                (self.network.heal if here else self.network.cut)(machine.number)
                self.down ^= {machine.number}
                self.happened["healed" if here else "cut"] += 1
            elif chance > 0.98 and time.monotonic() - machine.began > DIE_AFTER_SECONDS:
                self.kill(machine)
                self.start(machine)
                self.happened["killed"] += 1
        if self.draw.random() < 0.15:
            with headquarters.begin() as connection:
                ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_addr IS NOT NULL")
                self.happened["sessions ended"] += len(connection.execute(ended).all())
        if self.draw.random() < 0.05:
            self.publish(headquarters)

    def publish(self, headquarters: Engine) -> None:
        """Other prices."""
        self.happened["facts published"] += 1
        price = f"{self.draw.randint(100, 999) / 100:.2f}"
        goods = SHOP["products.csv"].replace("3.49", price)
        (self.folder / "products.csv").write_text(goods)
        load_folder(headquarters, self.folder)

    def start(self, machine: Machine) -> None:
        given = (str(machine.folder), self.server.address % "shop", str(self.sales), str(self.draw.randrange(1 << 30)))
        command = self.network.within(machine.number, sys.executable, "-m", "bench.several_kiosks.kiosk", *given)
        with (machine.folder / "log").open("ab") as log:
            machine.process = subprocess.Popen(command, stdout=log, stderr=log)
        machine.began = time.monotonic()

    def kill(self, machine: Machine) -> None:
        assert machine.process is not None
        if machine.process.poll() is not None:
            raise RuntimeError(f"{machine.name} ended by itself: {(machine.folder / 'log').read_text()[-2000:]}")
        machine.process.send_signal(signal.SIGKILL)
        machine.process.wait()

    def heal(self) -> None:
        for number in self.down:
            self.network.heal(number)
        self.down.clear()


def run(folder: Path, kiosks: int, sales: int, seed: int) -> dict[str, object]:
    """Everything, and what came of it."""
    folder.chmod(0o755)  # the server runs as somebody else
    began = time.monotonic()
    with Network(kiosks) as network, DistantServer(folder / "server", network) as server:
        headquarters = _headquarters(server, folder)
        drive = Drive(network, server, folder / "headquarters", sales, random.Random(seed))
        drive.machines += [_machine(folder, number) for number in network.kiosks]
        try:
            drive.run(headquarters)
            sold = time.monotonic()
            waiting = {machine.name: _line(machine) for machine in drive.machines}
            drive.publish(headquarters)
            drive.heal()
            _wait(drive, headquarters)
        finally:
            for machine in drive.machines:
                if machine.process is not None and machine.process.poll() is None:
                    drive.kill(machine)
        shipped = time.monotonic()
        found = _verdict(drive.machines, headquarters)
        headquarters.dispose()
    seconds = {"selling": round(sold - began, 1), "until all was shipped": round(shipped - sold, 1)}
    return {
        "kiosks": kiosks,
        "happened": dict(drive.happened),
        "waited when links healed": waiting,
        "seconds": seconds,
    } | found


def _headquarters(server: DistantServer, folder: Path) -> Engine:
    admin = create_engine(server.url % "postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE shop")
    admin.dispose()
    (folder / "headquarters").mkdir()
    for name, content in SHOP.items():
        (folder / "headquarters" / name).write_text(content)
    engine = open_database(server.url % "shop")
    load_folder(engine, folder / "headquarters")
    return engine


def _machine(folder: Path, number: int) -> Machine:
    made = Machine(number, folder / f"kiosk-{number}")
    made.folder.mkdir()
    (made.folder / "store.toml").write_text(SHOP["store.toml"] + f'kiosk = "{made.name}"\n')
    return made


def _books(machine: Machine) -> Engine:
    return open_database(f"sqlite:///{machine.folder / 'books.db'}")


def _line(machine: Machine) -> int:
    engine = _books(machine)
    events = line_of(engine).waiting.events
    engine.dispose()
    return events


def _wait(drive: Drive, headquarters: Engine) -> None:
    """Until headquarters has everything, and every kiosk the latest facts."""
    until = time.monotonic() + PATIENCE_SECONDS
    latest = loaded_fingerprint(headquarters)
    for machine in drive.machines:  # nobody talks any more: the next life only ships
        drive.kill(machine)
        (machine.folder / "quiet").touch()
        drive.start(machine)
    while any(_line(machine) for machine in drive.machines) or any(
        state.revision != latest or state.waiting for state in Kiosks(headquarters).states()
    ):
        if time.monotonic() > until:
            raise RuntimeError("not everything was shipped in time")
        time.sleep(STEP_SECONDS)


def _verdict(machines: list[Machine], headquarters: Engine) -> dict[str, object]:
    books = {machine.name: _books(machine) for machine in machines}
    found = compare(books, headquarters)
    money = {
        machine.name: check(books[machine.name], machine.folder / "reader.db", machine.folder / "dispenser.db")
        for machine in machines
    }
    latest = loaded_fingerprint(headquarters)
    behind = [state.name for state in Kiosks(headquarters).states() if state.revision != latest]
    for engine in books.values():
        engine.dispose()
    return {
        "sales": {name: verdict.sales for name, verdict in money.items()},
        "endings": dict(sum((verdict.endings for verdict in money.values()), Counter[str]())),
        "events": found.events,
        "rows at headquarters": found.rows,
        "lost or doubled": found.faults[:20],
        "money": [f"{name}: {fault}" for name, verdict in money.items() for fault in verdict.faults][:20],
        "not at the latest facts": behind,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kiosks", type=int, default=5)
    parser.add_argument("--sales", type=int, default=200, help="of each kiosk")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if reason := why_not():
        sys.exit(reason)
    with tempfile.TemporaryDirectory(prefix="walkiosk-kiosks-") as folder:
        found = run(Path(folder), options.kiosks, options.sales, options.seed)
    print(json.dumps(found, indent=2))
    sys.exit(bool(found["lost or doubled"] or found["money"] or found["not at the latest facts"]))


if __name__ == "__main__":
    main()
