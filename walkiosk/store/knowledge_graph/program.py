"""Path programs: their text form, and the tree it is read into.

    program := source step*                 source := INT | *TYPE
    step    := >RELATION | <RELATION        hop along a relation, or against it
             | and ( program ) | not ( program )
             | first [by KEY] | last [by KEY] | nth INT [by KEY]
             | KEY OP VALUE | count         OP := = < > <= >=

Tokens are separated by one space; a VALUE is a bare number or date, or words in double quotes.
"""

import re
from dataclasses import dataclass, field
from typing import Literal, get_args

from walkiosk.store.knowledge_graph.schema import NAME, RESERVED

MAX_STEPS = 40  # of a whole program, nested ones included
MAX_DEPTH = 6
Operator = Literal["=", "<", ">", "<=", ">="]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
_BARE = re.compile(r"-?\d{1,15}(\.\d{1,9})?|\d{4}-\d\d-\d\d", re.ASCII)


class ProgramError(ValueError):
    """A text that is no path program, or one that this shop's graph cannot run.

    `position` is the 0-based character where reading or checking stopped, `reason` says why.
    """

    def __init__(self, reason: str, position: int, text: str = "") -> None:
        super().__init__(f"{reason} (at character {position}{f' of {text!r}' if text else ''})")
        self.reason = reason
        self.position = position


@dataclass(frozen=True, slots=True)
class Source:
    """Where a program starts: entity number `entity` of the sentence (1-based), or everything of `type`."""

    entity: int | None
    type: str | None = None
    position: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"*{self.type}" if self.entity is None else str(self.entity)


@dataclass(frozen=True, slots=True)
class Hop:
    """Along a relation from subject to object when `forward`, else from object to subject."""

    relation: str
    forward: bool
    position: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{'>' if self.forward else '<'}{self.relation}"


@dataclass(frozen=True, slots=True)
class Combine:
    """Keeps what is also in `program`, or with `keep` false what is not in it."""

    program: "PathProgram"
    keep: bool
    position: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{'and' if self.keep else 'not'} ( {self.program} )"


@dataclass(frozen=True, slots=True)
class Pick:
    """The n-th from the start or (`last`) the first from the end, in the hop's own order or `by` a key."""

    which: Literal["first", "last", "nth"]
    n: int = 1
    by: str | None = None
    position: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        which = f"nth {self.n}" if self.which == "nth" else self.which
        return f"{which} by {self.by}" if self.by else which


@dataclass(frozen=True, slots=True)
class Value:
    """The right side of a filter as it is written, without the quotes."""

    text: str
    quoted: bool = False

    def __str__(self) -> str:
        return f'"{self.text}"' if self.quoted else self.text


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps what carries a value of `key` that compares so."""

    key: str
    operator: Operator
    value: Value
    position: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.key} {self.operator} {self.value}"


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are."""

    position: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return "count"


Step = Hop | Combine | Pick | Filter | Count


@dataclass(frozen=True, slots=True)
class PathProgram:
    """A source and the steps from it; `str` gives the text that `parse` reads."""

    source: Source
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, (self.source, *self.steps)))

    @staticmethod
    def parse(text: str) -> "PathProgram":
        """Reads the text form; raises `ProgramError` with position and reason."""
        return _Reader(text).whole()

    def entities(self) -> int:
        """The highest entity number that it or a program within it mentions; 0 for none."""
        nested = [step.program.entities() for step in self.steps if isinstance(step, Combine)]
        return max(self.source.entity or 0, *nested, 0)


def _tokens(text: str) -> list[tuple[str, int]]:
    """The tokens and where each begins."""
    tokens: list[tuple[str, int]] = []
    start = 0
    while start < len(text):
        end = text.find('"', start + 1) + 1 if text[start] == '"' else text.find(" ", start)
        if text[start] == '"' and end == 0:
            raise ProgramError("a quote is not closed", start, text)
        end = len(text) if end == -1 else end
        if end == start or text[end : end + 1] not in ("", " "):
            raise ProgramError("one space between tokens", end, text)
        tokens.append((text[start:end], start))
        start = end + 1
    if text.endswith(" ") and start == len(text):
        raise ProgramError("a token expected", start, text)
    return tokens


class _Reader:
    """Reads tokens from left to right, one token of look-ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.next = 0
        self.steps = 0

    def fail(self, reason: str, back: int = 0) -> ProgramError:
        at = self.next - back
        return ProgramError(reason, self.tokens[at][1] if at < len(self.tokens) else len(self.text), self.text)

    def peek(self) -> str | None:
        return self.tokens[self.next][0] if self.next < len(self.tokens) else None

    def take(self, what: str) -> str:
        token = self.peek()
        if token is None:
            raise self.fail(f"{what} expected, the text ends")
        self.next += 1
        return token

    def whole(self) -> PathProgram:
        program = self.program(0)
        if self.peek() is not None:
            raise self.fail("`)` without `(`")
        return program

    def program(self, depth: int) -> PathProgram:
        if depth > MAX_DEPTH:
            raise self.fail(f"nested deeper than {MAX_DEPTH}")
        source = self.source()
        steps: list[Step] = []
        while self.peek() not in (None, ")"):
            if steps and isinstance(steps[-1], Count):
                raise self.fail("`count` is the last step")
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise self.fail(f"more than {MAX_STEPS} steps")
            steps.append(self.step(depth))
        if depth and steps and isinstance(steps[-1], Count):
            raise self.fail("no `count` within parentheses", back=1)
        return PathProgram(source, tuple(steps))

    def source(self) -> Source:
        position = self.tokens[self.next][1] if self.next < len(self.tokens) else len(self.text)
        token = self.take("an entity number or *TYPE")
        if token[0] == "*" and NAME.fullmatch(token[1:]):
            return Source(None, token[1:], position)
        number = self.number(token)
        if number is None:
            raise self.fail(f"an entity number or *TYPE expected, not `{token}`", back=1)
        return Source(number, None, position)

    @staticmethod
    def number(token: str) -> int | None:
        return int(token) if re.fullmatch(r"[1-9][0-9]{0,3}", token) else None

    def step(self, depth: int) -> Step:
        position = self.tokens[self.next][1]
        token = self.take("a step")
        if token[0] in "<>" and NAME.fullmatch(token[1:]):
            return Hop(token[1:], token[0] == ">", position)
        if token in ("and", "not"):
            return self.combine(token == "and", depth, position)
        if token in ("first", "last", "nth"):
            return self.pick(token, position)
        if token == "count":
            return Count(position)
        if NAME.fullmatch(token) and token not in RESERVED:
            return self.filter(token, position)
        raise self.fail(f"a step expected, not `{token}`", back=1)

    def combine(self, keep: bool, depth: int, position: int) -> Combine:
        if self.take("`(`") != "(":
            raise self.fail("`(` expected", back=1)
        program = self.program(depth + 1)
        self.take("`)`")  # only `)` or the end stops a program
        return Combine(program, keep, position)

    def pick(self, token: str, position: int) -> Pick:
        n = 1
        if token == "nth":
            found = self.number(self.take("a number after `nth`"))
            if found is None:
                raise self.fail("a number from 1 expected after `nth`", back=1)
            n = found
        by = None
        if self.peek() == "by":
            self.next += 1
            by = self.take("a key after `by`")
            if not NAME.fullmatch(by) or by in RESERVED:
                raise self.fail(f"a key expected after `by`, not `{by}`", back=1)
        which: Literal["first", "last", "nth"] = "first" if token == "first" else "last" if token == "last" else "nth"
        return Pick(which, n, by, position)

    def filter(self, key: str, position: int) -> Filter:
        sign = self.take(f"a comparison after `{key}`")
        operator = next((o for o in OPERATORS if o == sign), None)
        if operator is None:
            raise self.fail(f"one of {' '.join(OPERATORS)} expected after `{key}`, not `{sign}`", back=1)
        token = self.take("a value")
        if token[0] == '"' and token[1:-1].strip():
            return Filter(key, operator, Value(token[1:-1], True), position)
        if not _BARE.fullmatch(token):
            raise self.fail(f"a number, a date or words in double quotes expected, not `{token}`", back=1)
        return Filter(key, operator, Value(token), position)
