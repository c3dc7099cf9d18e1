"""The text form of path programs: what is read is what is written, and what is wrong is told with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkiosk.store.knowledge_graph import (
    Combine,
    Count,
    Filter,
    Hop,
    PathProgram,
    Pick,
    ProgramError,
    Source,
    Step,
    Value,
)
from walkiosk.store.knowledge_graph.program import MAX_DEPTH, MAX_STEPS, OPERATORS
from walkiosk.store.knowledge_graph.schema import RESERVED

TEXTS = [
    "1",
    "*film",
    "*product",
    '1 >acted_in and ( 2 >directed ) first >has_scene first >has_appearance and ( 1 <by ) >shows category = "shoes"',
    "12 <by >by nth 3 by released count",
    "1 >released last",
    "*film released >= 1999 released < 2010-05-01 not ( 1 >acted_in and ( 2 >directed ) ) last by released",
    '*product price <= 19.90 size = 42 name = "tapa dura" colour = "красный" first by price',
    "*película >dirigidaPor count",
]

names = st.text(st.sampled_from("abzé_ÑдAK0"), min_size=1, max_size=8).filter(
    lambda name: not name[0].isdigit() and name not in RESERVED
)
numbers = st.integers(1, 9999)
values = st.one_of(
    st.integers(-9999, 99999).map(lambda n: Value(str(n))),
    st.decimals(0, 999, places=2).map(lambda d: Value(str(d))),
    st.dates().map(lambda day: Value(day.isoformat())),
    st.text(max_size=12).filter(lambda text: text.strip() and '"' not in text).map(lambda text: Value(text, True)),
)
plain_steps = st.one_of(
    st.builds(Hop, names, st.booleans()),
    st.builds(Filter, names, st.sampled_from(OPERATORS), values),
    st.builds(Pick, st.sampled_from(("first", "last")), st.just(1), st.none() | names),
    st.builds(Pick, st.just("nth"), numbers, st.none() | names),
)
sources = st.one_of(st.builds(Source, numbers), st.builds(Source, st.none(), names))


def programs(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[PathProgram]:
    return st.builds(PathProgram, sources, st.lists(steps, max_size=4).map(tuple))


flat = programs(plain_steps)
nested = programs(plain_steps | st.builds(Combine, flat, st.booleans()))
whole = st.builds(
    lambda program, count: PathProgram(program.source, (*program.steps, Count()) if count else program.steps),
    programs(plain_steps | st.builds(Combine, nested, st.booleans())),
    st.booleans(),
)


@pytest.mark.parametrize("text", TEXTS)
def test_str_gives_the_text_that_was_read(text: str) -> None:
    assert str(PathProgram.parse(text)) == text


@given(whole)
def test_parse_gives_the_program_that_was_written(program: PathProgram) -> None:
    try:
        read = PathProgram.parse(str(program))
    except ProgramError as error:
        assert "more than" in error.reason  # the only limit that the strategy can pass
        return
    assert read == program


@given(st.text(st.sampled_from('12*<>=()" firstandby_x'), max_size=40) | st.text(max_size=40))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    try:
        assert str(PathProgram.parse(text)) == text
    except ProgramError as error:
        assert 0 <= error.position <= len(text)
        assert error.reason


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("", 0, "the text ends"),
        ("film", 0, "an entity number or *TYPE expected"),
        ("0", 0, "an entity number"),
        ("1  >acted_in", 2, "one space between tokens"),
        (" 1", 0, "one space between tokens"),
        ("1 ", 2, "a token expected"),
        ("1 and >x", 6, "`(` expected"),
        ("1 and ( 2", 9, "`)` expected"),
        ("1 and ( 2 ) )", 12, "`)` without `(`"),
        ("1 and ( 2 count )", 10, "no `count` within"),
        ("1 count >x", 8, "`count` is the last step"),
        ("1 nth x", 6, "a number from 1"),
        ("1 nth 0", 6, "a number from 1"),
        ("1 first by", 10, "a key after `by`"),
        ("1 first by >x", 11, "a key expected"),
        ("1 price", 7, "a comparison after `price`"),
        ("1 price ~ 3", 8, "one of ="),
        ("1 price < cheap", 10, "a number, a date or words"),
        ('1 name = ""', 9, "a number, a date or words"),
        ('1 name = "open', 9, "a quote is not closed"),
        ("1 price < 1.2.3", 10, "a number, a date or words"),
        ("1 > acted_in", 2, "a step expected"),
        (f"1{' >x' * (MAX_STEPS + 1)}", 1 + 3 * MAX_STEPS + 1, "more than"),
        ("1 and ( " * (MAX_DEPTH + 1) + "1", 8 * (MAX_DEPTH + 1), "nested deeper"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, position: int, reason: str) -> None:
    with pytest.raises(ProgramError) as caught:
        PathProgram.parse(text)
    assert (caught.value.position, reason in caught.value.reason) == (position, True), caught.value


def test_highest_entity() -> None:
    assert PathProgram.parse("1 >a and ( 3 >b not ( 2 ) )").entities() == 3
    assert PathProgram.parse("*film").entities() == 0
