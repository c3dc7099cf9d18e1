"""`walkiosk serve` as a process of its own, for measurements of what it does and of what becomes of it."""

from __future__ import annotations

import csv
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

STOCK = "100000"  # of everything, for measurements that buy all day


@dataclass(frozen=True)
class Served:
    """A kiosk that is open: where, the URL of its books, its process, and the file with all that it says."""

    port: int
    books: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def host(self) -> str:
        """With the port."""
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """Of its page."""
        return f"http://{self.host}"


def stocked(store: Path, folder: Path) -> Path:
    """A copy of a shop in which nothing is ever sold out."""
    copy = Path(shutil.copytree(store, folder / "shop"))
    with (copy / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (copy / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "stock": STOCK, "slot_capacity": STOCK} for row in rows)
    return copy


@contextmanager
def served(store: Path, folder: Path, *flags: str) -> Iterator[Served]:
    """Opens a kiosk with books of its own in `folder`, without the office; raises RuntimeError when it ends early."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    books, log = f"sqlite:///{folder / 'books.db'}", folder / "kiosk.log"
    command = [sys.executable, "-m", "walkiosk", "serve", "--store", str(store), "--database", books]
    command += ["--port", str(port), "--office-port", "0", *flags]
    with log.open("wb") as told, subprocess.Popen(command, stderr=told, stdout=told) as process:
        try:
            while True:
                with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                    break
                with suppress(subprocess.TimeoutExpired):
                    raise RuntimeError(f"walkiosk serve ended with {process.wait(0.2)}: {log.read_text()[-2000:]}")
            yield Served(port, books, process, log)
        finally:
            process.terminate()
