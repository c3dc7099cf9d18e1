"""Phrases: how relations are written for the model, each told from every other."""

from walkiosk.modality.text import of_bytes
from walkiosk.skill.phrases import BACKWARD, FORWARD, Phrases
from walkiosk.skill.understanding import encode_words, schema_text, words_of
from walkiosk.store.knowledge_graph import Relation, Schema

VOCABULARY = of_bytes()
SCHEMA = Schema(
    ("person", "film", "play", "product"),
    (
        Relation("r1", ("person",), ("film",), "acted in", "stars"),
        Relation("r2", ("person",), ("play",), "acted in", "stars"),
        Relation("r3", ("film",), ("year",), "came out in"),
        Relation("r4", ("film",), ("product",), "is sold as"),
        Relation("r5", ("person",), ("film",), "acted in"),
        Relation("shoes", ("person",), ("product",), "wears"),
    ),
    ("shoes", "coats"),
    ("red",),
)
PHRASES = Phrases(SCHEMA)


def written(program: str) -> str:
    return VOCABULARY.decode(encode_words(VOCABULARY, words_of(program), PHRASES))


def test_a_relation_is_written_as_what_it_says_in_its_direction() -> None:
    assert PHRASES.of(" r2", FORWARD) == " acted in play"
    assert PHRASES.of(" r4", FORWARD) == " is sold as product"
    assert PHRASES.of(" r4", BACKWARD) == " film is sold as"  # it has no inverse phrase
    assert PHRASES.of(" film", FORWARD) == " film"


def test_a_phrase_that_ends_in_its_type_says_it_once() -> None:
    scene = Relation("r1", ("film",), ("scene",), "has the scene", "is a scene in the film")
    twin = Relation("r2", ("film",), ("scene",), "opens in the obscene")
    phrases = Phrases(Schema(("film", "scene"), (scene, twin), (), ()))
    assert phrases.of(" r1", FORWARD) == " has the scene"
    assert phrases.of(" r1", BACKWARD) == " is a scene in the film"
    assert phrases.of(" r2", FORWARD) == " opens in the obscene scene"  # a word that only ends so


def test_no_two_relations_are_written_alike() -> None:
    """Three say that somebody acted in something; two of them to the same type."""
    for said in (PHRASES.forward, PHRASES.backward):
        assert len(set(said.values())) == len(said)
    assert PHRASES.forward["r1"] != PHRASES.forward["r5"]


def test_programs_read_like_sentences() -> None:
    assert written("1 >r4") == " 1 > is sold as product"
    assert written("1 <r4 r3 = 1999") == " 1 < film is sold as came out in year = 1999"
    assert written("*film last by r3") == " * film last by came out in year"


def test_a_value_is_itself_even_where_a_relation_has_its_name() -> None:
    assert written('*product category = "shoes"').startswith(" * product category = shoes")
    assert written("1 >shoes") == " 1 > wears product"


def test_the_schema_has_each_step_as_programs_write_it() -> None:
    text = schema_text(PHRASES)
    for relation in SCHEMA.relations:
        assert f" > {PHRASES.forward[relation.name]}" in text
        assert relation.literal or f" < {PHRASES.backward[relation.name]}" in text
    assert " category = shoes, coats;" in text
