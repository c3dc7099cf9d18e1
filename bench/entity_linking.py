"""Entity linking among 100,000 names: time of a query and share of right first answers, beside rapidfuzz by itself.

    python bench/entity_linking.py [--names 100000] [--queries 1000] [--peer-queries 100]

Names are made of syllables with a fixed seed. Queries are names with one to three slips each: letters left out,
doubled, swapped or mistaken, spaces lost, words left out. Prints a line a method: p50 and p95 in milliseconds, and
recall@1.
"""

import argparse
import random
import time
from collections.abc import Callable

from rapidfuzz import fuzz, process

from walkiosk.store.linking import EntityLinker, Named

SYLLABLES = (  # noqa: SIM905 - a list literal would be a page long
    "an ar ba be bo bra ca cha chi co da de di do el en er fa fe fi fra ga ge gi go gra ha he hu in is ja jo ka ke ki "
    "ko la le li lo lu ma me mi mo na ne ni no nu ol or pa pe phi po pra qui ra re ri ro ru sa sche se shi si so sta "
    "ste su ta te thi ti to tra tu va ve vi vo wa we wi ya yo za ze zi"
).split()


def make_names(count: int, random_state: random.Random) -> list[str]:
    """Distinct names of a first and a last word, now and then with a particle, as a catalogue of people has them."""
    firsts = [_word(random_state) for _ in range(2000)]
    names: dict[str, None] = {}
    while len(names) < count:
        particle = random_state.choice([""] * 8 + ["di ", "de la ", "van "])
        names[f"{random_state.choice(firsts)} {particle}{_word(random_state)}".title()] = None
    return list(names)


def _word(random_state: random.Random) -> str:
    return "".join(random_state.choice(SYLLABLES) for _ in range(random_state.randint(2, 4)))


def with_slips(name: str, random_state: random.Random) -> str:
    """The name as somebody types or hears it."""
    letters = list(name.lower())
    for _ in range(random_state.randint(1, 3)):
        at = random_state.randrange(len(letters) - 1)
        slip = random_state.choice(["drop", "double", "swap", "mistake", "mistake", "space"])
        if slip == "drop":
            del letters[at]
        elif slip == "double":
            letters.insert(at, letters[at])
        elif slip == "swap":
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif slip == "mistake":
            letters[at] = random_state.choice("aeiourstnlmkcdp")
        elif " " in letters:
            letters.remove(" ")
    return "".join(letters)


def measure(title: str, queries: list[tuple[str, str]], answer: Callable[[str], str | None]) -> None:
    """Prints one line for one method."""
    milliseconds, right = [], 0
    for query, name in queries:
        start = time.perf_counter()
        found = answer(query)
        milliseconds.append((time.perf_counter() - start) * 1000)
        right += found == name
    milliseconds.sort()
    p50, p95 = milliseconds[len(milliseconds) // 2], milliseconds[int(len(milliseconds) * 0.95)]
    print(f"{title:30} p50 {p50:8.2f} ms  p95 {p95:8.2f} ms  recall@1 {right / len(queries):.3f}  n {len(queries)}")


def main() -> None:
    """Measures ours and the peer on the same names and slips."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--peer-queries", type=int, default=100)
    options = parser.parse_args()
    random_state = random.Random(42)
    names = make_names(options.names, random_state)
    queries = [(with_slips(name, random_state), name) for name in random_state.sample(names, options.queries)]
    start = time.perf_counter()
    linker = EntityLinker([Named((name,), "person", (name,)) for name in names])
    print(f"{len(names)} names indexed in {time.perf_counter() - start:.1f} s")

    def ours(query: str) -> str | None:
        best = linker.link(query).best
        return best.name if best else None

    lowered = [name.lower() for name in names]

    def peer(scorer: Callable[..., float]) -> Callable[[str], str | None]:
        def answer(query: str) -> str | None:
            found = process.extractOne(query, lowered, scorer=scorer)
            return names[found[2]] if found else None

        return answer

    few = queries[: options.peer_queries]
    measure("walkiosk", queries, ours)
    measure("walkiosk, the peer's queries", few, ours)
    measure("rapidfuzz extractOne, ratio", few, peer(fuzz.ratio))
    measure("rapidfuzz extractOne, WRatio", few, peer(fuzz.WRatio))


if __name__ == "__main__":
    main()
