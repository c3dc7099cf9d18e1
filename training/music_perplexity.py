"""How well a run knows tunes: `python -m training.music_perplexity NAME [EXAMPLES]`, NAME a run, a folder of weights,
or `baseline` for the n-gram model alone.

On tunes held out, each right letter is given before the next is judged among those that serving allows. Prints the
perplexity of a choice: of the model, of an n-gram model with Witten and Bell's smoothing (1991) that learned from the
same examples, and of a blind draw among what is allowed.
"""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from training.paths import CACHE, PACKED
from walkiosk.model.examples import Example, collate, read_shard
from walkiosk.model.export import load
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import averaged

ORDER = 7  # letters: the next and six before it


class Ngrams:
    """Letters counted behind those before them, shorter contexts mixed in."""

    def __init__(self, order: int = ORDER) -> None:
        self.order = order
        self.behind: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)

    def learn(self, letters: Sequence[int]) -> None:
        for at, letter in enumerate(letters):
            for size in range(min(self.order, at + 1)):
                self.behind[tuple(letters[at - size : at])][letter] += 1

    def odds(self, before: Sequence[int], among: Sequence[int]) -> list[float]:
        """How likely each of ``among`` is, up to a factor."""
        odds = [1 / len(among)] * len(among)
        for size in range(min(self.order, len(before) + 1)):
            seen = self.behind.get(tuple(before[len(before) - size :]))
            if seen:
                total, kinds = seen.total(), len(seen)
                odds = [(seen[x] + kinds * p) / (total + kinds) for x, p in zip(among, odds, strict=True)]
        return odds


def of_folder(name: str) -> Iterator[Example]:
    for path in sorted((PACKED / name).glob("[0-9]*.npz")):
        yield from read_shard(path)


def letters_of(example: Example) -> list[int]:
    return [token if token >= 0 else ~token for token in example.target]


def surprise_of_ngrams(ngrams: Ngrams, example: Example) -> Iterator[float]:
    """Minus the log-probability of each choice."""
    letters = letters_of(example)
    for at, (token, among) in enumerate(zip(example.target, example.choices, strict=True)):
        if token >= 0:
            odds = ngrams.odds(letters[:at], among)
            yield -math.log(odds[list(among).index(token)] / sum(odds))


@torch.no_grad()
def surprise_of_model(model: SequenceModel, example: Example) -> Iterator[float]:
    batch = collate([example])
    tokens, wanted = batch.rows[0]
    states, _ = model.read(tokens)
    for state, token, choices in zip(states[wanted >= 0], wanted[wanted >= 0], batch.choices[0], strict=True):
        among = torch.tensor(choices)
        logits = (model.text.embed(among) @ state).float().log_softmax(0)
        yield -float(logits[among == token])


def perplexity(surprises: Sequence[float]) -> float:
    return math.exp(sum(surprises) / len(surprises))


def loaded(name: str) -> SequenceModel:
    if Path(name).is_dir():
        return load(Path(name)).eval()
    return averaged(torch.load(CACHE / "runs" / name / "checkpoint.pt", weights_only=True)).eval()


def main() -> None:
    name, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rows = list(of_folder("music_held_out"))[:count]
    ngrams = Ngrams()
    for example in of_folder("music"):
        ngrams.learn(letters_of(example))
    blind = [math.log(len(c)) for row in rows for c, token in zip(row.choices, row.target, strict=True) if token >= 0]
    print(f"{len(rows)} examples, {len(blind)} choices: blind {perplexity(blind):.2f}", end="  ")
    print(f"{ORDER}-grams {perplexity([x for row in rows for x in surprise_of_ngrams(ngrams, row)]):.2f}", end="  ")
    if name != "baseline":
        model = loaded(name)
        print(f"{name} {perplexity([x for row in rows for x in surprise_of_model(model, row)]):.2f}", end="")
    print()


if __name__ == "__main__":
    main()
