"""When nobody is there: the warning that can be answered, the attract screen with the shop's goods, who comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.fake_kiosk import FakeKiosk
from tests.web.fake_store import GOODS
from tests.web.screens import REPLIES, Stage
from tests.web.shopping import stage
from tests.web.words import word

QUIET, WARNING, CHANGE = 60_000, 30_000, 5_000  # ms: idle.js, shelf.js
VOICE = "window.AudioContext = class extends AudioContext { constructor() { super(); window.voice = this; } };"
DECODED = "Promise.all([...document.querySelectorAll('#shelf img')].map(image => image.decode().then(() => true)))"
NAMES = "[...document.querySelectorAll('#shelf .name')].map(name => name.textContent)"


@pytest.fixture
def shown(browser: Browser, address: str) -> Iterator[Stage]:
    """A page whose clock stands still until the test moves it, and whose socket is the test's."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.add_init_script(VOICE)
    made = Stage(context.new_page(), address)
    made.open()
    made.page.clock.pause_at(made.page.evaluate("Date.now()") + 1_000)
    yield made
    context.close()


def warned(shown: Stage, waited: int = 0) -> None:
    shown.page.clock.run_for(QUIET - 2_000 - waited)
    for _ in range(3):  # to the second in which it comes
        if not shown.page.locator("#still").is_visible():
            shown.page.clock.run_for(1_000)
    expect(shown.page.get_by_role("alertdialog", name=word("still_there"))).to_be_visible()


def test_nobody_answers(shown: Stage) -> None:
    shown.show("basket")
    warned(shown)
    text = shown.page.locator("#still-text")
    expect(text).to_have_text(word("still_text").replace("{count}", "30"))
    shown.page.clock.run_for(WARNING - 2_000)
    expect(text).to_have_text(word("still_text").replace("{count}", "2"))
    assert not shown.sent("start_over")
    shown.page.clock.run_for(2_000)
    expect(shown.page.locator("#still")).to_be_hidden()
    assert shown.sent("start_over")  # upon which the kiosk lets go of what is held, and says "attract"


def test_what_is_held_is_released(page: Page, fake: FakeKiosk) -> None:
    page.clock.install()
    page.reload()
    expect(page.locator("#languages button")).to_have_count(9)
    page.locator("#shelf button").first.click()
    expect(page.locator("#reply")).not_to_be_empty()
    expect(page.locator("body")).to_have_attribute("data-state", "speaking")
    page.keyboard.press("Escape")
    expect(page.locator("body")).to_have_attribute("data-state", "listening")
    page.clock.fast_forward(QUIET + 1_000)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    page.get_by_role("alertdialog").get_by_role("button", name=word("start_over")).click()
    stage(page, "attract")
    assert fake.gone.wait(10)


@pytest.mark.parametrize("way", ["a key", "a touch", "the button", "a voice"])
def test_the_warning_is_answered(shown: Stage, way: str) -> None:
    shown.show("found one")
    warned(shown)
    dialog = shown.page.locator("#still")
    if way == "a key":
        shown.page.keyboard.press("x")
        expect(shown.page.locator("#text")).to_have_value("")  # the key has done enough
    elif way == "a touch":
        shown.page.mouse.click(20, 400)
    elif way == "the button":
        shown.page.get_by_role("button", name=word("still_yes")).click()
    else:
        shown.says("hearing")
    expect(dialog).to_be_hidden()
    shown.says("listening")
    shown.page.clock.run_for(QUIET - 3_000)
    expect(dialog).to_be_hidden()
    warned(shown, waited=QUIET - 3_000)
    assert not shown.sent("start_over")


@pytest.mark.parametrize("busy", ["paying", "dispensing", "hearing", "thinking", "speaking"])
def test_nobody_is_asked_while_something_goes_on(shown: Stage, busy: str) -> None:
    shown.show(busy if busy in REPLIES else "found one")
    if busy not in REPLIES:
        shown.says(busy)
    shown.page.clock.run_for(3 * QUIET)
    expect(shown.page.locator("#still")).to_be_hidden()
    shown.show("found one")
    warned(shown)


def test_the_warning_is_spoken(shown: Stage) -> None:
    shown.page.locator("#attract h1").click()  # the browser lets a page speak once it was touched
    shown.page.evaluate("voice.resume()")
    shown.show("found one")
    warned(shown)
    read = shown.sent("read")
    assert [message["text"].startswith(word("still_there")) for message in read] == [True]
    assert word("still_how") in read[0]["text"]


def test_goods_come_and_go_on_the_attract_screen(shown: Stage) -> None:
    expect(shown.page.locator("#shelf li")).to_have_count(6)
    adults = GOODS[-1].name
    before = shown.page.evaluate(NAMES)
    shown.page.clock.run_for(CHANGE)
    after = shown.page.evaluate(NAMES)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
    shown.page.clock.run_for(8 * CHANGE)
    assert shown.page.evaluate(NAMES) != after and adults not in {*before, *after}
    expect(shown.page.locator("#shelf .picture img").first).to_be_visible()
    assert shown.page.evaluate(DECODED)


@pytest.mark.parametrize("why", ["asked", "by the machine", "looked at", "scanned"])
def test_goods_stand_still(browser: Browser, address: str, why: str) -> None:
    context = browser.new_context(reduced_motion="reduce" if why == "by the machine" else "no-preference")
    still = Stage(context.new_page(), address)
    still.open()
    pause = still.page.get_by_role("button", name=word("still"))
    if why == "asked":
        pause.click()
        expect(pause).to_have_attribute("aria-pressed", "true")
        still.page.mouse.move(5, 5)
    elif why == "looked at":
        still.page.locator("#shelf button").first.focus()
    elif why == "scanned":
        still.page.keyboard.press(" ")
    before = still.page.evaluate(NAMES)
    line = still.page.locator("#attract-line").inner_text()
    still.page.clock.run_for(4 * CHANGE)
    assert still.page.evaluate(NAMES) == before
    if why != "looked at":
        assert still.page.locator("#attract-line").inner_text() == line
    context.close()


def test_a_touch_a_key_and_a_good_begin(shown: Stage) -> None:
    shown.page.locator("#attract h1").click()
    assert shown.sent("wake") == [{"kind": "wake", "language": None}]
    shown.page.locator("body").press("Enter")
    assert len(shown.sent("wake")) == 2
    shown.page.locator("#shelf").get_by_role("button", name="Totem mug").click()
    assert shown.sent("touch") == [{"kind": "touch", "action": 'show sku="mug-1"', "text": None}]


def test_a_reply_without_goods_offers_some(shown: Stage) -> None:
    shown.show("greeting")
    offered = shown.page.get_by_role("region", name=word("shelf"))
    expect(offered.get_by_role("button")).to_have_count(8)
    offered.get_by_role("button", name="Dream thief’s hat").click()
    assert shown.sent("touch")[-1]["action"] == 'show sku="hat-1"'
    shown.show("found one")
    expect(offered).to_be_hidden()


def test_an_attract_screen_that_was_changed_and_left_is_as_before(shown: Stage) -> None:
    shown.page.locator("#size").click()
    shown.page.locator("#text").fill("half a wi")
    shown.page.clock.run_for(QUIET - 2_000)
    expect(shown.page.locator("#text")).to_have_value("half a wi")
    shown.page.clock.run_for(3_000)
    expect(shown.page.locator("#text")).to_have_value("")
    expect(shown.page.locator("#size")).to_have_accessible_name(f"{word('text_size')}: {word('size_normal')}")


def test_a_lost_connection_is_told_and_keeps_large_type(shown: Stage) -> None:
    shown.show("found one")
    shown.page.locator("#size").click()
    shown.show("offline")
    stage(shown.page, "attract")
    expect(shown.page.get_by_role("alert")).to_have_text(word("offline"))
    expect(shown.page.locator("#size")).to_have_accessible_name(f"{word('text_size')}: {word('size_large')}")
