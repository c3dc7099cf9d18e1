"""How a run reads graphs: `python -m training.learning_curve NAME [GROUPS]`, NAME a run or a folder of weights.

On fresh draws of shops held out and trained, each right token is given before the next is chosen among what serving
allows. Prints, by skill, the share of choices that are right and of examples in which every one is (what greedy
decoding would get right whole).
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import torch

from training.paths import CACHE, WHISPER
from training.shops import HELD_OUT_SHOPS, load_shops
from training.understanding import group
from walkiosk.modality.text import Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, collate
from walkiosk.model.export import load
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import averaged
from walkiosk.model.trunk import Cache

SKILLS = ("path_query", "entity_extraction", "relation_classification")
FRESH = 900_000  # seeds that no shard has


def skill_of(example: Example, vocabulary: Vocabulary) -> str:
    named = [skill for skill in SKILLS if vocabulary.special(f"<|{skill}|>") == example.prefix[0]]
    return named[0] if named else "glossary"


@torch.no_grad()
def right(model: SequenceModel, example: Example, past: Cache) -> list[tuple[int, bool]]:
    """(place, whether it is the likeliest of its choices) of each judged token of ``example``."""
    batch = collate([example])
    tokens, wanted = batch.rows[0]
    states, _ = model.read(tokens, past)
    places = [place for place, token in enumerate(example.target) if token >= 0]
    found = []
    for place, state, choices in zip(places, states[wanted >= 0], batch.choices[0], strict=True):
        among = torch.tensor(choices)
        best = among[(model.text.embed(among) @ state).argmax()]
        found.append((place, int(best) == example.target[place]))
    return found


def measured(model: SequenceModel, shops: Iterable[str], groups: int, vocabulary: Vocabulary) -> dict[str, str]:
    """Draw ``groups`` of the shops in turn; what is right by skill, in questions by entities and program besides."""
    names, marks = list(shops), defaultdict(list)
    program = vocabulary.special("<|program|>")
    for number in range(groups):
        draw = random.Random(FRESH + number)
        examples = group(load_shops()[names[number % len(names)]], vocabulary, draw)
        with torch.no_grad():
            _, past = model.read(torch.tensor([examples[0].shared]))
        for example in examples:
            found = right(model, example, past)
            skill = skill_of(example, vocabulary)
            parts = {skill: found}
            if skill == "path_query":
                spelled = [token if token >= 0 else ~token for token in example.target]
                begins = spelled.index(program) if program in spelled else len(spelled)
                parts["  its entities"] = [one for one in found if one[0] < begins]
                parts["  its program"] = [one for one in found if one[0] > begins]
            for part, of_part in parts.items():
                if of_part:
                    marks[part].append([good for _, good in of_part])
    return {
        part: f"choices {sum(map(sum, rows)) / sum(map(len, rows)):.3f} whole {sum(map(all, rows)) / len(rows):.3f} "
        f"(n {len(rows)}, {sum(map(len, rows)) / len(rows):.1f} choices each)"
        for part, rows in marks.items()
    }


def main() -> None:
    name, groups = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    if Path(name).is_dir():
        model, step = load(Path(name)), "committed"
    else:
        kept = torch.load(CACHE / "runs" / name / "checkpoint.pt", weights_only=True)
        model, step = averaged(kept), f"step {kept['step']}"
    model.eval()
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    trained = [key for key in load_shops() if key not in HELD_OUT_SHOPS]
    for which, shops in (("held out", HELD_OUT_SHOPS), ("trained", trained)):
        for skill, line in measured(model, shops, groups, vocabulary).items():
            print(f"{step}  {which:9} {skill:24} {line}", flush=True)


if __name__ == "__main__":
    main()
