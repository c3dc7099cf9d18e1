"""chat by task success (a dialogue whose every turn is right: action and expected slots) and action accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from walkiosk.kiosk.goods import Shop
from walkiosk.score.asking import look_up
from walkiosk.score.data import Row
from walkiosk.score.graphs import Graphs
from walkiosk.score.summary import Judged, Measure, ratio
from walkiosk.skill.chat import Decision, decide
from walkiosk.skill.conversation import Said, Shown
from walkiosk.skill.understanding import TooLong
from walkiosk.store.knowledge_graph import PRODUCT

MEASURES = (
    Measure("task success", ratio(0, 1)),
    Measure("action accuracy", ratio(2, 4)),
    Measure("action and slots", ratio(3, 4)),
)
UNSEEN = "unseen goods"  # the group of dialogues whose kind of goods no written dialogue that is learned from has
OF_UNSEEN = Measure(f"action accuracy, {UNSEEN}", ratio(5, 6))
ON_SCREEN = 5  # things shown of what was found
OF_WORDS = ("what", "which", "language", "topic", "reason", "criterion")  # slots that the action writes as a bare word
SAID = ("question", "words")  # slots that repeat what the customer said


def judge(rows: Sequence[Row], graphs: Graphs) -> tuple[list[Judged], tuple[Measure, ...]]:
    """What counts of each dialogue, and the measures: those of `UNSEEN` where some are marked as such."""
    judged = [_judged(row, graphs) for row in rows]
    return judged, (*MEASURES, OF_UNSEEN) if any(UNSEEN in each.groups for each in judged) else MEASURES


def _judged(row: Row, graphs: Graphs) -> Judged:
    """Counts: the dialogue right, one, actions right, turns right, turns; of unseen goods actions right, turns."""
    language, unseen = row.text("language", ""), row.flag("unseen")
    marks = play(row, graphs, language or None)
    right = sum(whole for _, whole in marks)
    actions = sum(action for action, _ in marks)
    counts = (right == len(marks), 1, actions, right, len(marks), actions * unseen, len(marks) * unseen)
    groups = ([language] if language else []) + ([UNSEEN] if unseen else [])
    return Judged(tuple(map(float, counts)), tuple(groups))


def play(row: Row, graphs: Graphs, language: str | None) -> list[tuple[bool, bool]]:
    """Let the model decide each turn; (action right, slots right as well) of each.

    A turn may say what stands on the ``screen`` and in the ``basket`` ([name, colour, size] each) and what the
    ``kiosk`` has just said. Where it does not, the screen holds what the store found for the last question. A turn in
    another language than the dialogue's names its ``language``.
    """
    shop = graphs.shop(row)
    screen: list[Shown] = _goods(row, "screen")
    basket: list[Shown] = _basket(row)
    history: list[Said] = []
    marks = []
    turns = row.objects("turns")
    if not turns:
        raise row.fault("turns", "a dialogue without turns")
    for turn in turns:
        screen = _goods(turn, "screen") if turn.has("screen") else screen
        basket = _basket(turn) if turn.has("basket") else basket
        if turn.has("kiosk"):
            history.append(Said("kiosk", turn.text("kiosk")))
        history.append(Said("customer", turn.text("customer")))
        expected = turn.part("expect")
        try:
            decision = decide(graphs.model, screen, basket, history, turn.text("language", language or "") or None)
        except TooLong:
            decision = Decision(language or "", "not_understood", "not_understood")
        action = decision.action == expected.text("action")
        slots = expected.fields.get("slots") or {}
        if not isinstance(slots, dict):
            raise turn.fault("slots", "an object expected")
        things = basket if decision.action == "remove" else screen
        marks.append((action, action and all(_right(k, v, decision, things, turn) for k, v in slots.items())))
        if decision.action == "answer" and shop is not None:
            screen = found(turn.text("customer"), shop) or screen
    return marks


def found(question: str, shop: Shop) -> list[Shown]:
    """The goods that answer a question, each once, as the screen would show them."""
    try:
        things = look_up(shop, shop.skills.understand(question, None))
    except TooLong:
        return []
    names = (thing.name for thing in things if thing.type == PRODUCT)
    return [Shown(name) for name in list(dict.fromkeys(names))[:ON_SCREEN]]


def _goods(row: Row, field: str) -> list[Shown]:
    items: list[Shown] = []
    for item in row.items(field) if row.has(field) else ():
        parts = item if isinstance(item, list) else [item]
        if isinstance(item, dict):
            parts = [item.get(key) for key in ("name", "colour", "size")]
        items.append(Shown(*("" if part is None else str(part) for part in (*parts, None, None)[:3])))
    return items


def _basket(row: Row) -> list[Shown]:
    """Names only: what else stands in the basket of a line is a quantity."""
    return [Shown(item.name) for item in _goods(row, "basket")]


def _right(slot: str, expected: Any, decision: Decision, things: Sequence[Shown], turn: Row) -> bool:
    """Whether the decision fills this slot as expected; numbers may be written as words of the list or as names."""
    places = list(decision.places)
    if slot in ("product", "products"):
        wanted = expected if isinstance(expected, list) else [expected]
        places = places or ([1] if len(things) == 1 else [])
        named = {p: things[p - 1].name for p in places if p <= len(things)}
        return len(wanted) == len(places) and all(
            any(_same(want, place) or _same(want, named.get(place)) for place in places) for want in wanted
        )
    if slot in ("position", "second"):
        if decision.action == "choose" and len(places) > 1:
            return False  # more was chosen than was meant
        found = places[slot == "second"] if len(places) > (slot == "second") else None
        return _same(expected, 1 if found is None and len(things) == 1 else found)
    if slot == "positions":
        return sorted(expected) == sorted(places)  # in whichever order: all go into the basket
    if slot in SAID and expected is True:
        return slot in decision.words
    if slot in SAID:
        return str(expected).casefold().strip() in (*decision.words, turn.text("customer").casefold())
    if slot == "quantity" and slot not in decision.slots and decision.action == "choose":
        return _same(expected, 1)
    if slot in OF_WORDS and slot not in decision.slots:
        return any(_same(expected, word) for word in decision.words)
    return _same(expected, decision.slots.get(slot))


def _same(expected: Any, found: Any) -> bool:
    return found is not None and str(expected).strip().casefold() == str(found).strip().casefold()
