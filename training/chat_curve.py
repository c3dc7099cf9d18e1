"""How a run decides in conversations: `python -m training.chat_curve NAME`, NAME a run or a folder of weights.

On the development dialogues (`training.dialogues.is_development`), each right token is given before the next is chosen
among what serving allows. Prints the share of turns whose action is right, and whole, by language.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import torch

from training.chat import from_text
from training.dialogues import dialogues, is_development
from training.paths import CACHE, WHISPER
from walkiosk.modality.text import Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, collate
from walkiosk.model.export import load
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.train import averaged


@torch.no_grad()
def right(model: SequenceModel, example: Example, vocabulary: Vocabulary) -> tuple[bool, bool]:
    """Whether the action is the likeliest of those that may be, and whether all behind it is too."""
    batch = collate([example])
    tokens, wanted = batch.rows[0]
    states, _ = model.read(tokens, None)
    spelled = [token if token >= 0 else ~token for token in example.target]
    action = len(vocabulary.encode(" " + vocabulary.decode(spelled[1:-1]).split()[0]))
    marks = []
    places = [place for place, token in enumerate(example.target) if token >= 0]
    for place, state, choices in zip(places, states[wanted >= 0], batch.choices[0], strict=True):
        among = torch.tensor(choices) if len(choices) else torch.arange(vocabulary.size)
        best = among[(model.text.embed(among) @ state).argmax()]
        marks.append((place, int(best) == example.target[place]))
    return all(good for place, good in marks if 1 <= place <= action), all(good for place, good in marks if place >= 1)


def main() -> None:
    name = sys.argv[1]
    if Path(name).is_dir():
        model = load(Path(name))
    else:
        kept = torch.load(CACHE / "runs" / name / "checkpoint.pt", weights_only=True)
        print("step", kept["step"])
        model = averaged(kept)
    model.eval()
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    marks: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for dialogue in filter(is_development, dialogues()):
        for example in from_text(dialogue, vocabulary, None):
            marks[dialogue.language].append(right(model, example, vocabulary))
    marks["all"] = [mark for of_language in list(marks.values()) for mark in of_language]
    for language, found in marks.items():
        action, whole = (sum(column) / len(found) for column in zip(*found, strict=True))
        print(f"{language}: action {action:.3f} whole {whole:.3f} (n {len(found)})", flush=True)


if __name__ == "__main__":
    main()
