"""Decide about the sale: checkout, paying, dispensing, and giving up. Money and goods go through the store alone."""

from __future__ import annotations

from collections.abc import Iterator

from walkiosk.kiosk.choosing import unlock
from walkiosk.kiosk.goods import Shop, basket_of, language_of, lines_of
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.session import Session
from walkiosk.kiosk.understand import Wish
from walkiosk.kiosk.wording import names
from walkiosk.store.outcome import AgeRestricted, Declined, Expired, NotFound, OutOfStock, OverCap, PaymentUnavailable
from walkiosk.store.sale_book import Sale


def checkout(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """The total, before it is paid."""
    basket = basket_of(shop, session)
    if basket is None or not basket.lines:
        return Outcome("basket_empty", stage="talk")
    restricted = [line.product for line in basket.lines if line.product.minimum_age]
    if restricted and session.age_seen_by is None:  # the store would not reserve it: nobody goes to the reader in vain
        return Outcome("age_check", {"product": restricted[0].name}, asks="clerk", stage="talk")
    facts = {"total": shop.money(basket.total_cents, language_of(shop, session))}
    if session.customer:
        facts["name"] = session.customer.name
    return Outcome("checkout", facts, stage="checkout")


def pay(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Holds the goods and asks for the card; what is said before the total was told leads to the total first."""
    if not wish.touched and session.stage not in ("checkout", "paying"):
        return checkout(shop, session, wish)
    if session.basket_id is None:
        return Outcome("basket_empty", stage="talk")
    language = language_of(shop, session)
    sale = shop.store.sales.reserve(session.basket_id, age_checked=session.age_seen_by is not None)
    if isinstance(sale, Sale):
        if session.age_seen_by is not None:
            shop.store.clerk_codes.note(sale.id, session.age_seen_by)
        session.sale_id = sale.id
        return Outcome("paying", {"total": shop.money(sale.total_cents, language)}, stage="paying")
    match sale:
        case OverCap():
            return Outcome("over_cap", {"cap": str(sale.cap)}, stage="talk")
        case OutOfStock() | AgeRestricted():
            product = shop.store.catalogue.products([sale.sku], language)[sale.sku]
            event, asks = ("out_of_stock", "") if isinstance(sale, OutOfStock) else ("age_check", "clerk")
            return Outcome(event, {"product": product.name}, asks=asks, stage="talk")
        case _:
            return Outcome("basket_empty", stage="talk")


def sell(shop: Shop, session: Session) -> Iterator[Outcome]:
    """Takes the money and gives the goods of the sale that is reserved; an outcome for each step."""
    language = language_of(shop, session)
    if session.sale_id is None:
        outcome = pay(shop, session, Wish("pay", touched=True))
        yield outcome
        if outcome.event != "paying":
            return
    paid = shop.store.sales.pay(session.sale_id or "")
    if isinstance(paid, Expired):  # the customer took long: hold the goods anew, if they are still there
        session.sale_id = None
        outcome = pay(shop, session, Wish("pay", touched=True))
        if outcome.event != "paying":
            yield outcome
            return
        paid = shop.store.sales.pay(session.sale_id or "")
    if isinstance(paid, Declined | PaymentUnavailable | Expired | NotFound):
        yield Outcome("declined", stage="checkout")
        return
    basket = basket_of(shop, session)
    session.receipt = lines_of(basket)
    told = names([line.name for line in session.receipt], language)
    yield Outcome("dispensing", {"product": told}, stage="dispensing")
    yield _dispense(shop, session, paid, language)


def _dispense(shop: Shop, session: Session, paid: Sale, language: str) -> Outcome:
    delivery = shop.store.sales.dispense(paid.id)
    session.sale_id = None
    if isinstance(delivery, NotFound):
        return Outcome("jammed", {"total": shop.money(paid.total_cents, language)}, stage="talk")
    if delivery.complete:
        _over(session, paid.id)
        name = {"name": session.customer.name} if session.customer else {}
        return Outcome("thanks", name, asks="stars", stage="thanks")
    given = delivery.sale.given_cents
    back = shop.money(delivery.sale.total_cents - given, language)
    if delivery.sale.state == "released":  # nothing fell: the customer has the basket again
        session.receipt = ()
        return Outcome("jammed", {"total": back}, stage="talk")
    _over(session, paid.id)
    return Outcome("jammed", {"total": back}, asks="stars", stage="thanks")


def _over(session: Session, sale_id: str) -> None:
    session.sold_id, session.basket_id, session.age_seen_by = sale_id, None, None
    session.forget_goods()
    session.earlier = ()


def cancel(shop: Shop, session: Session, wish: Wish) -> Outcome:
    """Lets go of everything, and of who the customer is."""
    if not unlock(shop, session):
        return Outcome("refused", stage=session.stage)
    if session.basket_id is not None:
        shop.store.baskets.clear(session.basket_id)
    session.basket_id = None
    session.forget_goods()
    session.forget_customer()
    return Outcome("cancelled", stage="talk")
