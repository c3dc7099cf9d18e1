"""The goods on the screen: one card a thing, in the customer's size, with their price and what is left of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from walkiosk.kiosk.session import Session
from walkiosk.kiosk.skills import Skills
from walkiosk.kiosk.turn import Card, Line
from walkiosk.kiosk.wording import ENGLISH, Telling, money, replies
from walkiosk.modality.audio import Samples
from walkiosk.skill.conversation import Shown
from walkiosk.store import Store
from walkiosk.store.basket import Basket
from walkiosk.store.catalogue import Product
from walkiosk.store.folding import fold

CARDS = 6  # on the screen at once


@dataclass(frozen=True)
class Shop:
    """The shop's facts and money, and the skills that understand and word."""

    store: Store
    skills: Skills
    languages: tuple[str, ...]
    number: int = 0  # how many times it was loaded anew while the kiosk was open

    @classmethod
    def of(cls, store: Store, skills: Skills, number: int = 0) -> Shop:
        """A shop that speaks those of its languages that there are replies in, else English."""
        spoken = tuple(code for code in store.settings.languages if code in replies())
        return cls(store, skills, spoken or (ENGLISH,), number)

    @cached_property
    def jingle(self) -> Samples | None:
        """The tune for when nobody is there, composed when first asked for; None where the shop wants silence."""
        seed = self.store.settings.jingle_seed
        return None if seed is None else self.skills.jingle(seed)

    def money(self, cents: int, language: str) -> str:
        """An amount in the shop's currency."""
        return money(cents, self.store.settings.currency, language)


def language_of(shop: Shop, session: Session) -> str:
    """The language to speak: chosen, heard, the customer's own, or the shop's first."""
    own = session.customer.language if session.customer else None
    wanted = session.forced or session.language or (own if own in shop.languages else None)
    return wanted or shop.languages[0]


def show(shop: Shop, session: Session, skus: Iterable[str], trace: tuple[str, ...] = (), clip: str = "") -> None:
    """Puts things on the screen, those in the customer's size first."""
    session.keep_screen()
    session.forget_goods()
    session.trace, session.clip = trace, clip
    first = {product.thing: product for product in reversed(shop.store.catalogue.products(skus).values())}
    found = [_card(shop, session, 1, product.sku) for product in reversed(first.values())]
    session.found = tuple(card.sku for card in sorted(found, key=lambda card: not (card.size and card.stock)))
    if session.earlier and set(session.earlier[-1].found) == set(session.found):
        session.earlier = session.earlier[:-1]  # the same again is no other screen
    _draw(shop, session)
    session.focus = 0 if len(session.cards) == 1 else None


def show_more(shop: Shop, session: Session) -> bool:
    """Turns to the next things found; False when there are none."""
    if session.shown_from + CARDS >= len(session.found):
        return False
    session.shown_from += CARDS
    _draw(shop, session)
    session.focus = 0 if len(session.cards) == 1 else None
    return True


def show_earlier(shop: Shop, session: Session) -> bool:
    """Turns back to the things before, or to what was found before them; False when there was nothing."""
    if session.shown_from:
        session.shown_from = max(0, session.shown_from - CARDS)
    else:
        if not session.earlier:
            return False
        *earlier, last = session.earlier
        session.forget_goods()
        session.earlier = tuple(earlier)
        session.found = tuple(shop.store.catalogue.products(last.found))  # some may have been taken out since
        session.shown_from = last.shown_from if last.shown_from < len(session.found) else 0
        session.trace, session.clip = last.trace, last.clip
    _draw(shop, session)
    session.focus = 0 if len(session.cards) == 1 else None
    return bool(session.cards)


def redraw(shop: Shop, session: Session) -> None:
    """Writes the cards anew after the language, the customer or the shop has changed."""
    if session.cards and session.cards_for != _mark(shop, session):
        there = tuple(shop.store.catalogue.products(session.found))
        if there != session.found:  # some were taken out of the shop
            session.found, session.shown_from, session.focus, session.pending = there, 0, None, None
        _draw(shop, session)


def resize(shop: Shop, session: Session, place: int, sku: str) -> Card:
    """Shows card `place` (0-based) as this sku, in this size from now on."""
    product = shop.store.catalogue.products([sku])[sku]
    if product.size:
        session.sizes[fold(product.category)] = product.size
    found = list(session.found)
    found[session.shown_from + place] = sku
    session.found = tuple(found)
    _draw(shop, session)
    session.focus = place
    return session.cards[place]


def _mark(shop: Shop, session: Session) -> tuple[str, str | None, int]:
    return language_of(shop, session), session.customer.id if session.customer else None, shop.number


def _draw(shop: Shop, session: Session) -> None:
    skus = session.found[session.shown_from : session.shown_from + CARDS]
    session.cards = tuple(_card(shop, session, number, sku) for number, sku in enumerate(skus, 1))
    if session.shown_from == 0 and session.cards:
        session.cards = (replace(session.cards[0], clip=session.clip), *session.cards[1:])
    session.cards_for = _mark(shop, session)


def _card(shop: Shop, session: Session, number: int, sku: str) -> Card:
    sizes = shop.store.catalogue.sizes(sku, language_of(shop, session))
    left = shop.store.inventory.available_of(product.sku for product in sizes)
    there = [product for product in sizes if left[product.sku] != 0]
    known = known_size(session, sizes[0])
    own = next((product for product in sizes if product.size and known and fold(product.size) == known), None)
    product = own or (there or sizes)[0]
    deal = shop.store.offers.deal(product, session.customer)
    settled = own is not None or len(sizes) == 1
    units = left[product.sku]
    return Card(
        number=number,
        sku=product.sku,
        name=product.name,
        price_cents=product.price_cents,
        deal_cents=deal.pay_cents if deal.basis_points_off else None,
        colour=product.colour or "",
        size=(product.size or "") if settled else "",
        sizes=tuple(each.size for each in (there or sizes) if each.size),
        image=product.image or "",
        clip="",
        stock=_cap(shop, product) if units is None else units,
    )


def _cap(shop: Shop, product: Product) -> int:
    return shop.store.settings.item_cap if product.item_cap is None else product.item_cap


def known_size(session: Session, product: Product) -> str | None:
    """The customer's size for goods of that kind, folded: said today, or known from before."""
    kind = fold(product.category)
    own = session.customer.sizes if session.customer else {}
    known = session.sizes.get(kind) or next((size for name, size in own.items() if fold(name) == kind), None)
    return fold(known) if known else None


def wants_size(card: Card) -> bool:
    """Whether the size of a card is still to be asked."""
    return not card.size and len(card.sizes) > 1


def facts_of(shop: Shop, session: Session, card: Card) -> dict[str, str]:
    """Everything that can be said of a card."""
    language = language_of(shop, session)
    facts = {"product": card.name, "price": shop.money(card.price_cents, language)}
    if card.size and len(card.sizes) > 1:
        facts["size"] = card.size
    if card.sizes:
        facts["sizes"] = ", ".join(card.sizes)
    if card.deal_cents is not None:
        facts["deal_price"] = shop.money(card.deal_cents, language)
        if session.customer:
            facts["name"] = session.customer.name
    return facts


def offer(shop: Shop, session: Session, card: Card) -> Telling:
    """A product, its price and the customer's own deal, in one sentence."""
    facts = facts_of(shop, session, card)
    if card.deal_cents is not None and "size" not in facts and "name" not in facts:
        facts["price"] = facts["deal_price"]  # no wording has the deal alone: say what is paid
    return Telling("found_product", facts)


def shown(cards: Iterable[Card]) -> list[Shown]:
    """The screen as the model reads it."""
    return [Shown(card.name, card.colour, card.size) for card in cards]


def basket_of(shop: Shop, session: Session) -> Basket | None:
    """The customer's basket, None before anything was chosen."""
    if session.basket_id is None:
        return None
    basket = shop.store.baskets.basket(session.basket_id, language_of(shop, session))
    return basket if isinstance(basket, Basket) else None


def lines_of(basket: Basket | None) -> tuple[Line, ...]:
    """The basket as it is shown."""
    return tuple(Line(line.product.name, line.quantity, line.deal.pay_cents) for line in basket.lines) if basket else ()
