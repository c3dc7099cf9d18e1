"""Tags: what stands for a schema's names, and what stays spelled."""

from walkiosk.modality.text import TAGS, of_bytes
from walkiosk.skill.tags import tags_of
from walkiosk.skill.understanding import encode_words, schema_entries, schema_tokens, words_of
from walkiosk.store.knowledge_graph import Relation, Schema

VOCABULARY = of_bytes()
SCHEMA = Schema(
    ("person", "film", "product"),
    (
        Relation("acted_in", ("person",), ("film",), "acted in", "stars"),
        Relation("first", ("film",), ("year",), "was first shown in"),
        Relation("sold_as", ("film",), ("product",), "is sold as"),
    ),
    ("shoes", "1999"),
    ("red",),
)


def test_every_name_but_a_programs_own_words_has_a_tag_of_its_own() -> None:
    tags = tags_of(VOCABULARY, SCHEMA)
    assert tags.names == ("person", "film", "product", "acted_in", "sold_as", "shoes", "red")
    assert len(set(tags.tokens)) == len(tags.names)
    assert tags.of("first") is None and tags.of("1999") is None


def test_names_beyond_the_last_tag_are_spelled() -> None:
    tags = tags_of(VOCABULARY, SCHEMA, dealt=[7, 3])
    assert tags.of("person") == VOCABULARY.special(TAGS[7]) and tags.of("film") == VOCABULARY.special(TAGS[3])
    assert tags.spell(VOCABULARY, " acted_in") == VOCABULARY.encode(" acted_in")
    assert VOCABULARY.decode(list(schema_tokens(VOCABULARY, SCHEMA, tags))).count("acted_in") == 1


def test_the_schema_has_each_tag_once_behind_what_it_means() -> None:
    tags = tags_of(VOCABULARY, SCHEMA)
    tokens = list(schema_tokens(VOCABULARY, SCHEMA, tags))
    for _, text, name in schema_entries(SCHEMA):
        if (tag := tags.of(name)) is not None:
            assert tokens.count(tag) == 1
            letters = VOCABULARY.encode(f" {text}")
            at = tokens.index(tag)
            assert tokens[at - len(letters) : at] == letters


def test_a_value_is_a_tag_only_where_the_schema_lists_the_values() -> None:
    tags = tags_of(VOCABULARY, SCHEMA)
    listed = encode_words(VOCABULARY, words_of('1 >sold_as category = "shoes" colour = "red"'), tags)
    assert tags.of("shoes") in listed and tags.of("red") in listed and tags.of("sold_as") in listed
    copied = encode_words(VOCABULARY, words_of('1 >sold_as name = "shoes" size = 42'), tags)
    assert tags.of("shoes") not in copied


def test_one_graph_has_always_the_same_tags_and_another_deal_others() -> None:
    assert tags_of(VOCABULARY, SCHEMA) == tags_of(VOCABULARY, SCHEMA)
    dealt = list(range(len(TAGS)))[::-1]
    assert tags_of(VOCABULARY, SCHEMA, dealt).tokens != tags_of(VOCABULARY, SCHEMA).tokens
