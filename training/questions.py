"""Compose customers' sentences with their entities and path programs, for any invented shop and nine languages."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from training.noise import noisy
from training.shops import Shop, draw_name, frames
from walkiosk.skill.understanding import Mention
from walkiosk.store.knowledge_graph import LITERALS

SLOT = re.compile(r"\{(\w+)\}")
MARK = re.compile(r"⟦(\d+)⟧")
GENERIC = {  # goods without a category's word
    "en": ("the thing", "things"), "es": ("lo", "cosas"), "fr": ("l'article", "articles"), "de": ("das Ding", "Sachen"),
    "it": ("l'articolo", "articoli"), "pt": ("o artigo", "artigos"), "ru": ("вещь", "вещи"),
    "hi": ("वह चीज़", "चीज़ें"), "zh": ("那个东西", "东西"),
}  # fmt: skip
BEFORE_NOUN = ("zh",)  # languages whose modifiers come before the noun
COLOUR_BEFORE = ("en", "de", "ru", "hi", "zh")


CONTRACTIONS = {  # preposition and article that languages write as one
    "es": (("de el ", "del "), ("a el ", "al ")),
    "fr": (("de le ", "du "), ("de les ", "des "), ("à le ", "au "), ("à les ", "aux ")),
    "de": (("von dem ", "vom "), ("in das ", "ins "), ("zu der ", "zum "), ("von der ", "vom ")),
    "it": (("di il ", "del "), ("di la ", "della "), ("di l'", "dell'"), ("in il ", "nel "), ("in la ", "nella "),
           ("a il ", "al "), ("a la ", "alla "), ("da il ", "dal "), ("da la ", "dalla "), ("con il ", "col ")),
    "pt": (("de o ", "do "), ("de a ", "da "), ("em o ", "no "), ("em a ", "na "), ("por o ", "pelo "),
           ("por a ", "pela "), ("a o ", "ao ")),
}  # fmt: skip


FIRST = {  # "first" in figures, as people type it
    "en": (("first", "1st"), ("second", "2nd"), ("third", "3rd")),
    "es": (("primera", "1ª"), ("primer", "1er"), ("segunda", "2ª"), ("segundo", "2º")),
    "fr": (("première", "1re"), ("premier", "1er"), ("deuxième", "2e")),
    "de": (("ersten", "1."), ("erste", "1."), ("zweiten", "2."), ("zweite", "2.")),
    "it": (("prima", "1ª"), ("primo", "1º"), ("seconda", "2ª"), ("secondo", "2º")),
    "pt": (("primeira", "1ª"), ("primeiro", "1º"), ("segunda", "2ª"), ("segundo", "2º")),
    "ru": (("первый", "1-й"), ("первая", "1-я"), ("второй", "2-й")),
}


def in_figures(text: str, language: str) -> str:
    """Ordinals in figures; names are still marks and stay."""
    for word, figure in FIRST.get(language, ()):
        text = re.sub(rf"(?<!\w){word}(?!\w)", figure, text)
    return text


def contracted(text: str, language: str) -> str:
    for apart, together in CONTRACTIONS.get(language, ()):
        text = re.sub(rf"(?<!\w){re.escape(apart)}", together, text)
    return text


@dataclass(frozen=True)
class Question:
    """A sentence, what it mentions in order, and its program (None: nothing a graph could answer)."""

    shop: str
    language: str
    text: str
    mentions: tuple[Mention, ...]
    program: str | None
    shape: str  # how it was built: whole shapes can be held out
    spoken: str = ""  # before noise


@dataclass
class Phrase:
    """A noun phrase under construction; ⟦n⟧ stands for the n-th name drawn, in the text and in the program."""

    one: str
    many: str
    program: str
    shape: str


@dataclass
class Composer:
    """Draws questions of one shop in one language."""

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
                program, wording = program.replace(f"{{{slot}}}", value), wording.replace(f"{{{slot}}}", value)
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
        digits = {
            "en": f"{number}{'nd' if number == 2 else 'rd' if number == 3 else 'th'}",
            "de": f"{number}.",
            "ru": f"{number}-й",
        }
        said = digits.get(self.language, f"{number}º" if self.language in ("es", "it", "pt") else "")
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

    def question(self) -> Question:
        """Draw one question of any kind and finish it: names in, order of mention, noise."""
        kinds = {
            "authored": 34, "wish": 24, "which": 11, "asks": 10, "named": 5, "browse": 6, "about": 1, "years": 3,
            "offtopic": 3, "count": 3,
        }  # fmt: skip
        while True:
            self.names = []
            kind = self.draw.choices(list(kinds), list(kinds.values()))[0]
            made = getattr(self, "of_" + kind)()
            if made is None:
                continue
            text, program, shape = made
            question = self.finish(text, program, f"{kind}|{shape}")
            said = question.text.casefold()
            copied = re.findall(r'(?:name|size) = "?([^"]+?)"?(?= |$)', question.program or "")
            if len(question.text) < 330 and len(program or "") < 230 and all(w.casefold() in said for w in copied):
                return question

    def of_authored(self) -> tuple[str, str, str]:
        number = self.draw.randrange(len(self.shop.raw["authored"]))
        item = self.shop.raw["authored"][number]
        text, program = str(item[self.language]), str(item["program"])
        marks = [self.name(type_) for type_ in item["slots"]]
        text = re.sub(r"\{(\d+)\}", lambda m: marks[int(m[1]) - 1], text)
        parts = re.findall(r'"[^"]*"|\S+', program)
        for index, part in enumerate(parts):
            starts = index == 0 or parts[index - 1] == "("
            if starts and part.isdigit():
                parts[index] = marks[int(part) - 1]
        return text, " ".join(parts), f"authored{number}"

    def of_wish(self) -> tuple[str, str, str]:
        phrase = self.phrase("product", self.draw.choices((0, 1, 2), (62, 33, 5))[0])
        if self.chance(0.25):
            return self.pick("wish_many").replace("{pl}", phrase.many), phrase.program, phrase.shape
        return self.pick("wish").replace("{np}", phrase.one), phrase.program, phrase.shape

    def of_which(self) -> tuple[str, str, str] | None:
        heads = [f["head"] for f in self.fragments if f["head"] != "product"]
        if not heads:
            return None
        head = self.draw.choice(heads)
        phrase = self.phrase(head, self.draw.choices((0, 1, 2), (65, 32, 3))[0])
        if "#" not in phrase.shape and self.chance(0.3):
            words = self.shop.raw["types"][head][self.language]
            if self.language not in BEFORE_NOUN:
                rest = phrase.one.removeprefix(words["one"])
                return (
                    self.draw.choice((words["which"], words["which_many"])) + rest + "?",
                    phrase.program,
                    phrase.shape,
                )
        if "#" not in phrase.shape and self.chance(0.3):
            frame = self.pick_typed("which_many", head)
            return frame.replace("{pl}", phrase.many), phrase.program, phrase.shape
        return self.pick_typed("which", head).replace("{np}", phrase.one), phrase.program, phrase.shape

    def pick_typed(self, key: str, head: str) -> str:
        from training.shops import PEOPLE

        person = bool(PEOPLE.search(head))
        fitting = [
            item if isinstance(item, str) else item["w"]
            for item in self.frames[key]
            if isinstance(item, str) or item.get("t") != "person" or person
        ]
        return str(self.draw.choice(fitting))

    def of_count(self) -> tuple[str, str, str]:
        head = self.draw.choice([f["head"] for f in self.fragments])
        program, wording, shape = self.modifier(head, self.draw.choice((0, 0, 1)))
        words, condition = self.head_words(head)
        many = wording + words["many"] if self.language in BEFORE_NOUN else f"{words['many']} {wording}"
        return self.pick("count").replace("{pl}", many), f"{program}{condition} count", shape

    def of_asks(self) -> tuple[str, str, str]:
        item = self.draw.choice(self.shop.raw["asks"])
        program, text, shape = self.fill(item["program"], str(self.draw.choice(item[self.language])), 1)
        return text, program, shape

    def of_named(self) -> tuple[str, str, str]:
        text, program = self.pick("named"), "⟦0⟧"
        mark = self.name("product")
        if "{size}" in text:
            sizes = self.shop.raw["products"].get("sizes") or ["M", 42, "XL"]
            size = str(self.draw.choice(sizes))
            value = size if re.fullmatch(r"\d+(\.\d+)?", size) else f'"{size}"'
            text, program = text.replace("{size}", size), f"⟦0⟧ size = {value}"
        return text.replace("{x}", mark), program, "named"

    def of_about(self) -> tuple[str, str, str]:
        mark = self.name(self.draw.choice([*self.shop.raw["types"], "product"]))
        return self.pick("about").replace("{x}", mark), mark, "about"

    def of_browse(self) -> tuple[str, str, str]:
        """Goods by category and conditions alone."""
        words, condition = self.head_words("product")
        phrase = Phrase(words["one"], words["many"], f"*product{condition}", "browse")
        self.filter(phrase)
        if self.chance(0.6):
            if "#" in phrase.shape:
                return self.pick("wish").replace("{np}", phrase.one), phrase.program, phrase.shape
            return self.pick("wish_many").replace("{pl}", phrase.many), phrase.program, phrase.shape
        return self.pick("wish").replace("{np}", phrase.one), phrase.program, phrase.shape

    def of_years(self) -> tuple[str, str, str] | None:
        """Things of a type by year, alone or on top of a modifier."""
        heads = [t for t in self.shop.raw["types"] if self.shop.literal_keys(t)]
        if not heads:
            return None
        head = self.draw.choice(heads)
        key = self.draw.choice(self.shop.literal_keys(head))
        if not any("year" in r.object_types for r in self.shop.schema.relations if r.name == key):
            return None
        kind = self.draw.choice(("is", "before", "after", "between"))
        low = self.draw.randint(1900, 2020)
        high = low + self.draw.randint(1, 25)
        wording = str(self.draw.choice(self.frames["filters"]["year_" + kind]))
        wording = wording.replace("{n}", str(low)).replace("{m}", str(high))
        steps = {
            "is": f"{key} = {low}", "before": f"{key} < {low}", "after": f"{key} > {low}",
            "between": f"{key} >= {low} {key} <= {high}",
        }  # fmt: skip
        program, extra, shape = f"*{head}", "", ""
        if any(f["head"] == head for f in self.fragments) and self.chance(0.5):
            program, extra, shape = self.modifier(head, 0)
        many = self.shop.raw["types"][head][self.language]["many"]
        parts = [wording, extra, many] if self.language in BEFORE_NOUN else [many, extra, wording]
        said = self.gap.join(part for part in parts if part)
        return (
            self.pick_typed("which_many", head).replace("{pl}", said),
            f"{program} {steps[kind]}",
            f"year_{kind}{shape}",
        )

    def of_offtopic(self) -> tuple[str, None, str]:
        return self.pick("offtopic"), None, "offtopic"

    def finish(self, text: str, program: str | None, shape: str) -> Question:
        """Dress the sentence, number the names in the order of their mention, and add noise."""
        if self.chance(0.2):
            text = in_figures(text, self.language)
        text = self.dressed(text)
        order = list(dict.fromkeys(int(number) for number in MARK.findall(text)))
        if program is not None:
            program = MARK.sub(lambda m: str(order.index(int(m[1])) + 1), program)
        pieces: list[tuple[str, int | None]] = []
        at = 0
        for match in MARK.finditer(text):
            pieces += [(text[at : match.start()], None), (self.names[int(match[1])].text, int(match[1]))]
            at = match.end()
        pieces.append((text[at:], None))
        spoken = "".join(piece for piece, _ in pieces)
        changed = noisy(pieces, self.language, self.draw)
        said = {number: piece.strip() for piece, number in reversed(changed) if number is not None}
        mentions = tuple(Mention(said[number], self.names[number].type) for number in order)
        final = " ".join("".join(piece for piece, _ in changed).split())
        if program is not None:  # a word that noise changed is matched as it was said
            program = _as_said(program, final)
        return Question(self.shop.key, self.language, final, mentions, program, shape, spoken)

    def dressed(self, text: str) -> str:
        """Wake phrase, greeting, hesitation, something said around the wish, a word of thanks."""
        comma = "，" if self.language == "zh" else ", "
        if self.chance(0.12):
            text = (
                f"{text}{self.gap}{self.pick('context')}"
                if self.chance(0.5)
                else f"{self.pick('context')}{self.gap}{text}"
            )
        if self.chance(0.1):
            text = f"{self.pick('hesitations')}{comma}{text}"
        if self.chance(0.12):
            text = f"{self.pick('hello')}{comma}{text}"
        if self.chance(0.3):
            wake = self.draw.choice([*self.shop.raw["wake"], "OK Walmrt", "OK Walmart", "hey kiosk", "OK shop"])
            text = f"{wake}{comma}{text}"
        if self.chance(0.12) and not text.endswith("?"):
            text = f"{text.rstrip('.。')}{comma}{self.pick('bye')}"
        return text


def _as_said(program: str, text: str) -> str:
    def value(match: re.Match[str]) -> str:
        word = match[2]
        at = text.casefold().find(word.casefold())
        return f'{match[1]} = "{text[at : at + len(word)] if at >= 0 else word}"'

    return re.sub(r'(name|size) = "([^"]*)"', value, program)
