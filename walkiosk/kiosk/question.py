"""Understand and look up: an utterance to a question or an action, a question to what the shop's graph answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz
from sqlalchemy import select

from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.session import Session, Which
from walkiosk.kiosk.turn import Linked
from walkiosk.skill.understanding import Mention, Understood
from walkiosk.store import tables
from walkiosk.store.folding import fold
from walkiosk.store.knowledge_graph import (
    PRODUCT,
    SKU,
    Combine,
    Hop,
    PathProgram,
    PathResult,
    ProgramError,
    UnknownEntity,
)
from walkiosk.store.linking import Link, Linking
from walkiosk.store.sounding import latin

NAME_SAID = 75.0  # of 100: how much of a name must be in the words that pick it
CLEARLY_MORE = 10.0  # of 100: than of any other name


@dataclass(frozen=True)
class Finding:
    """What a question came to: a result (None: the graph cannot be asked that), or two things to choose between."""

    question: Understood
    entities: tuple[Linked, ...] = ()
    links: tuple[Link | None, ...] = ()
    result: PathResult | None = None
    which: Which | None = None
    relations: tuple[str, ...] = field(default=())

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of entities, skus, literals."""
        return self.result.ids if self.result else ()


def look_up(
    shop: Shop, session: Session, question: Understood, language: str, picked: tuple[int, Link] | None = None
) -> Finding:
    """Links the names, runs the program; `picked` is the customer's choice for one of the mentions (0-based)."""
    linkings = [link(shop, mention) for mention in question.mentions]
    links = [linking.best for linking in linkings]
    if picked:
        links[picked[0]] = picked[1]
        linkings[picked[0]] = Linking((picked[1],))
    program = question.program
    which = None
    if program is not None:
        used = _used(program)
        for place, linking in enumerate(linkings):
            if linking.ambiguous and place + 1 in used:
                answered = _with_answers(shop, question, links, place, linking, language)
                links[place] = answered[0]
                if len(answered) > 1 and fold(question.mentions[place].text) not in session.asked_which:
                    which = which or Which(question, place, tuple(answered))
    entities = tuple(
        Linked(mention.text, mention.type, found.nodes[0].removeprefix(SKU) if found else None)
        for mention, found in zip(question.mentions, links, strict=True)
    )
    result = run(shop, program, links, language) if program is not None and which is None else None
    relations = tuple(dict.fromkeys(_relations(program))) if program is not None else ()
    return Finding(question, entities, tuple(links), result, which, relations)


def link(shop: Shop, mention: Mention) -> Linking:
    """What a mention may be: of its type, or of any where none of its type is called so; sizes and colours as one."""
    linker = shop.store.linker
    linking = linker.link(mention.text, [mention.type])
    if not linking.candidates:
        linking = linker.link(mention.text)
    best = linking.best
    if best is not None and linking.ambiguous and best.type == PRODUCT:  # goods are told apart on the screen
        nodes = tuple(node for each in linking.equals for node in each.nodes if each.type == PRODUCT)
        return Linking((Link(nodes, PRODUCT, best.name, best.score),))
    return linking


def run(shop: Shop, program: PathProgram, links: list[Link | None], language: str) -> PathResult | None:
    """What the program answers; None for one that this shop's graph cannot run with these names."""
    if any(number > len(links) or links[number - 1] is None for number in _used(program)):
        return None
    try:
        return shop.store.graph.run(program, [found.nodes if found else () for found in links], language)
    except (ProgramError, UnknownEntity):
        return None


def _with_answers(
    shop: Shop, question: Understood, links: list[Link | None], place: int, linking: Linking, language: str
) -> list[Link]:
    """The about equal candidates for a mention with which the program has answers; all of them when none has."""
    assert question.program is not None
    answered = []
    for candidate in linking.equals:
        result = run(shop, question.program, [*links[:place], candidate, *links[place + 1 :]], language)
        if result is not None and result.answers:
            answered.append(candidate)
    return answered or list(linking.equals)


def option_names(shop: Shop, which: Which, language: str) -> tuple[str, ...]:
    """What to call the candidates: their names in the customer's language, with the type if that tells them apart."""
    nodes = [option.nodes[0] for option in which.options]
    things = shop.store.graph.things(nodes, language)
    names = [things[node].name for node in nodes]
    if len(set(names)) == len(names):
        return tuple(names)
    return tuple(f"{name} ({things[node].type})" for name, node in zip(names, nodes, strict=True))


def option_said(text: str, names: Iterable[str]) -> int | None:
    """Which of the names (0-based) an utterance says, whole or by the part that the others do not have."""
    known = [set(name.split()) for name in latin(list(names))]
    said = latin([text])[0]
    if not said or not known:
        return None
    common = set.intersection(*known)
    own = [" ".join(sorted(words - common)) for words in known]
    scores = [fuzz.partial_token_sort_ratio(words, said) if words else 0.0 for words in own]
    best = max(range(len(scores)), key=scores.__getitem__)
    rest = max((score for place, score in enumerate(scores) if place != best), default=0.0)
    return best if scores[best] >= NAME_SAID and scores[best] - rest >= CLEARLY_MORE else None


def tied_products(shop: Shop, node: str) -> tuple[str, ...]:
    """Nodes of the products that an edge ties to an entity."""
    edge = tables.edge
    out = select(edge.c.object).where(edge.c.subject == node, edge.c.object.startswith(SKU, autoescape=True))
    back = select(edge.c.subject).where(edge.c.object == node, edge.c.subject.startswith(SKU, autoescape=True))
    with shop.store.engine.connect() as connection:
        return tuple(dict.fromkeys([*connection.execute(out).scalars(), *connection.execute(back).scalars()]))


def clip_of(shop: Shop, result: PathResult) -> str:
    """The clip of the last thing on the way to the answer that has one, "" if none has."""
    nodes = [node for step in result.trace for node in step.ids if not node.startswith(SKU)]
    own = tables.entity
    with shop.store.engine.connect() as connection:
        rows = connection.execute(select(own.c.id, own.c.clip).where(own.c.id.in_(nodes), own.c.clip.is_not(None)))
        clips: dict[str, str] = {node: clip for node, clip in rows}
    return next((clips[node] for node in reversed(nodes) if node in clips), "")


def _used(program: PathProgram) -> set[int]:
    """The entity numbers of a program, nested ones included."""
    inner = [_used(step.program) for step in program.steps if isinstance(step, Combine)]
    own = {program.source.entity} if program.source.entity else set()
    return own.union(*inner)


def _relations(program: PathProgram) -> list[str]:
    found = []
    for step in program.steps:
        if isinstance(step, Hop):
            found.append(step.relation)
        elif isinstance(step, Combine):
            found += _relations(step.program)
    return found
