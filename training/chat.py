"""Chat material → packed examples of the chat skill: `chat`, actions from banks and dialogues, `wording`, replies.

`python -m training.chat SHARDS [FIRST]`. Many utterances of the bank are read before one screen, so that little besides
them is read.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import yaml

from training.called import as_written, called, named
from training.dialogues import Dialogue, Spoken, dialogues, is_development
from training.judged import Judged
from training.noise import noisy
from training.paths import MATERIAL, PACKED, WHISPER
from training.questions import Composer
from training.shops import HELD_OUT_SHOPS, load_shops
from training.understanding import WEIGHTS
from walkiosk.modality.text import END, LANGUAGES, Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, write_shard
from walkiosk.skill.actions import ABOUT_SCREEN, Actions, parse_action
from walkiosk.skill.conversation import Said, Shown, situation, wording

BEFORE = {  # what the kiosk has just said, by action: situations of the reply bank
    "choose": ("found_product", "found_products", "ask_size", "which_one", "clarify"),
    "remove": ("basket", "added"),
    "checkout": ("added", "basket"),
    "pay": ("checkout", "paying", "declined"),
    "feedback": ("thanks", "dispensing"),
    "identify": ("identify_ask", "greeting", "identify_failed"),
    "compare": ("found_products",),
    "ask": ("found_product", "found_products", "added", "out_of_stock"),
    "other": ("found_product", "out_of_stock", "size_missing"),
    "cheaper": ("found_product", "found_products"),
    "show": ("found_products", "answer_entities"),
}


UTTERANCES = 56  # before one screen
GROUPS, TOLD, WRITTEN = 20, 160, 700  # of a shard: screens of the bank, its dialogues, those written as text


@lru_cache(maxsize=1)
def material() -> dict[str, dict[str, Any]]:
    files = sorted((MATERIAL / "chat").glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in files}


@lru_cache(maxsize=16)
def by_action(language: str) -> dict[str, list[dict[str, Any]]]:
    """The bank's items under the first word of their action."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in material()[language]["actions"]:
        found.setdefault(str(item["a"]).split()[0], []).append(item)
    return found


def drawn_action(language: str, draw: random.Random) -> list[dict[str, Any]]:
    """The items of one action; those with much material more often, but not by as much."""
    items = by_action(language)
    return draw.choices(list(items.values()), [sum(len(i["u"]) for i in part) ** 0.5 for part in items.values()])[0]


def goods(draw: random.Random, count: int) -> list[Shown]:
    shops = [shop for key, shop in load_shops().items() if key not in HELD_OUT_SHOPS]
    shop = draw.choice(shops)
    products = shop.raw["products"]
    colours, sizes = list(shop.schema.colours) or [""], list(map(str, products.get("sizes") or [""]))
    return [
        Shown(
            str(draw.choice(products["names"])),
            draw.choice(colours) if draw.random() < 0.5 else "",
            draw.choice(sizes) if draw.random() < 0.5 else "",
        )
        for _ in range(count)
    ]


def positions(action: str) -> list[int]:
    return parse_action(action)[1]


def spoken(text: str, language: str, draw: random.Random) -> str:
    return "".join(piece for piece, _ in noisy([(text, None)], language, draw)).strip()


def filled(text: str, things: list[Shown], draw: random.Random) -> str:
    """A reply of the bank with placeholders filled by anything: only its gist matters as history."""
    name = things[0].name if things else "…"
    values = {"product": name, "product2": name, "option": name, "option2": name, "size": "42", "sizes": "40, 41, 42"}
    for key in ("price", "price2", "total", "deal_price"):
        values[key] = f"{draw.randint(2, 199)} €"
    for slot in set(part.split("}")[0] for part in text.split("{")[1:]):
        text = text.replace(f"{{{slot}}}", values.get(slot, str(draw.randint(1, 9))))
    return text


def acted(
    vocabulary: Vocabulary,
    prefix: Sequence[int],
    language: str,
    action: str,
    things: tuple[Sequence[Shown], Sequence[Shown]] = ((), ()),
    said: Sequence[str] = (),
    shared: Sequence[int] = (),
) -> Example:
    """What was said behind ``prefix``, and its action, judged as serving chooses it.

    ``things`` are on the screen and in the basket; what is ``said``, the kiosk's words and then the customer's, tells
    which of them are meant by their names.
    """
    row, last = Judged(), said[-1] if said else ""
    among = things[parse_action(action)[0] == "remove"]
    action = as_written(vocabulary, language, action, things[0], last)
    spelled = Actions(vocabulary, LANGUAGES, *things, last).spell(language, action, called(among, said))
    row.walk(Actions(vocabulary, LANGUAGES, *things, last), spelled)
    return Example(prefix, row.target, tuple(shared), None, row.choices)


def utterance(language: str, draw: random.Random, hint: str | None) -> tuple[str, str]:
    """(action, sentence) of the bank, of the action ``hint`` if there is one."""
    if hint is None and draw.random() < 0.2:  # wishes and questions: the same sentences that path_query reads
        shop = draw.choice([s for key, s in load_shops().items() if key not in HELD_OUT_SHOPS])
        return "answer", Composer(shop, language, draw).question().text
    item = draw.choice(by_action(language)[hint] if hint else drawn_action(language, draw))
    return str(item["a"]), spoken(str(draw.choice(item["u"])), language, draw)


def suits(action: str, screen: int, basket: int) -> bool:
    """Whether an action can be meant before so many things on the screen and in the basket."""
    name, most = action.split()[0], max(positions(action), default=1)
    if name in ("remove", "checkout", "pay"):
        return most <= basket
    return name not in ABOUT_SCREEN or most <= screen


def from_bank(vocabulary: Vocabulary, draw: random.Random) -> list[Example]:
    """Sentences of the bank, in one language, before one screen."""
    language = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    screen = goods(draw, draw.choice((0, 1, 1, 2, 3, 4, 5, 6)))
    basket = goods(draw, draw.choice((1, 1, 2, 3))) if draw.random() < 0.6 else []
    history: list[Said] = []
    hint = None
    if draw.random() < 0.55:
        bank = material()[language]["replies"]
        hint = draw.choice(list(BEFORE)) if draw.random() < 0.8 else None
        replies = [r for r in bank if hint is None or r["s"] in BEFORE[hint]] or bank
        history.append(Said("kiosk", filled(str(draw.choice(draw.choice(replies)["w"])), screen, draw)))
    shared = situation(vocabulary, screen, basket, history)[:-1]
    output = vocabulary.special("<|output|>")
    found: list[Example] = []
    while len(found) < UTTERANCES:
        hinted = hint if hint in by_action(language) and draw.random() < 0.3 else None
        action, text = utterance(language, draw, hinted)
        if suits(action, len(screen), len(basket)):
            said = [vocabulary.special("<|customer|>"), *vocabulary.encode(" " + text), output]
            found.append(acted(vocabulary, said, language, action, (screen, basket), [text], shared))
        else:
            hint = None  # a screen without goods: that action cannot come
    return found


def from_dialogue(language: str, vocabulary: Vocabulary, draw: random.Random) -> list[Example]:
    """Each customer turn of a dialogue, with what was on the screen and the last words of the kiosk."""
    dialogues = material()[language].get("dialogues") or []
    if not dialogues:
        return []
    dialogue = draw.choice(dialogues)
    screen = [_shown(item) for item in dialogue.get("screen") or []]
    basket: list[Shown] = []
    history: list[Said] = []
    examples = []
    for turn in dialogue["turns"]:
        if turn.get("screen") is not None:
            screen = [_shown(item) for item in turn["screen"]]
        if turn.get("basket") is not None:
            basket = [Shown(str(item[0])) for item in turn["basket"]]
        if turn.get("k"):
            history.append(Said("kiosk", str(turn["k"])))
        history.append(Said("customer", spoken(str(turn["c"]), language, draw)))
        prefix = situation(vocabulary, screen, basket, history[-3:])
        said = [each.text for each in history[-2:]]
        examples.append(acted(vocabulary, prefix, language, str(turn["a"]), (screen, basket), said))
    return examples


@lru_cache(maxsize=16)
def to_learn(language: str) -> tuple[Dialogue, ...]:
    return tuple(each for each in dialogues() if each.language == language and not is_development(each))


def from_text(dialogue: Dialogue, vocabulary: Vocabulary, draw: random.Random | None) -> list[Example]:
    """Each customer turn of a written dialogue; as it was typed without ``draw``."""
    history: list[Said] = []
    examples = []
    for turn in dialogue.turns:
        if turn.kiosk:
            history.append(Said("kiosk", turn.kiosk))
        said = turn.text if draw is None else spoken(turn.text, turn.language, draw)
        history.append(Said("customer", said))
        screen, basket, action = (turn.screen, turn.basket, turn.action) if draw is None else moved(turn, draw)
        prefix = situation(vocabulary, screen, basket, history[-3:])
        heard = [each.text for each in history[-2:]]
        examples.append(acted(vocabulary, prefix, turn.language, action, (screen, basket), heard))
    return examples


def moved(turn: Spoken, draw: random.Random) -> tuple[Sequence[Shown], Sequence[Shown], str]:
    """Screen, basket and action of a turn; where its things are meant by name, they stand in another order.

    So that where they stand has to be read, and cannot be guessed.
    """
    removes = turn.action.split()[0] == "remove"
    things, meant = (turn.basket if removes else turn.screen), positions(turn.action)
    others = [thing for place, thing in enumerate(things, 1) if place not in meant]
    by_name = all(named(things[place - 1], turn.text) for place in meant)
    if not meant or not by_name or any(named(thing, turn.text) for thing in others):
        return turn.screen, turn.basket, turn.action
    order = draw.sample(range(len(things)), len(things))
    name, *rest = turn.action.split()
    now = [str(order.index(place - 1) + 1) for place in meant]  # places come first of what is behind a name
    action = " ".join([name, *now, *rest[len(meant) :]])
    stands = tuple(things[place] for place in order)
    return (turn.screen, stands, action) if removes else (stands, turn.basket, action)


def _shown(item: list[Any]) -> Shown:
    name, colour, size = (*map(lambda v: "" if v is None else str(v), item[:3]), "", "")[:3]
    return Shown(name, colour, size)


def reply(language: str, vocabulary: Vocabulary, draw: random.Random) -> Example:
    item = draw.choice(material()[language]["replies"])
    facts = [str(fact) for fact in item["facts"]]
    target = [*vocabulary.encode(" " + str(draw.choice(item["w"]))), vocabulary.special(END)]
    return Example(wording(vocabulary, str(item["s"]), facts, language), target)


def main() -> None:
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    have = [language for language in WEIGHTS if language in material()]
    for number in range(first, first + count):
        draw = random.Random(10_000 + number)
        languages = draw.choices(have, [WEIGHTS[code] for code in have], k=TOLD)
        told = [code for code in have if to_learn(code)]
        actions = [example for _ in range(GROUPS) for example in from_bank(vocabulary, draw)]
        actions += [example for language in languages for example in from_dialogue(language, vocabulary, draw)]
        written = [draw.choice(to_learn(code)) for code in draw.choices(told, [WEIGHTS[c] for c in told], k=WRITTEN)]
        actions += [example for dialogue in written for example in from_text(dialogue, vocabulary, draw)]
        replies = [reply(language, vocabulary, draw) for language in languages for _ in range(3)]
        for folder, examples in (("chat", actions), ("wording", replies)):
            kept = [e for e in examples if len(e.shared) + len(e.prefix) + len(e.target) < 400]
            write_shard(PACKED / folder / f"{number:04}.npz", kept)
            lengths = [len(e.prefix) + len(e.target) for e in kept]
            print(number, folder, len(kept), "mean", sum(lengths) / len(lengths), flush=True)


if __name__ == "__main__":
    main()
