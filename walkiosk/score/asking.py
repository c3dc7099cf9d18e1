"""path_query by hits@1 and exact set, from the question alone: understand, link, run the program, compare answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from walkiosk.kiosk import question
from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.question import link, run
from walkiosk.kiosk.session import Session
from walkiosk.score.data import Row
from walkiosk.score.graphs import Graphs
from walkiosk.score.summary import Judged, Measure, ratio
from walkiosk.skill.path_query import understand
from walkiosk.skill.understanding import Mention, TooLong, Understood
from walkiosk.store.folding import fold
from walkiosk.store.knowledge_graph import SKU, Thing
from walkiosk.store.linking import Link

NAMES = "en"  # of the answers; the shop's own where it has none in English
MEASURES = (Measure("hits@1", ratio(0, 2)), Measure("exact set", ratio(1, 2)))
MANY_HOPS = 4  # these and more are one group


def judge(rows: Sequence[Row], graphs: Graphs) -> list[Judged]:
    """Whether the first answer is in the expected set, whether the sets are the same, and one."""
    judged = []
    for row in rows:
        expected = {_spelled(answer) for answer in row.items("answers")}
        found = answers(row, graphs)
        names = [{_spelled(name) for name in (thing.id, thing.node, thing.name)} for thing in found]
        hit = bool(names[0] & expected) if names and expected else not names and not expected
        known = set().union(*names) if names else set[str]()
        exact = all(own & expected for own in names) and expected <= known
        judged.append(Judged((float(hit), float(exact), 1.0), tuple(_groups(row))))
    return judged


def answers(row: Row, graphs: Graphs) -> tuple[Thing, ...]:
    """What the shop finds for the row's question; nothing when it was not understood."""
    shop = graphs.shop(row)
    if shop is None:
        raise row.fault("store", "path_query needs a store: give --store, or a folder in every line")
    text = row.text("question")
    try:
        if not row.has("entities"):
            return look_up(shop, shop.skills.understand(text, None))
        entities = row.objects("entities")
        mentions = [Mention(entity.text("text"), entity.text("type")) for entity in entities]
        graph = graphs.of(shop.store.schema)
        read = understand(graphs.model, graph, text, row.text("language", "") or None, mentions)
    except TooLong:
        return ()
    return look_up(shop, read, [_known(entity) for entity in entities])


def look_up(shop: Shop, read: Understood, known: Sequence[Link | None] = ()) -> tuple[Thing, ...]:
    """Link and run as the kiosk does; of two about equal names the first is taken. ``known`` are links told before."""
    if any(known) and read.program is not None:
        links = [told or link(shop, mention).best for told, mention in zip(known, read.mentions, strict=True)]
        result = run(shop, read.program, links, NAMES)
    else:
        finding = question.look_up(shop, Session("score"), read, NAMES)
        if finding.which is not None:
            picked = finding.which.mention, finding.which.options[0]
            finding = question.look_up(shop, Session("score"), read, NAMES, picked)
        result = finding.result
    return result.answers if result is not None else ()


def _known(entity: Row) -> Link | None:
    if not entity.has("id"):
        return None
    id_, kind = entity.text("id"), entity.text("type")
    return Link((_node(id_, kind),), kind, entity.text("text"), 1.0)


def _node(id_: str, type_: str) -> str:
    return SKU + id_ if type_ == "product" and not id_.startswith(SKU) else id_


def _spelled(answer: object) -> str:
    """An id, a name or a literal, as it is compared: numbers without their zeros, names without case and accents."""
    text = str(answer).strip()
    if re.fullmatch(r"-?\d+\.\d+", text):
        text = text.rstrip("0").rstrip(".")
    return text if re.fullmatch(r"-?[\d.\-]+", text) else fold(text) or text


def _groups(row: Row) -> Iterable[str]:
    if language := row.text("language", ""):
        yield language
    hops = row.fields.get("hops")
    if isinstance(hops, int):
        yield f"hops {hops}" if hops < MANY_HOPS else f"hops {MANY_HOPS}+"
