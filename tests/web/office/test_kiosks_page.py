"""The operator's pages at headquarters: over all kiosks, and of one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, update

from tests.web.office.conftest import now
from tests.web.office.test_sales_page import sold  # noqa: F401
from walkiosk.office.desk import Office
from walkiosk.office.digest_value import Period
from walkiosk.office.reports import Figures, sales_report
from walkiosk.store import tables
from walkiosk.store.feedback import Feedback
from walkiosk.store.inventory import on_hand
from walkiosk.store.kiosk_tables import kiosk
from walkiosk.store.loading import loaded_fingerprint
from walkiosk.store.order_book import Wanted
from walkiosk.store.sale_book import Sale

HOUR = 3_600_000


@pytest.fixture
def kiosks(office: Office, sold: Sale) -> Sale:  # noqa: F811
    """Two kiosks that ship here; one of them has made the sale, and a remark was made at it."""
    Feedback(office.store.engine, now).add(2, "the lobby is cold", "en", sold.id)
    latest = loaded_fingerprint(office.store.engine)
    lobby = {"books": "a", "name": "lobby", "number": 1, "seen_ms": now(), "waiting": 0, "revision": latest}
    cellar = {"books": "b", "name": "cellar", "number": 2, "seen_ms": now() - 50 * HOUR, "waiting": 1234}
    with office.store.engine.begin() as connection:
        for row in (lobby, cellar | {"refused": "bad row"}):
            connection.execute(insert(kiosk).values({"last_seq": 0, **row}))
        for table in (tables.sale, tables.feedback, tables.stock_movement):
            own = table.c.sale_id == sold.id if "sale_id" in table.c else table.c.id == sold.id
            connection.execute(update(table).where(own).values(kiosk="lobby"))
    return sold


def test_how_each_kiosk_is(owner: Page, kiosks: Sale) -> None:
    owner.goto("/health")
    table = owner.locator("main table").first
    expect(table.get_by_role("row").nth(1)).to_contain_text("cellar")
    expect(table.get_by_role("row").nth(1)).to_contain_text("1,234")
    expect(table.get_by_role("row").nth(1)).to_contain_text("refused: bad row")
    expect(table.get_by_role("row").nth(2)).to_contain_text("up to date")


def test_sales_of_all_kiosks_and_of_one(owner: Page, office: Office, kiosks: Sale) -> None:
    owner.goto("/sales")
    expect(owner.get_by_role("cell", name="lobby")).to_be_visible()
    owner.get_by_label("Kiosk").select_option("cellar")
    expect(owner.get_by_text("No sale is like that.")).to_be_visible()
    owner.goto(f"/sales/{kiosks.id}")
    expect(owner.get_by_text("given back at lobby")).to_be_visible()
    expect(owner.get_by_role("button", name="Give money back")).to_have_count(0)
    today = Period(office.day_of(0), office.day_of(10**14))
    whole, lobby, cellar = (sales_report(office.store, today, name) for name in (None, "lobby", "cellar"))
    assert (lobby.total, cellar.total) == (Figures(2, kiosks.captured_cents, 0), Figures())
    assert whole.filed_days and not lobby.filed_days and whole.total.units > lobby.total.units


def test_remarks_and_reports_of_one_kiosk(owner: Page, kiosks: Sale) -> None:
    owner.goto("/remarks")
    expect(owner.get_by_text("the lobby is cold")).to_be_visible()
    owner.goto("/remarks?kiosk=cellar")
    expect(owner.get_by_text("No remarks.")).to_be_visible()
    expect(owner.get_by_text("the lobby is cold")).to_have_count(0)
    owner.goto("/reports?kiosk=lobby")
    expect(owner.get_by_label("Kiosk")).to_have_value("lobby")
    expect(owner.get_by_role("link", name="PDF")).to_have_attribute("href", "/reports/report.pdf?days=28&kiosk=lobby")


def test_goods_that_came_for_a_kiosk(owner: Page, office: Office, kiosks: Sale) -> None:
    order = office.store.orders.propose("list", [Wanted("TO-1", 6, "Spinning top")], "Ana")
    office.store.orders.place(order.id, "Ana")
    with office.store.engine.connect() as connection:
        before = on_hand(connection, ["TO-1"])
    owner.goto(f"/orders/{order.id}")
    owner.get_by_label("Where it arrived").select_option("lobby")
    owner.get_by_role("button", name="Everything has arrived").click()
    owner.get_by_role("dialog").get_by_role("button", name="Everything has arrived").click()
    expect(owner.get_by_role("button", name="Everything has arrived")).to_have_count(0)
    assert [state.coming for state in office.store.kiosks.states()] == [0, 6]
    with office.store.engine.connect() as connection:
        assert on_hand(connection, ["TO-1"]) == before
    owner.goto("/catalogue/item?sku=TO-1")
    expect(owner.get_by_role("heading", name="Stock by kiosk")).to_be_visible()
    expect(owner.get_by_role("row", name="lobby -2").or_(owner.get_by_role("row", name="lobby −2"))).to_be_visible()
