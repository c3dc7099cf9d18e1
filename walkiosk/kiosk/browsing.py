"""Decide what to show and tell of goods: more, cheaper or other ones, and what is asked about one."""

from __future__ import annotations

from collections.abc import Callable

from walkiosk.kiosk.answering import offer_card, offer_screen, sold_out
from walkiosk.kiosk.choosing import colours_of, tell_basket
from walkiosk.kiosk.goods import Shop, facts_of, language_of, resize, show, show_earlier, show_more
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.session import Session, WantedSize
from walkiosk.kiosk.turn import Card
from walkiosk.kiosk.understand import Wish
from walkiosk.kiosk.wording import Telling, percent
from walkiosk.store.catalogue import Product

ALTERNATIVES = 24  # things that are looked through at most


def more(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """The next of the things found, what was on the screen before, or a good that was touched on the shop's shelf."""
    if wish.touched and "sku" in wish.slots:
        show(shop, session, [wish.slots["sku"]])
        return offer_screen(shop, session)
    if "back" in wish.words:
        return offer_screen(shop, session) if show_earlier(shop, session) else Outcome("none_other")
    return offer_screen(shop, session) if show_more(shop, session) else Outcome("none_other")


def compare(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Two things beside each other."""
    cards = session.cards
    if len(cards) < 2:
        return Outcome("clarify", {"product": cards[0].name}) if cards else Outcome("not_found")
    first = wish.position or 1
    second = wish.places[1] if len(wish.places) > 1 else (2 if first == 1 else 1)
    if not 1 <= first <= len(cards) or not 1 <= second <= len(cards) or first == second:
        return Outcome("clarify", {"product": cards[session.focus or 0].name})
    one, two = (_paid(shop, session, cards[number - 1]) for number in (first, second))
    return Outcome("compare", {"product": one[0], "price": one[1], "product2": two[0], "price2": two[1]})


def _paid(shop: Shop, session: Session, card: Card) -> tuple[str, str]:
    cents = card.price_cents if card.deal_cents is None else card.deal_cents
    return card.name, shop.money(cents, language_of(shop, session))


def cheaper(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Things of the same category that cost less, those that cost nearly as much first."""
    if not session.cards:
        return Outcome("not_found")
    place = _place(session, wish)
    card = min(session.cards, key=lambda c: c.price_cents) if place is None else session.cards[place]
    less = [p for p in _alike(shop, session, card) if p.price_cents < card.price_cents]
    if not less:
        return Outcome("none_cheaper", {"product": card.name})
    return _present(shop, session, sorted(less, key=lambda p: -p.price_cents))


def other(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """The same in another size or colour, or something else of the category."""
    if not session.cards:
        return Outcome("not_found")
    place = _place(session, wish) or 0
    card, criterion = session.cards[place], wish.words[0] if wish.words else "kind"
    if criterion == "size" and len(card.sizes) > 1:
        session.pending = WantedSize(place)
        return Outcome("ask_size", facts_of(shop, session, card), asks="size", options=card.sizes)
    if criterion in ("bigger", "smaller") and card.size:
        return _next_size(shop, session, place, 1 if criterion == "bigger" else -1)
    alike = _alike(shop, session, card)
    if criterion == "colour":
        variants = [p for colour, p in colours_of(shop, session, card).items() if colour != card.colour]
        return _present(shop, session, variants or [p for p in alike if p.colour and p.colour != card.colour])
    seen = {product.thing for product in shop.store.catalogue.products(session.found).values()}
    return _present(shop, session, [product for product in alike if product.thing not in seen])


def _next_size(shop: Shop, session: Session, place: int, step: int) -> Outcome:
    sizes = shop.store.catalogue.sizes(session.cards[place].sku)
    left = shop.store.inventory.available_of(product.sku for product in sizes)
    at = next(number for number, product in enumerate(sizes) if product.sku == session.cards[place].sku)
    further = sizes[at + 1 :] if step > 0 else sizes[:at][::-1]
    there = next((product for product in further if left[product.sku] != 0), None)
    if there is None:
        return Outcome("none_other")
    resize(shop, session, place, there.sku)
    return offer_card(shop, session, place)


def _alike(shop: Shop, session: Session, card: Card) -> list[Product]:
    """Other goods of the category of which something is left."""
    every = shop.store.catalogue.all(language_of(shop, session))
    own = next(product for product in every if product.sku == card.sku)
    others = [p for p in every if p.category == own.category and p.thing != own.thing]
    left = shop.store.inventory.available_of(product.sku for product in others)
    return [product for product in others if left[product.sku] != 0]


def _present(shop: Shop, session: Session, products: list[Product]) -> Outcome:
    if not products:
        return Outcome("none_other")
    things = {product.thing: product.sku for product in reversed(products)}
    ordered = [things[thing] for thing in dict.fromkeys(product.thing for product in products)]
    show(shop, session, ordered[:ALTERNATIVES])
    return offer_screen(shop, session)


def _place(session: Session, wish: Wish) -> int | None:
    if wish.position is not None and 1 <= wish.position <= len(session.cards):
        return wish.position - 1
    return session.focus


def ask(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """What is asked about the basket, or about the thing on the screen."""
    what = wish.words[0] if wish.words else "description"
    if what in ("total", "basket"):
        return tell_basket(shop, session)
    if not session.cards:
        return Outcome("not_found")
    place = _place(session, wish) or 0
    session.focus = place
    return ASKED.get(what, _description)(shop, session, place)


def _price(shop: Shop, session: Session, place: int) -> Outcome:
    card = session.cards[place]
    deal = _deal(shop, session, place)
    after = (Telling(deal.event, deal.facts),) if deal.event == "asked_deal" else ()
    return Outcome("asked_price", facts_of(shop, session, card), after=after)


def _sizes(shop: Shop, session: Session, place: int) -> Outcome:
    card = session.cards[place]
    if not card.sizes:
        return _description(shop, session, place)
    if len(card.sizes) > 1 and not card.size:
        session.pending = WantedSize(place)
        return Outcome("asked_sizes", facts_of(shop, session, card), asks="size", options=card.sizes)
    return Outcome("asked_sizes", facts_of(shop, session, card))


def _colours(shop: Shop, session: Session, place: int) -> Outcome:
    colours = tuple(colours_of(shop, session, session.cards[place]))
    if not colours:
        return _description(shop, session, place)
    return Outcome("asked_colours", {"product": session.cards[place].name, "colours": ", ".join(colours)})


def _stock(shop: Shop, session: Session, place: int) -> Outcome:
    card = session.cards[place]
    if card.stock == 0:
        return sold_out(shop, session, place)
    return Outcome("asked_stock", {"product": card.name, "count": str(card.stock)})


def _description(shop: Shop, session: Session, place: int) -> Outcome:
    card = session.cards[place]
    product = shop.store.catalogue.products([card.sku], language_of(shop, session))[card.sku]
    if not product.description:
        return Outcome("asked_price", facts_of(shop, session, card))
    return Outcome("asked_description", {"product": card.name, "description": product.description.rstrip(". ")})


def _age(shop: Shop, session: Session, place: int) -> Outcome:
    card = session.cards[place]
    restricted = shop.store.catalogue.products([card.sku])[card.sku].minimum_age
    return Outcome("age_check", {"product": card.name}) if restricted else _description(shop, session, place)


def _deal(shop: Shop, session: Session, place: int) -> Outcome:
    card, language = session.cards[place], language_of(shop, session)
    product = shop.store.catalogue.products([card.sku])[card.sku]
    deal = shop.store.offers.deal(product, session.customer)
    if not deal.basis_points_off:
        return Outcome("no_deal")
    facts = {"deal_price": shop.money(deal.pay_cents, language), "percent": percent(deal.basis_points_off, language)}
    return Outcome("asked_deal", facts)


ASKED: dict[str, Callable[[Shop, Session, int], Outcome]] = {
    "price": _price, "sizes": _sizes, "colours": _colours, "stock": _stock, "description": _description, "age": _age,
    "deal": _deal,
}  # fmt: skip
