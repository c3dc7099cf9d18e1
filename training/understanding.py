"""Invented shops → packed examples of entity_extraction, relation_classification and path_query.

`python -m training.understanding SHARDS [FIRST]` writes that many shards; a model never sees a sentence twice.
"""

from __future__ import annotations

import hashlib
import random
import re
import sys
from dataclasses import replace

from training.paths import PACKED, WHISPER
from training.questions import Composer, Question
from training.shops import HELD_OUT_SHOPS, Renaming, Shop, draw_name, load_shops, varied
from walkiosk.modality.text import END, TAGS, Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, write_shard
from walkiosk.skill.tags import NOTHING, Tags, tags_of
from walkiosk.skill.understanding import (
    Mention,
    entry_tokens,
    pair_question,
    program_of,
    question,
    schema_entries,
    schema_tokens,
    understood,
    words_of,
)
from walkiosk.store import Store
from walkiosk.store.knowledge_graph import LITERALS, Schema

WEIGHTS = {"en": 14, "es": 13, "fr": 13, "de": 13, "it": 13, "pt": 13, "ru": 4, "hi": 4, "zh": 4}  # the six first
STATEMENTS = 8  # of a group's 26 sentences
PLACES = 440  # of the decoder, schema and question and answer together
HOP = re.compile(r"(?<=[<>])[A-Za-z_]\w*|[A-Za-z_]\w*(?= (?:=|<|>|<=|>=) )|(?<=by )\w+")


def held_out_shape(item: Question) -> bool:
    """Whole shapes are kept for testing: one in sixteen, by its name."""
    return (
        hashlib.sha1(f"{item.shape if 'authored' not in item.shape else item.shop + item.shape}".encode()).hexdigest()[
            0
        ]
        == "0"
    )


def relations_in(program: str, schema: Schema) -> set[str]:
    names = {relation.name for relation in schema.relations}
    return names & set(HOP.findall(program))


def renamed(program: str, names: Renaming) -> str:
    """The program as a varied schema spells it."""
    words = words_of(program)
    for at, word in enumerate(words):
        bare, before = word.strip(), words[at - 1] if at else ""
        if before in (" >", " <") and bare in names.relations:
            words[at] = " " + names.relations[bare]
        elif before == " *":
            words[at] = " " + names.types.get(bare, bare)
        elif before == " =" and words[at - 2] == " category":
            words[at] = " " + names.categories.get(bare, bare)
        elif before == " =" and words[at - 2] == " colour":
            words[at] = " " + names.colours.get(bare, bare)
        elif bare in names.relations and (
            before == " by" or words[at + 1 : at + 2] in ([" ="], [" <"], [" >"], [" <="], [" >="])
        ):
            words[at] = " " + names.relations[bare]
    return program_of(words)


def with_strangers(schema: Schema, draw: random.Random) -> Schema:
    """Sometimes add relations of another shop: a schema holds more than is asked about."""
    if draw.random() < 0.6 or len(schema.relations) > 12:
        return schema
    other = draw.choice([s for s in load_shops().values() if s.key not in HELD_OUT_SHOPS]).schema
    names = {r.name for r in schema.relations}
    types = set(schema.types)
    strangers = [
        r
        for r in other.relations
        if r.name not in names and not (set(r.subject_types) | set(r.object_types)) & (types - {"product"})
    ]
    relations = [*schema.relations, *draw.sample(strangers, min(len(strangers), draw.randint(1, 4)))]
    draw.shuffle(relations)
    return replace(schema, relations=tuple(relations))


def statement(
    shop: Shop, language: str, draw: random.Random
) -> tuple[str, list[tuple[Mention, Mention, str]], list[Mention]]:
    """One or two sentences that state edges: the text, (head, tail, relation) pairs, and what is mentioned."""
    items = draw.sample(shop.raw["statements"], min(len(shop.raw["statements"]), draw.choice((1, 1, 2))))
    relations = {r.name: r for r in shop.schema.relations}
    sentences, pairs, mentions = [], [], []
    for item in items:
        relation = relations[item["relation"]]
        head_type, tail_type = draw.choice(relation.subject_types), draw.choice(relation.object_types)
        if tail_type in LITERALS:
            value = str(draw.randint(1900, 2025)) if tail_type == "year" else str(draw.randint(1, 400))
            tail = Mention(value, tail_type)
        else:
            tail = Mention(draw_name(shop, tail_type, draw), tail_type)
        head = Mention(draw_name(shop, head_type, draw), head_type)
        sentence = str(draw.choice(item[language])).replace("{s}", head.text).replace("{o}", tail.text)
        ordered = sorted((head, tail), key=lambda m: sentence.find(m.text))
        mentions += [m for m in ordered if m.type not in LITERALS]
        pairs.append((head, tail, relation.name))
        sentences.append(
            sentence[:1].upper() + sentence[1:] + ("" if sentence[-1] in ".?!。" else "。" if language == "zh" else ".")
        )
    if len(pairs) == 2 and pairs[0][0].text != pairs[1][1].text:
        pairs.append((pairs[0][0], pairs[1][1], NOTHING))
        pairs.append((pairs[1][0], pairs[0][1], NOTHING))
    text = ("" if language == "zh" else " ").join(sentences)
    return (
        (text.lower(), [(_low(h), _low(t), r) for h, t, r in pairs], [_low(m) for m in mentions])
        if draw.random() < 0.2
        else (text, pairs, mentions)
    )


def _retyped(mention: Mention, names: Renaming) -> Mention:
    return replace(mention, type=names.types.get(mention.type, mention.type))


def _low(mention: Mention) -> Mention:
    return replace(mention, text=mention.text.lower())


def recital(vocabulary: Vocabulary, schema: Schema, tags: Tags, draw: random.Random) -> Example:
    """The schema's entries once more, in another order: what teaches to find an entry and to point at it."""
    entries = list(schema_entries(schema))
    draw.shuffle(entries)
    target = [token for _, text, name in entries for token in entry_tokens(vocabulary, text, name, tags)]
    return Example([vocabulary.special("<|schema|>")], target, schema_tokens(vocabulary, schema, tags))


def classified(
    vocabulary: Vocabulary, text: str, pair: tuple[Mention, Mention, str], tags: Tags, shared: tuple[int, ...]
) -> Example:
    """A sentence and two of its entities, and the relation between them as the schema names it."""
    head, tail, relation = pair
    target = [*tags.spell(vocabulary, " " + relation), vocabulary.special(END)]
    return Example(pair_question(vocabulary, text, head.text, tail.text), target, shared)


def group(
    shop: Shop, vocabulary: Vocabulary, draw: random.Random, size: int = 26, schema: Schema | None = None
) -> list[Example]:
    """Questions and statements that share one varied schema of a shop, or ``schema`` as a store spells it."""
    languages = draw.choices(list(WEIGHTS), list(WEIGHTS.values()), k=size)
    questions = []
    for language in languages[: size - STATEMENTS]:
        item = Composer(shop, language, draw).question()
        if not held_out_shape(item):
            questions.append(item)
    statements = [(language, statement(shop, language, draw)) for language in languages[size - STATEMENTS :]]
    used = {name for item in questions for name in relations_in(item.program or "", shop.schema)}
    used |= {relation for _, (_, pairs, _) in statements for _, _, relation in pairs if relation != NOTHING}
    if schema is None:
        schema, names = varied(shop, used, draw)
        schema = with_strangers(schema, draw)
        few = draw.random() < 0.15  # a large shop has more names than there are tags
        tags = tags_of(vocabulary, schema, draw.sample(range(len(TAGS)), draw.randint(12, 30) if few else len(TAGS)))
    else:
        names, tags = Renaming({}, {}, {}, {}), tags_of(vocabulary, schema)
    shared = schema_tokens(vocabulary, schema, tags)
    examples: list[Example] = [recital(vocabulary, schema, tags, draw)]
    for item in questions:
        program = renamed(item.program, names) if item.program else None
        mentions = [_retyped(mention, names) for mention in item.mentions]
        skill = "entity_extraction" if draw.random() < 0.1 else "path_query"
        target = understood(vocabulary, item.language, mentions, program, tags, skill)
        examples.append(Example(question(vocabulary, skill, item.text), target, shared))
    for language, (text, pairs, mentions) in statements:
        if draw.random() < 0.35:
            retyped = [_retyped(m, names) for m in mentions]
            target = understood(vocabulary, language, retyped, None, tags, "entity_extraction")
            examples.append(Example(question(vocabulary, "entity_extraction", text), target, shared))
        chosen = [(h, t, names.relations.get(r, r)) for h, t, r in draw.sample(pairs, min(2, len(pairs)))]
        examples += [classified(vocabulary, text, pair, tags, shared) for pair in chosen]
    return [e for e in examples if len(shared) + len(e.prefix) + len(e.target) <= PLACES]


def one_store(count: int, first: int, shop: str, folder: str) -> None:
    """Pack questions of an invented shop whose schema is that of a store folder: fits the weights to that store."""
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    store = Store.open(folder, database="sqlite://")
    for number in range(first, first + count):
        draw = random.Random(50_000 + number)
        examples = [e for _ in range(120) for e in group(load_shops()[shop], vocabulary, draw, schema=store.schema)]
        write_shard(PACKED / f"store_{shop}" / f"{number:04}.npz", examples)
        print(number, len(examples), flush=True)


def main() -> None:
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if len(sys.argv) > 3:  # the questions of one loaded store, its schema as it is: SHARDS FIRST SHOP STORE
        one_store(count, first, sys.argv[3], sys.argv[4])
        return
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    for number in range(first, first + count):
        draw = random.Random(number)
        shops = [shop for key, shop in load_shops().items() if key not in HELD_OUT_SHOPS]
        examples = [e for _ in range(120) for e in group(draw.choice(shops), vocabulary, draw)]
        write_shard(PACKED / "understanding" / f"{number:04}.npz", examples)
        lengths = [len(e.shared) for e in examples]
        print(
            number,
            len(examples),
            "schema",
            max(lengths),
            "mean",
            sum(lengths) / len(lengths),
            "target",
            sum(len(e.target) for e in examples) / len(examples),
            "prefix",
            sum(len(e.prefix) for e in examples) / len(examples),
            flush=True,
        )


if __name__ == "__main__":
    main()
