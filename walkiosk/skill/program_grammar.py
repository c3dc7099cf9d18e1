"""What a program may be before one schema: where it starts, what it hops along, filters, picks, joins and counts.

Each place offers words only that the graph can run behind those before: a frame keeps the types that were reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from walkiosk.modality.text import END
from walkiosk.skill.phrases import AS_IT_IS, FORWARD, NOTHING
from walkiosk.skill.program_value import Number, Quoted
from walkiosk.skill.word_walk import Place, Sentence, SoFar, Then, Tokens, Words
from walkiosk.store.knowledge_graph import OPERATORS, PRODUCT, PRODUCT_KEYS

MOST_WORDS = 48  # of a program
DEEPEST = 4  # programs within each other
HIGHEST_NTH = 99
ORDERED_KEYS = ("price", "size")
Types = frozenset[str]


@dataclass(frozen=True)
class Frame:
    """A program, or one within brackets, under construction: the types it has reached, and how it may be ordered."""

    types: Types
    ordered: bool = False  # the last relation has an order
    joins: str = ""  # "and" or "not" of the program around it


@dataclass(frozen=True)
class Draft:
    """A program so far: its words, and its frames, the innermost last."""

    so_far: SoFar
    frames: tuple[Frame, ...] = ()
    joins: str = ""  # how the frame that is about to begin joins the one around it

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    @property
    def nested(self) -> bool:
        return len(self.frames) > 1

    def wrote(self, *words: str) -> Draft:
        return replace(self, so_far=self.so_far.wrote(*words))

    def begun(self, types: Types) -> Draft:
        return replace(self, frames=(*self.frames, Frame(types, joins=self.joins)))

    def reached(self, types: Types, ordered: bool) -> Draft:
        return replace(self, frames=(*self.frames[:-1], replace(self.frame, types=types, ordered=ordered)))

    def closed(self) -> Draft:
        """Out of the brackets: "and" leaves the types that both programs have reached."""
        outer, inner = self.frames[-2:]
        types = outer.types & inner.types if inner.joins == "and" else outer.types
        return replace(self, frames=self.frames[:-1]).reached(types, outer.ordered)


class ProgramGrammar:
    """The places of a program; each method behind a word gets the draft before it and the word."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence, self.schema = sentence, sentence.phrases.schema
        self._types = frozenset(self.schema.types)
        self._end, self._next = (sentence.vocabulary.special(name) for name in (END, "<|next|>"))

    def start(self, so_far: SoFar) -> Place:
        return self._source(Draft(so_far))

    def _words(self, draft: Draft, then: Mapping[str, Then], may_end: bool = False, role: str = AS_IT_IS) -> Place:
        return Words(draft.so_far, self.sentence, then, self._end if may_end else None, role)

    # where a program starts

    def _source(self, draft: Draft) -> Place:
        words: dict[str, Then] = {
            f" {number}": partial(self._from_entity, draft, mention.type)
            for number, mention in enumerate(draft.so_far.mentions, 1)
        }
        words[" *"] = partial(self._from_type, draft)
        if not draft.frames:
            words[f" {NOTHING}"] = partial(self._ended, draft)
        return self._words(draft, words)

    def _from_entity(self, draft: Draft, type_: str, word: str) -> Place:
        return self._steps(draft.wrote(word).begun(frozenset({type_})))

    def _from_type(self, draft: Draft, word: str) -> Place:
        draft = draft.wrote(word)
        names = [name for name in self.schema.types if not draft.frames or name in draft.frame.types]
        return self._words(draft, {f" {name}": partial(self._everything, draft) for name in names})

    def _everything(self, draft: Draft, word: str) -> Place:
        return self._steps(draft.wrote(word).begun(frozenset({word.strip()})))

    def _ended(self, draft: Draft, word: str) -> Place:
        return self._words(draft.wrote(word), {}, may_end=True)

    # how it goes on

    def _steps(self, draft: Draft) -> Place:
        return self._words(draft, self._next_steps(draft), may_end=not draft.nested, role=FORWARD)

    def _next_steps(self, draft: Draft) -> dict[str, Then]:
        joinable = not draft.nested or bool(draft.frame.types & draft.frames[-2].types)
        words: dict[str, Then] = {}
        if draft.nested and joinable:
            words[" )"] = partial(self._close, draft)
        if len(draft.so_far.words) >= MOST_WORDS and joinable:
            return words
        for direction in (" >", " <"):
            if targets := self._targets(draft, direction == " >"):
                words[direction] = partial(self._hop, draft, targets)
        if draft.frame.types & self._types:  # a year or a text has neither filters nor order
            words |= self._restrictions(draft)
        return words

    def _restrictions(self, draft: Draft) -> dict[str, Then]:
        types = draft.frame.types
        words: dict[str, Then] = {}
        if len(draft.frames) < DEEPEST:
            words[" and"] = words[" not"] = partial(self._open, draft)
        if draft.frame.ordered or self._order_keys(types):
            words |= {f" {pick}": partial(self._pick, draft) for pick in ("first", "last", "nth")}
        words |= {f" {key}": partial(self._key, draft) for key in self.schema.keys(types)}
        if types - {PRODUCT}:
            words[" name"] = partial(self._key, draft)
        if not draft.nested:
            words[" count"] = partial(self._ended, draft)
        return words

    def _targets(self, draft: Draft, forward: bool) -> dict[str, Types]:
        """The relations that lead on from the types reached, and the types that each leads to."""
        found = {}
        for relation in self.schema.relations:
            if relation.literal and (not forward or draft.nested):
                continue  # a year leads nowhere, and a program within brackets has to meet the one around it
            here, there = relation.subject_types, relation.object_types
            if not forward:
                here, there = there, here
            if not draft.frame.types.isdisjoint(here):
                found[relation.name] = frozenset(there)
        return found

    def _hop(self, draft: Draft, targets: dict[str, Types], word: str) -> Place:
        draft = draft.wrote(word)
        hops = {f" {name}": partial(self._hopped, draft, types) for name, types in targets.items()}
        return self._words(draft, hops, role=word.strip())

    def _hopped(self, draft: Draft, types: Types, name: str) -> Place:
        ordered = bool(self.schema.by_name[name.strip()].ordered_by)
        return self._steps(draft.wrote(name).reached(types, ordered))

    # joins

    def _open(self, draft: Draft, word: str) -> Place:
        draft = replace(draft.wrote(word), joins=word.strip())
        return self._words(draft, {" (": partial(self._opened, draft)})

    def _opened(self, draft: Draft, bracket: str) -> Place:
        return self._source(draft.wrote(bracket))

    def _close(self, draft: Draft, bracket: str) -> Place:
        return self._steps(draft.wrote(bracket).closed())

    # one of several, by its place in an order

    def _order_keys(self, types: Types) -> list[str]:
        return [key for key in self.schema.keys(types) if key not in PRODUCT_KEYS or key in ORDERED_KEYS]

    def _pick(self, draft: Draft, word: str) -> Place:
        draft = draft.wrote(word)
        if word != " nth":
            return self._picked(draft)
        return self._words(draft, {f" {n}": partial(self._numbered, draft) for n in range(1, HIGHEST_NTH + 1)})

    def _numbered(self, draft: Draft, number: str) -> Place:
        return self._picked(draft.wrote(number))

    def _picked(self, draft: Draft) -> Place:
        """What has no order of its own has to say by which key it is ordered."""
        goes_on = draft.frame.ordered
        words = self._next_steps(draft) if goes_on else {}
        if self._order_keys(draft.frame.types):
            words[" by"] = partial(self._by, draft)
        return self._words(draft, words, may_end=goes_on and not draft.nested, role=FORWARD)

    def _by(self, draft: Draft, word: str) -> Place:
        draft = draft.wrote(word)
        keys = self._order_keys(draft.frame.types)
        return self._words(draft, {f" {key}": partial(self._ordered, draft) for key in keys}, role=FORWARD)

    def _ordered(self, draft: Draft, key: str) -> Place:
        return self._steps(draft.wrote(key))

    # filters

    def _key(self, draft: Draft, word: str) -> Place:
        draft, key = draft.wrote(word), word.strip()
        operators = OPERATORS if key in ORDERED_KEYS or self._in_figures(key) else ("=",)
        return self._words(draft, {f" {operator}": partial(self._compared, draft, key) for operator in operators})

    def _in_figures(self, key: str) -> bool:
        relation = self.schema.literal_relation(key)
        return relation is not None and relation.object_types != ("text",)

    def _compared(self, draft: Draft, key: str, operator: str) -> Place:
        draft = draft.wrote(operator)
        own = self.schema.literal_relation(key) is None  # a key of goods, not a relation of that name
        if own and key in ("category", "colour"):
            names = self.schema.categories if key == "category" else self.schema.colours
            return self._words(draft, {f" {name}": partial(self._chosen, draft) for name in names})
        then = partial(self._valued, draft)
        if key == "price" or self._in_figures(key):
            return Number(draft.so_far, self.sentence, then)
        return Quoted(draft.so_far, self.sentence, then, figures=key == "size")

    def _chosen(self, draft: Draft, name: str) -> Place:
        chosen = draft.wrote(name)
        return Tokens(chosen.so_far, {self._next: partial(self._valued, draft, name)})

    def _valued(self, draft: Draft, value: str) -> Place:
        return self._steps(draft.wrote(value, "<|next|>"))
