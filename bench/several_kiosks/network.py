"""A network of its own: headquarters and each kiosk in a namespace, joined by a bridge; each link is cut by itself."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.faults.server import Server

HEADQUARTERS = "10.77.0.1"


def why_not() -> str:
    """Why there can be no namespaces here; "" when there can."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return "network namespaces want root and iproute2"
    name = f"wk-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"ip netns add: {made.stderr.strip()}"
    bridged = subprocess.run(
        ["ip", "-n", name, "link", "add", "br0", "type", "bridge"], capture_output=True, text=True, check=False
    )
    subprocess.run(["ip", "netns", "del", name], check=True)
    return f"a bridge: {bridged.stderr.strip()}" if bridged.returncode else ""


class Network:
    """Namespaces for headquarters and for so many kiosks, while it is entered."""

    def __init__(self, kiosks: int) -> None:
        self.mark = f"wk{os.getpid() % 100_000}"
        self.kiosks = range(1, kiosks + 1)

    def __enter__(self) -> Network:
        there = self.namespace(0)
        _ip("netns", "add", there)
        _ip("-n", there, "link", "set", "lo", "up")
        _ip("-n", there, "link", "add", "br0", "type", "bridge")
        _ip("-n", there, "addr", "add", f"{HEADQUARTERS}/24", "dev", "br0")
        _ip("-n", there, "link", "set", "br0", "up")
        for number in self.kiosks:
            own = self.namespace(number)
            _ip("netns", "add", own)
            _ip("-n", there, "link", "add", f"to{number}", "type", "veth", "peer", "name", "eth0", "netns", own)
            _ip("-n", there, "link", "set", f"to{number}", "master", "br0", "up")
            _ip("-n", own, "addr", "add", f"10.77.0.{10 + number}/24", "dev", "eth0")
            _ip("-n", own, "link", "set", "eth0", "up")
            _ip("-n", own, "link", "set", "lo", "up")
        return self

    def __exit__(self, *_: object) -> None:
        for number in (0, *self.kiosks):
            subprocess.run(["ip", "netns", "del", self.namespace(number)], check=False)

    def namespace(self, number: int) -> str:
        """Of a kiosk, from 1; of headquarters, 0."""
        return f"{self.mark}-{number}"

    def within(self, number: int, *command: str) -> list[str]:
        """A command, to be run in a namespace."""
        return ["ip", "netns", "exec", self.namespace(number), *command]

    def cut(self, number: int) -> None:
        """Takes a kiosk's link down; what is on its way is lost."""
        _ip("-n", self.namespace(0), "link", "set", f"to{number}", "down")

    def heal(self, number: int) -> None:
        """Brings it up again."""
        _ip("-n", self.namespace(0), "link", "set", f"to{number}", "up")


class DistantServer(Server):
    """A PostgreSQL in headquarters' namespace; `url` is for who sits beside it, `address` for kiosks."""

    def __init__(self, folder: Path, network: Network) -> None:
        super().__init__(folder)
        self.network = network
        self.address = f"postgresql+psycopg://shop@{HEADQUARTERS}/%s"

    def start(self) -> None:
        """Starts it where kiosks reach it."""
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.77.0.0/24 trust\n")
        options = f"-k {self.folder} -c listen_addresses={HEADQUARTERS} -c shared_buffers=32MB"
        given = ["-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start"]
        account = pwd.getpwnam("postgres")
        as_nobody = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        _run(self.network.within(0, *as_nobody, str(self.programs / "pg_ctl"), *given))


def _ip(*words: str) -> None:
    _run(["ip", *words])


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
