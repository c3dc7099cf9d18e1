"""A whole purchase in every way that somebody may need: by keyboard, switch, touch, captions and voice, each alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.fake_kiosk import FakeKiosk
from tests.web.shopping import opened, say, stage, tab_to
from tests.web.words import word

PACE = 2_000  # ms that the frame stays, unless the customer sets another
PLAYED = """window.played = 0; const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function () { window.played += 1; return start.apply(this, arguments); };"""


@pytest.fixture
def clocked(browser: Browser, address: str) -> Iterator[Page]:
    """The attract screen of a page whose clock stands still until the test moves it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.clock.install()
    for shown in opened(page, address):
        shown.clock.pause_at(shown.evaluate("Date.now()") + 1_000)
        yield shown
    context.close()


def test_by_keyboard(page: Page, fake: FakeKiosk) -> None:
    page.keyboard.type("show me everything")  # nothing has the focus: it is typed all the same
    expect(page.locator("#text")).to_have_value("show me everything")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(3)
    page.keyboard.press("Escape")  # out of the field
    expect(page.locator("#answer-title")).to_be_focused()
    page.keyboard.press("2")
    second = page.get_by_role("article", name="Rooftop runner")
    expect(second.locator(".take")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    first = page.get_by_role("article", name="Cobb’s black Oxford")
    expect(first.locator(".take")).to_be_focused()
    page.keyboard.press("3")
    expect(
        page.get_by_role("heading", name="Snow fortress boot")
    ).to_be_focused()  # sold out: there is nothing to press
    page.keyboard.press("1")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    expect(first.get_by_role("radio", name="43")).to_be_checked()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    checkout = page.get_by_role("button", name="Go to payment")
    expect(checkout).to_be_visible()
    assert fake.turns[-1].action == "choose 1 size=43 quantity=1"
    tab_to(page, checkout)
    page.keyboard.press("Enter")
    stage(page, "checkout")
    tab_to(page, page.locator("#pay"))
    page.keyboard.press("Enter")
    stage(page, "thanks")
    page.keyboard.press("5")
    page.keyboard.press(" ")
    expect(page.locator("#stars .lit")).to_have_count(5)
    tab_to(page, page.get_by_role("button", name="Send feedback"))
    page.keyboard.press("Enter")
    expect(page.locator("#reply")).to_contain_text("that helps us")
    assert fake.turns[-1].action == "feedback stars=5"
    tab_to(page, page.get_by_role("button", name="Start over"))
    page.keyboard.press("Enter")
    stage(page, "attract")


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=word("skip"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="English")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="中文")).to_be_focused()
    tab_to(page, page.locator("#shelf button").first)
    tab_to(page, page.locator("#microphone"))
    tab_to(page, page.locator("#text"))
    tab_to(page, page.locator("#keyboard-toggle"))


def test_number_keys_can_be_switched_off(page: Page) -> None:
    say(page, "show me everything")
    expect(page.locator(".card")).to_have_count(3)
    page.locator("#ease").click()
    page.get_by_role("switch", name=word("digits")).set_checked(False, force=True)
    page.keyboard.press("Escape")
    expect(page.locator("#ease-dialog")).to_be_hidden()
    page.locator("#start-over").focus()
    page.keyboard.press("2")
    expect(page.locator("#start-over")).to_be_focused()


def framed(page: Page, wanted: Locator, go_on: Callable[[], object]) -> None:
    """Goes on until the frame is around the element, or around the label it is drawn by."""
    for _ in range(60):
        if wanted.evaluate("element => (element.closest('label') ?? element).classList.contains('framed')"):
            return
        go_on()
    raise AssertionError(f"the frame does not reach {wanted}")


def choose(page: Page, wanted: Locator, go_on: Callable[[], object], key: str) -> None:
    """Enters the element's group, if it is in one with others, and presses the element."""
    expect(wanted).to_be_visible()
    group = wanted.locator("xpath=ancestor-or-self::*[@data-scan][1]")
    alone = group.locator("css=button:not(:disabled), input, textarea").count() <= 1
    if not alone:
        framed(page, group, go_on)
        page.keyboard.press(key)
    framed(page, group if alone else wanted, go_on)
    page.keyboard.press(key)


def buy_by_switch(page: Page, go_on: Callable[[], object], key: str) -> None:
    def press(wanted: Locator) -> None:
        choose(page, wanted, go_on, key)

    press(page.locator("#shelf").get_by_role("button", name="Totem mug"))
    expect(page.locator("#reply")).to_have_text("Here it is.")
    press(page.locator("#keyboard-toggle"))
    for letter in "shoes":
        press(page.locator("#keyboard").get_by_role("button", name=letter, exact=True))
    press(page.locator("#keyboard").get_by_role("button", name="Send"))
    press(page.get_by_role("radio", name="43"))
    framed(page, page.locator(".take"), go_on)  # still among the good's own controls
    page.keyboard.press(key)
    press(page.locator("#checkout"))
    stage(page, "checkout")
    press(page.locator("#pay"))
    stage(page, "thanks")
    press(page.get_by_role("radio", name="4 of 5 stars"))
    framed(page, page.locator("#stars"), go_on)  # and out of them again
    page.keyboard.press(key)
    press(page.get_by_role("button", name="Send feedback"))
    expect(page.locator("#reply")).to_contain_text("that helps us")


def test_by_one_switch(clocked: Page, fake: FakeKiosk) -> None:
    clocked.keyboard.press(" ")  # on the attract screen it begins the switch control
    expect(clocked.locator(".framed")).to_have_count(1)
    buy_by_switch(clocked, lambda: clocked.clock.run_for(PACE), " ")
    chosen = [turn.action for turn in fake.turns if turn.action]
    assert chosen == ['show sku="mug-1"', "choose 1 size=43 quantity=1", "checkout", "pay", "feedback stars=4"]
    clocked.keyboard.press("Escape")
    expect(clocked.locator(".framed")).to_have_count(0)


def test_by_two_switches(page: Page, fake: FakeKiosk) -> None:
    page.locator("#ease").click()
    page.get_by_role("radio", name=word("scan_two")).check(force=True)
    expect(page.get_by_text(word("scan_two_how"))).to_be_visible()
    page.locator("#ease-close").click()
    buy_by_switch(page, lambda: page.keyboard.press(" "), "Enter")
    assert [turn.action for turn in fake.turns if turn.action][-1] == "feedback stars=4"


def test_the_frame_keeps_the_pace_that_was_set(clocked: Page) -> None:
    clocked.locator("#ease").click()
    clocked.get_by_role("radio", name=word("scan_one")).check(force=True)
    clocked.get_by_role("button", name=word("pace_slower")).click()
    expect(clocked.locator(".pace-now", has_text="2.5 s a step")).to_be_visible()
    clocked.locator("#ease-close").click()
    clocked.clock.run_for(2_500)
    first = clocked.locator(".framed").evaluate("element => element.outerHTML")
    clocked.clock.run_for(2_000)
    assert clocked.locator(".framed").evaluate("element => element.outerHTML") == first
    clocked.clock.run_for(500)
    assert clocked.locator(".framed").evaluate("element => element.outerHTML") != first


def test_by_touch_alone(browser: Browser, address: str, fake: FakeKiosk) -> None:
    context = browser.new_context(viewport={"width": 1080, "height": 1920}, has_touch=True)
    for page in opened(context.new_page(), address):
        page.locator("#keyboard-toggle").tap()
        for letter in ["s", "h", "o", "e", "e", "Delete", "s"]:
            page.locator("#keyboard").get_by_role("button", name=letter, exact=True).tap()
        expect(page.locator("#text")).to_have_value("shoes")
        page.locator("#keyboard").get_by_role("button", name="Send").tap()
        page.get_by_role("button", name="I’ll take it").tap()
        page.get_by_role("button", name="Go to payment").tap()
        page.locator("#pay").tap()
        stage(page, "thanks")
        page.get_by_role("radio", name="5 of 5 stars").tap(force=True)
        page.get_by_role("button", name="Send feedback").tap()
        expect(page.locator("#reply")).to_contain_text("that helps us")
    context.close()


def test_by_captions_without_a_sound(browser: Browser, address: str, fake: FakeKiosk) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(PLAYED)
    for shown in opened(page, address):
        shown.locator("#ease").click()
        shown.get_by_role("switch", name=word("captions")).set_checked(True, force=True)
        shown.get_by_role("switch", name=word("voice")).set_checked(False, force=True)
        shown.locator("#ease-close").click()
        said = shown.locator("#caption-said")
        say(shown, "the shoes")
        expect(shown.locator("#caption-heard")).to_have_text("“the shoes”")
        expect(said).to_contain_text("They cost €189.00, and €151.20 for you.")
        expect(said).to_be_visible()
        expect(shown.locator("body")).to_have_attribute("data-state", "listening")
        shown.get_by_role("button", name="I’ll take it").click()
        expect(said).to_have_text("It is in your basket.")
        shown.get_by_role("button", name="Go to payment").click()
        expect(said).to_have_text("That makes €151.20.")
        shown.locator("#pay").click()
        expect(said).to_contain_text("Thank you, Marta.")
        assert shown.evaluate("window.played") == 0
    context.close()
