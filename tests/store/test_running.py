"""Path programs on the film shop, in both databases."""

import pytest
from sqlalchemy import Engine

from walkiosk.store.knowledge_graph import KnowledgeGraph, ProgramError, UnknownEntity

SENTENCE = (
    '1 >acted_in and ( 2 >directed ) first >has_scene first >has_appearance and ( 1 <by ) >shows category = "shoes"'
)
CASES: list[tuple[str, tuple[str, ...], list[str]]] = [
    (SENTENCE, ("dicaprio", "nolan"), ["OX-41", "OX-42", "OX-43"]),
    (SENTENCE + " size = 42", ("dicaprio", "nolan"), ["OX-42"]),
    ("1", ("inception",), ["inception"]),
    ("1", ("sku:OX-42",), ["OX-42"]),
    ("1 size = 43", ("sku:OX-41",), ["OX-43"]),  # a style named by one of its sizes
    ("1 size = 46", ("sku:OX-41",), []),
    ("1 >acted_in", ("dicaprio",), ["titanic", "inception", "revenant"]),  # by release, not by the file
    ("1 >acted_in first", ("dicaprio",), ["titanic"]),
    ("1 >acted_in last", ("dicaprio",), ["revenant"]),
    ("1 >acted_in nth 2", ("dicaprio",), ["inception"]),
    ("1 >acted_in last" + " first by released" * 20, ("dicaprio",), ["revenant"]),  # as long as a model may write
    ("1 >acted_in nth 4", ("dicaprio",), []),
    ("1 >acted_in count", ("dicaprio",), ["3"]),
    ("1 >directed released > 2020 count", ("nolan",), ["0"]),
    ("1 >acted_in not ( 2 <acted_in >acted_in )", ("hardy", "titanic"), ["dunkirk"]),
    ("1 <acted_in", ("inception",), ["dicaprio", "hardy"]),
    ("1 >released", ("inception",), ["2010-07-16"]),
    ("1 >directed >released first", ("nolan",), ["2000"]),
    ("1 >directed >released last", ("nolan",), ["2017"]),
    ("1 >acted_in released < 2000", ("dicaprio",), ["titanic"]),
    ("*film released = 2010", (), ["inception"]),  # the day lies in the year
    ("*film released > 2010-07-16 released <= 2015", (), ["revenant"]),
    ("*film released >= 2010-07-16 released <= 2015", (), ["inception", "revenant"]),
    ("*film last by released", (), ["dunkirk"]),
    ("*film first by released", (), ["titanic"]),
    ("1 <based_on first", ("novel",), ["titanic"]),  # the order is carried by the end that is reached
    ("1 >acted_in >based_on first", ("dicaprio",), ["novel"]),  # and by the end that is left
    ("1 >has_scene", ("inception",), ["inception-1", "inception-2"]),
    ("1 >has_scene last >has_appearance", ("inception",), ["a3"]),
    ("1 <shows <has_appearance <has_scene", ("sku:BO-42",), ["inception", "titanic"]),
    ('*product category = "shoes" first by price', (), ["SN-42"]),
    ('*product category = "SHOES" last by price', (), ["BO-42"]),
    ('*product category = "shoes" price < 100 last by price', (), ["OX-43", "OX-41", "OX-42"]),  # a style is one
    ('*product category = "shoes" count', (), ["3"]),
    ('*product category = "shoes" last', (), ["SN-42"]),
    ('*product colour = "Brown" size = 42', (), ["OX-42"]),
    ("*product price <= 12.50", (), ["TO-1", "CA-1"]),
    ("*product price = 12.5", (), ["TO-1"]),
    ("*product size > 42", (), ["OX-43"]),
    ('*product size = "12 INCH"', (), ["LP-1"]),
    ('*product name = "vinyl"', (), ["LP-1"]),  # in the description
    ('*product name = "zapatos marron"', (), ["OX-41", "OX-42", "OX-43"]),  # in Spanish, without its accent
    ('*product name = "musique"', (), ["LP-1"]),
    ('*product name = "cafe OLLA"', (), ["CA-1"]),
    ('*product name = "tapa dura"', (), []),
    ('*film name = "reven"', (), ["revenant"]),
    ('*film motto = "mind crime"', (), ["inception"]),
    ("*scene first by number", (), ["inception-1"]),
    ("1 and ( 2 >shows )", ("sku:OX-41", "a1"), ["OX-41"]),
    ("1 and ( 2 <shows >shows )", ("sku:OX-41", "sku:OX-43"), ["OX-41"]),  # the fact names another size
    ("1 not ( 2 >shows )", ("sku:OX-41", "a1"), []),
    ("1 and ( *product size = 43 )", ("sku:OX-41",), []),
    ("*film first", (), ["titanic"]),  # no hop gave an order: by the one date that films have
    ("*person first", (), ["dicaprio"]),  # or else by the file
    ("*book", (), ["novel"]),
]


@pytest.mark.parametrize(("program", "entities", "answers"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_answers(shared_graph: KnowledgeGraph, program: str, entities: tuple[str, ...], answers: list[str]) -> None:
    assert list(shared_graph.run(program, entities).ids) == answers


def test_every_size_of_a_product_is_one_entity(shared_graph: KnowledgeGraph) -> None:
    sizes = ("sku:OX-41", "sku:OX-42", "sku:OX-43")
    assert shared_graph.run("1", [sizes]).ids == ("OX-41", "OX-42", "OX-43")
    assert shared_graph.run("1 size = 42", [sizes]).ids == ("OX-42",)
    assert shared_graph.run("1 count", [sizes]).ids == ("1",)


def test_trace_gives_the_reason(shared_graph: KnowledgeGraph) -> None:
    result = shared_graph.run(SENTENCE, ("dicaprio", "nolan"))
    assert result.reason == (
        "Leonardo DiCaprio → Inception → directed by Christopher Nolan → scene 1 → worn by Leonardo DiCaprio → "
        "Brown oxford"
    )
    hops = [(step.relation, step.ids) for step in result.trace if step.kind == "hop"]
    assert hops == [
        ("acted_in", ("inception",)),
        ("has_scene", ("inception-1",)),
        ("has_appearance", ("a1",)),
        ("shows", ("sku:OX-41",)),
    ]
    nested = next(step for step in result.trace if step.kind == "and")
    assert [step.names for step in nested.inner] == [("Christopher Nolan",), ("Inception",)]


def test_trace_of_a_count_and_of_nothing(shared_graph: KnowledgeGraph) -> None:
    assert shared_graph.run("1 >acted_in count", ["dicaprio"]).reason.endswith("→ 3")
    nothing = shared_graph.run("1 >acted_in released > 2020", ["dicaprio"])
    assert nothing.answers == ()
    assert nothing.trace[0].names == ("Leonardo DiCaprio",)


def test_names_in_the_language_of_the_customer(shared_graph: KnowledgeGraph) -> None:
    assert [answer.name for answer in shared_graph.run("1 >acted_in", ["dicaprio"], "es").answers] == [
        "Titanic", "Origen", "El renacido",
    ]  # fmt: skip
    assert shared_graph.run("1", ["sku:TO-1"], "es").answers[0].name == "Peonza"
    assert shared_graph.run("1", ["sku:TO-1"], "de").answers[0].name == "Spinning top"


def test_unknown_entity(shared_graph: KnowledgeGraph) -> None:
    with pytest.raises(UnknownEntity, match="kubrick"):
        shared_graph.run("1 >directed", ["kubrick"])


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("1 >nope", "no relation `nope`"),
        ("*castle", "no type `castle`"),
        ("2 >acted_in", "entity 2 of 1"),
        ("1 >directed >acted_in", "starts from person, not from film"),
        ("1 >acted_in and ( *person )", "`and` of film with person"),
        ("1 released = 2010", "person has no `released`"),
        ("1 >acted_in price < 3", "film has no `price`"),
        ('*film released = "spring"', "is a date or year"),
        ('*product price < "cheap"', "a price is a number"),
        ('*product colour < "red"', "has no order"),
        ("*product first by colour", "has no order"),
    ],
)
def test_programs_that_this_graph_cannot_run(shared_graph: KnowledgeGraph, program: str, reason: str) -> None:
    with pytest.raises(ProgramError, match=reason) as caught:
        shared_graph.run(program, ["dicaprio"])
    assert caught.value.position < len(program)


def test_an_empty_shop_answers_nothing(empty: Engine) -> None:
    graph = KnowledgeGraph(empty)
    assert graph.schema.types == ("product",)
    assert graph.run("*product first by price").answers == ()


def test_a_name_that_nothing_here_has_is_an_error_of_the_program(empty: Engine) -> None:
    with pytest.raises(ProgramError, match="entity 1 is nothing"):
        KnowledgeGraph(empty).run("1", [()])
