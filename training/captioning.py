"""captioning: build, train, export: `python -m training.captioning build|look MINUTES|name MINUTES|train MINUTES|…`.

What hears stays as it is, to the bit: encoder and decoder are frozen, and the image port learns to say to them what a
picture shows (as in Tsimpoukelli et al., 2021, "Multimodal few-shot learning with frozen language models"), with the
row of the modality and that of the token `<|captioning|>`. It learns apart which of 1,600 things it looks at (`look`:
convolutions, and the keys of what the port recalls) and what to say so that the frozen trunk writes a thing's name in
each of nine languages (`name`: what is recalled, without a picture), then both together (`train`). Names are judged
where they part in the tree of all names of a language: what serving forbids need not be learned.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
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
from walkiosk.model.ports.image import MANY, ImagePort
from walkiosk.model.ports.recall import SAID, spread_over
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import MODALITIES
from walkiosk.skill.captioning import TASK, choice_of, prefix, spelled
from walkiosk.skill.copying import Choice

START_WEIGHTS = Path("weights")
LOOKED, NAMED, TOLD = "captioning/look", "captioning/name", "captioning/both"  # runs
LOOKED_AT, TOLD_OF = 32, 24  # pictures of a step that are told apart, and things that are named in all languages
SMOOTHED = 0.05
WORN = 0.12  # of the pictures of a step that are clothes
CHUNKS = 6  # of a step's rows, by their length
FASTER = 10.0
BLURRED = 0.05  # deviation of the noise on what is recalled, of numbers about 1
LOUD = 0.6  # deviation of the numbers that the trunk is told at first; Whisper's places have 0.7
ELEMENTS = 16  # of a picture of 64 pixels
SIDED = ("left", "right", "arrow", "clock", "hand index")
SIGNS = 8  # Unicode's group of them, which are not turned round


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
    return one.group != SIGNS and one.kind != "time" and not any(word in one.name for word in SIDED)


class Looker(nn.Module):
    """What is seen, and the keys of what is recalled."""

    def __init__(self, port: ImagePort) -> None:
        super().__init__()
        assert port.recall is not None
        self.convolutions, self.norms = port.convolutions[:-1], port.norms[:-1]
        self.ask, self.keys = port.recall.ask, port.recall.keys
        self._port = [port]  # a list: its other weights rest

    def looked(self, pictures: Tensor, things: Tensor) -> Tensor:
        """The loss of telling things apart."""
        (port,) = self._port
        assert port.recall is not None
        return F.cross_entropy(port.recall.scores(port.look(pictures)), things, label_smoothing=SMOOTHED)


class Teller(nn.Module):
    """What is said of what is recalled, the modality's row and the token's. The trunk is beside them, at rest."""

    def __init__(self, model: SequenceModel, vocabulary: Vocabulary) -> None:
        super().__init__()
        port = model.ports["image"]
        assert isinstance(port, ImagePort) and port.recall is not None
        nn.init.normal_(port.recall.values.weight)
        nn.init.normal_(port.recall.tell.weight, std=LOUD / SAID**0.5)
        self.slow = nn.Parameter(port.recall.values.weight.detach() / FASTER)  # learns `FASTER` than the others
        self.tell = port.recall.tell
        self._recall = [port.recall]  # a list: its keys rest
        self.task_number = vocabulary.special(TASK)
        self.mark = nn.Parameter(model.trunk.modality.weight[MODALITIES.index("image")].detach().clone())
        self.task = nn.Parameter(model.text.table()[self.task_number].detach().clone())
        trunk = model.trunk.to(torch.bfloat16).eval().requires_grad_(False)
        self._at_rest = (trunk, model.text.table().detach().to(torch.bfloat16))

    @property
    def values(self) -> Tensor:
        return FASTER * self.slow

    def told(self, things: Tensor) -> Tensor:
        """What a picture of each is embedded as, were it certain: B → B S D."""
        values = self.values[things]
        vectors = self._recall[0].told(values + BLURRED * torch.randn_like(values))
        return spread_over(vectors.new_zeros(len(things), ELEMENTS, vectors.shape[-1]), vectors)

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
    """What is read of a name, and where it is decided: place, node of the tree, token taken."""

    tokens: list[int]
    decided: list[tuple[int, int, int]]


class Names:
    """All things' names in each language, as they are decided."""

    def __init__(self, vocabulary: Vocabulary, things: list[dict[str, str]]) -> None:
        self.nodes: list[list[int]] = []  # what may come, of those where something is decided
        self.said: list[list[Said]] = [[] for _ in things]  # by thing, then language
        for language in LANGUAGES:
            names = [thing[language] for thing in things]
            choice, numbers = choice_of(vocabulary, tuple(names)), dict[int, int]()
            begin = prefix(vocabulary, language)
            for said, name in zip(self.said, names, strict=True):
                said.append(self._decisions(begin, spelled(vocabulary, name), choice, numbers))
        found = sorted({token for node in self.nodes for token in node})
        self.candidates = torch.tensor(found)
        place = {token: number for number, token in enumerate(found)}
        self.open = torch.zeros(len(self.nodes), len(found), dtype=torch.bool)
        for number, node in enumerate(self.nodes):
            self.open[number, [place[token] for token in node]] = True
        self.place = place

    def _decisions(self, begin: list[int], tokens: list[int], choice: Choice, numbers: dict[int, int]) -> Said:
        node, decided = choice.tree, []
        for at, token in enumerate(tokens):
            if len(node) > 1:
                number = numbers.setdefault(id(node), len(self.nodes))  # nodes live as long as `choice`
                if number == len(self.nodes):
                    self.nodes.append(list(node))
                decided.append((len(begin) - 1 + at, number, token))
            node = node[token]
        return Said([*begin, *tokens][: decided[-1][0] + 1], decided)


class Telling:
    """Losses of names."""

    def __init__(self, teller: Teller, vocabulary: Vocabulary) -> None:
        self.teller, self.things = teller, seen.things()
        self.names = Names(vocabulary, self.things)
        self.dice = np.random.default_rng(int(time.time()))

    def of_memories(self) -> Iterator[Callable[[], list[Tensor]]]:
        """Batches of things, each of them as often as the others."""
        waiting: list[int] = []
        while True:
            if len(waiting) < TOLD_OF:
                waiting = self.dice.permutation(len(self.things)).tolist()
            things, waiting = waiting[:TOLD_OF], waiting[TOLD_OF:]
            yield lambda things=things: [self.told(self.teller.told(torch.tensor(things)), things)]  # type: ignore[misc]

    def told(self, embedded: Tensor, things: Sequence[int]) -> Tensor:
        """Mean loss of a name's decisions, summed over each name; every thing is named in all languages."""
        perceived = self.teller.perceive(embedded)
        names = self.names
        rows = sorted(
            ((number, said) for number, thing in enumerate(things) for said in names.said[thing]),
            key=lambda row: len(row[1].tokens),
        )
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


class Both(nn.Module):
    """The whole port, end to end."""

    def __init__(self, port: ImagePort, telling: Telling) -> None:
        super().__init__()
        assert port.recall is not None
        self.convolutions, self.norms, self.recall = port.convolutions, port.norms, port.recall
        self.mark, self.task = telling.teller.mark, telling.teller.task
        self._beside = (port, telling)

    def losses(self, things: Tensor, pictures: Tensor) -> list[Tensor]:
        """Of the first pictures' names, and of telling all apart."""
        port, telling = self._beside
        seen_ = port.look(pictures)
        scores = self.recall.scores(seen_)
        embedded = port.embedded(seen_[:TOLD_OF], scores[:TOLD_OF])
        apart = F.cross_entropy(scores, things, label_smoothing=SMOOTHED)
        return [telling.told(embedded, things[:TOLD_OF].tolist()), apart]


def look(minutes: float) -> None:
    """Learn to tell things apart."""
    port, pictures = image_port(load(START_WEIGHTS)), Pictures(int(time.time()))
    looker = Looker(port)

    def losses() -> Iterator[Callable[[], list[Tensor]]]:
        while True:
            things, shown = pictures.batch(LOOKED_AT)
            yield lambda y=things, x=shown: [looker.looked(x, y)]  # type: ignore[misc]

    train(looker, losses(), LOOKED, Schedule(minutes, 1.5e-3, (1.0,), warmup_steps=100))


def name(minutes: float) -> None:
    """Learn what to say of each thing."""
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    teller = Teller(load(START_WEIGHTS), vocabulary)
    train(teller, Telling(teller, vocabulary).of_memories(), NAMED, Schedule(minutes, 5e-3, (1.0,), warmup_steps=20))


def both(minutes: float) -> None:
    """Go on with both, end to end."""
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    model = load(START_WEIGHTS)
    teller, port = Teller(model, vocabulary), image_port(model)
    pictures, whole = Pictures(int(time.time())), Both(port, Telling(teller, vocabulary))
    learned = joined(averaged(LOOKED), averaged(NAMED))
    whole.load_state_dict({**whole.state_dict(), **learned})

    def losses() -> Iterator[Callable[[], list[Tensor]]]:
        while True:
            things, shown = pictures.batch(TOLD_OF + LOOKED_AT)
            yield lambda y=things, x=shown: whole.losses(y, x)  # type: ignore[misc]

    train(whole, losses(), TOLD, Schedule(minutes, 5e-4, (0.3, 1.0), warmup_steps=20))


def joined(looked: dict[str, Tensor], told: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of the first two runs by the names that they have in the port; its last convolution says nothing."""
    found = {name: x for name, x in looked.items() if name.startswith(("convolutions", "norms"))}
    found |= {f"recall.{name}": x for name, x in looked.items() if name.startswith(("ask", "keys"))}
    found |= {f"recall.{name}": x for name, x in told.items() if name.startswith("tell")}
    last = len(MANY)
    found[f"norms.{last}.weight"] = torch.zeros_like(told["mark"])
    return found | {"recall.values.weight": FASTER * told["slow"], "mark": told["mark"], "task": told["task"]}


def image_port(model: SequenceModel) -> ImagePort:
    port = model.ports["image"]
    assert isinstance(port, ImagePort)
    return port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    kinds = parser.add_subparsers(dest="what", required=True)
    kinds.add_parser("build")
    kinds.add_parser("look").add_argument("minutes", type=float)
    kinds.add_parser("name").add_argument("minutes", type=float)
    kinds.add_parser("train").add_argument("minutes", type=float)
    kinds.add_parser("export").add_argument("folder", type=Path)
    kinds.add_parser("lists")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "build":
        seen.build()
    elif options.what == "look":
        look(options.minutes)
    elif options.what == "name":
        name(options.minutes)
    elif options.what == "train":
        both(options.minutes)
    elif options.what == "export":
        pictures = Pictures(0)
        batches = [pictures.batch(LOOKED_AT)[1] for _ in range(RECENT)]
        whole = (CACHE / "runs" / TOLD / "checkpoint.pt").is_file()
        put_in(
            averaged(TOLD) if whole else joined(averaged(LOOKED), averaged(NAMED)),
            START_WEIGHTS,
            options.folder,
            batches,
        )
    else:
        write_lists()


if __name__ == "__main__":
    main()
