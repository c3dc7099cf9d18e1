"""Compose noun phrases with their path programs: modifiers of a type, ordinals, and filters on goods."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from training.shops import Shop, draw_name, frames
from training.wording import BEFORE_NOUN, COLOUR_BEFORE, GENERIC, contracted, nth_in_figures
from walkiosk.skill.understanding import Mention
from walkiosk.store.knowledge_graph import LITERALS

SLOT = re.compile(r"\{(\w+)\}")


@dataclass
class Phrase:
    """A noun phrase under construction; ⟦n⟧ stands for the n-th name drawn, in the text and in the program."""

    one: str
    many: str
    program: str
    shape: str


@dataclass
class NounPhrases:
    """Draws noun phrases of one shop in one language, and keeps the names in them."""

    shop: Shop
    language: str
    draw: random.Random
    names: list[Mention] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frames: dict[str, Any] = frames()[self.language]
        raw = self.shop.raw
        self.fragments = [f for f in raw["fragments"] if f.get(self.language)]
        self.gap = "" if self.language == "zh" else " "

    def chance(self, probability: float) -> bool:
        return self.draw.random() < probability

    def pick(self, key: str) -> str:
        return str(self.draw.choice(self.frames[key]))

    def name(self, type_: str) -> str:
        """Draw a name and return its mark."""
        self.names.append(Mention(draw_name(self.shop, type_, self.draw), type_))
        return f"⟦{len(self.names) - 1}⟧"

    def literal(self, kind: str) -> str:
        if kind == "year":
            return str(self.draw.randint(1890, 2026))
        if kind == "date":
            return f"{self.draw.randint(1950, 2026)}-{self.draw.randint(1, 12):02}-{self.draw.randint(1, 28):02}"
        return str(self.draw.choice([self.draw.randint(1, 12), self.draw.randint(1, 99), self.draw.randint(1, 500)]))

    def fill(self, program: str, wording: str, depth: int) -> tuple[str, str, str]:
        """Fill a fragment's slots with names or, for a chain's first slot, with noun phrases."""
        shape = ""
        for slot in dict.fromkeys(SLOT.findall(program)):
            type_ = re.sub(r"\d+$", "", slot)
            if type_ in LITERALS:
                value = self.literal(type_)
                written = f'"{value}"' if type_ == "text" and not value.isdigit() else value
                program, wording = program.replace(f"{{{slot}}}", written), wording.replace(f"{{{slot}}}", value)
            elif (
                depth > 0
                and type_ != "product"
                and self.chance(0.45)
                and any(f["head"] == type_ for f in self.fragments)
                and program.count(f"{{{slot}}}") == 1
            ):
                inner = self.phrase(type_, depth - 1)
                program = program.replace(f"{{{slot}}}", inner.program)
                wording = contracted(wording.replace(f"{{{slot}}}", inner.one), self.language)
                shape += f"({inner.shape})"
            else:
                mark = self.name(type_)
                program, wording = program.replace(f"{{{slot}}}", mark), wording.replace(f"{{{slot}}}", mark)
        return program, wording, shape

    def modifier(self, head: str, depth: int) -> tuple[str, str, str]:
        """(program, wording, shape) of one modifier of ``head``, sometimes two joined."""
        fragment = self.draw.choice([f for f in self.fragments if f["head"] == head])
        program, wording, shape = self.fill(fragment["program"], str(self.draw.choice(fragment[self.language])), depth)
        return program, wording, "m" + shape

    def head_words(self, head: str) -> tuple[dict[str, str], str]:
        """The words of a type, or of one of the goods' categories with its filter."""
        if head != "product":
            return self.shop.raw["types"][head][self.language], ""
        categories = self.shop.raw["products"]["categories"]
        if categories and self.chance(0.88):
            key = self.draw.choice(list(categories))
            one, many = categories[key][self.language]
            return {"one": str(one), "many": str(many)}, f' category = "{key}"'
        one, many = GENERIC[self.language]
        return {"one": one, "many": many}, ""

    def phrase(self, head: str, depth: int) -> Phrase:
        """A noun phrase for things of type ``head``."""
        program, wording, shape = self.modifier(head, depth)
        words, condition = self.head_words(head)
        if self.chance(0.14) and len(program) < 120:
            operator = "and" if self.chance(0.72) else "not"
            other, other_wording, other_shape = self.modifier(head, 0)
            joined = self.pick("and_np" if operator == "and" else "not_np") if self.chance(0.75) else "{a} {b}"
            if operator == "and" or joined != "{a} {b}":
                wording = joined.replace("{a}", wording).replace("{b}", other_wording)
                program += f" {operator} ( {other} )"
                shape += f"{operator}[{other_shape}]"
        one, many = words["one"], words["many"]
        if head != "product" and self.ordered(program) and self.chance(0.5):
            one, step = self.ordinal(head, words)
            program += step
            shape += "#" + step.split()[0]
        one, many = (
            (wording + one, wording + many)
            if self.language in BEFORE_NOUN
            else (f"{one} {wording}", f"{many} {wording}")
        )
        phrase = Phrase(one, many, program + condition, f"{head if head == 'product' else 'thing'}:{shape}")
        if head == "product":
            self.filter(phrase)
        elif phrase.shape.count("#") == 0 and self.chance(0.12):
            self.superlative(phrase, head)
        return phrase

    def ordered(self, program: str) -> bool:
        """Whether the program's last hop has an order that "first" can mean."""
        hops = re.findall(r"[<>]([^\s=()]+)", re.sub(r"(and|not) \((?:[^()]|\([^()]*\))*\)", "", program))
        return bool(hops) and bool(self.shop.schema.by_name[hops[-1]].ordered_by)

    def ordinal(self, head: str, words: dict[str, str]) -> tuple[str, str]:
        which = self.draw.choices(("first", "last", "nth"), (50, 28, 22))[0]
        if which != "nth":
            return words[which], " " + which
        number = self.draw.randint(2, 10 if self.chance(0.2) else 4)
        gender = (self.shop.raw["types"][head].get("g") or {}).get(self.language, "m")
        ordinals = self.frames["ordinals"]
        forms = ordinals.get(gender) or next(iter(ordinals.values()))
        said = nth_in_figures(number, self.language)
        if not said or self.chance(0.7):
            said = str(forms[number - 1])
        return words["nth"].replace("{n}", said), f" nth {number}"

    def superlative(self, phrase: Phrase, head: str) -> None:
        keys = self.shop.literal_keys(head)
        if not keys:
            return
        which = self.draw.choice(("newest", "oldest"))
        phrase.one = self.pick(which).replace("{np}", phrase.one)
        phrase.program += f" {'last' if which == 'newest' else 'first'} by {self.draw.choice(keys)}"
        phrase.shape += "#by"

    def filter(self, phrase: Phrase) -> None:
        """Add zero to two conditions on goods: price, size, colour, words of the name; and cheapest or dearest."""
        count = self.draw.choices((0, 1, 2), (60, 30, 10))[0]
        kinds = self.draw.sample(("price", "size", "colour", "words"), count)
        for kind in kinds:
            added = getattr(self, f"filter_{kind}")()
            if added is None:
                continue
            step, wording, before = added
            phrase.program += " " + step
            phrase.shape += "," + kind
            if self.language in BEFORE_NOUN:
                phrase.one, phrase.many = wording + phrase.one, wording + phrase.many
            elif self.language == "hi" and not wording.startswith(("जो", "जिन")):
                phrase.one, phrase.many = f"{wording} {phrase.one}", f"{wording} {phrase.many}"
            elif before:
                phrase.many = f"{wording} {phrase.many}"
                first, _, rest = phrase.one.partition(" ")
                phrase.one = f"{first} {wording} {rest}"
            else:
                phrase.one, phrase.many = f"{phrase.one} {wording}", f"{phrase.many} {wording}"
        if self.chance(0.12):
            which = self.draw.choice(("cheapest", "dearest"))
            form = self.pick(which)
            if "{np}" in form:
                phrase.one = form.replace("{np}", phrase.one)
                phrase.program += f" {'first' if which == 'cheapest' else 'last'} by price"
                phrase.shape += "#" + which

    def filter_price(self) -> tuple[str, str, bool]:
        low = self.draw.choice([self.draw.randint(2, 40), self.draw.randint(10, 300), self.draw.randint(1, 30) * 10])
        kind = self.draw.choices(("below", "above", "between"), (60, 22, 18))[0]
        wording = str(self.draw.choice(self.frames["filters"]["price_" + kind]))
        high = low + self.draw.randint(1, 12) * 5
        steps = {"below": f"price < {low}", "above": f"price > {low}", "between": f"price >= {low} price <= {high}"}
        return steps[kind], wording.replace("{n}", str(low)).replace("{m}", str(high)), False

    def filter_size(self) -> tuple[str, str, bool] | None:
        sizes = self.shop.raw["products"].get("sizes") or []
        size = (
            str(self.draw.choice(sizes))
            if sizes and self.chance(0.6)
            else self.draw.choice(["S", "M", "L", "XL", *map(str, range(36, 47))])
        )
        wording = str(self.draw.choice(self.frames["filters"]["size"]))
        value = size if re.fullmatch(r"\d+(\.\d+)?", size) else f'"{size}"'
        return f"size = {value}", wording.replace("{s}", size), False

    def filter_colour(self) -> tuple[str, str, bool] | None:
        colours = [c for c in self.shop.schema.colours if c in self.frames["colours"]]
        if not colours:
            return None
        colour = self.draw.choice(colours)
        said = self.draw.choice(str(self.frames["colours"][colour]).split("/"))
        return f'colour = "{colour}"', said, self.language in COLOUR_BEFORE

    def filter_words(self) -> tuple[str, str, bool]:
        said = str(self.draw.choice(list(self.frames["words"].values()))).split("/")[0]
        wording = str(self.draw.choice(self.frames["filters"]["name_words"])) if self.chance(0.6) else "{w}"
        return f'name = "{said}"', wording.replace("{w}", said), False
