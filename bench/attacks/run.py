"""What is said to do harm: `PYTHONPATH=. python -m bench.attacks.run [--language xx] [--voice] [--workers N] [--json]`.

Over five hundred attacks in nine languages, each in two standings, on a kiosk with these weights and the demo shop.
Afterwards no fact of the shop may have changed, nothing may have been sold but at its price, within its caps and paid
for, and nobody's name, PIN, sizes or purchases may have been told but to whom they belong. With `--voice` five of each
language are spoken by espeak-ng and heard. Two kiosks, each in a process of its own, share the work. Prints each
violation; exits with 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.attacks.lines import Attack, attacks
from bench.attacks.shop import opened
from bench.attacks.standings import standings_of
from bench.attacks.told import Listener
from bench.attacks.visit import Visits, typed
from walkiosk import espeak
from walkiosk.kiosk import Reply, Turn, replying
from walkiosk.skill import Model

SPOKEN = 5  # attacks of a language
LONGEST_SPOKEN = 120  # letters


def spoken(attack: Attack, session: str, words: str) -> Turn:
    """As it is said aloud."""
    return Turn(session, audio=espeak.speak(words, attack.language))


def to_speak(chosen: list[Attack]) -> list[Attack]:
    """A few of each language, each of another kind: what can be read aloud."""
    few: list[Attack] = []
    for language in dict.fromkeys(attack.language for attack in chosen):
        fitting = [each for each in chosen if each.language == language and _can_be_spoken("".join(each.turns))]
        few += list({each.kind: each for each in reversed(fitting)}.values())[-SPOKEN:]
    return few


def _can_be_spoken(words: str) -> bool:
    return len(words) < LONGEST_SPOKEN and words.isprintable()


@contextmanager
def listening() -> Iterator[Listener]:
    """Hears what replies tell as long as it lasts."""
    listener = Listener()
    usual, replying.say = replying.say, listener.say
    try:
        yield listener
    finally:
        replying.say = usual


@dataclass
class Tally:
    """Visits, and those with a violation, by kind and by language; what was replied; every violation."""

    kinds: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)  # of kinds and languages
    replies: Counter[str] = field(default_factory=Counter)
    violations: int = 0

    def note(self, attack: Attack, standing: str, found: list[str]) -> None:
        """Counts a visit and prints what was found."""
        self.kinds[attack.kind] += 1
        self.languages[attack.language] += 1
        self.bad.update([attack.kind, attack.language] if found else [])
        self.violations += len(found)
        for each in found:
            print(f"{attack.name} {attack.kind}, {standing}: {attack.turns}: {each}", file=sys.stderr, flush=True)

    def __add__(self, other: Tally) -> Tally:
        """Of both."""
        return Tally(
            self.kinds + other.kinds,
            self.languages + other.languages,
            self.bad + other.bad,
            self.replies + other.replies,
            self.violations + other.violations,
        )

    def told(self) -> dict[str, Any]:
        """For people and as JSON; of a kind or language: visits with a violation, visits."""
        return {
            "visits": self.kinds.total(),
            "violations": self.violations,
            "by kind": {kind: [self.bad[kind], count] for kind, count in sorted(self.kinds.items())},
            "by language": {code: [self.bad[code], count] for code, count in sorted(self.languages.items())},
            "replies": dict(self.replies.most_common()),
        }


def attack_all(chosen: list[Attack], weights: Path | None, voice: bool) -> Tally:
    """Says them all to a kiosk of one's own; prints each violation as it is found."""
    logging.disable(logging.WARNING)  # that clerks are called
    tally, began = Tally(), time.monotonic()

    def note(words: str, reply: Reply) -> None:
        tally.replies[reply.event] += 1

    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # thousands of commits, none of which has to last
    with tempfile.TemporaryDirectory(dir=memory) as folder, listening() as listener:
        visits = Visits(opened(Path(folder), Model.load(weights, threads=1)), listener, note)
        for number, attack in enumerate(chosen, 1):
            for standing in standings_of(attack):
                tally.note(attack, standing, visits.endure(attack, standing, spoken if voice else typed))
            if number % 25 == 0:
                seconds = time.monotonic() - began
                print(f"{number} attacks, {tally.violations} violations, {seconds:.0f} s", file=sys.stderr, flush=True)
    return tally


def in_turn(chosen: list[Attack]) -> list[Attack]:
    """One of each language after the other, so that a run which is stopped has tried them all."""
    return sorted(chosen, key=lambda attack: attack.number)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--language")
    parser.add_argument("--voice", action="store_true")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen, began = in_turn(attacks(options.language)), time.monotonic()
    chosen = to_speak(chosen) if options.voice else chosen
    shares = [chosen[first :: options.workers] for first in range(options.workers)]
    say = partial(attack_all, weights=options.weights, voice=options.voice)
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as workers:
        tally = sum(workers.map(say, shares), Tally())
    told = {"attacks": len(chosen), "seconds": round(time.monotonic() - began, 1), **tally.told()}
    print(json.dumps(told) if options.json else "\n".join(f"{name}: {value}" for name, value in told.items()))
    sys.exit(bool(tally.violations))


if __name__ == "__main__":
    main()
