"""Invented shops → packed examples of entity_extraction, relation_classification and path_query.

`python -m training.understanding SHARDS [FIRST]` writes that many shards; a model never sees a sentence twice.
"""

from __future__ import annotations

import hashlib
import random
import re
import sys
from dataclasses import replace

from training.judged import Judged, Meaning, Prefix, asked, classified
from training.paths import PACKED, WHISPER
from training.questions import MARK, Composer, Question
from training.shops import HELD_OUT_SHOPS, Renaming, Shop, draw_name, load_shops, varied
from walkiosk.modality.text import Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, write_shard
from walkiosk.skill.phrases import NOTHING
from walkiosk.skill.understanding import (
    Mention,
    encode_words,
    program_of,
    words_of,
)
from walkiosk.store import Store
from walkiosk.store.knowledge_graph import LITERALS, Schema

WEIGHTS = {"en": 14, "es": 13, "fr": 13, "de": 13, "it": 13, "pt": 13, "ru": 4, "hi": 4, "zh": 4}  # the six first
STATEMENTS = 12  # of a group's 26 sentences
GLOSSARIES, TERMS = 1, 210  # a group's rows of many short wordings, and the positions of a row
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
        if before == " *":
            words[at] = " " + names.types.get(bare, bare)
        elif before == " =" and words[at - 2] == " category":
            words[at] = " " + names.categories.get(bare, bare)
        elif before == " =" and words[at - 2] == " colour":
            words[at] = " " + names.colours.get(bare, bare)
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


def glossary(shop: Shop, names: Renaming, behind: Prefix, draw: random.Random) -> Example:
    """Many short wordings in many languages, each with what it means in the schema: a modifier with its steps, a
    noun with its type, a shelf, a colour. Only the meanings are judged, so that little is read for each.
    """
    vocabulary, phrases = behind.vocabulary, behind.phrases
    room = PLACES - len(behind.tokens) - 2
    present = {relation.name for relation in phrases.schema.relations}
    row = Judged()
    while True:
        language = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        said, meaning, mentions = _term(shop, language, draw)
        if relations_in(meaning, shop.schema) - present:
            continue  # left out of this draw's schema
        spelled = encode_words(vocabulary, words_of(renamed(meaning, names)), phrases)
        read = [*vocabulary.encode(" " + said), vocabulary.special("<|is|>")]
        if len(row.target) + len(read) + len(spelled) + 1 > min(room, TERMS):
            break
        term = Judged()
        term.read(read)
        retyped = [_retyped(mention, names) for mention in mentions]
        term.walk(Meaning(vocabulary, phrases, retyped), spelled)
        term.read([vocabulary.special("<|next|>")])
        if term.fits:
            row.add(term)
    return Example([vocabulary.special("<|output|>")], row.target, behind.tokens, None, row.choices)


def _term(shop: Shop, language: str, draw: random.Random) -> tuple[str, str, list[Mention]]:
    """A wording, its program, and the names that stand in it as 1, 2 …"""
    kind = draw.choices(("modifier", "type", "category", "colour"), (66, 18, 10, 6))[0]
    composer = Composer(shop, language, draw)
    if kind == "type":
        type_ = draw.choice(list(shop.raw["types"]))
        words = shop.raw["types"][type_][language]
        return str(draw.choice((words["one"], words["many"]))), f"*{type_}", []
    if kind == "category":
        key = draw.choice(list(shop.raw["products"]["categories"]))
        said = str(draw.choice(shop.raw["products"]["categories"][key][language]))
        return said, f'*product category = "{key}"', []
    if kind == "colour":
        colours = [c for c in shop.schema.colours if c in composer.frames["colours"]]
        if colours:
            colour = draw.choice(colours)
            said = draw.choice(str(composer.frames["colours"][colour]).split("/"))
            return said, f'*product colour = "{colour}"', []
    item = draw.choice(composer.fragments if draw.random() < 0.8 else shop.raw["asks"])
    program, wording, _ = composer.fill(item["program"], str(draw.choice(item[language])), 0)
    order = list(dict.fromkeys(int(number) for number in MARK.findall(wording)))
    wording = MARK.sub(lambda m: composer.names[int(m[1])].text, wording)
    mentions = [composer.names[number] for number in order]
    return wording, MARK.sub(lambda m: str(order.index(int(m[1])) + 1), program), mentions


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
    names = Renaming({}, {}, {})
    if schema is None:
        schema, names = varied(shop, used, draw)
        schema = with_strangers(schema, draw)
    behind = Prefix.of(vocabulary, schema)
    made: list[Example | None] = [glossary(shop, names, behind, draw) for _ in range(GLOSSARIES)]
    for item in questions:
        program = renamed(item.program, names) if item.program else None
        mentions = [_retyped(mention, names) for mention in item.mentions]
        skill = "entity_extraction" if draw.random() < 0.1 else "path_query"
        known = draw.random() < 0.6
        made.append(asked(behind, skill, item.text, item.language, mentions, program, known))
    for language, (text, pairs, mentions) in statements:
        if draw.random() < 0.35:
            retyped = [_retyped(m, names) for m in mentions]
            known = draw.random() < 0.4
            made.append(asked(behind, "entity_extraction", text, language, retyped, None, known))
        chosen = draw.sample(pairs, min(2, len(pairs)))
        pairs = [(_retyped(head, names), _retyped(tail, names), relation) for head, tail, relation in chosen]
        made += [classified(behind, text, pair, draw.random() < 0.6) for pair in pairs]
    examples = [example for example in made if example is not None]
    return [e for e in examples if len(e.shared) + len(e.prefix) + len(e.target) <= PLACES]


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
