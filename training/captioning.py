"""captioning: build, train, export: `python -m training.captioning build|look MINUTES|train MINUTES|export DIR|lists`.

What hears stays as it is, to the bit: encoder and decoder are frozen, and the image port learns to say to them what a
picture shows (as in Tsimpoukelli et al., 2021, "Multimodal few-shot learning with frozen language models"), with the
row of the modality and that of the token `<|captioning|>`. First it learns by itself which thing of 1,600 it looks at
(`look`). Names are judged where they part in the tree of all names of their language: what serving forbids need not be
learned.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from training import caption_pictures as seen
from training.caption_export import RECENT, put_in, write_lists
from training.caption_views import views, worn
from training.pairs.emoji import named
from training.part import Schedule, averaged, train
from training.paths import CACHE, WHISPER
from walkiosk.modality.text import LANGUAGES, Vocabulary, with_own_tokens
from walkiosk.model.export import load
from walkiosk.model.ports.image import ImagePort
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import MODALITIES
from walkiosk.skill.captioning import TASK, prefix, tree_of
from walkiosk.skill.names import NameTree

START_WEIGHTS = Path("weights")
LOOKED, TOLD = "captioning/look", "captioning/tell"  # runs
LOOKED_AT, TOLD_OF = 32, 16  # pictures of a step that are told apart, and that are named in every language
WORN = 0.07  # of the pictures of a step that are clothes
CHUNKS = 3  # of a step's rows, by their length
SIDED = ("left", "right", "arrow", "clock", "hand index")
WRITTEN = 8  # Unicode's group of signs, which are not turned round


class Pictures:
    """What may be trained on, drawn evenly over things, then over styles."""

    def __init__(self, seed: int) -> None:
        rows, pixels = seen.pictures()
        self.pixels = np.ascontiguousarray(pixels)
        self.things = seen.things()
        self.place = {code: number for number, code in enumerate(seen.names())}
        by: dict[int, dict[str, list[int]]] = {}
        for number, row in enumerate(rows):
            if seen.trained(row):
                by.setdefault(self.place[row.concept], {}).setdefault(row.style, []).append(number)
        self.by = {place: list(styles.values()) for place, styles in by.items()}
        self.known = list(self.by)
        self.turned = {self.place[code] for code in self.place if _may_turn(code)}
        self.clothes, self.classes = seen.garments()
        self.dice = np.random.default_rng(seed)

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """Things, and pictures of them as somebody might show them: B, B T `FEATURES`."""
        dice = self.dice
        things: list[int] = []
        raw: list[NDArray[np.uint8]] = []
        for _ in range(count):
            if dice.random() < WORN:
                number = int(dice.integers(len(self.classes)))
                things.append(len(self.place) + int(self.classes[number]))
                raw.append(worn(self.clothes[number], dice))
                continue
            things.append(self.known[int(dice.integers(len(self.known)))])
            styles = self.by[things[-1]]
            style = styles[int(dice.integers(len(styles)))]
            raw.append(self.pixels[style[int(dice.integers(len(style)))]])
        may_turn = [thing in self.turned or thing >= len(self.place) for thing in things]
        return torch.tensor(things), views(np.stack(raw), np.array(may_turn), dice)


def _may_turn(code: str) -> bool:
    one = named()[code]
    return one.group != WRITTEN and one.kind != "time" and not any(word in one.name for word in SIDED)


class Looker(nn.Module):
    """The port, and a layer that says which thing it is."""

    def __init__(self, model: SequenceModel) -> None:
        super().__init__()
        port = model.ports["image"]
        assert isinstance(port, ImagePort)
        self.convolutions, self.norms = port.convolutions, port.norms
        self.head = nn.Linear(model.config.width, len(seen.things()))
        self._port = [port]  # a list: its other weights rest

    def embed(self, pictures: Tensor) -> Tensor:
        return self._port[0].embed(pictures)

    def looked(self, embedded: Tensor, things: Tensor) -> Tensor:
        """The loss of telling things apart."""
        return F.cross_entropy(self.head(embedded.mean(dim=1)).float(), things, label_smoothing=0.1)


class Teller(Looker):
    """What learns: the port's convolutions, the modality's row and the token's. The trunk is beside it, at rest."""

    def __init__(self, model: SequenceModel, vocabulary: Vocabulary) -> None:
        super().__init__(model)
        self.task_number = vocabulary.special(TASK)
        self.mark = nn.Parameter(model.trunk.modality.weight[MODALITIES.index("image")].detach().clone())
        self.task = nn.Parameter(model.text.table()[self.task_number].detach().clone())
        trunk = model.trunk.to(torch.bfloat16).eval().requires_grad_(False)
        self._at_rest = (trunk, model.text.table().detach().to(torch.bfloat16))

    def perceive(self, embedded: Tensor) -> list[tuple[Tensor, Tensor]]:
        """What each layer crosses to, B H S K."""
        trunk, _ = self._at_rest
        x = embedded + trunk.encoder_places[: embedded.shape[1]].float() + self.mark
        return trunk.perceive(trunk.encode(x.to(torch.bfloat16)))

    def states(self, tokens: Tensor, perceived: list[tuple[Tensor, Tensor]]) -> Tensor:
        """B T → B T D."""
        trunk, table = self._at_rest
        x = F.embedding(tokens, table)
        x = torch.where((tokens == self.task_number)[..., None], self.task.to(x.dtype), x)
        out: Tensor = trunk.decode(x, None, perceived)[0]
        return out

    def logits(self, states: Tensor, candidates: Tensor) -> Tensor:
        return (states @ self._at_rest[1][candidates].T).float()


@dataclass(frozen=True)
class Said:
    """What is read of a name in a language, and where it is decided: place, node of the tree, token taken."""

    tokens: list[int]
    decided: list[tuple[int, int, int]]


class Names:
    """All things' names as they are decided."""

    def __init__(self, vocabulary: Vocabulary, things: list[dict[str, str]]) -> None:
        self.nodes: list[list[int]] = []  # what may come, of those where something is decided
        self.said = [[] for _ in things]  # type: list[list[Said]]
        for language in LANGUAGES:
            spelled, tree = tree_of(vocabulary, language, [thing[language] for thing in things])
            numbers: dict[int, int] = {}
            begin = prefix(vocabulary, language)
            for rows, tokens in zip(self.said, spelled, strict=True):
                rows.append(self._decisions(begin, [*tokens, tree.end], tree, numbers))
        found = sorted({token for node in self.nodes for token in node})
        self.candidates = torch.tensor(found)
        place = {token: number for number, token in enumerate(found)}
        self.open = torch.zeros(len(self.nodes), len(found), dtype=torch.bool)
        for number, node in enumerate(self.nodes):
            self.open[number, [place[token] for token in node]] = True
        self.place = place

    def _decisions(self, begin: list[int], tokens: list[int], tree: NameTree, numbers: dict[int, int]) -> Said:
        node, decided = tree.root, []
        for at, token in enumerate(tokens):
            if len(node) > 1:
                number = numbers.setdefault(id(node), len(self.nodes))
                if number == len(self.nodes):
                    self.nodes.append(list(node))
                decided.append((len(begin) - 1 + at, number, token))
            node = node[token]
        return Said([*begin, *tokens][: decided[-1][0] + 1], decided)


class Telling:
    """Losses batch after batch: of names, and of telling more pictures' things apart."""

    def __init__(self, teller: Teller, vocabulary: Vocabulary, seed: int) -> None:
        self.teller, self.pictures = teller, Pictures(seed)
        self.names = Names(vocabulary, self.pictures.things)

    def __iter__(self) -> Iterator[Callable[[], list[Tensor]]]:
        while True:
            things, pictures = self.pictures.batch(TOLD_OF + LOOKED_AT)
            yield lambda things=things, pictures=pictures: self.losses(things, pictures)  # type: ignore[misc]

    def losses(self, things: Tensor, pictures: Tensor) -> list[Tensor]:
        embedded = self.teller.embed(pictures)
        rows = [(n, said) for n, thing in enumerate(things[:TOLD_OF].tolist()) for said in self.names.said[thing]]
        return [self.told(embedded[:TOLD_OF], rows), self.teller.looked(embedded, things)]

    def told(self, embedded: Tensor, rows: list[tuple[int, Said]]) -> Tensor:
        """Mean loss of a name's decisions, summed over each name."""
        perceived = self.teller.perceive(embedded)
        names, rows = self.names, sorted(rows, key=lambda row: len(row[1].tokens))
        losses = []
        for part in np.array_split(np.arange(len(rows)), CHUNKS):
            chunk = [rows[number] for number in part]
            longest = max(len(row.tokens) for _, row in chunk)
            tokens = torch.tensor([row.tokens + [0] * (longest - len(row.tokens)) for _, row in chunk])
            of = torch.tensor([number for number, _ in chunk])
            with sdpa_kernel(SDPBackend.MATH):  # the other one is slow where sequences are short
                states = self.teller.states(tokens, [(k[of], v[of]) for k, v in perceived])
            decided = [(number, *each) for number, (_, row) in enumerate(chunk) for each in row.decided]
            which, at, node, token = zip(*decided, strict=True)
            logits = self.teller.logits(states[list(which), list(at)], names.candidates)
            logits = logits.masked_fill(~names.open[list(node)], float("-inf"))
            wanted = torch.tensor([names.place[each] for each in token])
            losses.append(F.cross_entropy(logits, wanted, reduction="sum"))
        return torch.stack(losses).sum() / len(rows)


def look(minutes: float) -> None:
    """Train the port by itself."""
    torch.manual_seed(0)
    looker, pictures = Looker(load(START_WEIGHTS)), Pictures(int(time.time()))

    def losses() -> Iterator[Callable[[], list[Tensor]]]:
        while True:
            things, shown = pictures.batch(LOOKED_AT)
            yield lambda y=things, x=shown: [looker.looked(looker.embed(x), y)]  # type: ignore[misc]

    train(looker, losses(), LOOKED, Schedule(minutes, 3e-3, (1.0,), warmup_steps=100))


def tell(minutes: float) -> None:
    """Train what tells."""
    torch.manual_seed(0)
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    teller = Teller(load(START_WEIGHTS), vocabulary)
    if not (CACHE / "runs" / TOLD / "checkpoint.pt").is_file():
        teller.load_state_dict({**teller.state_dict(), **averaged(LOOKED)})
    train(teller, iter(Telling(teller, vocabulary, int(time.time()))), TOLD, Schedule(minutes, 1.5e-3, (0.3, 0.5)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    kinds = parser.add_subparsers(dest="what", required=True)
    kinds.add_parser("build")
    kinds.add_parser("look").add_argument("minutes", type=float)
    kinds.add_parser("train").add_argument("minutes", type=float)
    kinds.add_parser("export").add_argument("folder", type=Path)
    kinds.add_parser("lists")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "build":
        seen.build()
    elif options.what == "look":
        look(options.minutes)
    elif options.what == "train":
        tell(options.minutes)
    elif options.what == "export":
        pictures = Pictures(0)
        batches = [pictures.batch(LOOKED_AT)[1] for _ in range(RECENT)]
        put_in(averaged(TOLD), START_WEIGHTS, options.folder, batches)
    else:
        write_lists()


if __name__ == "__main__":
    main()
