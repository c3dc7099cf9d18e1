"""The automaton allows what the graph can run, and nothing else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from walkiosk.modality.text import END, Vocabulary
from walkiosk.skill.constraint import UnderstandingConstraint
from walkiosk.skill.phrases import Phrases
from walkiosk.skill.semantic_parsing import _parsed
from walkiosk.skill.understanding import Mention, program_of, understood, words_of
from walkiosk.store.knowledge_graph import PathProgram, Relation, Schema, check

TINY = Path(__file__).parents[1] / "tiny"
SCHEMA = Schema(
    ("film", "person", "scene", "appearance", "product"),
    (
        Relation("acted_in", ("person",), ("film",), "acted in", "stars", "released"),
        Relation("directed", ("person",), ("film",), "directed", "was directed by", "released"),
        Relation("released", ("film",), ("year",), "came out in"),
        Relation("first_shown_in", ("film",), ("text",), "was first shown in"),
        Relation("has_scene", ("film",), ("scene",), "has the scene", "is a scene of", "scene_number"),
        Relation("scene_number", ("scene",), ("number",), "is scene number"),
        Relation("has_appearance", ("scene",), ("appearance",), "shows", "appears in"),
        Relation("worn_by", ("appearance",), ("person",), "is worn by", "wears"),
        Relation("shows", ("appearance",), ("product",), "shows the article", "is seen in"),
    ),
    ("shoes", "coat", "running shoes"),
    ("red", "dark blue"),
)
PHRASES = Phrases(SCHEMA)
TEXT = "I want the vinyl shoes Leonardo DiCaprio wore in the 1st film he did with Nolan, size 42"
PEOPLE = (Mention("Leonardo DiCaprio", "person"), Mention("Nolan", "person"))
PROGRAMS = (
    "1 >acted_in and ( 2 >directed ) first >has_scene first >has_appearance and ( 1 <worn_by ) >shows "
    'category = "shoes"',
    '*product category = "running shoes" colour = "dark blue" price < 19.90 size = 42',
    "1 >acted_in released >= 1999 released <= 2005 last by released",
    '1 >acted_in first_shown_in = "Nolan"',
    "1 >acted_in first",
    "1 >acted_in nth 12 >released",
    "1 >acted_in not ( 2 >directed ) count",
    '*product name = "vinyl" first by price',
    "*film first by released",
    "1",
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(TINY / "tokenizer.json")


def walk(vocabulary: Vocabulary, program: str | None) -> UnderstandingConstraint:
    constraint = UnderstandingConstraint(vocabulary, TEXT, True, PHRASES)
    for token in understood(vocabulary, "en", PEOPLE, program, PHRASES):
        assert token in constraint.allowed(), (program, vocabulary.piece(token), constraint.words)
        if token != vocabulary.special(END):
            constraint.advance(token)
    constraint.finish()
    return constraint


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_of_the_graph_are_allowed_and_read_back(vocabulary: Vocabulary, program: str) -> None:
    constraint = walk(vocabulary, program)
    assert constraint.language == "en"
    assert tuple(constraint.mentions) == PEOPLE
    assert program_of(constraint.words) == program


def test_a_sentence_that_no_graph_can_answer_has_no_program(vocabulary: Vocabulary) -> None:
    assert program_of(walk(vocabulary, None).words) == "none"


@pytest.mark.parametrize("program", PROGRAMS)
def test_words_and_programs_are_inverse(program: str) -> None:
    assert program_of(words_of(program)) == program


@pytest.mark.parametrize(
    "program",
    (
        "1 >has_scene",  # a person has none
        "1 <directed",  # the wrong way
        "1 >acted_in first by price",  # a film has no price
        "1 >acted_in and ( 2 )",  # films and a person
        "1 >acted_in released = Nolan",  # a year is a number
        '*product category = "hat"',  # not on these shelves
        '*product name = "hardcover"',  # not said
        "3 >acted_in",  # only two were named
        "1 >made",  # no such relation
    ),
)
def test_what_the_graph_cannot_run_is_not_allowed(vocabulary: Vocabulary, program: str) -> None:
    with pytest.raises(AssertionError):
        walk(vocabulary, program)


def test_a_span_is_copied_from_the_sentence(vocabulary: Vocabulary) -> None:
    constraint = UnderstandingConstraint(vocabulary, TEXT, True, PHRASES)
    constraint.advance(vocabulary.language("en"))
    for token in vocabulary.encode(" Christopher"):
        if token not in constraint.allowed():
            return
        constraint.advance(token)
    pytest.fail("a name that nobody said was allowed")


def test_whatever_a_model_writes_is_a_program_the_graph_can_run(vocabulary: Vocabulary) -> None:
    """Random walks of the automaton end in programs that parse and pass the store's own check."""
    draw = random.Random(0)
    ended = 0
    for _ in range(150):
        constraint = UnderstandingConstraint(vocabulary, TEXT, True, PHRASES)
        for _ in range(400):
            allowed = constraint.allowed()
            assert allowed
            token = vocabulary.special(END) if vocabulary.special(END) in allowed else draw.choice(allowed)
            if token == vocabulary.special(END):
                break
            constraint.advance(token)
        else:
            continue
        constraint.finish()
        spelled = program_of(constraint.words)
        if spelled != "none":
            ended += 1
            check(PathProgram.parse(spelled), SCHEMA, [mention.type for mention in constraint.mentions])
    assert ended > 50


def test_a_program_beyond_the_bounds_is_none_rather_than_an_error() -> None:
    assert _parsed("1 released = " + "9" * 40) is None
    assert _parsed(" ".join(["1", *["first"] * 60])) is None
    assert _parsed("1 >acted_in first") == PathProgram.parse("1 >acted_in first")
