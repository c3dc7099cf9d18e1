"""Kinds of questions that customers ask, each with its path program; names are marks still."""

from __future__ import annotations

import re

from training.noun_phrases import NounPhrases, Phrase
from training.shops import PEOPLE
from training.wording import BEFORE_NOUN

KINDS = {  # how many of a hundred questions
    "authored": 34, "wish": 24, "which": 11, "asks": 10, "named": 5, "browse": 6, "about": 1, "years": 3,
    "offtopic": 3, "count": 3,
}  # fmt: skip


class QuestionKinds(NounPhrases):
    """Draws the text, program and shape of each kind; None where the shop has nothing of the kind."""

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
        if "#" not in phrase.shape and self.chance(0.25):  # "the cheapest" is said of one
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
