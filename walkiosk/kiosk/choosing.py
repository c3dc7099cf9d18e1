"""Decide about the basket: what goes in and what comes out, within the shop's caps and its stock."""

from __future__ import annotations

import re
from dataclasses import replace

from walkiosk.kiosk.answering import offer_card, sold_out
from walkiosk.kiosk.goods import Shop, basket_of, facts_of, language_of, resize, wants_size
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.session import Session, WantedSize
from walkiosk.kiosk.turn import Card
from walkiosk.kiosk.understand import Wish
from walkiosk.kiosk.watchdog import Failed
from walkiosk.skill.understanding import TooLong, Understood
from walkiosk.store.basket import Basket
from walkiosk.store.catalogue import Product
from walkiosk.store.folding import fold
from walkiosk.store.knowledge_graph import Filter
from walkiosk.store.outcome import NotFound, OutOfStock, OverCap
from walkiosk.store.sale_book import Sale

SIZE = re.compile(r"[0-9]{1,3}([.,][0-9])?|[0-9]?X{0,4}[SML]", re.IGNORECASE)  # as sizes are written anywhere
MOST = 10**6  # units; no shop sells more at once, and a longer number need not be read


def choose(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Puts what is wished into the basket, several things one after the other, or shows it in the size asked for.

    Where a size is still to be asked the rest waits for it; what cannot be had ends the row, and both are said.
    """
    asked = session.pending if isinstance(session.pending, WantedSize) else None
    first, *rest = dict.fromkeys(wish.places) or (None,)
    rest = rest or list(asked.then if asked is not None and first in (None, asked.card + 1) else ())
    outcome = _choose_one(shop, session, replace(wish, places=(first,) if first is not None else ()))
    if not rest:
        return outcome
    if isinstance(session.pending, WantedSize):
        session.pending = replace(session.pending, then=tuple(rest))
        return outcome
    if outcome.event != "added":
        return outcome
    units = quantity(wish) or (asked.quantity if asked else 1)  # how many holds for all; size and colour need not
    slots = {"quantity": str(units)} if units > 1 else {}
    following = choose(shop, session, replace(wish, places=tuple(rest), slots=slots))
    return replace(following, before=(*outcome.tellings, *following.before))


def _choose_one(shop: Shop, session: Session, wish: Wish) -> Outcome:
    asked = session.pending if isinstance(session.pending, WantedSize) else None
    place = _place(shop, session, wish, asked)
    if isinstance(place, Outcome):
        return place
    session.pending = None
    size, said = wish.slots.get("size", "").strip(), quantity(wish)
    mine = asked is not None and asked.card == place
    units = said or (asked.quantity if mine and asked else 1)
    buying = not mine or said is not None or not size or (asked is not None and asked.buy)
    colour = wish.slots.get("colour")
    if colour and (refusal := _recolour(shop, session, place, colour, wish)) is not None:
        return refusal
    card = session.cards[place]
    if size and card.sizes:
        product = shop.store.catalogue.in_size(card.sku, size, language_of(shop, session))
        if isinstance(product, NotFound):
            session.pending = WantedSize(place, units, buying)
            event, facts = "ask_size", facts_of(shop, session, card)
            if SIZE.fullmatch(size):  # anything else would be the customer's words in ours
                event, facts = "size_missing", facts | {"size": size}
            return Outcome(event, facts, asks="size", options=card.sizes)
        card = resize(shop, session, place, product.sku)
    elif wants_size(card):
        session.focus, session.pending = place, WantedSize(place, units, buy=True)
        return Outcome("ask_size", facts_of(shop, session, card), asks="size", options=card.sizes)
    session.focus = place
    return _add(shop, session, place, units) if buying else offer_card(shop, session, place)


def quantity(wish: Wish) -> int | None:
    """How many were said; None when nothing sensible was."""
    words = wish.slots.get("quantity", "").split()
    number = words[0] if words else ""
    if not number.isdecimal() or len(number) > len(str(MOST)):
        return MOST if number.isdecimal() else None
    return int(number) or None


def _place(shop: Shop, session: Session, wish: Wish, asked: WantedSize | None) -> int | Outcome:
    """Which card is meant (0-based)."""
    cards = session.cards
    if not cards:
        return Outcome("not_found")
    if wish.position is not None:
        if 1 <= wish.position <= len(cards):
            return wish.position - 1
        return Outcome("clarify", {"product": cards[session.focus or 0].name})
    if colour := wish.slots.get("colour"):
        wanted = _colour(shop, colour, wish, {card.colour for card in cards})
        alike = [place for place, card in enumerate(cards) if wanted and fold(card.colour) == wanted]
        if len(alike) == 1:
            return alike[0]
    if asked is not None and asked.card < len(cards):
        return asked.card
    if session.focus is not None:
        return session.focus
    called = tuple(dict.fromkeys(card.name for card in cards))
    if len(called) == 1:
        return 0
    return Outcome("which_one", {"option": called[0], "option2": called[1]}, asks="which", options=called)


def _colour(shop: Shop, said: str, wish: Wish, among: set[str]) -> str | None:
    """Which of the shop's colours (folded) a customer's word is; the model reads one of another language."""
    colours = {fold(colour) for colour in among if colour}
    if fold(said) in colours:
        return fold(said)
    try:
        understood = shop.skills.understand(wish.text or said, None)
    except (TooLong, Failed):  # a colour is not worth the turn
        return None
    return next((value for value in _colours_asked(understood) if value in colours), None)


def _colours_asked(understood: Understood) -> list[str]:
    steps = understood.program.steps if understood.program else ()
    return [fold(step.value.text) for step in steps if isinstance(step, Filter) and step.key == "colour"]


def _recolour(shop: Shop, session: Session, place: int, said: str, wish: Wish) -> Outcome | None:
    """Shows the card in the colour that was said; the outcome when there is none such."""
    card = session.cards[place]
    variants = colours_of(shop, session, card)
    wanted = _colour(shop, said, wish, set(variants))
    if wanted is not None:
        resize(shop, session, place, next(p.sku for colour, p in variants.items() if fold(colour) == wanted))
        return None
    facts = facts_of(shop, session, card) | {"colours": ", ".join(variants)}
    session.focus = place
    return Outcome("asked_colours", facts, options=tuple(variants)) if variants else None


def colours_of(shop: Shop, session: Session, card: Card) -> dict[str, Product]:
    """The colours in which a style is sold, and a product of each."""
    own = shop.store.catalogue.products([card.sku])[card.sku]
    alike = [own]
    if own.style is not None:
        alike += [p for p in shop.store.catalogue.all(language_of(shop, session)) if p.style == own.style]
    return {product.colour: product for product in reversed(alike) if product.colour}


def unlock(shop: Shop, session: Session) -> bool:
    """Lets go of goods held for paying, so that the basket can change; False when the sale cannot be stopped."""
    if session.sale_id is None:
        return True
    sale = shop.store.sales.cancel(session.sale_id)
    if isinstance(sale, Sale) and sale.state != "released":
        return False
    session.sale_id = None
    return True


def _add(shop: Shop, session: Session, place: int, units: int) -> Outcome:
    card, language = session.cards[place], language_of(shop, session)
    if not unlock(shop, session):
        return Outcome("refused", stage=session.stage)
    if card.stock == 0:
        outcome = sold_out(shop, session, place)
        if isinstance(session.pending, WantedSize):
            session.pending = replace(session.pending, quantity=units, buy=True)
        return outcome
    if session.basket_id is None:
        session.basket_id = shop.store.baskets.create(session.customer.id if session.customer else None).id
    basket = shop.store.baskets.add(session.basket_id, card.sku, units)
    match basket:
        case Basket():
            facts = {"product": card.name, "total": shop.money(basket.total_cents, language)}
            return Outcome("added", facts | ({"quantity": str(units)} if units > 1 else {}))
        case OverCap():
            return Outcome("over_cap", {"cap": str(basket.cap)})
        case OutOfStock(available=0):
            return Outcome("out_of_stock", facts_of(shop, session, card))
        case OutOfStock():
            return Outcome("asked_stock", {"product": card.name, "count": str(basket.available)})
        case NotFound():
            return Outcome("not_found")


def remove(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Takes a line, or some of it, out of the basket."""
    basket, language = basket_of(shop, session), language_of(shop, session)
    if basket is None or not basket.lines:
        return Outcome("basket_empty")
    if not unlock(shop, session):
        return Outcome("refused", stage=session.stage)
    shown = session.cards[session.focus].sku if session.focus is not None else None
    places = [place for place, line in enumerate(basket.lines) if line.product.sku == shown]
    place = wish.position - 1 if wish.position is not None else (*places, len(basket.lines) - 1)[0]
    if not 0 <= place < len(basket.lines):
        return tell_basket(shop, session)
    product = basket.lines[place].product
    left = shop.store.baskets.remove(basket.id, product.sku, quantity(wish))
    total = left.total_cents if isinstance(left, Basket) else 0
    empty = not (isinstance(left, Basket) and left.lines)
    facts = {"product": product.name, "total": shop.money(total, language)}
    return Outcome("removed", facts, stage="talk" if empty else session.stage)


def tell_basket(shop: Shop, session: Session) -> Outcome:
    """How many things are in the basket, and what they cost."""
    basket = basket_of(shop, session)
    if basket is None or not basket.lines:
        return Outcome("basket_empty")
    count = str(sum(line.quantity for line in basket.lines))
    return Outcome("basket", {"count": count, "total": shop.money(basket.total_cents, language_of(shop, session))})
