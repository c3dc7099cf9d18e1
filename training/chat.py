"""Chat material → packed examples of the chat skill: actions from banks and dialogues, replies with placeholders.

`python -m training.chat SHARDS [FIRST]`
"""

from __future__ import annotations

import random
import sys
from functools import lru_cache
from typing import Any

import yaml

from training.noise import noisy
from training.paths import MATERIAL, PACKED, WHISPER
from training.questions import Composer
from training.shops import HELD_OUT_SHOPS, load_shops
from training.understanding import WEIGHTS
from walkiosk.modality.text import END, Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, write_shard
from walkiosk.skill.conversation import Said, Shown, action_tokens, situation, wording

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
    return [int(word) for word in action.split()[1:] if word.isdigit()]


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


def from_bank(language: str, vocabulary: Vocabulary, draw: random.Random) -> Example:
    """One customer sentence of the bank before a screen that suits it."""
    bank = material()[language]
    if draw.random() < 0.25:  # wishes and questions: the same sentences that path_query reads
        shop = draw.choice([s for key, s in load_shops().items() if key not in HELD_OUT_SHOPS])
        action, text = "answer", Composer(shop, language, draw).question().text
    else:
        item = draw.choice(drawn_action(language, draw))
        action, text = str(item["a"]), spoken(str(draw.choice(item["u"])), language, draw)
    name, places = action.split()[0], positions(action)
    least = max(places, default=0) if name != "remove" else 0
    if name in ("choose", "ask", "other", "cheaper", "compare", "show") and not least:
        least = 1
    count = max(least, draw.choice((0, 1, 1, 2, 3, 4, 5)))
    screen = goods(draw, count)
    basket = (
        goods(draw, max(places, default=1))
        if name in ("remove", "checkout", "pay")
        else (goods(draw, draw.choice((1, 1, 2))) if draw.random() < 0.2 else [])
    )
    history: list[Said] = []
    if draw.random() < 0.55:
        situations = BEFORE.get(name) if draw.random() < 0.8 else None
        replies = [r for r in bank["replies"] if situations is None or r["s"] in situations] or bank["replies"]
        history.append(Said("kiosk", filled(str(draw.choice(draw.choice(replies)["w"])), screen, draw)))
    history.append(Said("customer", text))
    return Example(situation(vocabulary, screen, basket, history), action_tokens(vocabulary, language, action))


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
        examples.append(Example(prefix, action_tokens(vocabulary, language, str(turn["a"]))))
    return examples


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
        examples: list[Example] = []
        while len(examples) < 3_000:
            language = draw.choices(have, [WEIGHTS[code] for code in have])[0]
            kind = draw.random()
            if kind < 0.6:
                examples.append(from_bank(language, vocabulary, draw))
            elif kind < 0.75:
                examples += from_dialogue(language, vocabulary, draw)
            else:
                examples.append(reply(language, vocabulary, draw))
        examples = [e for e in examples if len(e.prefix) + len(e.target) < 300]
        write_shard(PACKED / "chat" / f"{number:04}.npz", examples)
        print(number, len(examples), sum(len(e.prefix) + len(e.target) for e in examples) / len(examples), flush=True)


if __name__ == "__main__":
    main()
