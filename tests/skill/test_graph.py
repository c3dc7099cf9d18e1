"""A schema that does not fit before a question is read in parts, and what a question needs is chosen from them."""

from __future__ import annotations

import pytest

from training.tiny import TINY
from walkiosk.skill import Model
from walkiosk.skill.entity_extraction import extract
from walkiosk.skill.graph import Graph, fits, named, split
from walkiosk.skill.path_query import understand
from walkiosk.skill.relation_classification import classify, fitting
from walkiosk.store.knowledge_graph import PathProgram, Relation, Schema

ROOM = 150  # tokens; the tiny model's are single bytes
SCHEMA = Schema(
    ("person", "film", "product"),
    (
        Relation("acted_in", ("person",), ("film",), "acted in", "stars", "released"),
        Relation("directed", ("person",), ("film",), "directed", "was directed by", "released"),
        Relation("wrote", ("person",), ("film",), "wrote", "was written by"),
        Relation("released", ("film",), ("year",), "came out in"),
        Relation("sold_as", ("film",), ("product",), "is sold as", "comes from"),
        Relation("worn_by", ("product",), ("person",), "was worn by", "wore"),
    ),
    ("shoes", "coats", "posters", "records"),
    ("red", "dark blue"),
)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(TINY, threads=1)


def test_every_name_is_in_one_part_and_every_part_fits_with_all_types(model: Model) -> None:
    parts = split(model.vocabulary, SCHEMA, ROOM)
    assert len(parts) > 2
    assert all(fits(model.vocabulary, part, ROOM) and part.types == SCHEMA.types for part in parts)
    assert tuple(relation for part in parts for relation in part.relations) == SCHEMA.relations
    assert tuple(name for part in parts for name in part.categories) == SCHEMA.categories
    assert tuple(name for part in parts for name in part.colours) == SCHEMA.colours


def test_what_fits_stays_whole(model: Model) -> None:
    assert split(model.vocabulary, SCHEMA, 400) == [SCHEMA]


def test_types_that_leave_no_room_are_an_error_that_names_what_did_not_fit(model: Model) -> None:
    with pytest.raises(ValueError, match=r"3 types and relation 'directed' are more than 60 tokens"):
        split(model.vocabulary, Schema(SCHEMA.types, SCHEMA.relations[1:]), 60)


def test_what_is_chosen_fits_and_keeps_the_order_of_the_schema(model: Model) -> None:
    graph = Graph(model, SCHEMA, room=ROOM)
    part = graph.of({"worn_by", "acted_in", "dark blue", "shoes"}).schema
    assert [relation.name for relation in part.relations] == ["acted_in", "worn_by"]
    assert part.categories == ("shoes",) and part.colours == ("dark blue",)
    crowded = graph.of({relation.name for relation in SCHEMA.relations}).schema
    assert fits(model.vocabulary, crowded, ROOM) and 0 < len(crowded.relations) < len(SCHEMA.relations)


def test_all_that_a_program_names() -> None:
    program = PathProgram.parse('1 >acted_in not ( 2 <wrote ) last by released >sold_as category = "shoes" price < 9')
    assert set(named(program)) == {"acted_in", "wrote", "released", "sold_as", "category", "shoes", "price", "9"}


def test_the_three_skills_answer_behind_a_schema_in_parts(model: Model) -> None:
    """The tiny model understands nothing: what counts is that the output is of the schema."""
    graph = Graph(model, SCHEMA, room=ROOM)
    assert len(graph.parts) > 1
    text = "shoes Ada wore"
    read = understand(model, graph, text, "en")
    assert read.language == "en" and all(mention.text in text for mention in read.mentions)
    assert all(mention.type in SCHEMA.types for mention in extract(model, graph, text, "en").mentions)
    assert classify(model, graph, "Ada wrote Metropolis", "Ada", "Metropolis") in {None, *SCHEMA.by_name}


def test_a_relation_holds_between_things_of_its_types(model: Model) -> None:
    types = {"Ada": {"person"}, "Metropolis": {"film"}, "a film of 1927": {"film"}}
    graph = Graph(model, SCHEMA, lambda name: types.get(name, set()))
    assert fitting(graph, "Ada", "Metropolis") == {"acted_in", "directed", "wrote"}
    assert classify(model, graph, "Ada wrote Metropolis", "Ada", "Metropolis") in {
        None,
        "acted_in",
        "directed",
        "wrote",
    }
    assert fitting(graph, "Ada", "Ada") == set() and classify(model, graph, "Ada and Ada", "Ada", "Ada") is None
    assert fitting(graph, "Metropolis", "a film of 1927") == {"released"}  # a year may stand in what is known
    assert fitting(graph, "Bob", "Metropolis") == {"acted_in", "directed", "wrote"}  # who is not known may be anything
    assert fitting(Graph(model, SCHEMA), "Ada", "Ada") is None
