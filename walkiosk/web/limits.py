"""How much one visitor may have of a kiosk, and how it is counted.

One screen stands before one customer; its page is one of few that are open. What follows is many times what it needs,
and far below what would keep the next customer waiting.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace

KEPT = 1024  # visitors whose buckets are remembered
Clock = Callable[[], float]  # seconds that only go forward


@dataclass(frozen=True)
class Limits:
    """What a visitor may have; `…_at_once` is a bucket's size, `…_per_second` what it is filled with."""

    sockets: int = 256  # open at once; the one that was quiet longest, without a customer, makes room
    sockets_by_address: int = 128
    openings_at_once: int = 160  # of sockets by an address
    openings_per_second: float = 5.0
    messages_at_once: int = 100  # of a socket; a customer's touch is one
    messages_per_second: float = 20.0
    sound_at_once: float = 30.0  # seconds of sound of a socket: a page that was held up sends it late
    sound_per_second: float = 1.25
    model_at_once: float = 8.0  # seconds of the model's time of a socket; twice that for all of an address
    model_per_second: float = 0.4
    flood_seconds: float = 10.0  # that a socket may send too fast before it is closed
    requests_at_once: int = 400  # by an address; a page is some sixty files
    requests_per_second: float = 50.0
    requests_of_line: float = 10.0  # a second, by each of its connections, after as many as a page may want
    lines: int = 512  # connections that have asked for no socket
    lines_by_address: int = 256
    request_seconds: float = 15.0  # in which a request has to come in whole

    def changed(self, told: Iterable[str]) -> Limits:
        """With what each `NAME=NUMBER` says; raises `ValueError` for another name and what is no number above 0."""
        found: dict[str, float] = {}
        for each in told:
            name, _, number = each.partition("=")
            kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
            if name not in kinds:
                raise ValueError(f"--limit: {name!r} is none of {', '.join(kinds)}")
            try:
                found[name] = kinds[name](number)
            except ValueError:
                found[name] = 0
            if not 0 < found[name] < float("inf"):
                whole = "whole " if kinds[name] is int else ""
                raise ValueError(f"--limit: {each!r}: a {whole}number above 0 expected")
        return replace(self, **found)  # type: ignore[arg-type]


class Bucket:
    """Holds `most`, is filled with `rate` a second, and may be overdrawn: what is owed has to be waited for."""

    def __init__(self, rate: float, most: float, clock: Clock = time.monotonic) -> None:
        self.rate, self.most, self._clock = rate, most, clock
        self._level, self._at = most, clock()

    @property
    def level(self) -> float:
        """What is there; below 0 what is owed."""
        now = self._clock()
        self._level, self._at = min(self.most, self._level + self.rate * (now - self._at)), now
        return self._level

    @property
    def owed_seconds(self) -> float:
        """How long it takes until nothing is owed."""
        return max(0.0, -self.level / self.rate)

    def draw(self, cost: float) -> float:
        """Takes so much, and returns `owed_seconds`."""
        self._level = self.level - cost
        return self.owed_seconds

    def fill(self) -> None:
        """Owes nothing any more."""
        self._level = self.most


class Buckets:
    """One for each visitor, by whatever they are known by; those that are full again are forgotten first."""

    def __init__(self, rate: float, most: float, clock: Clock = time.monotonic, kept: int = KEPT) -> None:
        self._rate, self._most, self._clock, self._kept = rate, most, clock, kept
        self._of: dict[object, Bucket] = {}

    def of(self, visitor: object) -> Bucket:
        """That visitor's."""
        found = self._of.get(visitor)
        if found is None:
            if len(self._of) >= self._kept:
                self._forget()
            found = self._of[visitor] = Bucket(self._rate, self._most, self._clock)
        return found

    def _forget(self) -> None:
        self._of = {visitor: bucket for visitor, bucket in self._of.items() if bucket.level < bucket.most}
        while len(self._of) >= self._kept:
            del self._of[next(iter(self._of))]


class Purse:
    """What one socket has left, of messages, of seconds of sound, and of seconds of the model's time."""

    def __init__(self, limits: Limits, clock: Clock = time.monotonic) -> None:
        self.messages = Bucket(limits.messages_per_second, limits.messages_at_once, clock)
        self.sound = Bucket(limits.sound_per_second, limits.sound_at_once, clock)
        self.model = Bucket(limits.model_per_second, limits.model_at_once, clock)

    @property
    def share(self) -> float:
        """How full it is where it is emptiest: 1 is full, below 0 something is owed."""
        return min(bucket.level / bucket.most for bucket in (self.messages, self.sound, self.model))


class Purses:
    """Those of sockets that were closed are taken up again by the next ones of the same address, the emptiest first.

    So nobody gets a full one by closing a socket and opening another.
    """

    def __init__(self, limits: Limits, clock: Clock = time.monotonic, kept: int = KEPT) -> None:
        self._limits, self._clock, self._kept = limits, clock, kept
        self._left: list[tuple[str, Purse]] = []

    def take(self, address: str) -> Purse:
        """One for a socket that is opened."""
        left = [pair for pair in self._left if pair[0] == address]
        if not left:
            return Purse(self._limits, self._clock)
        emptiest = min(left, key=lambda pair: pair[1].share)
        self._left.remove(emptiest)
        return emptiest[1]

    def leave(self, address: str, purse: Purse) -> None:
        """The socket was closed."""
        self._left = [pair for pair in (*self._left, (address, purse)) if pair[1].share < 1][-self._kept :]


def address_of(client: tuple[str, int] | None) -> str:
    """By what a visitor's address counts: an IPv4 address, or the network that an IPv6 address was given from."""
    host = client[0] if client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
