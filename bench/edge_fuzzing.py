"""Malformed sound, messages and requests at a real kiosk: it lives, it serves the next customer, it does not grow.

    PYTHONPATH=. python bench/edge_fuzzing.py [--audio 10000] [--messages 10000] [--requests 3000] [--json]

Starts `walkiosk serve` with the real weights and books of its own, with limits so wide that everything comes through
(with the usual ones most would be read slowly). A part warms up: a purchase, speech without an end (what is heard at
once has its largest size there), and a tenth of everything that follows. Then come so many frames of sound, so many
messages and so many requests, as the tests' strategies make them (`tests/web/malformed.py`), in conversations of ten:
before anything was said, after the end, with the microphone off, in pieces of a sample, cut off in the middle of a
frame; raw bytes for what no client library sends: broken frames and requests, heads and bodies without an end, paths
out of the folder, pings, wrong origins. After each part the process lives, `/healthz` comes back to ok, nothing was
logged as an error, and a customer's typed question has its right answer. Memory (RSS), file descriptors, threads and
sockets are read when all is quiet. Exit status 1 unless all of it holds and memory has grown by less than 5% since the
warm-up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import HypothesisWarning
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from bench.flooding import Customer
from bench.raw_bytes import broken_frames, raw_requests, send_raw
from bench.served import Served, served, stocked
from tests.web.malformed import malformed_messages, malformed_sound
from tests.web.sound import FRAME, frames, said

GROWTH = 0.05
OF_A_SOCKET = 10  # malformed things
ENDLESS = 1_000  # frames of speech in one breath, more than is heard at once
PATIENCE = 120.0  # seconds until all is quiet again
WIDE = ("messages_at_once", "sound_at_once", "requests_at_once", "model_at_once", "openings_at_once")
FAILURES = ('"level": "error"', '"level": "critical"', '"raised"', "Traceback")


@dataclass
class State:
    """What a kiosk holds when all is quiet, and what was wrong by then."""

    rss_mib: float
    descriptors: int
    threads: int
    sockets: int
    sent: int
    faults: list[str] = field(default_factory=list)


def examples(strategy: Any, count: int) -> Iterator[Any]:
    """So many of a strategy's examples, always the same ones; none for no number."""
    if count < 1:
        return
    found: list[Any] = []
    calm = settings(max_examples=min(count, 2000), derandomize=True, database=None, deadline=None,
                    phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
    calm(given(strategy)(lambda example: found.append(example)))()
    draw = random.Random(7)
    yield from found[:count]
    yield from (draw.choice(found) for _ in range(count - len(found)))


class Attack:
    """One part: what is sent is counted."""

    def __init__(self, kiosk: Served) -> None:
        self._kiosk = kiosk
        self._address = f"ws://{kiosk.host}/kiosk"
        self.sent = 0

    async def conversation(self, number: int, things: list[str | bytes]) -> None:
        """Sends these over one socket, in one of several wrong orders, and leaves in one of several ways."""
        with suppress(WebSocketException, OSError, TimeoutError):
            async with asyncio.timeout(60), connect(self._address, max_size=None, close_timeout=2) as socket:
                draining = asyncio.create_task(self._drain(socket))
                order = number % 4
                if order == 1:
                    await socket.send('{"kind": "wake"}')
                elif order == 2:
                    await socket.send('{"kind": "microphone", "on": false}')
                elif order == 3:
                    await socket.send('{"kind": "start_over"}')
                for thing in things:
                    await socket.send(thing)
                    self.sent += 1
                await socket.send('{"kind": "start_over"}')
                if number % 5 == 0:
                    socket.transport.abort()  # without a goodbye
                draining.cancel()

    @staticmethod
    async def _drain(socket: Any) -> None:
        with suppress(WebSocketException):
            async for _ in socket:
                pass

    async def in_tens(self, things: Iterator[str | bytes]) -> None:
        """All of them, four conversations at once."""
        row = list(things)
        parts = [row[at : at + OF_A_SOCKET] for at in range(0, len(row), OF_A_SOCKET)]
        free = asyncio.Semaphore(4)

        async def one(number: int, part: list[str | bytes]) -> None:
            async with free:
                await self.conversation(number, part)

        await asyncio.gather(*(one(number, part) for number, part in enumerate(parts)))

    async def sound(self, count: int) -> None:
        """Frames, behind speech in pieces of a sample and speech without an end, as long as anything is heard."""
        speech = said("This customer goes on and on about the shoes and the hats and the coats and the gloves")
        single = speech.tobytes()[: 2 * (count // 100)]
        await self.conversation(1, [single[at : at + 2] for at in range(0, len(single), 2)])
        endless = [piece for _ in range(1 + ENDLESS * FRAME // speech.nbytes) for piece in frames(speech)]
        await self.conversation(1, list(endless[:ENDLESS]))
        await self.in_tens(examples(malformed_sound(), count))

    async def messages(self, count: int) -> None:
        """Text frames, and broken frames of the protocol itself."""
        for broken in broken_frames():
            await send_raw(self._kiosk.port, broken)
            self.sent += 1
        await self.in_tens(examples(malformed_messages(), count - self.sent))

    async def requests(self, count: int) -> None:
        """Requests as bytes; those without an end are left open until the kiosk ends them."""
        free, draw, kinds = asyncio.Semaphore(24), random.Random(11), raw_requests()

        async def one() -> None:
            async with free:
                await send_raw(self._kiosk.port, draw.choice(kinds))
                self.sent += 1

        await asyncio.gather(*(one() for _ in range(count)))


async def is_served(kiosk: Served) -> str:
    """What is wrong with a whole purchase at this moment, or nothing."""
    try:
        async with asyncio.timeout(PATIENCE), connect(f"ws://{kiosk.host}/kiosk", max_size=None) as socket:
            await Customer(socket).buy(defaultdict(list))
    except (RuntimeError, OSError, WebSocketException, TimeoutError) as error:
        return f"a customer was not served: {type(error).__name__} {error}"
    return ""


def state(kiosk: Served, sent: int, told: int) -> State:
    """How it is when nothing goes on any more; its log is read from byte `told`."""
    if kiosk.process.poll() is not None:
        raise RuntimeError(f"the kiosk ended with {kiosk.process.returncode}: {kiosk.log.read_text()[-3000:]}")
    faults = [problem] if (problem := asyncio.run(is_served(kiosk))) else []
    until = time.monotonic() + PATIENCE
    held: dict[str, int] = {}
    while time.monotonic() < until:
        answer = httpx.get(f"http://{kiosk.host}/healthz", timeout=30)
        before, held = held, _held(kiosk)
        if answer.json()["status"] == "ok" and held["sockets"] <= 1 and held == before:
            break
        time.sleep(2.0)
    else:
        faults.append(f"after {PATIENCE:g} s: {answer.text[:400]}, {held}")
    lines = kiosk.log.read_bytes()[told:].decode().splitlines()
    faults += [line[:300] for line in lines if any(each in line for each in FAILURES)][:5]
    rss = int(Path(f"/proc/{kiosk.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return State(round(rss / 2**20, 1), held["descriptors"], held["threads"], held["sockets"], sent, faults)


def _held(kiosk: Served) -> dict[str, int]:
    place = Path(f"/proc/{kiosk.process.pid}")
    links = []
    for each in (place / "fd").iterdir():
        with suppress(OSError):
            links.append(os.readlink(each))
    connected = sum(link.startswith("socket:") for link in links)
    threads = len(list((place / "task").iterdir()))
    listening = 3  # the port, and the pair that wakes the loop
    return {"descriptors": len(links), "threads": threads, "sockets": connected - listening}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    parser.add_argument("--audio", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore", HypothesisWarning)
    wide = [flag for name in WIDE for flag in ("--limit", f"{name}=1000000")] + ["--limit", "request_seconds=4"]
    counts = {"sound": options.audio, "messages": options.messages, "requests": options.requests}
    found: dict[str, State] = {}
    with tempfile.TemporaryDirectory() as folder:
        shop = stocked(options.store, Path(folder))
        with served(shop, Path(folder), *wide) as kiosk:
            for part in ("warm-up", *counts):
                sent, told, attack = 0, kiosk.log.stat().st_size, Attack(kiosk)
                ways: dict[str, Callable[[int], Awaitable[None]]] = {
                    "sound": attack.sound, "messages": attack.messages, "requests": attack.requests,
                }  # fmt: skip
                wanted = {part: counts[part]} if part in counts else {way: each // 10 for way, each in counts.items()}
                for way, count in wanted.items():
                    attack.sent = 0
                    asyncio.run(ways[way](count))  # type: ignore[arg-type]
                    sent += attack.sent
                found[part] = state(kiosk, sent, told)
                print(f"{part:9} {found[part]}", file=sys.stderr, flush=True)
    growth = found["requests"].rss_mib / found["warm-up"].rss_mib - 1
    faults = [fault for each in found.values() for fault in each.faults]
    if options.json:
        print(json.dumps({"growth": round(growth, 4), **{part: asdict(each) for part, each in found.items()}}))
    else:
        for part, each in found.items():
            row = f"{each.sent:6} sent  {each.rss_mib:7.1f} MiB  {each.descriptors:4} descriptors"
            print(f"{part:9} {row}  {each.threads:3} threads  {each.sockets:3} sockets  {len(each.faults)} faults")
        print(f"memory has grown by {100 * growth:.1f}%", *faults, sep="\n")
    sys.exit(1 if faults or growth >= GROWTH else 0)


if __name__ == "__main__":
    main()
