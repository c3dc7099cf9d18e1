"""Receipts of sales that went well and badly, and how they are written."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from babel.numbers import format_currency
from sqlalchemy import Engine

from walkiosk.store import tables
from walkiosk.store.loading import read_loaded_settings
from walkiosk.store.outcome import NotFound
from walkiosk.store.receipt import GivenBack, Receipt, ReceiptLine, TaxLine, qr_svg, receipt_number, receipt_of
from walkiosk.store.receipt_text import LONGEST_CODE, broken, lines_of, rows_of, short_text, width, words
from walkiosk.store.sale_book import Sale

from .shop import Shop

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ru", "hi", "zh")
SOLD_AT = datetime.datetime(2026, 6, 12, 14, 3, tzinfo=zoneinfo.ZoneInfo("Europe/Madrid"))
RECEIPT = Receipt(
    "The Film Shop",
    "4F2A-91C3",
    SOLD_AT,
    "EUR",
    (
        ReceiptLine("Brown oxford with a name that goes on and on", 2, 8541, 8990),
        ReceiptLine("盗梦空间原声黑胶唱片限量版珍藏", 1, 123450, 123450),
        ReceiptLine("लकड़ी का घूमता हुआ लट्टू", 1, 1250, 1250),
    ),
    (TaxLine(2100, 116143, 24389), TaxLine(550, 1185, 65)),
    (GivenBack(1000, datetime.date(2026, 6, 14)),),
    "a1b2c3",
)


@pytest.fixture
def shop(engine: Engine) -> Shop:
    return Shop(engine)


def receipt(shop: Shop, sale: Sale, language: str | None = None) -> Receipt | NotFound:
    settings = read_loaded_settings(shop.engine)
    assert settings is not None
    return receipt_of(shop.engine, settings, sale.id, language)


def test_a_receipt_of_a_whole_sale(shop: Shop) -> None:
    sale = shop.delivered(shop.paid(OX_42=2, TO_1=1)).sale
    found = receipt(shop, sale)
    assert isinstance(found, Receipt)
    assert (found.shop, found.number, found.currency) == ("Film shop", receipt_number(sale.id), "EUR")
    assert found.number == f"{sale.id[:4]}-{sale.id[4:8]}".upper()
    assert found.sold_at.timestamp() * 1000 == shop.now and str(found.sold_at.tzinfo) == "Europe/Madrid"
    assert found.lines == (ReceiptLine("Brown oxford", 2, 8541, 8990), ReceiptLine("Spinning top", 1, 1250, 1250))
    assert (found.total_cents, found.saved_cents) == (18332, 898) == (sale.captured_cents, 2 * 449)
    assert found.taxes == (TaxLine(2100, 14117, 2965), TaxLine(400, 1202, 48))
    assert sum(tax.tax_cents for tax in found.taxes) == sale.tax_cents
    assert sum(tax.gross_cents for tax in found.taxes) == found.total_cents
    assert sale.authorisation is not None and found.payment == sale.authorisation[-6:]
    assert found.refunds == ()


def test_goods_are_named_in_the_customers_language(shop: Shop) -> None:
    found = receipt(shop, shop.delivered(shop.paid(TO_1=1, LP_1=1)).sale, "fr")
    assert isinstance(found, Receipt)
    assert [line.name for line in found.lines] == ["Spinning top", "Musique d’Inception"]  # in its own where it has one


def test_what_did_not_fall_is_not_on_it(shop: Shop) -> None:
    sale = shop.paid(TO_1=2, LP_1=1)
    shop.dispenser.set_empty(["B3"])
    found = receipt(shop, shop.delivered(sale).sale)
    assert isinstance(found, Receipt)
    assert (found.lines, found.total_cents) == ((ReceiptLine("Spinning top", 2, 1250, 1250),), 2500)
    assert [tax.basis_points for tax in found.taxes] == [400]


def test_sales_without_a_receipt(shop: Shop) -> None:
    reserved = shop.reserved(TO_1=1)
    assert receipt(shop, reserved) == NotFound("receipt", reserved.id)
    assert receipt(shop, shop.paid(LP_1=1)) != receipt(shop, reserved)
    jammed = shop.paid(CA_1=1)
    shop.dispenser.jam_next("C1")
    assert shop.delivered(jammed).sale.state == "released"
    assert receipt(shop, jammed) == NotFound("receipt", jammed.id)
    assert receipt(shop, replace(jammed, id="nope")) == NotFound("sale", "nope")


def test_a_sale_whose_money_is_still_asked_for_has_its_receipt(shop: Shop) -> None:
    sale = shop.paid(TO_1=1)
    shop.reader.lose_next("capture", "before")
    assert shop.delivered(sale).sale.state == "dispensed"
    found = receipt(shop, sale)
    assert isinstance(found, Receipt) and found.total_cents == 1250


def test_refunds_are_on_it_when_they_are_made(shop: Shop) -> None:
    sale = shop.delivered(shop.paid(TO_1=2)).sale
    bought = shop.now
    shop.now += 3 * 24 * 3_600_000
    shop.sales.refund(sale.id, 300)
    shop.reader.lose_next("refund", "after")
    shop.sales.refund(sale.id, 200)
    found = receipt(shop, sale)
    assert isinstance(found, Receipt)
    assert found.sold_at.timestamp() * 1000 == bought
    assert found.refunds == (GivenBack(300, found.sold_at.date() + datetime.timedelta(3)),)  # the second is not known
    shop.sales.reconcile()
    again = receipt(shop, sale)
    assert isinstance(again, Receipt) and [refund.cents for refund in again.refunds] == [300, 200]


def test_a_sale_that_cost_nothing(shop: Shop) -> None:
    with shop.engine.begin() as connection:
        connection.execute(tables.offer.update().where(tables.offer.c.sku == "OX-42").values(basis_points_off=10_000))
    found = receipt(shop, shop.delivered(shop.paid(OX_42=1)).sale)
    assert isinstance(found, Receipt)
    assert (found.total_cents, found.saved_cents, found.payment) == (0, 8990, "")


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_fit_and_lose_nothing(language: str, columns: int) -> None:
    rows = rows_of(RECEIPT, language)
    lines = lines_of(rows, columns)
    assert max(map(width, lines)) <= columns
    assert not re.search("[\u00a0\u202f]", "".join(lines))
    written = re.sub(r"\s", "", "".join(lines).replace("-" * columns, ""))
    wanted = re.sub(r"\s", "", "".join(row.left + row.right for row in rows))
    assert written == wanted
    for row in (row for row in rows if row.right):  # amounts stand at the end of their lines
        amount = re.sub(r"\s", " ", row.right)
        assert any(line.endswith(amount) and width(line) == columns for line in lines), amount
    total = format_currency("1417.82", "EUR", locale=language)
    assert re.sub(r"\s", "", total) in written


def test_it_is_written_as_the_language_writes() -> None:
    german = lines_of(rows_of(RECEIPT, "de"), 42)
    assert german[:3] == ("              The Film Shop", "Beleg 4F2A-91C3", "12.06.2026, 14:03")
    assert "  je 85,41 €, statt 89,90 €" in german
    assert "5,5 % Steuer: netto 11,85 € + 0,65 €" in " ".join(" ".join(german).split())
    assert german[-1].startswith("Erstattet 14.06.2026") and german[-1].endswith("-10,00 €")
    assert rows_of(RECEIPT, "tlh") == rows_of(RECEIPT, "en")
    assert words().keys() == set(LANGUAGES)
    assert {frozenset(own) for own in words().values()} == {frozenset(words()["en"])}
    for key, text in words()["en"].items():
        braces = re.findall(r"{\w+}", text)
        assert all(sorted(re.findall(r"{\w+}", own[key])) == sorted(braces) for own in words().values())


def test_no_tax_and_nothing_saved_is_not_spoken_of() -> None:
    plain = replace(RECEIPT, lines=(RECEIPT.lines[2],), taxes=(TaxLine(0, 1250, 0),), refunds=(), payment="")
    kinds = [row.kind for row in rows_of(plain, "en")]
    assert kinds == ["head", "plain", "plain", "rule", "plain", "rule", "total"]


def test_widths_and_where_lines_break() -> None:
    assert [width(text) for text in ("abc", "盗梦", "लट्टू", "é", "e\u0301", "：", "€")] == [3, 4, 3, 1, 1, 2, 1]
    assert broken("one two three", 7) == ["one two", "three"]
    assert broken("盗梦空间ab", 5) == ["盗梦", "空间", "ab"]
    assert broken("unbreakable", 4) == ["unbr", "eaka", "ble"]
    assert broken("1\u00a0234,50\u00a0€ net", 10) == ["1\u00a0234,50\u00a0€", "net"]
    assert broken("", 10) == [""]
    for line in broken("लकड़ी" * 9, 5):  # no mark leaves its letter
        assert not line or "\u0904" <= line[0] <= "\u0939" or line[0] == "\u0958"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_short_text(language: str) -> None:
    short = short_text(RECEIPT, language)
    lines = short.split("\n")
    assert len(short.encode()) <= LONGEST_CODE
    assert lines[0] == "The Film Shop" and "4F2A-91C3" in lines[1] and "2026" in lines[2]
    assert any(line.startswith(words()[language]["total"]) for line in lines)
    many = replace(RECEIPT, lines=RECEIPT.lines * 10)
    cut = short_text(many, language).split("\n")
    assert len("\n".join(cut).encode()) <= LONGEST_CODE and "…" in cut
    assert cut[-1].startswith(words()[language]["total"])


def test_the_code_as_a_picture_of_the_page() -> None:
    svg = qr_svg("The Film Shop\n€1,417.82")
    drawn = ElementTree.fromstring(svg)
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg" and drawn.get("viewBox")
    assert "style" not in svg and "script" not in svg  # the page's policy forbids both
    assert [each.get("fill") or each.get("stroke") for each in drawn.iter() if each.tag.endswith("path")] == [
        "#fff",
        "#000",
    ]
    assert qr_svg("other") != svg
