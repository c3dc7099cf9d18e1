"""One customer who buys among a hundred idle sockets and five that flood, beside the same customer alone.

    PYTHONPATH=. python bench/flooding.py [--purchases 40] [--rounds 2] [--pause PATTERN] [--json]

Starts `walkiosk serve` with the real weights, a copy of the shop in which nothing is sold out, and books of its own. A
customer asks for the demo's shoes, chooses, checks out, pays, is thanked and starts over, through the WebSocket as the
page does and without a moment's thought; each turn's time is from what was sent to the answer. First alone, then while
100 sockets are open and idle and five programs flood, as fast as they can: one sends messages, one audio, one opens and
closes sockets, one asks long questions before the last one is answered, one sends HTTP requests. Alone and flooded
alternate, and all come from one address. The floods have a process of their own, by default of a lower priority, since
they would be other machines: what they burn is not the kiosk's (`--nice 0` takes that away). `--pause` stops processes
with these words in their command line for the time of the measurement, no more than `--longest` seconds.

Prints p50 and p95 of each, and their ratio; exit status 1 when p95 of all turns, of all rounds together, is above 1.25
times what it is alone, or when a turn went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.served import served, stocked

BOUND, AIM = 1.25, 1.1
IDLE = 100
ASKED = "I want the shoes which Leonardo DiCaprio wore in the 1st scene of the 1st movie he did with Nolan"
RIGHT = "deserts-ferrante-42"
EXPENSIVE = (
    "Which films did the director of the film in which the actor of Cobb played with Elliot Page make before 2010"
)
SETTLES = 40.0  # seconds of flood before anything is measured
Times = dict[str, list[float]]  # milliseconds, by turn


class Customer:
    """Somebody at a socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def do(self, kind: str, **fields: str) -> None:
        await self._socket.send(json.dumps({"kind": kind, **fields}))

    async def reply(self) -> dict[str, Any]:
        """The next reply."""
        async for told in self._socket:
            if isinstance(told, str):
                message = json.loads(told)
                if message["kind"] == "problem":
                    raise RuntimeError(f"the customer was told {message}")
                if message["kind"] == "answer":
                    return dict(message["reply"])
        raise RuntimeError("the customer's socket was closed")

    async def buy(self, times: Times) -> None:
        """One purchase, from the question to the thanks; raises RuntimeError where it does not go that way."""
        steps = (("ask", "text", {"text": ASKED}), ("choose", "touch", {"action": "choose 1 size=42 quantity=1"}),
                 ("checkout", "touch", {"action": "checkout"}), ("pay", "touch", {"action": "pay"}))  # fmt: skip
        for turn, kind, fields in steps:
            begun = time.perf_counter()
            await self.do(kind, **fields)
            reply = await self.reply()
            times[turn].append(1000 * (time.perf_counter() - begun))
            if turn == "choose" and [card["sku"] for card in reply["cards"]] != [RIGHT]:
                raise RuntimeError(f"the customer was shown {reply}")
        begun = time.perf_counter()
        while (reply := await self.reply())["stage"] != "thanks":
            if reply["stage"] not in ("paying", "dispensing"):
                raise RuntimeError(f"the sale went wrong: {reply}")
        times["thanks"].append(1000 * (time.perf_counter() - begun))
        await self.do("start_over")


async def purchases(address: str, count: int) -> Times:
    """The times of so many, after one that warms up."""
    times: Times = defaultdict(list)
    async with connect(f"{address.replace('http', 'ws')}/kiosk", max_size=None) as socket:
        customer = Customer(socket)
        await customer.buy(defaultdict(list))
        for _ in range(count):
            await customer.buy(times)
    return times


async def again(flood: Callable[[], Awaitable[None]], counted: list[int]) -> None:
    """Floods; begins anew whenever it is turned away."""
    while True:
        with suppress(OSError, WebSocketException, TimeoutError, asyncio.IncompleteReadError):
            await flood()
        counted[0] += 1
        await asyncio.sleep(0)


class Floods:
    """The five, and who is idle; `counts` has how often each was turned away."""

    def __init__(self, address: str) -> None:
        self._socket = f"{address.replace('http', 'ws')}/kiosk"
        self._host, _, self._port = address.removeprefix("http://").partition(":")
        self.each = (self.messages, self.audio, self.opening, self.asking, self.requests)

    async def run(self, announce: Callable[[str], None]) -> None:
        """Until the process ends."""
        async with AsyncExitStack() as stack:
            for _ in range(IDLE):
                await stack.enter_async_context(connect(self._socket, max_size=None))
            announce("idle")
            counts = [[0] for _ in self.each]
            async with asyncio.TaskGroup() as group:
                for flood, counted in zip(self.each, counts, strict=True):
                    group.create_task(again(flood, counted))
                announce("flooding")

    async def _send(self, frames: Iterator[str | bytes]) -> None:
        async with connect(self._socket, max_size=None) as socket:

            async def drain() -> None:
                async for _ in socket:
                    pass

            draining = asyncio.create_task(drain())
            try:
                for number, frame in enumerate(frames):
                    await socket.send(frame)
                    if number % 50 == 0:
                        await asyncio.sleep(0)  # what is sent into a buffer gives nobody else the loop
            finally:
                draining.cancel()

    async def messages(self) -> None:
        await self._send(
            itertools.cycle(['{"kind": "barge_in"}', '{"kind": "text"}', '{"kind": "played", "reply": 1}'])
        )

    async def audio(self) -> None:
        noise = np.random.default_rng(7).normal(0, 9000, 512).clip(-32768, 32767).astype("<i2").tobytes()
        await self._send(itertools.repeat(noise))

    async def opening(self) -> None:
        async with connect(self._socket, max_size=None) as socket:
            await socket.recv()

    async def asking(self) -> None:
        async with connect(self._socket, max_size=None) as socket:

            async def ask(number: int) -> None:
                await socket.send(json.dumps({"kind": "text", "text": f"{EXPENSIVE} {number}"}))

            await ask(0)
            for number in itertools.count(1):
                await ask(number)  # one waits, one is being answered
                while not isinstance(told := await socket.recv(), str) or json.loads(told)["kind"] != "answer":
                    pass

    async def requests(self) -> None:
        reader, writer = await asyncio.open_connection(self._host, int(self._port))
        try:
            while True:
                writer.write(f"GET /static/js/main.js HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                await reader.readexactly(int(length.split(b":")[1]))
        finally:
            writer.close()


@contextmanager
def flooded(address: str, nice: int) -> Iterator[None]:
    """Entered while a process of its own floods, from when it has settled."""
    command = [sys.executable, "-m", "bench.flooding", "--flood", address, "--nice", str(nice)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for wanted in ("idle", "flooding"):
                if process.stdout.readline().strip() != wanted:
                    raise RuntimeError(f"the floods did not come to {wanted!r}")
            threading.Event().wait(SETTLES)
            yield
            if process.poll() is not None:
                raise RuntimeError("the floods ended before they were to")
        finally:
            process.terminate()


@contextmanager
def paused(words: str, longest: float) -> Iterator[None]:
    """Stops the processes of which the command line has these words, no more than `longest` seconds, and goes on."""
    found = subprocess.run(["pgrep", "-f", words], capture_output=True, text=True, check=False).stdout if words else ""
    ours = {os.getpid(), os.getppid()}
    processes = [int(each) for each in found.split() if int(each) not in ours]

    def tell(sent: signal.Signals) -> None:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, sent)

    timer = threading.Timer(longest, tell, [signal.SIGCONT])
    timer.start()
    try:
        tell(signal.SIGSTOP)
        yield
    finally:
        timer.cancel()
        tell(signal.SIGCONT)


def summed_up(rounds: list[tuple[Times, Times]]) -> dict[str, Any]:
    """p50 and p95 of every kind of turn and of all, alone and flooded, with their ratios; and the ratios by round."""
    found: dict[str, Any] = {}
    for turn in ("ask", "choose", "checkout", "pay", "thanks", "all"):
        pooled = [np.concatenate([_of(each[side], turn) for each in rounds]) for side in (0, 1)]
        row: dict[str, Any] = {"n": [len(times) for times in pooled]}
        for percent in (50, 95):
            alone, flood = (float(np.percentile(times, percent)) for times in pooled)
            row[f"p{percent}"] = {"alone_ms": round(alone, 1), "flooded_ms": round(flood, 1),
                                  "ratio": round(flood / alone, 3)}  # fmt: skip
        by_round = [[float(np.percentile(_of(side, turn), 95)) for side in each] for each in rounds]
        row["p95_ratio_by_round"] = [round(flood / alone, 3) for alone, flood in by_round]
        found[turn] = row
    return found


def _of(times: Times, turn: str) -> np.ndarray[Any, Any]:
    return np.array(times[turn] if turn != "all" else [each for kind in times.values() for each in kind])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    parser.add_argument("--purchases", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--nice", type=int, default=19, help="priority of the floods' process")
    parser.add_argument("--pause", default="", help="words of command lines that are stopped meanwhile")
    parser.add_argument("--longest", type=float, default=470, help="seconds that they are stopped at most")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--flood", metavar="ADDRESS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.flood:
        os.nice(options.nice)
        asyncio.run(Floods(options.flood).run(lambda told: print(told, flush=True)))
    rounds: list[tuple[Times, Times]] = []
    with tempfile.TemporaryDirectory() as folder:
        shop = stocked(options.store, Path(folder))
        with served(shop, Path(folder)) as kiosk, paused(options.pause, options.longest):
            address = f"http://{kiosk.host}"
            for _ in range(options.rounds):
                alone = asyncio.run(purchases(address, options.purchases))
                with flooded(address, options.nice):
                    rounds.append((alone, asyncio.run(purchases(address, options.purchases))))
                print(f"round {len(rounds)}: {summed_up(rounds[-1:])['all']}", file=sys.stderr, flush=True)
    found = summed_up(rounds)
    if options.json:
        print(json.dumps(found))
    else:
        for turn, row in found.items():
            told = "  ".join(f"{p} {row[p]['alone_ms']:7.0f} → {row[p]['flooded_ms']:7.0f} ms ×{row[p]['ratio']:.2f}"
                             for p in ("p50", "p95"))  # fmt: skip
            print(f"{turn:9} {told}  by round {row['p95_ratio_by_round']}  n {row['n']}")
    sys.exit(0 if found["all"]["p95"]["ratio"] <= BOUND else 1)


if __name__ == "__main__":
    main()
