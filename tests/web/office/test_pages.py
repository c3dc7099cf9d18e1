"""The operator's pages in Chromium: a morning from the digest to the order, on a laptop and on a phone."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.office.conftest import LAPTOP, NOON, PHONE, log_in, now
from walkiosk.office.desk import Office, OfficeSkills
from walkiosk.office.digest_value import RemarkSkills
from walkiosk.skill import Untrained
from walkiosk.store.feedback import Feedback
from walkiosk.store.order_book import Order

PATHS = ("/", "/forecasts", "/reorder", "/orders", "/remarks", "/reports", "/reports/conversations", "/accounts")
SAID = (
    ("The queue at the door was far too long", 1, "en"),
    ("La queue, otra vez la queue", 2, "es"),
    ("I left because of the queue outside", 2, "en"),
    ("lovely coffee and a lovely smile", 5, "en"),
    ("coffee lovely as ever, thank you", 5, "en"),
)
SIDEWAYS = """() => [document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll(
    ".page *, .bar *")].filter(each => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1
    && !each.closest("svg, .unseen")).map(each => each.outerHTML.slice(0, 120))]"""
TOO_SMALL = """() => [...document.querySelectorAll("button, .act, select, .way, .page input, summary")].filter(each =>
    each.checkVisibility() && each.getBoundingClientRect().height < 24).map(each => each.outerHTML.slice(0, 120))"""
FAINT = """() => {
    const UNSEEN = "svg, script, style, option, noscript, [aria-hidden=true]";
    const light = colour => {
        const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
        const linear = [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return [0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], a];
    };
    const ground = each => {
        for (; each; each = each.parentElement) {
            const [value, alpha] = light(getComputedStyle(each).backgroundColor);
            if (alpha > 0.99) return value;
        }
        return 1;
    };
    const own = each => [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    return [...document.querySelectorAll("body *")].filter(each => {
        if (!own(each) || !each.checkVisibility() || each.closest(UNSEEN)) return false;
        const [a, b] = [light(getComputedStyle(each).color)[0], ground(each)].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05) < 4.5;
    }).map(each => each.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def shop_folder(shop_folder: Path) -> Path:
    """The film shop with twelve weeks of sales up to yesterday."""
    rows = ["sku,date,units,price"]
    for back in range(84, 0, -1):
        day = NOON.date() - timedelta(back)
        rows += [f"OX-42,{day},{1 + (day.weekday() > 4)},89.90", f"TO-1,{day},{6 + 6 * (day.weekday() > 4)},12.50"]
    (shop_folder / "sales.csv").write_text("\n".join(rows) + "\n")
    return shop_folder


@pytest.fixture
def remarks(office: Office) -> None:
    """Five remarks of this week."""
    feedback = Feedback(office.store.engine, lambda: now() - 86_400_000)
    for words, stars, language in SAID:
        feedback.add(stars, words, language)


def settled(page: Page) -> None:
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=20_000)


def test_a_morning(remarks: None, owner: Page) -> None:
    settled(owner)
    said = owner.locator("section", has=owner.get_by_role("heading", name="What customers say"))
    expect(said.get_by_text("Several customers mention the queue.")).to_be_visible()
    expect(said.get_by_text("5 remarks with words in 7 days · 3 stars on average")).to_be_visible()
    sold = owner.locator("section", has=owner.get_by_role("heading", name="What sold"))
    expect(sold.get_by_text("€164.90")).to_be_visible()  # yesterday, a Monday: an oxford and six tops
    expect(sold.get_by_role("row", name="Spinning top")).to_contain_text("54")
    ahead = owner.locator("section", has=owner.get_by_role("heading", name="What will sell"))
    expect(ahead.get_by_role("img", name=re.compile("Film shop: what has sold"))).to_be_visible()
    order = owner.locator("section", has=owner.get_by_role("heading", name="What to order"))
    expect(order.get_by_text(re.compile("expected in 8 days .* from its own sales"))).to_have_count(2)
    expect(owner.get_by_text("No conversations were kept in these days.")).to_be_visible()
    said.get_by_role("listitem").filter(has_text="Several customers mention the queue.").get_by_role("link").click()
    settled(owner)
    expect(owner.locator(".remark")).to_have_count(3)
    expect(owner.locator(".remark").first).to_contain_text("queue")


def test_one_click_orders_once(owner: Page, office: Office) -> None:
    settled(owner)
    second = owner.context.new_page()
    second.goto("/reorder")
    settled(second)
    owner.get_by_role("button", name="Order these lines").dblclick()
    expect(owner.get_by_role("dialog")).to_have_count(1)
    owner.get_by_role("dialog").get_by_role("button", name="Order", exact=True).dblclick()
    expect(owner.locator(".badge", has_text="placed")).to_be_visible()
    (order,) = office.store.orders.orders()
    assert (order.state, order.proposed_by, order.placed_by) == ("placed", "Ana", "Ana")
    assert {line.sku for line in order.lines} >= {"OX-42", "TO-1"}
    assert all("expected in 8 days" in line.reason for line in order.lines)
    second.get_by_role("button", name="Order these lines").click()
    second.get_by_role("dialog").get_by_role("button", name="Order", exact=True).click()
    expect(second.get_by_text("This list was ordered already.")).to_be_visible()
    assert len(office.store.orders.orders()) == 1
    owner.goto("/reorder")
    settled(owner)
    expect(owner.get_by_role("link", name="Spinning top")).to_have_count(0)  # it is on its way


def test_an_order_is_changed_refused_and_received(owner: Page, office: Office) -> None:
    owner.goto("/reorder")
    settled(owner)
    owner.get_by_label("Units of Spinning top").fill("80")
    for field in owner.locator("input.units").all():
        if field.get_attribute("aria-label") != "Units of Spinning top":
            field.fill("0")
    owner.get_by_role("button", name="Order these lines").click()
    owner.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(owner.get_by_role("dialog")).to_have_count(0)
    assert office.store.orders.orders() == ()
    expect(owner.get_by_label("Units of Spinning top")).to_have_value("80")  # what is ordered is what is shown
    owner.get_by_role("button", name="Order these lines").click()
    expect(owner.get_by_role("dialog")).to_contain_text("Order now? Lines: 1, units: 80.")
    owner.get_by_role("dialog").get_by_role("button", name="Order", exact=True).click()
    expect(owner.locator(".badge", has_text="placed")).to_be_visible()
    with owner.expect_download() as told:
        owner.get_by_role("link", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(told.value.path().read_text())))
    assert rows == [{"sku": "TO-1", "name": "Spinning top", "packs": "80", "units": "80"}]
    before = office.store.inventory.available("TO-1")
    second = owner.context.new_page()
    second.goto(owner.url)
    owner.get_by_role("button", name="Everything has arrived").click()
    owner.get_by_role("dialog").get_by_role("button", name="Everything has arrived").click()
    expect(owner.locator(".badge", has_text="arrived")).to_be_visible()
    assert (before, office.store.inventory.available("TO-1")) == (20, 100)
    second.get_by_role("button", name="Everything has arrived").click()
    second.get_by_role("dialog").get_by_role("button", name="Everything has arrived").click()
    expect(second.get_by_text("is closed")).to_be_visible()  # what the books say to who comes second
    assert office.store.inventory.available("TO-1") == 100
    (order,) = office.store.orders.orders()
    assert isinstance(office.store.orders.order(order.id), Order)


def test_a_forecast_is_hovered(owner: Page) -> None:
    owner.goto("/forecasts")
    settled(owner)
    owner.get_by_label("Item").select_option("TO-1")
    settled(owner)
    expect(owner.get_by_role("heading", name="Spinning top", level=2)).to_be_visible()
    chart = owner.get_by_role("img", name=re.compile("Spinning top: what has sold"))
    box = chart.bounding_box()
    assert box is not None
    owner.mouse.move(box["x"] + box["width"] - 40, box["y"] + box["height"] / 2)
    told = owner.locator(".told")
    expect(told).to_contain_text("expected")
    expect(told).to_contain_text("in 80 of 100 cases")
    owner.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    expect(told).to_contain_text("sold")
    owner.get_by_text("As a table").click()
    expect(owner.locator("details").get_by_role("row")).to_have_count(29)


def test_a_remark_is_filed_by_hand(remarks: None, clerk: Page, office: Office) -> None:
    clerk.goto("/remarks")
    first = clerk.locator("article.remark").filter(has=clerk.get_by_label("Category")).first
    first.get_by_label("Category").select_option("price")
    expect(clerk.get_by_text("Filed under “price”")).to_be_visible()
    assert [remark.filed for remark in office.store.feedback.remarks() if remark.filed] == ["price"]
    clerk.reload()
    filed = clerk.locator("article.remark").filter(has_text="by hand")
    expect(filed.get_by_label("Category")).to_have_value("price")
    filed.get_by_label("Category").select_option(label="let the model choose")
    expect(clerk.get_by_text("Left to the model again.")).to_be_visible()
    assert not any(remark.filed for remark in office.store.feedback.remarks())


def test_remarks_are_filtered(remarks: None, clerk: Page) -> None:
    clerk.goto("/remarks")
    settled(clerk)
    expect(clerk.get_by_text("Word for word (5)")).to_be_visible()
    theme = clerk.locator(".theme", has_text="Several customers mention the queue.")
    expect(theme).to_contain_text("3 × · 60%")
    clerk.get_by_role("combobox", name="Stars").select_option("5")
    expect(clerk.get_by_text("Word for word (2)")).to_be_visible()
    clerk.get_by_role("combobox", name="Stars").select_option("")
    expect(clerk.get_by_text("Word for word (5)")).to_be_visible()
    clerk.locator("main").get_by_label("Language").select_option("es")
    expect(clerk.locator(".remark")).to_have_text(re.compile("La queue, otra vez la queue"))


def test_reports_as_pages_and_files(owner: Page) -> None:
    owner.goto("/reports?days=7")
    settled(owner)
    expect(owner.locator(".figure-value", has_text="€1,484.10")).to_be_visible()  # seven days, a weekend among them
    with owner.expect_download() as told:
        owner.locator("section", has_text="By item").get_by_role("link", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(told.value.path().read_text())))
    with owner.expect_download() as paper:
        owner.get_by_role("link", name="Download as PDF").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    assert [(row["item"], row["units"], row["net"]) for row in rows] == [
        ("OX-42", "9", "809.10"),
        ("TO-1", "54", "675.00"),
    ]


def test_a_remark_is_filed_without_the_skill_too(remarks: None, clerk: Page, office: Office) -> None:
    def missing() -> RemarkSkills:
        raise Untrained("it is not trained yet")

    office._skills = OfficeSkills(office._skills.forecaster, missing)
    clerk.goto("/remarks")
    chosen = clerk.locator("article.remark").first.get_by_label("Category")
    expect(chosen).to_have_value("")
    chosen.select_option("queue")
    expect(clerk.get_by_text("Filed under “queue”")).to_be_visible()
    clerk.reload()
    expect(clerk.locator("article.remark").first.get_by_label("Category")).to_have_value("queue")


def test_what_is_not_trained_is_said(remarks: None, owner: Page, office: Office) -> None:
    def untrained() -> None:
        raise Untrained("it is not trained yet: these weights do not have it")

    office._skills = OfficeSkills(untrained, untrained)  # type: ignore[arg-type]
    office._kept.clear()
    for path, told in (("/", 3), ("/forecasts", 1), ("/reorder", 1), ("/remarks", 1)):
        owner.goto(path)
        settled(owner)
        expect(owner.get_by_text(re.compile("not trained yet"))).to_have_count(told)
    expect(owner.get_by_text("Word for word (5)")).to_be_visible()


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_cut_off_on_a_phone(remarks: None, browser: Browser, office_address: str, path: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, base_url=office_address)
    page = context.new_page()
    log_in(page, office_address, path=path)
    settled(page)
    assert page.evaluate(SIDEWAYS) == [0]
    assert page.evaluate(TOO_SMALL) == []
    context.close()


@pytest.mark.parametrize("dark", [False, True])
def test_words_can_be_read(remarks: None, browser: Browser, office_address: str, dark: bool) -> None:
    scheme = "dark" if dark else "light"
    size = {"width": LAPTOP[0], "height": LAPTOP[1]}
    context = browser.new_context(viewport=size, base_url=office_address, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(office_address)
    assert page.evaluate(FAINT) == []
    log_in(page, office_address)
    for path in ("/", "/reorder", "/remarks"):
        page.goto(path)
        settled(page)
        assert page.evaluate(FAINT) == []
    context.close()


def test_the_keyboard_goes_everywhere(owner: Page) -> None:
    settled(owner)
    owner.keyboard.press("Tab")
    expect(owner.get_by_role("link", name="Skip to the content")).to_be_focused()
    owner.keyboard.press("Tab")
    expect(owner.get_by_role("button", name="Menu")).to_be_focused()
    owner.get_by_role("button", name="Order these lines").focus()
    owner.keyboard.press("Enter")
    expect(owner.get_by_role("dialog").get_by_role("button", name="Order", exact=True)).to_be_focused()
    owner.keyboard.press("Escape")
    expect(owner.get_by_role("dialog")).to_have_count(0)
