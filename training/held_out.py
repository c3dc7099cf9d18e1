"""Held-out shops → the questions, statements and sentences that skills are scored on: `python -m training.held_out`.

Writes store folders `shops/NAME`, `path_query.jsonl`, `shapes_path_query.jsonl` (training shops, shapes never trained
on), `entity_extraction.jsonl`, `relation_classification.jsonl` and `translation.jsonl` into `--out` (`scores/`). The
same seed writes the same files. Answers are what the store finds with the program that the question was built from.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.held_out_shop import Stocked, write_shop
from training.questions import MARK, Composer, Question
from training.shops import HELD_OUT_SHOPS, LANGUAGES, Shop, load_shops
from training.understanding import held_out_shape, statement
from walkiosk.skill.understanding import Mention
from walkiosk.store import Store
from walkiosk.store.knowledge_graph import KnowledgeGraph

SHAPE_SHOPS = ("film_props", "fashion_house", "football_club", "bookshop", "wine_cheese", "art_museum")
SIX = LANGUAGES[:6]
QUESTIONS = {language: 18 if language in SIX else 8 for language in LANGUAGES}  # of each shop
SHAPES = {language: 5 if language in SIX else 2 for language in LANGUAGES}
EXTRACTIONS = {language: 8 if language in SIX else 4 for language in LANGUAGES}
CLASSIFICATIONS = {language: 13 if language in SIX else 6 for language in LANGUAGES}
EMPTY = 0.08  # of the questions have no answer in the store
TRIES = 80  # other names for a question before it counts as one without an answer
Row = dict[str, Any]


@dataclass
class Answered(Composer):
    """Draws questions that the store answers, or (``empty``) that it does not, with the shop's own names."""

    stocked: Stocked | None = None
    graph: KnowledgeGraph | None = None
    empty: bool = False
    answers: tuple[str, ...] = ()
    starts: tuple[tuple[str, ...], ...] = ()
    intent: str | None = None  # the program with names in their order, before noise

    def literal(self, kind: str) -> str:
        """A literal that some edge of the shop has."""
        known = self.stocked.literals.get(kind) if self.stocked else None
        return self.draw.choice(known) if known and self.chance(0.8) else super().literal(kind)

    def finish(self, text: str, program: str | None, shape: str) -> Question:
        """Look for names that give answers, then finish as always."""
        order = list(dict.fromkeys(int(number) for number in MARK.findall(text)))
        self.intent = MARK.sub(lambda m: str(order.index(int(m[1])) + 1), program) if program is not None else None
        for _ in range(1 if self.empty else TRIES):
            self.answers = self.look_up(order)
            distinct = len({(mention.text, mention.type) for mention in self.names}) == len(self.names)
            if (self.answers and distinct) or program is None or not self.names:
                break
            self.names = [replace(m, text=self.draw.choice(self.own_names(m.type))) for m in self.names]
        return super().finish(text, program, shape)

    def own_names(self, type_: str) -> list[str]:
        return [str(name) for name in self.shop.names(type_)]

    def look_up(self, order: list[int]) -> tuple[str, ...]:
        assert self.stocked is not None and self.graph is not None
        named = [self.names[number] for number in order]
        self.starts = tuple(self.stocked.nodes[mention.type, mention.text] for mention in named)
        return self.graph.run(self.intent, self.starts).ids if self.intent is not None else ()


def hops(program: str | None) -> int:
    """How many edges a program follows, those within parentheses included."""
    return len(re.findall(r"(?<!\S)[<>][^\s\d=]", program or ""))


def entities(mentions: Iterable[Mention]) -> list[Row]:
    return [{"text": mention.text, "type": mention.type} for mention in mentions]


def questions(
    stocked: Stocked, store: Store, counts: dict[str, int], draw: random.Random, only_held_out_shapes: bool = False
) -> Iterator[Row]:
    """So many questions a language, each with its answers; no sentence twice."""
    seen: set[str] = set()
    for language, count in counts.items():
        made, empty = 0, draw.random() < EMPTY
        while made < count:
            composer = Answered(stocked.shop, language, draw, stocked=stocked, graph=store.graph)
            composer.empty = empty
            item = composer.question()
            nothing = not composer.answers or composer.answers == ("0",)
            unwanted = only_held_out_shapes and not held_out_shape(item)
            if item.text in seen or nothing != composer.empty or unwanted:
                continue
            seen.add(item.text)
            made, empty = made + 1, draw.random() < EMPTY
            yield {
                "question": item.text, "language": language, "answers": list(composer.answers),
                "hops": hops(item.program), "shape": item.shape.partition("|")[0], "shop": item.shop,
                "store": f"shops/{item.shop}", "program": composer.intent,
                "starts": [list(nodes) for nodes in composer.starts],
            }  # fmt: skip


def extractions(stocked: Stocked, counts: dict[str, int], draw: random.Random) -> Iterator[Row]:
    """Customers' sentences and statements with the names in them."""
    for language, count in counts.items():
        for number in range(count):
            if number % 3 == 2:
                text, _, mentions = statement(stocked.shop, language, draw)
            else:
                item = Composer(stocked.shop, language, draw).question()
                text, mentions = item.text, list(item.mentions)
            yield {"text": text, "language": language, "entities": entities(mentions), "shop": stocked.shop.key,
                   "store": f"shops/{stocked.shop.key}"}  # fmt: skip


def classifications(stocked: Stocked, counts: dict[str, int], draw: random.Random) -> Iterator[Row]:
    """Statements with one pair of what they name, and the relation between the two or `none`."""
    for language, count in counts.items():
        made = 0
        while made < count:
            text, pairs, _ = statement(stocked.shop, language, draw)
            head, tail, relation = draw.choice(pairs)
            if head.text == tail.text or text.count(head.text) != 1 or text.count(tail.text) != 1:
                continue
            made += 1
            yield {"text": text, "head": head.text, "tail": tail.text, "relation": relation, "language": language,
                   "shop": stocked.shop.key, "store": f"shops/{stocked.shop.key}"}  # fmt: skip


def translations(table: Path) -> Iterator[Row]:
    """Both directions between English and each other language of a table with a column a language."""
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for language in SIX[1:]:
                for source, target in (("en", language), (language, "en")):
                    yield {"source": row[source], "target": row[target], "source_language": source,
                           "target_language": target}  # fmt: skip


def write(path: Path, rows: Iterable[Row]) -> None:
    found = list(rows)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found), encoding="utf-8")
    print(f"{path}: {len(found)} rows", flush=True)


def stock(shop: Shop, out: Path, seed: int) -> tuple[Stocked, Store]:
    """Write the shop's folder and open it, its books forgotten afterwards."""
    folder = out / "shops" / shop.key
    stocked = write_shop(replace(shop, closed=True), folder, random.Random(f"{seed} {shop.key}"))
    return stocked, Store.open(folder, "sqlite://")


def familiar(out: Path, seed: int) -> None:
    """Fresh questions, statements and sentences of training shops: what is decided on them leaves `scores/` a test."""
    shops = [stock(load_shops()[key], out, seed) for key in SHAPE_SHOPS]
    few = {language: 4 for language in SIX}

    def fresh(stocked: Stocked) -> random.Random:
        return random.Random(f"{seed} familiar {stocked.shop.key}")

    write(out / "path_query.jsonl", (row for s, store in shops for row in questions(s, store, few, fresh(s))))
    write(out / "entity_extraction.jsonl", (row for s, _ in shops for row in extractions(s, few, fresh(s))))
    write(out / "relation_classification.jsonl", (row for s, _ in shops for row in classifications(s, few, fresh(s))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("scores"))
    parser.add_argument("--familiar", action="store_true", help="of training shops instead: to choose how to serve by")
    options = parser.parse_args()
    if options.familiar:
        familiar(options.out, options.seed)
        return
    held_out = [stock(load_shops()[key], options.out, options.seed) for key in HELD_OUT_SHOPS]
    shaped = [stock(load_shops()[key], options.out, options.seed) for key in SHAPE_SHOPS]

    def fresh(name: str, stocked: Stocked) -> random.Random:
        return random.Random(f"{options.seed} {name} {stocked.shop.key}")

    write(options.out / "path_query.jsonl",
          (row for s, store in held_out for row in questions(s, store, QUESTIONS, fresh("path_query", s))))  # fmt: skip
    write(options.out / "shapes_path_query.jsonl",
          (row for s, store in shaped for row in questions(s, store, SHAPES, fresh("shapes", s), True)))  # fmt: skip
    write(options.out / "entity_extraction.jsonl",
          (row for s, _ in held_out for row in extractions(s, EXTRACTIONS, fresh("entity_extraction", s))))  # fmt: skip
    write(options.out / "relation_classification.jsonl",
          (row for s, _ in held_out for row in classifications(s, CLASSIFICATIONS, fresh("relations", s))))  # fmt: skip
    if (table := options.out / "translation.tsv").is_file():
        write(options.out / "translation.jsonl", translations(table))


if __name__ == "__main__":
    main()
