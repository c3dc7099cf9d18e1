"""Compose customers' sentences with their entities and path programs, for any invented shop and nine languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from training.noise import noisy
from training.question_kinds import KINDS, QuestionKinds
from training.wording import in_figures
from walkiosk.skill.understanding import Mention

MARK = re.compile(r"⟦(\d+)⟧")


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


class Composer(QuestionKinds):
    """Draws questions of one shop in one language."""

    def question(self) -> Question:
        """Draw one question of any kind and finish it: names in, order of mention, noise."""
        while True:
            self.names = []
            kind = self.draw.choices(list(KINDS), list(KINDS.values()))[0]
            made = getattr(self, "of_" + kind)()
            if made is None:
                continue
            text, program, shape = made
            question = self.finish(text, program, f"{kind}|{shape}")
            said = question.text.casefold()
            copied = re.findall(r'(?:name|size) = "?([^"]+?)"?(?= |$)', question.program or "")
            if len(question.text) < 330 and len(program or "") < 230 and all(w.casefold() in said for w in copied):
                return question

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
