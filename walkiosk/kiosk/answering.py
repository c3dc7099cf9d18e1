"""Decide what to say to a question: goods, names, a number, or that there is nothing."""

from __future__ import annotations

from walkiosk.kiosk.goods import Shop, facts_of, language_of, offer, show, wants_size
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.question import Finding, clip_of, option_names, tied_products
from walkiosk.kiosk.session import Session, WantedSize
from walkiosk.kiosk.turn import Card
from walkiosk.kiosk.wording import literal, names
from walkiosk.store.catalogue import Product
from walkiosk.store.folding import fold
from walkiosk.store.knowledge_graph import LITERALS, PRODUCT, Count, Filter, PathProgram, Thing


def answer(shop: Shop, session: Session, finding: Finding) -> Outcome:
    """The answer to a question, put on the screen where it is goods; what stood there stays when there is none."""
    session.pending = None
    language = language_of(shop, session)
    if finding.which is not None:
        session.pending = finding.which
        session.asked_which.add(fold(finding.question.mentions[finding.which.mention].text))
        called = option_names(shop, finding.which, language)
        return Outcome("which_one", {"option": called[0], "option2": called[1]}, asks="which", options=called)
    result = finding.result
    if result is None:
        return Outcome("not_found")
    if not result.answers:
        return _nothing(shop, finding, language)
    session.keep_screen()
    session.forget_goods()
    trace = tuple(result.reason.split(" → "))
    program = finding.question.program
    if program is not None and program.steps and isinstance(program.steps[-1], Count):
        session.trace = trace
        return Outcome("answer_count", {"count": result.answers[0].id})
    if result.answers[0].type in LITERALS:
        session.trace = trace
        said = [literal(each.id, each.type, language) for each in result.answers]
        return Outcome("answer_literal", {"answer": names(said, language)})
    goods = [each.node for each in result.answers if each.type == PRODUCT]
    if not goods and program is not None and not program.steps:  # a name by itself: what there is of it
        goods = [node for each in result.answers for node in tied_products(shop, each.node)]
    if goods:
        _note_size(shop, session, program, goods[0])
        show(shop, session, goods, trace, clip_of(shop, result))
        return offer_screen(shop, session)
    session.trace = trace
    return _told_by_name(result.answers, language)


def _note_size(shop: Shop, session: Session, program: PathProgram | None, node: str) -> None:
    """A size that was part of the question need not be asked for."""
    said = (
        [step.value.text for step in program.steps if isinstance(step, Filter) and step.key == "size"]
        if program
        else []
    )
    product = shop.store.catalogue.product(node)
    if said and isinstance(product, Product):
        session.sizes[fold(product.category)] = said[-1]


def _told_by_name(answers: tuple[Thing, ...], language: str) -> Outcome:
    facts = {"answer": names([each.name for each in answers], language)}
    if len(answers) > 1:
        facts["count"] = str(len(answers))
    return Outcome("answer_entities", facts)


def _nothing(shop: Shop, finding: Finding, language: str) -> Outcome:
    """Nothing at the end of the way: when the sentence named something we know, it is only that nothing is sold."""
    program = finding.question.program
    known = [found for found in finding.links if found is not None and found.type != PRODUCT]
    if program is None or not known or not _ends_in_goods(shop, finding):
        return Outcome("not_found")
    things = shop.store.graph.things([found.nodes[0] for found in known], language)
    return Outcome("nothing_sold", {"answer": names([thing.name for thing in things.values()], language)})


def _ends_in_goods(shop: Shop, finding: Finding) -> bool:
    """Whether the question was for goods: the last relation of its program leads to products."""
    relations = shop.store.schema.by_name
    last = relations.get(finding.relations[-1]) if finding.relations else None
    return last is not None and PRODUCT in (*last.object_types, *last.subject_types)


def offer_screen(shop: Shop, session: Session) -> Outcome:
    """What is on the screen, in words; asks for a size that is not known."""
    if not session.cards:
        return Outcome("not_found")
    if len(session.found) > 1:
        first = session.cards[0]
        count = str(len(session.found))
        price = facts_of(shop, session, first)["deal_price" if first.deal_cents is not None else "price"]
        return Outcome("found_products", {"count": count, "product": first.name, "price": price})
    return offer_card(shop, session, 0)


def offer_card(shop: Shop, session: Session, place: int) -> Outcome:
    """One product: its price and deal, its size or the question for it, or that it is sold out."""
    card = session.cards[place]
    session.focus = place
    facts = facts_of(shop, session, card)
    if card.stock == 0:
        return sold_out(shop, session, place)
    if wants_size(card):
        session.pending = WantedSize(place)
        return Outcome("ask_size", facts, (offer(shop, session, card),), asks="size", options=card.sizes)
    telling = offer(shop, session, card)
    return Outcome(telling.event, telling.facts)


def sold_out(shop: Shop, session: Session, place: int) -> Outcome:
    """That nothing is left of a product in its size; offers the sizes of which something is."""
    card = session.cards[place]
    facts = facts_of(shop, session, card)
    others = _left(shop, card)
    if card.size and others:
        session.pending = WantedSize(place)
        return Outcome(
            "size_missing", facts | {"size": card.size, "sizes": ", ".join(others)}, asks="size", options=others
        )
    return Outcome("out_of_stock", facts)


def _left(shop: Shop, card: Card) -> tuple[str, ...]:
    sizes = shop.store.catalogue.sizes(card.sku)
    left = shop.store.inventory.available_of(product.sku for product in sizes)
    return tuple(product.size for product in sizes if product.size and left[product.sku] != 0)
