"""Whether a program makes sense on a schema: what type of thing each step leads to."""

from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation

from walkiosk.store.knowledge_graph.literal import TIMES, interval
from walkiosk.store.knowledge_graph.program import Combine, Count, Filter, Hop, PathProgram, Pick, ProgramError, Source
from walkiosk.store.knowledge_graph.schema import LITERALS, PRODUCT, PRODUCT_KEYS, Schema

ORDER_KEYS = ("price", "size")  # keys of a product that have an order
Types = frozenset[str]
EntityTypes = Sequence[str | Collection[str]]  # the type of each entity of the sentence, or the types it may have


def check(program: PathProgram, schema: Schema, entity_types: EntityTypes) -> Types:
    """The types of a program's answers (`{"number"}` for a count); raises `ProgramError` where it makes no sense."""
    return trail(program, schema, entity_types)[-1]


def trail(program: PathProgram, schema: Schema, entity_types: EntityTypes) -> list[Types]:
    """The types at the source and after each step."""
    types = [_source(program.source, schema, entity_types)]
    for step in program.steps:
        match step:
            case Hop():
                types.append(_hop(step, types[-1], schema))
            case Combine():
                types.append(_combine(step, types[-1], schema, entity_types))
            case Pick():
                types.append(_pick(step, types[-1], schema))
            case Filter():
                types.append(_filter(step, types[-1], schema))
            case Count():
                types.append(frozenset({"number"}))
    return types


def _source(source: Source, schema: Schema, entity_types: EntityTypes) -> Types:
    if source.entity is None:
        if source.type not in schema.types:
            raise ProgramError(f"no type `{source.type}` in this shop", source.position)
        return frozenset({source.type})
    if source.entity > len(entity_types):
        raise ProgramError(f"entity {source.entity} of {len(entity_types)}", source.position)
    types = entity_types[source.entity - 1]
    if not types:
        raise ProgramError(f"entity {source.entity} is nothing in this shop", source.position)
    return frozenset({types} if isinstance(types, str) else types)


def _hop(hop: Hop, types: Types, schema: Schema) -> Types:
    relation = schema.by_name.get(hop.relation)
    if relation is None:
        raise ProgramError(f"no relation `{hop.relation}` in this shop", hop.position)
    here, there = relation.subject_types, relation.object_types
    if not hop.forward:
        here, there = there, here
    if not types.intersection(here):
        raise ProgramError(f"`{hop}` starts from {_words(here)}, not from {_words(types)}", hop.position)
    return frozenset(there)


def _combine(step: Combine, types: Types, schema: Schema, entity_types: EntityTypes) -> Types:
    other = check(step.program, schema, entity_types)
    if not types & other:
        word = "and" if step.keep else "not"
        raise ProgramError(f"`{word}` of {_words(types)} with {_words(other)}", step.position)
    return types & other if step.keep else types


def _carriers(key: str, types: Types, schema: Schema, position: int) -> Types:
    """Those of the types that carry the key."""
    relation = schema.literal_relation(key)
    carriers = types.intersection(relation.subject_types) if relation else frozenset[str]()
    if key == "name":
        carriers |= types.difference(LITERALS)
    elif key in PRODUCT_KEYS:
        carriers |= types & {PRODUCT}
    if not carriers:
        raise ProgramError(f"{_words(types)} has no `{key}`", position)
    return carriers


def _pick(step: Pick, types: Types, schema: Schema) -> Types:
    if step.by is None:
        return types
    if step.by in PRODUCT_KEYS and step.by not in ORDER_KEYS and not schema.literal_relation(step.by):
        raise ProgramError(f"`{step.by}` has no order", step.position)
    return _carriers(step.by, types, schema, step.position)


def _filter(step: Filter, types: Types, schema: Schema) -> Types:
    carriers = _carriers(step.key, types, schema, step.position)
    relation = schema.literal_relation(step.key)
    if relation and carriers.intersection(relation.subject_types):
        kinds = relation.object_types
        if interval(step.value.text, (*kinds, *TIMES) if set(kinds) & set(TIMES) else kinds) is None:
            raise ProgramError(f"`{step.key}` is a {_words(kinds)}, not `{step.value.text}`", step.position)
    elif step.key == "price":
        price_cents(step)
    elif step.key != "size" and step.operator != "=":
        raise ProgramError(f"`{step.key}` has no order, so only `=`", step.position)
    return carriers


def price_cents(step: Filter) -> int:
    """The cents of a filter by price."""
    try:
        return round(Decimal(step.value.text) * 100)
    except (InvalidOperation, OverflowError) as error:
        raise ProgramError(f"a price is a number, not `{step.value.text}`", step.position) from error


def _words(types: Collection[str]) -> str:
    return " or ".join(sorted(types))
