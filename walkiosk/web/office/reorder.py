"""The list of what to order: each line with its reason, and one click that orders them.

The key of an order is that of its list: whatever is clicked twice, or by two people, orders once. The page proposes
units; what an order is, what it may hold and that it is there once is the store's business.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from nicegui import ui

from walkiosk.office.order_list import OrderList, order_list
from walkiosk.store.order_book import Order, Wanted
from walkiosk.store.replenishment import Proposal
from walkiosk.web.office import parts
from walkiosk.web.office.frame import loaded, page
from walkiosk.web.office.visit import Visit

SHORT = 6  # lines on the morning page
MOST_UNITS = 100_000  # that can be typed into a line


@page("/reorder")
async def reorder(visit: Visit) -> None:
    """The whole list."""
    await loaded(visit, lambda: order_list(visit.office), lambda found: _whole(visit, found))


def shortly(visit: Visit, found: OrderList) -> None:
    """The first lines of the list, and the button for all of it: what the morning page shows."""
    words, lines = visit.words, found.to_order
    if not lines:
        parts.text(words("reorder_empty"))
        return
    for line in lines[:SHORT]:
        with parts.box("mover"):
            with parts.box("mover-told"):
                _name(line)
                parts.text(reason(visit, line)).classes("soft small")
            parts.text(words("units_short", units=words.number(line.units)), "span").classes("much")
    if len(lines) > SHORT:
        parts.text(words("more_lines", count=len(lines) - SHORT)).classes("soft small")
    Ordering(visit, found).button()


def _whole(visit: Visit, found: OrderList) -> None:
    words, lines = visit.words, found.to_order
    terms = words("columns_told", lead=found.terms.lead_days, level=words.percent(found.terms.service_level))
    parts.text(terms).classes("soft")
    if not lines:
        parts.note(words("reorder_empty"), "good")
        return
    ordering = Ordering(visit, found)
    with parts.card():
        columns = [words(key) for key in ("item", "reason", "in_stock", "on_the_way", "packs", "order_units")]
        parts.table(columns, [_row(visit, ordering, line) for line in lines], numbers=(2, 3, 4, 5), long=(1,))
        cost = sum(line.cost_cents for line in lines)
        if found.budget_cents is not None and cost:
            told = words("budget_told", budget=words.money(found.budget_cents), cost=words.money(cost))
            parts.text(told).classes("soft")
        ordering.button()
    parts.text(words("enough_lines", count=len(found.proposals) - len(lines))).classes("soft small")


def _row(visit: Visit, ordering: Ordering, line: Proposal) -> list[parts.Cell]:
    there = "–" if line.item.on_hand is None else visit.words.number(line.item.on_hand)
    packs = f"{line.packs} × {line.item.pack_size}" if line.item.pack_size > 1 else str(line.packs)
    coming = visit.words.number(line.item.on_order)
    return [lambda: _name(line), reason(visit, line), there, coming, packs, lambda: ordering.field(line)]


def _name(line: Proposal) -> None:
    parts.link(line.item.name, f"/forecasts?{urlencode({'sku': line.item.sku})}")


def reason(visit: Visit, line: Proposal) -> str:
    """Why so many: the forecast, the reorder point, what is there, and what decided."""
    words, item = visit.words, line.item
    low, _, high = (units for _, units in line.quantiles)
    told = words(
        "why",
        mean=words.number(line.demand.mean, 1),
        days=line.days,
        low=low,
        high=high,
        source=words(f"source_{line.source}"),
        point=line.reorder_point,
        position=item.position,
    )
    decided = words(
        f"bound_{line.bound}",
        level=line.level,
        packs=line.packs,
        size=item.pack_size,
        capacity=item.capacity or 0,
        sellable=line.sellable or 0,
        cut=line.cut_units,
    )
    return f"{told} {decided}"


class Ordering:
    """The units that are to be ordered, line by line, and the button that orders them."""

    def __init__(self, visit: Visit, found: OrderList) -> None:
        self.visit, self.found = visit, found
        self.units = {line.item.sku: line.units for line in found.to_order}

    def field(self, line: Proposal) -> None:
        """A field for the units of a line; 0 leaves it out."""
        label = self.visit.words("units_field", name=line.item.name)
        made = ui.element("input").props(f"type=number min=0 max={MOST_UNITS} step={line.item.pack_size}")
        made.props["aria-label"] = label
        made.classes("units")

        def changed(typed: str) -> None:
            self.units[line.item.sku] = min(int(typed), MOST_UNITS) if typed.isdecimal() else 0

        parts.typed(made, str(line.units), changed)

    def button(self) -> None:
        """Orders what is chosen, when it is confirmed."""
        made = parts.button(self.visit.words("order_these"), None, "main", "shopping_cart")
        made.on_click(lambda: self._order(made))

    async def _order(self, button: ui.button) -> None:
        visit, words = self.visit, self.visit.words
        chosen = [line for line in self.found.to_order if self.units[line.item.sku]]
        units = sum(self.units[line.item.sku] for line in chosen)
        if not units:
            parts.say(words("nothing_chosen"))
            return
        title = words("order_ask", lines=len(chosen), units=words.number(units))
        button.disable()
        try:
            if await parts.confirmed(visit, title, words("order_ask_body"), words("order_now")):
                order, again = await visit.office.write(self._writing(chosen))
                ui.navigate.to(f"/orders/{order.id}?told={'already_ordered' if again else 'ordered'}")
        except ValueError as error:
            parts.say(str(error), "negative")
        finally:
            button.enable()

    def _writing(self, chosen: list[Proposal]) -> Callable[[], tuple[Order, bool]]:
        """Writes the order and sends it; True beside it when this list was ordered before."""
        name, book = self.visit.account.name, self.visit.store.orders
        due = self.visit.office.today + timedelta(self.found.terms.lead_days)
        lines = [self._line(line) for line in chosen]

        def write() -> tuple[Order, bool]:
            order = book.propose(self.found.key, lines, name)
            again = order.state != "proposed"
            placed = book.place(order.id, name, due)
            return (placed if isinstance(placed, Order) else order), again

        return write

    def _line(self, line: Proposal) -> Wanted:
        item = line.item
        units = self.units[item.sku]
        return Wanted(item.sku, units, item.name, item.pack_size, item.unit_cost_cents, reason(self.visit, line))
