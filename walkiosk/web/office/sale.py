"""One sale: its lines, what was asked for it, and giving money back."""

from __future__ import annotations

import secrets

from nicegui import ui

from walkiosk.store.cells import cents as read_cents
from walkiosk.store.outcome import NotFound, PaymentUnavailable
from walkiosk.store.refunds import Refund, RefundNote, refunds_of
from walkiosk.store.sale_book import Sale, SaleLine
from walkiosk.store.sale_list import arrows_of, created_of
from walkiosk.web.office import parts
from walkiosk.web.office.customers import address
from walkiosk.web.office.frame import page
from walkiosk.web.office.row_form import tell_kept, tell_next
from walkiosk.web.office.sales import state_badge
from walkiosk.web.office.visit import Visit


@page("/sales/{sale_id}", title="sale")
async def one_sale(visit: Visit) -> None:
    """One sale."""
    words, sale_id = visit.words, visit.path["sale_id"]
    found = await visit.office.read(lambda: visit.store.sales.sale(sale_id))
    if isinstance(found, NotFound):
        ui.context.client.status_code = 404
        parts.note(words("nothing_found"), "bad")
        return
    tell_kept(visit)
    engine = visit.store.engine
    created = await visit.office.read(lambda: created_of(engine, sale_id))
    refunds = await visit.office.read(lambda: refunds_of(engine, sale_id))
    _summary(visit, found, created)
    if found.kiosk is not None:
        parts.note(words("kiosk_refund", kiosk=found.kiosk))
    elif visit.may("owner") and found.state == "captured":
        _refunding(visit, found, refunds)
    if refunds:
        _refunds(visit, refunds)
    arrows = await visit.office.read(lambda: arrows_of(engine, sale_id))
    with parts.card(words("arrows")):
        columns = [words(key) for key in ("sale_at", "arrow", "amount", "outcome")]
        rows: list[list[parts.Cell]] = [
            [
                words.time(each.at_ms),
                words(f"arrow_{each.name}"),
                words.money(each.cents),
                each.outcome or words("no_answer"),
            ]
            for each in arrows
        ]
        parts.table(columns, rows, numbers=(2,))


def _summary(visit: Visit, sale: Sale, created_ms: int) -> None:
    words = visit.words
    with parts.card():
        with parts.box("row-of-acts"):
            state_badge(visit, sale.state, sale.refunded_cents)
            parts.text(words.time(created_ms), "span")
            if sale.customer_id:
                parts.link(sale.customer_id, address(sale.customer_id))
        with parts.box("figures"):
            for key in ("total", "captured", "refunded"):
                parts.figure(words(f"sale_{key}_cents"), words.money(getattr(sale, f"{key}_cents")))
        parts.table(
            [words(key) for key in ("item", "units", "given", "unit_price", "sale_total")],
            [_line(visit, line) for line in sale.lines],
            numbers=(1, 2, 3, 4),
        )


def _line(visit: Visit, line: SaleLine) -> list[parts.Cell]:
    words = visit.words
    cost = words.money(line.quantity * line.unit_cents)
    return [f"{line.name} · {line.sku}", str(line.quantity), str(line.dropped), words.money(line.unit_cents), cost]


def _refunds(visit: Visit, refunds: tuple[Refund, ...]) -> None:
    words = visit.words
    with parts.card(words("refunds")):
        columns = [words(key) for key in ("sale_at", "amount", "reason", "order_by", "outcome")]
        rows: list[list[parts.Cell]] = [
            [
                words.time(each.at_ms),
                words.money(each.cents),
                each.note.reason,
                each.note.who,
                words("refund_done" if each.done else "no_answer"),
            ]
            for each in refunds
        ]
        parts.table(columns, rows, numbers=(1,))


def _refunding(visit: Visit, sale: Sale, refunds: tuple[Refund, ...]) -> None:
    words = visit.words
    waiting = next((refund for refund in refunds if not refund.done), None)
    with parts.card(words("give_back")):
        if waiting is None:
            RefundForm(visit, sale)
            return
        parts.note(words("refund_waits", amount=words.money(waiting.cents)), "warn")
        parts.button(words("ask_again"), lambda: _give(visit, sale, waiting.cents, waiting.note, {}), "main")


class RefundForm:
    """Asks how much and why; it has one key, so that it gives back once however often it is sent."""

    def __init__(self, visit: Visit, sale: Sale) -> None:
        words, fallen = visit.words, [line for line in sale.lines if line.dropped]
        self.visit, self.sale, self.key = visit, sale, secrets.token_hex(16)
        self.left = sale.captured_cents - sale.refunded_cents
        parts.text(words("give_back_how", left=words.money(self.left)))
        with parts.box("fields"):
            self.units = {
                line: parts.Field(words("units_of", name=f"{line.name} · {line.sku}", most=line.dropped), kind="number")
                for line in fallen
            }
            self.amount = parts.Field(words("amount_instead"))
            self.reason = parts.Field(words("reason_why"))
        self.back = ui.checkbox(words("back_on_shelf"))
        with parts.box("row-of-acts"):
            parts.button(words("give_back"), self.give, "bad")

    async def give(self) -> None:
        """Gives back what was asked for, if it makes sense and is meant."""
        words = self.visit.words
        for field in (*self.units.values(), self.amount, self.reason):
            field.complain("")
        counts = {line: _units(field, line) for line, field in self.units.items()}
        for line, count in counts.items():
            if count is None:
                self.units[line].complain(words("units_to", most=line.dropped))
        by_units = sum(line.unit_cents * (count or 0) for line, count in counts.items())
        cents = _cents(self.amount.value) if self.amount.value.strip() else by_units
        if None in counts.values():
            return
        if cents is None or not 0 < cents <= self.left:
            self.amount.complain(words("amount_to", left=words.money(self.left)))
        elif not self.reason.value.strip():
            self.reason.complain(words("reason_needed"))
        elif await parts.confirmed(
            self.visit, words("give_back"), words("give_back_ask", amount=words.money(cents)), words("give_back"), True
        ):
            returned = {line.sku: count for line, count in counts.items() if count} if self.back.value else {}
            note = RefundNote(self.key, self.reason.value, self.visit.account.name)
            await _give(self.visit, self.sale, cents, note, returned)


async def _give(visit: Visit, sale: Sale, cents: int, note: RefundNote, returned: dict[str, int]) -> None:
    if not visit.may("owner"):
        parts.say(visit.words("owners_only"), "negative")
        return
    try:
        answer = await visit.office.write(lambda: visit.store.sales.refund(sale.id, cents, note, returned))
    except ValueError as error:  # somebody else was here first, or the goods were back before
        parts.say(str(error), "negative")
        return
    if isinstance(answer, PaymentUnavailable):
        tell_next(visit, visit.words("no_answer_yet"))
    else:
        tell_next(visit, visit.words("money_given_back", amount=visit.words.money(cents)))
    ui.navigate.reload()


def _units(field: parts.Field, line: SaleLine) -> int | None:
    """How many units are given back, None for what is no number of those that fell."""
    text = field.value.strip() or "0"
    return int(text) if text.isdecimal() and len(text) < 8 and int(text) <= line.dropped else None


def _cents(text: str) -> int | None:
    """An amount such as 12.50 or 12,50 in cents; None for anything else."""
    try:
        return read_cents(text.strip().replace(",", "."))
    except ValueError:
        return None
