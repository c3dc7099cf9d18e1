"""What makes the page easier: type, colours, captions, reading aloud, the microphone's state, errors that are named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.web.fake_kiosk import FakeKiosk
from tests.web.fake_store import SETTINGS
from tests.web.screens import Stage
from tests.web.shopping import opened, say, stage
from tests.web.words import word

LETTERS = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
PAPER = "getComputedStyle(document.body).getPropertyValue('--paper').trim()"
MICROPHONE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


@dataclass
class Overheard:
    """A page, and what it has said to the kiosk."""

    page: Page
    sent: list[dict[str, Any]] = field(default_factory=list)

    def listen(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda message: self._keep(message, server))

    def _keep(self, message: str | bytes, server: WebSocketRoute) -> None:
        if isinstance(message, str):
            self.sent.append(json.loads(message))
        server.send(message)

    @property
    def read(self) -> list[str]:
        """What was to be read aloud."""
        return [message["text"] for message in self.sent if message["kind"] == "read"]


@pytest.fixture
def overheard(browser: Browser, address: str) -> Iterator[Overheard]:
    """The attract screen, with what goes over its socket."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    heard = Overheard(context.new_page())
    heard.page.route_web_socket("**/kiosk", heard.listen)
    for _ in opened(heard.page, address):
        yield heard
    context.close()


def settle(page: Page, name: str, on: bool = True) -> None:
    page.locator("#ease").click()
    page.get_by_role("switch", name=word(name)).set_checked(on, force=True)
    page.locator("#ease-close").click()


def test_type_and_colours_are_forgotten_with_the_customer(page: Page) -> None:
    say(page, "the shoes")
    size, colours = page.locator("#size"), page.locator("#colours")
    letters = page.evaluate(LETTERS)
    for name, factor in (("size_large", 1.25), ("size_largest", 1.6)):
        size.click()
        expect(size).to_have_accessible_name(f"{word('text_size')}: {word(name)}")
        expect(page.locator("#told")).to_have_text(f"{word('text_size')}: {word(name)}")
        assert page.evaluate(LETTERS) > factor * letters
    paper = page.evaluate(PAPER)
    colours.click()
    assert page.evaluate(PAPER) == "#fff"
    colours.click()
    expect(colours).to_have_accessible_name(f"{word('colours')}: {word('colours_dark')}")
    assert page.evaluate(PAPER) not in ("#fff", paper)
    page.get_by_role("button", name="Start over").click()
    stage(page, "attract")
    expect(size).to_have_accessible_name(f"{word('text_size')}: {word('size_normal')}")
    assert page.evaluate(LETTERS) == letters and page.evaluate(PAPER) == paper
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0


@pytest.mark.parametrize(
    ("asked", "worn"),
    [
        ({"contrast": "more"}, "contrast"),
        ({"color_scheme": "dark"}, "dark"),
        ({"reduced_motion": "reduce"}, "motionless"),
    ],
)
def test_what_the_machine_asks_for_is_the_usual(browser: Browser, address: str, asked: Any, worn: str) -> None:
    context = browser.new_context(**asked)
    for page in opened(context.new_page(), address):
        assert worn in (page.locator("html").get_attribute("class") or "").split()
    context.close()


def test_a_screen_reader_reads_what_the_kiosk_does_not_say(page: Page) -> None:
    told = page.locator("#told")
    say(page, "the shoes")  # which is typed, so that the kiosk may be heard
    expect(page.locator("#reply")).to_contain_text("Here they are")
    expect(page.locator("body")).to_have_attribute("data-state", "speaking")
    assert "Here they are" not in told.inner_text()
    assert page.locator("#reply").evaluate("reply => reply.closest('[aria-live], [role=status], [role=alert]')") is None
    settle(page, "voice", on=False)
    expect(page.locator("body")).to_have_attribute("data-state", "listening")
    say(page, "show me everything")
    expect(told).to_have_text("I have found three things.")
    expect(told).to_have_attribute("lang", "en")
    expect(page.get_by_role("status")).to_have_text("I have found three things.")
    expect(told).to_be_empty()  # a while later: nobody finds it twice


def test_captions_follow_the_sentence_that_is_spoken(page: Page) -> None:
    settle(page, "captions")
    said = page.locator("#caption-said")
    say(page, "the shoes")
    expect(said).to_have_text("Here they are: Cobb’s black Oxfords, in your size 42.")
    expect(page.locator("#reply .now")).to_have_text("Here they are: Cobb’s black Oxfords, in your size 42.")
    expect(page.locator("#captions")).to_have_attribute("aria-hidden", "true")  # its text stands on the page already
    expect(said).to_have_text("They cost €189.00, and €151.20 for you.", timeout=20_000)
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("#captions")).to_be_hidden()
    expect(said).to_be_empty()


def test_the_screen_is_read_to_who_does_not_see_it(overheard: Overheard) -> None:
    page = overheard.page
    page.keyboard.press("F1")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.locator("#text").press("Tab")
    assert overheard.read[0] == word("read_how")
    assert overheard.read[1] == f"{word('skip')}, {word('role_button')}."
    assert f"{word('text_size')}: {word('size_normal')}, {word('role_button')}." in overheard.read
    assert f"{word('type_here')}, {word('role_field')}." in overheard.read
    say(page, "the shoes")
    page.get_by_role("radio", name="42").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="43")).to_be_checked()
    page.locator(".take").focus()
    assert f"{word('size')}, 43, {word('role_chosen')}." in overheard.read
    assert overheard.read[-1] == f"{word('take_it')}, Cobb’s black Oxford, {word('role_button')}."
    assert {message["language"] for message in overheard.sent if message["kind"] == "read"} == {"en"}
    page.keyboard.press("F1")
    before = len(overheard.read)
    page.locator("#text").focus()
    assert len(overheard.read) == before


def test_the_goods_are_read_after_the_reply(overheard: Overheard) -> None:
    page = overheard.page
    page.keyboard.press("F1")
    say(page, "show me everything")
    goods = "1: Cobb’s black Oxford, €151.20. 2: Rooftop runner, €99.50. 3: Snow fortress boot, €219.00."
    expect(page.locator("#caption-said")).to_have_text(goods, timeout=20_000)
    assert overheard.read[-1] == goods
    kinds = [message["kind"] for message in overheard.sent]
    assert kinds.index("played") < len(kinds) - 1 - kinds[::-1].index("read")


def test_the_microphone_is_told_and_turned_off(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["microphone"])
    context.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => new AudioContext().createMediaStreamDestination().stream"
    )
    for page in opened(context.new_page(), address):
        now, off = page.locator("#microphone-is"), page.get_by_role("button", name=word("mic_turn_off")).last
        expect(now).to_have_text(word("mic_now_on"))
        off.click()
        expect(now).to_have_text(word("mic_now_off"))
        expect(off).to_be_hidden()
        page.get_by_role("button", name="English").click()  # who has turned it off is not listened to
        expect(page.locator("#reply")).to_contain_text("Good day.")
        expect(now).to_have_text(word("mic_now_off"))
        page.locator("#microphone").click()
        expect(now).to_have_text(word("mic_now_on"))
        page.locator("#microphone-off").click()
        page.get_by_role("button", name="Start over").click()
        expect(now).to_have_text(word("mic_now_on"))  # for the next customer
    context.close()


def test_without_a_microphone_that_is_said(page: Page) -> None:
    expect(page.locator("#microphone-is")).to_have_text(word("mic_now_off"))
    page.locator("#microphone").click()
    expect(page.locator("#microphone-is")).to_have_text(word("mic_now_none"))


def test_a_pin_may_be_pasted_shown_and_mistyped(page: Page, fake: FakeKiosk) -> None:
    say(page, "I am a customer")
    pin = page.get_by_label(word("pin"))
    pin.fill("12")
    page.get_by_role("button", name=word("pin_ok")).click()
    expect(pin).to_be_focused()
    expect(pin).to_have_attribute("aria-invalid", "true")
    expect(pin).to_have_accessible_description(f"{word('pin_form')} Please type your PIN.")
    pin.fill("12 34")  # as it comes from a notebook
    expect(pin).to_have_value("1234")
    expect(pin).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name=word("pin_show")).click()
    expect(pin).to_have_attribute("type", "text")
    page.locator("#answer-title").focus()
    page.keyboard.press("5")  # a digit finds its way from anywhere
    expect(pin).to_have_value("12345")
    page.keyboard.press("Enter")
    expect(page.locator("#reply")).to_contain_text("Good to see you, Marta.")
    assert fake.turns[-1].action == "identify pin=12345"
    say(page, "I am a customer")
    expect(pin).to_have_attribute("type", "password")


def test_feedback_without_anything_in_it_is_told(browser: Browser, address: str) -> None:
    context = browser.new_context()
    shown = Stage(context.new_page(), address)
    shown.open()
    shown.show("feedback missing")
    expect(shown.page.get_by_role("alert").filter(has_text=word("feedback_empty"))).to_be_visible()
    expect(shown.page.locator("#stars input").first).to_be_focused()
    context.close()


@pytest.mark.parametrize("loop", [False, True])
def test_a_hearing_loop_is_told_where_there_is_one(browser: Browser, address: str, fake: FakeKiosk, loop: bool) -> None:
    fake.shop.store.settings = replace(SETTINGS, hearing_loop=loop)
    page = browser.new_page()
    for shown in opened(page, address):
        expect(shown.get_by_text(word("hearing_loop"))).to_be_visible(visible=loop)
    page.close()
