"""A PostgreSQL of Debian's for the harness: started, killed, started again; on a small disk that can be filled."""

from __future__ import annotations

import os
import pwd
import random
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

DISK = 180  # MB, of which a new server takes some 60
FULL_SECONDS, EMPTY_SECONDS = 0.5, 1.5


class Server:
    """One server with its files in a folder, on a Unix socket there; `small` puts them on a disk of their own."""

    def __init__(self, folder: Path, small: bool = False) -> None:
        self.programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))[-1].parent
        self.folder, self.small = folder, small
        self.user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        self.data = folder / "disk" / "data"
        self.url = f"postgresql+psycopg://shop@/%s?host={folder}"

    def __enter__(self) -> Server:
        disk = self.folder / "disk"
        disk.mkdir(parents=True)
        if self.small:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}M", "tmpfs", str(disk)], check=True)
        if self.user:
            account = pwd.getpwnam(self.user)
            for path in (self.folder, disk):
                os.chown(path, account.pw_uid, account.pw_gid)
        self._run(
            "initdb", "-D", str(self.data), "--username=shop", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop")
        if self.small:
            subprocess.run(["umount", "-l", str(self.folder / "disk")], check=True)

    def start(self) -> None:
        """Starts it, after a crash too: it recovers by its own log first."""
        options = (
            f"-k {self.folder} -c listen_addresses='' -c shared_buffers=16MB -c max_wal_size=48MB -c min_wal_size=32MB"
        )
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def crash(self) -> None:
        """Kills every process of it at once, as a power cut does."""
        leader = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        children = subprocess.run(["pgrep", "-P", str(leader)], capture_output=True, text=True, check=False).stdout
        processes = (leader, *map(int, children.split()))
        for process in processes:
            with suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(process, signal.SIGKILL)
        while any(Path(f"/proc/{process}").exists() for process in processes):
            os.sched_yield()  # until their shared memory is free

    def _run(self, program: str, *given: str) -> None:
        command = [str(self.programs / program), *given]
        done = subprocess.run(command, user=self.user, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


class Ballast:
    """Fills a server's small disk now and then, while it is entered."""

    def __init__(self, server: Server, seed: int) -> None:
        self._file = server.folder / "disk" / "ballast"
        self._draw = random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._breathe)

    def __enter__(self) -> Ballast:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._file.unlink(missing_ok=True)

    def _breathe(self) -> None:
        while not self._over.wait(self._draw.random() * EMPTY_SECONDS):
            with self._file.open("wb") as file:
                try:
                    while True:
                        file.write(bytes(1 << 16))
                        file.flush()
                except OSError:
                    pass  # full
            self._over.wait(self._draw.random() * FULL_SECONDS)
            self._file.unlink(missing_ok=True)
