"""Replies checked as they are said: does a number, a price or a name stand in one that is not among its facts?

    PYTHONPATH=. python bench/replies.py [--weights DIR] [--replies 5000] [--seed 1] [--json]

Customers in nine languages ask the held-out questions of six shops, touch what is on the screen, ask about it, fill
and empty their baskets, identify, pay and leave their stars. From what is said all values of its facts are taken away;
in what is left no figure and no currency may stand, and no name of an entity, a product, a customer or a colour of the
shop. Exits with 1 if any does.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

from sqlalchemy import select

from training.chat import material
from walkiosk.kiosk import Kiosk, Turn, replying
from walkiosk.kiosk.skills import Skills
from walkiosk.kiosk.wording import Telling, replies
from walkiosk.modality.text import LANGUAGES
from walkiosk.skill import Model
from walkiosk.skill.chat import Decision
from walkiosk.skill.conversation import Said, Shown
from walkiosk.store import Store, tables
from walkiosk.store.folding import fold

QUESTIONS = Path("scores/path_query.jsonl")
DEMO = Path("stores/demo")
TOUCHES = (
    "show", "show back", "choose 1", "choose 2 quantity=2", "choose 1 3", "choose 1 quantity=99", "compare 1 2",
    "compare", "cheaper", "other colour", "other size", "other bigger", "other smaller", "other kind", "ask price",
    "ask sizes", "ask colours", "ask stock", "ask deal", "ask description", "ask age", "ask basket", "ask total",
    "remove 1", "remove 1 quantity=1", "checkout", "pay", "identify", "repeat", "help returns", "help opening",
    "help payment", "clerk human", "smalltalk", "feedback stars=4", "cancel", "slower", "language fr",
)  # fmt: skip
WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 4  # letters of a name that is looked for: shorter ones are words
CURRENCY = "€$£₹¥₽"


@cache
def known_words(language: str) -> frozenset[str]:
    """The words of all wordings that people wrote in a language."""
    written = [text for sets in replies()[language].values() for text in sets.values()]
    written += [str(text) for item in material()[language]["replies"] for text in item["w"]]
    return frozenset(fold(found) for text in written for found in WORD.findall(text))


def names_of(store: Store) -> frozenset[str]:
    """Every name, folded, that a reply might tell without having been handed it."""
    entity, product, person = tables.entity, tables.product, tables.customer
    with store.engine.connect() as connection:
        columns = (entity.c.name, product.c.name, person.c.name, product.c.colour)
        found = {name for column in columns for name in connection.execute(select(column)).scalars() if name}
    return frozenset(fold(name) for name in found if len(fold(name)) >= SHORTEST)


def strangers(text: str, facts: list[str], names: frozenset[str], language: str) -> list[str]:
    """What stands in a reply and in none of its facts: figures, currencies, names."""
    left = text
    for fact in sorted(facts, key=len, reverse=True):
        left = left.replace(fact, " ") if fact else left
    found = [letter for letter in left if letter.isdigit() or letter in CURRENCY]
    folded = f" {fold(left)} "
    known = known_words(language)
    return found + [name for name in names if f" {name} " in folded and not set(name.split()) <= known]


class Listener:
    """Hears every telling, so that a reply's facts are known whatever was made of them."""

    def __init__(self) -> None:
        self.facts: list[str] = []
        self._say = replying.say

    def say(self, skills: Skills, tellings: tuple[Telling, ...], language: str) -> str:
        self.facts = [value for telling in tellings for value in telling.facts.values()]
        return self._say(skills, tellings, language)


def visits(kiosk: Kiosk, questions: list[dict[str, str]], draw: random.Random) -> Iterator[tuple[str, str]]:
    """(language, text) of replies, visit after visit."""
    while True:
        question = draw.choice(questions)
        session = kiosk.start(draw.choice([None, "c001", "c1"]))
        yield _reply(kiosk.greet(session, draw.choice(LANGUAGES)))
        yield _reply(kiosk.answer(Turn(session, question["question"])))
        for action in draw.choices(TOUCHES, k=14):
            reply = kiosk.answer(Turn(session, action=action))
            yield _reply(reply)
            if reply.asks == "size" and reply.options and draw.random() < 0.7:
                yield _reply(kiosk.answer(Turn(session, action=f"size {reply.options[0]}")))
            if reply.stage == "paying":
                for step in kiosk.pay(session):
                    yield _reply(step)
        kiosk.end(session)


def _reply(reply: replying.Reply) -> tuple[str, str]:
    return reply.language, reply.text


def opened(folder: Path, model: Model) -> Kiosk:
    """A kiosk whose model is asked everything once."""
    store = Store.open(folder, "sqlite://")
    return Kiosk(store, remembering(Skills.of(model, store)), model=None)


def remembering(skills: Skills) -> Skills:
    """The same skills, asked for each thing once; a wording depends on the names of its facts, not on their values."""

    @cache
    def worded(event: str, names: tuple[str, ...], language: str) -> str | None:
        return skills.word(event, {name: f"⟨{name}⟩" for name in names}, language)

    def word(event: str, facts: Mapping[str, str], language: str) -> str | None:
        text = worded(event, tuple(facts), language)
        for name, value in facts.items():
            text = None if text is None else text.replace(f"⟨{name}⟩", value)
        return text

    @cache
    def decided(
        screen: tuple[Shown, ...], basket: tuple[Shown, ...], history: tuple[Said, ...], language: str | None
    ) -> Decision:
        return skills.decide(screen, basket, history, language)

    def decide(
        screen: Sequence[Shown], basket: Sequence[Shown], history: Sequence[Said], language: str | None
    ) -> Decision:
        return decided(tuple(screen), tuple(basket), tuple(history), language)

    return replace(
        skills, word=word, decide=decide, understand=cache(skills.understand), translate=cache(skills.translate)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--replies", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    model, draw, listener = Model.load(options.weights), random.Random(options.seed), Listener()
    replying.say = listener.say  # type: ignore[assignment]
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    shops = [DEMO, *sorted({Path("scores") / row["store"] for row in rows})]
    share = -(-options.replies // len(shops))
    languages, bad, checked = Counter[str](), list[str](), 0
    for folder in shops:
        kiosk = opened(folder, model)
        names = names_of(kiosk.shop.store)
        asked = [row for row in rows if Path(row.get("store", "")).name == folder.name] or rows[:30]
        asked = draw.sample(asked, min(len(asked), 24))
        for language, text in islice(visits(kiosk, asked, draw), min(share, options.replies - checked)):
            checked += 1
            languages[language] += 1
            if found := strangers(text, listener.facts, names, language):
                bad.append(f"{folder.name} {language}: {', '.join(found)} in {text!r}, facts {listener.facts}")
                print(bad[-1], file=sys.stderr, flush=True)
        print(f"{folder.name}: {checked} replies checked, {len(bad)} with a stranger", file=sys.stderr, flush=True)
    told = {"replies": checked, "with a stranger": len(bad), "languages": dict(languages)}
    print(json.dumps(told) if options.json else told)
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
