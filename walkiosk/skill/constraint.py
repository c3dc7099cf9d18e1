"""The automaton that holds understanding to the loaded graph: spans copied from the sentence, types and relations of
the schema, and programs that the graph can run.

Words are spelled one by one, as in training; a word that begins another (``first`` and ``first_flight``) stays open
until the next token tells.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from walkiosk.modality.text import END, LANGUAGES, Vocabulary
from walkiosk.skill.copying import Choice, Copy, Spelling
from walkiosk.skill.understanding import NOTHING, OPERATORS, Mention
from walkiosk.store.knowledge_graph import PRODUCT, PRODUCT_KEYS, Schema

MOST_MENTIONS = 6
MOST_WORDS = 48  # of a program
LONGEST_VALUE = 12  # tokens
ORDERED_KEYS = ("price", "size")
Types = frozenset[str]


@lru_cache(maxsize=4)
def spelling_of(vocabulary: Vocabulary) -> Spelling:
    return Spelling(vocabulary)


@dataclass
class Frame:
    """A program under construction: the types it has reached, and how it may be ordered."""

    types: Types
    ordered: bool = False
    hops: int = 0
    joins: str = ""  # "and" or "not" of the program around it


class UnderstandingConstraint:
    """Allows ``language, entities, <|program|>, program, end`` (or no program) for one sentence."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        schema: Schema,
        text: str,
        programs: bool,
        languages: Sequence[str] = LANGUAGES,
        types_of: Callable[[str], Collection[str]] | None = None,
    ) -> None:
        self.types_of = types_of
        self.vocabulary, self.schema, self.text, self.programs = vocabulary, schema, text, programs
        special = vocabulary.special
        self.end, self.is_, self.next_, self.program_ = (special(n) for n in (END, "<|is|>", "<|next|>", "<|program|>"))
        self.spelling = spelling_of(vocabulary)
        self.language = ""
        self.mentions: list[Mention] = []
        self.words: list[str] = []
        self.frames: list[Frame] = []
        self.told: list[str] = [code for code in languages]
        self._span = ""
        self._written: list[int] = []
        self._walk: Choice | Copy | None = None
        self._then: Callable[[str], None] | None = None
        self._options: Callable[[], tuple[list[int], dict[str, Callable[[str], None]]]] = self._languages
        self._then_of: dict[str, Callable[[str], None]] = {}
        self._joins = ""
        self._value_tokens = 0
        self._numbers = False

    def take(self, language: str, mentions: Sequence[Mention]) -> None:
        """Start behind entities that are given rather than written."""
        self.language, self.mentions = language, list(mentions)
        self._options = self._entities

    def _tokens(self, word: str) -> list[int]:
        return _encoded(self.vocabulary, word)

    # what may come at each place: tokens that stand alone, and words with what follows each

    def _languages(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        tokens = [self.vocabulary.language(code) for code in self.told]
        if len(self.told) > 1:
            tokens.append(self.vocabulary.special("<|other|>"))
        return tokens, {}

    def _entities(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        return [self.program_ if self.programs else self.end], {}

    def _types(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        known = set(self.types_of(self._span.strip())) & set(self.schema.types) if self.types_of else set()
        return [], {f" {name}": self._typed for name in self.schema.types if not known or name in known}

    def _after_type(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        return [self.next_], {}

    def _ended(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        return [self.end], {}

    def _source(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        words: dict[str, Callable[[str], None]] = {
            f" {number}": self._from_entity for number in range(1, len(self.mentions) + 1)
        }
        words[" *"] = self._from_type
        if len(self.frames) == 0:
            words[f" {NOTHING}"] = self._nothing
        return [], words

    def _source_types(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        outer = self.frames[-1].types if self.frames else None
        names = [t for t in self.schema.types if outer is None or t in outer]
        return [], {f" {name}": self._everything for name in names}

    def _steps(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        frame = self.frames[-1]
        words: dict[str, Callable[[str], None]] = {}
        tokens: list[int] = []
        nested = len(self.frames) > 1
        joinable = not nested or bool(frame.types & self.frames[-2].types)
        if nested and joinable:
            words[" )"] = self._close
        elif not nested:
            tokens.append(self.end)
        if len(self.words) >= MOST_WORDS and (joinable or not nested):
            return tokens, words
        forward, backward = self._relations(True), self._relations(False)
        if forward:
            words[" >"] = self._hop
        if backward:
            words[" <"] = self._hop
        if frame.types & set(self.schema.types):
            if len(self.frames) < 4:
                words[" and"] = words[" not"] = self._open
            for pick in ("first", "last", "nth"):
                if frame.ordered or self._order_keys():
                    words[f" {pick}"] = self._pick
            for key in self.schema.keys(frame.types):
                words[f" {key}"] = self._key
            if frame.types - {PRODUCT}:
                words[" name"] = self._key
            if not nested:
                words[" count"] = self._count
        return tokens, words

    def _relations(self, forward: bool) -> dict[str, Types]:
        types = self.frames[-1].types
        found = {}
        for relation in self.schema.relations:
            here, there = relation.subject_types, relation.object_types
            if relation.literal and (not forward or len(self.frames) > 1):
                continue  # a year leads nowhere, and a program within brackets has to meet the one around it
            if not forward:
                here, there = there, here
            if types & set(here):
                found[relation.name] = frozenset(there)
        return found

    def _order_keys(self) -> list[str]:
        frame = self.frames[-1]
        keys = [key for key in self.schema.keys(frame.types) if key not in PRODUCT_KEYS or key in ORDERED_KEYS]
        return keys

    # what each word does

    def _typed(self, word: str) -> None:
        self.mentions.append(Mention(self._span.strip(), word.strip()))
        self._options = self._after_type

    def _nothing(self, word: str) -> None:
        self.words.append(word)
        self._options = self._ended

    def _from_entity(self, word: str) -> None:
        self.words.append(word)
        self._begin(frozenset({self.mentions[int(word) - 1].type}))

    def _from_type(self, word: str) -> None:
        self.words.append(word)
        self._options = self._source_types

    def _everything(self, word: str) -> None:
        self.words.append(word)
        self._begin(frozenset({word.strip()}))

    def _begin(self, types: Types) -> None:
        self.frames.append(Frame(types, joins=self._joins if self.frames else ""))
        self._options = self._steps

    def _hop(self, word: str) -> None:
        self.words.append(word)
        forward = word == " >"
        targets = self._relations(forward)

        def hopped(name: str) -> None:
            self.words.append(name)
            frame = self.frames[-1]
            frame.types = targets[name.strip()]
            frame.ordered = bool(self.schema.by_name[name.strip()].ordered_by)
            self._options = self._steps

        self._options = lambda: ([], {f" {name}": hopped for name in targets})

    def _open(self, word: str) -> None:
        self.words.append(word)

        def opened(bracket: str) -> None:
            self.words.append(bracket)
            self._joins = word.strip()
            self._options = self._source

        self._options = lambda: ([], {" (": opened})

    def _close(self, word: str) -> None:
        self.words.append(word)
        inner = self.frames.pop()
        if inner.joins == "and":
            self.frames[-1].types &= inner.types
        self._options = self._steps

    def _pick(self, word: str) -> None:
        self.words.append(word)
        must = not self.frames[-1].ordered

        def by(after: str) -> None:
            self.words.append(after)
            self._options = lambda: ([], {f" {key}": self._word_then_steps for key in self._order_keys()})

        def maybe_by() -> tuple[list[int], dict[str, Callable[[str], None]]]:
            tokens, words = ([], {}) if must else self._steps()
            return tokens, words | ({" by": by} if self._order_keys() else {})

        if word == " nth":

            def numbered(number: str) -> None:
                self.words.append(number)
                self._options = maybe_by

            self._options = lambda: ([], {f" {number}": numbered for number in range(1, 100)})
        else:
            self._options = maybe_by

    def _word_then_steps(self, word: str) -> None:
        self.words.append(word)
        self._options = self._steps

    def _count(self, word: str) -> None:
        self.words.append(word)
        self._options = self._ended

    def _key(self, word: str) -> None:
        self.words.append(word)
        key = word.strip()
        relation = self.schema.literal_relation(key)
        ordered = key in ORDERED_KEYS or (relation is not None and relation.object_types != ("text",))

        def compared(operator: str) -> None:
            self.words.append(operator)
            if key == "category" and not relation:
                self._options = lambda: ([], {f" {name}": self._valued for name in self.schema.categories})
            elif key == "colour" and not relation:
                self._options = lambda: ([], {f" {name}": self._valued for name in self.schema.colours})
            else:
                self._numbers = key == "price" or (relation is not None and relation.object_types != ("text",))
                self._value_tokens, self._written = 0, []
                self._walk = Copy(self.spelling, self.text)
                self._options = self._value

        choices = OPERATORS if ordered else ("=",)
        self._options = lambda: ([], {f" {operator}": compared for operator in choices})

    def _valued(self, word: str) -> None:
        self.words.append(word)
        self._options = self._value_end

    def _value_end(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        return [self.next_], {}

    def _value(self) -> tuple[list[int], dict[str, Callable[[str], None]]]:
        """A number written anew, or words copied from the sentence."""
        if self._numbers:
            tokens = self.spelling.digits if self._value_tokens else self.spelling.first_digits
            if self._value_tokens >= LONGEST_VALUE:
                return [self.next_], {}
            return [*tokens, *([self.next_] if self._has_digit() else [])], {}
        assert isinstance(self._walk, Copy)
        if self._value_tokens and not self._walk.begun:  # in figures, where the sentence has words
            return [*self.spelling.digits, *([self.next_] if self._has_digit() else [])], {}
        tokens = self._walk.allowed() if self._value_tokens < LONGEST_VALUE else []
        if not self._value_tokens and self.words[-2] == " size":
            tokens = sorted({*tokens, *self.spelling.first_digits})
        return [*tokens, *([self.next_] if self._value_tokens else [])], {}

    def _has_digit(self) -> bool:
        return any(character.isdigit() for character in self.vocabulary.decode(self._written))

    # the walk itself

    def _trie(self, words: dict[str, Callable[[str], None]]) -> Choice:
        return Choice({word: self._tokens(word) for word in words})

    def allowed(self) -> list[int]:
        if self._options == self._entities and isinstance(self._walk, Copy):  # inside a span
            tokens = self._walk.allowed()
            return [*tokens, self.is_] if self._walk.begun else tokens
        if isinstance(self._walk, Choice) and self._walk.begun:
            tokens = self._walk.allowed()
            if self._walk.whole is not None:
                word, then = self._walk.whole, self._then_of[self._walk.whole]
                after = self._peek(word, then)
                tokens = [*tokens, *(token for token in after if token not in tokens)]
            return tokens
        alone, words = self._options()
        tokens = list(alone)
        if self._options == self._entities and len(self.mentions) < MOST_MENTIONS:
            tokens += Copy(self.spelling, self.text).allowed()
        if words:
            tokens += self._trie(words).allowed()
        return tokens

    def _peek(self, word: str, then: Callable[[str], None]) -> list[int]:
        """What may follow once ``word`` is taken as whole; nothing is changed."""
        kept = self._keep()
        self._walk = None
        then(word)
        tokens = self.allowed()
        self._restore(kept)
        return tokens

    def _keep(self) -> tuple[object, ...]:
        frames = [Frame(f.types, f.ordered, f.hops, f.joins) for f in self.frames]
        return (
            self._walk, self._options, list(self.words), list(self.mentions), frames, self._joins, self._numbers,
            self._value_tokens, self._written, self._then_of,
        )  # fmt: skip

    def _restore(self, kept: tuple[object, ...]) -> None:
        (self._walk, self._options, self.words, self.mentions, self.frames, self._joins, self._numbers,
         self._value_tokens, self._written, self._then_of) = kept  # type: ignore[assignment]  # fmt: skip

    def finish(self) -> None:
        """Take a word that was still open as whole: nothing more comes."""
        if isinstance(self._walk, Choice) and self._walk.whole is not None:
            word, self._walk = self._walk.whole, None
            self._then_of[word](word)

    def advance(self, token: int) -> None:
        if isinstance(self._walk, Choice) and self._walk.begun:
            if token in self._walk.node:
                self._walk.advance(token)
                self._finish_if_leaf()
                return
            word = self._walk.whole
            assert word is not None
            self._walk = None
            self._then_of[word](word)
            self.advance(token)
            return
        if self._options == self._languages:
            self.language = next((code for code in LANGUAGES if self.vocabulary.language(code) == token), "other")
            self._options, self._walk = self._entities, None
        elif self._options == self._entities:
            self._advance_entities(token)
        elif self._options == self._after_type:
            self._options, self._walk = self._entities, None
        elif self._options in (self._value, self._value_end):
            self._advance_value(token)
        elif token != self.end:
            _, words = self._options()
            self._walk, self._then_of = self._trie(words), dict(words)
            self._walk.advance(token)
            self._finish_if_leaf()

    def _finish_if_leaf(self) -> None:
        """A word that no longer one begins is taken at once."""
        assert isinstance(self._walk, Choice)
        if not self._walk.allowed():
            word = self._walk.whole
            assert word is not None
            self._walk = None
            self._then_of[word](word)

    def _advance_entities(self, token: int) -> None:
        if token == self.program_:
            self._options, self._walk = self._source, None
        elif token == self.is_:
            self._span = self.vocabulary.decode(self._written)
            self._options, self._walk = self._types, None
        elif token != self.end:
            if not isinstance(self._walk, Copy):
                self._walk, self._written = Copy(self.spelling, self.text), []
            self._walk.advance(token)
            self._written.append(token)

    def _advance_value(self, token: int) -> None:
        if token == self.next_:
            if self._options == self._value:
                self.words.append(" " + self.vocabulary.decode(self._written).strip())
            self.words.append("<|next|>")
            self._options, self._walk = self._steps, None
            return
        if isinstance(self._walk, Copy) and not self._numbers:
            if token in self._walk.allowed():
                self._walk.advance(token)
            else:  # a size in figures that was said in words
                self._walk.ends = set()
        self._written.append(token)
        self._value_tokens += 1


@lru_cache(maxsize=20_000)
def _encoded(vocabulary: Vocabulary, word: str) -> list[int]:
    return vocabulary.encode(word)
