"""How the loaded graph, its questions and its answers are spelled in tokens; shared by three skills and by training.

The schema is the prefix that every question of a shop shares: its keys and values are computed once a shop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from walkiosk.modality.text import END, LANGUAGES, Vocabulary
from walkiosk.skill.phrases import AS_IT_IS, BACKWARD, FORWARD, NOTHING, Phrases
from walkiosk.store.knowledge_graph import OPERATORS, PathProgram

WORD = re.compile(r'"[^"]*"|\S+')


@dataclass(frozen=True)
class Mention:
    """An entity as it was said."""

    text: str
    type: str


def schema_text(phrases: Phrases) -> str:
    """The schema as it is read: types, what leads from each and back, then the goods' categories and colours.

    A step is written as programs write it, so that what fits the question has only to be copied.
    """
    schema = phrases.schema
    parts = [f" {', '.join(schema.types)};"]
    for relation in schema.relations:
        step = f" {'|'.join(relation.subject_types)} > {phrases.of(relation.name, FORWARD).strip()}"
        back = "" if relation.literal else f" < {phrases.of(relation.name, BACKWARD).strip()}"
        parts.append(f"{step}{back};")
    for section, names in (("category", schema.categories), ("colour", schema.colours)):
        if names:
            parts.append(f" {section} = {', '.join(names)};")
    return "".join(parts)


def schema_tokens(vocabulary: Vocabulary, phrases: Phrases) -> tuple[int, ...]:
    return (vocabulary.special("<|schema|>"), *vocabulary.encode(schema_text(phrases)))


def words_of(program: str) -> list[str]:
    """Split the text of a program into the words that the model writes one by one; values end with ``<|next|>``."""
    words: list[str] = []
    after_operator = False
    for part in WORD.findall(program):
        if after_operator:
            words += [" " + part.strip('"'), "<|next|>"]
            after_operator = False
        elif part in OPERATORS:
            words.append(" " + part)
            after_operator = True
        elif len(part) > 1 and part[0] in "<>*":
            words += [" " + part[0], " " + part[1:]]
        else:
            words.append(" " + part)
    return words


def program_of(words: Sequence[str]) -> str:
    """Put words back together: the inverse of `words_of` (numbers and dates bare, other values in quotes)."""
    parts: list[str] = []
    value: list[str] | None = None
    glue = ""
    for word in words:
        bare = word.strip()
        if value is not None:
            if word == "<|next|>":
                text = " ".join(value)
                parts.append(text if re.fullmatch(r"-?\d+(\.\d+)?|\d{4}-\d\d-\d\d", text) else f'"{text}"')
                value = None
            else:
                value.append(bare)
        elif glue:
            parts.append(glue + bare)
            glue = ""
        elif bare == "*" or (bare in "<>" and not _is_filter(parts)):
            glue = bare
        else:
            parts.append(bare)
            if bare in OPERATORS:
                value = []
    return " ".join(parts)


def _is_filter(parts: Sequence[str]) -> bool:
    """Whether a comparison is due: the last word is a key, not a step that is whole by itself."""
    if not parts:
        return False
    last = parts[-1]
    whole = last in (")", "first", "last") or last[0] in '<>*"' or last[0].isdigit()
    return not whole and not (len(parts) > 1 and parts[-2] == "by")


def encode_words(vocabulary: Vocabulary, words: Sequence[str], phrases: Phrases) -> list[int]:
    """Spell a program's words: relations by what they say, values and types as they are."""
    tokens: list[int] = []
    for place, word in enumerate(words):
        if word.startswith("<|"):
            tokens.append(vocabulary.special(word))
            continue
        before = words[place - 1].strip() if place else ""
        value = before in OPERATORS and words[place + 1 : place + 2] == ["<|next|>"]
        role = AS_IT_IS if value or before == "*" else BACKWARD if before == BACKWARD else FORWARD
        tokens += phrases.spell(vocabulary, word, role)
    return tokens


def question(vocabulary: Vocabulary, skill: str, text: str) -> list[int]:
    """The prefix of one question, behind the schema."""
    return [
        vocabulary.special(f"<|{skill}|>"),
        vocabulary.special("<|input|>"),
        *vocabulary.encode(" " + text),
        vocabulary.special("<|output|>"),
    ]


def pair_question(vocabulary: Vocabulary, text: str, head: str, tail: str) -> list[int]:
    """The prefix that asks how ``head`` is related to ``tail`` in ``text``."""
    return [
        *question(vocabulary, "relation_classification", text)[:-1],
        vocabulary.special("<|head|>"),
        *vocabulary.encode(" " + head),
        vocabulary.special("<|tail|>"),
        *vocabulary.encode(" " + tail),
        vocabulary.special("<|output|>"),
    ]


def language_token(vocabulary: Vocabulary, language: str) -> int:
    return vocabulary.language(language) if language in LANGUAGES else vocabulary.special("<|other|>")


def mentions_tokens(vocabulary: Vocabulary, mentions: Iterable[Mention]) -> list[int]:
    tokens: list[int] = []
    for mention in mentions:
        tokens += vocabulary.encode(" " + mention.text)
        tokens.append(vocabulary.special("<|is|>"))
        tokens += vocabulary.encode(" " + mention.type)
        tokens.append(vocabulary.special("<|next|>"))
    return tokens


def understood(
    vocabulary: Vocabulary,
    language: str,
    mentions: Iterable[Mention],
    program: str | None,
    phrases: Phrases,
    skill: str = "path_query",
) -> list[int]:
    """The target of a question: language, entities, and for path_query the program."""
    tokens = [language_token(vocabulary, language), *mentions_tokens(vocabulary, mentions)]
    if skill == "path_query":
        tokens.append(vocabulary.special("<|program|>"))
        tokens += encode_words(vocabulary, words_of(program or NOTHING), phrases)
    return [*tokens, vocabulary.special(END)]


@dataclass(frozen=True)
class Understood:
    """A sentence as the model read it; ``program`` is None when no graph could answer."""

    language: str
    mentions: tuple[Mention, ...]
    program: PathProgram | None
    confidence: float  # mean log-probability of what was chosen


class TooLong(ValueError):
    """A sentence that has no room behind the schema."""
