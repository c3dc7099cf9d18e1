"""The page in Chromium: a purchase by typing and touching, and what else happens on the way."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Browser, Page, expect

from tests.web.fake_kiosk import REASON, TOO_LONG, FakeKiosk
from tests.web.shopping import opened, say, stage
from tests.web.words import word
from walkiosk.modality.audio import SAMPLE_RATE

WATCH_AUDIO = """for (const name of ["play", "pause"]) {
    const call = HTMLMediaElement.prototype[name];
    HTMLMediaElement.prototype[name] = function () {
        document.body.dataset.played = name === "play" ? `play ${this.volume}` : name;
        return call.apply(this, arguments);
    };
}"""
SENTENCE = "OK Walmrt, I want the shoes Leonardo DiCaprio wore in the first scene of the first film he made with Nolan"


def test_a_purchase_by_typing_and_touching(page: Page, fake: FakeKiosk) -> None:
    expect(page.get_by_role("heading", name="The Film Shop")).to_be_visible()
    expect(page.get_by_text(word("privacy", "en"))).to_be_visible()
    say(page, SENTENCE)
    expect(page.locator("#heard")).to_have_text(SENTENCE)
    expect(page.locator("#reply")).to_contain_text("Here they are")
    expect(page.locator("#trace li")).to_have_text(list(REASON))
    card = page.get_by_role("article", name="Cobb’s black Oxford")
    expect(card).to_contain_text("€151.20")
    expect(card.locator("s")).to_contain_text("€189.00")
    expect(card).to_contain_text("3 left")
    picture = card.get_by_role("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 900
    card.get_by_role("radio", name="43").check()
    card.get_by_role("button", name="I’ll take it").click()
    expect(page.locator("#basket-total")).to_have_text("€151.20")
    assert fake.turns[-1].action == "choose 1 size=43 quantity=1"
    page.get_by_role("button", name="Go to payment").click()
    stage(page, "checkout")
    expect(page.locator("#receipt-lines")).to_contain_text("Cobb’s black Oxford")
    fake.gate.clear()
    page.get_by_role("button", name="Pay €151.20").click()
    stage(page, "paying")
    expect(page.get_by_text("Reading your card")).to_be_visible()
    fake.gate.set()
    stage(page, "thanks")
    expect(page.locator("#reply")).to_contain_text("Thank you, Marta.")
    page.get_by_role("radio", name="4 of 5 stars").check(force=True)
    page.get_by_label("A few words, if you like").fill("Quick and kind.")
    page.get_by_role("button", name="Send feedback").click()
    expect(page.locator("#reply")).to_contain_text("that helps us")
    assert (fake.turns[-1].action, fake.turns[-1].text) == ("feedback stars=4 words", "Quick and kind.")
    page.get_by_role("button", name="Done").click()
    stage(page, "attract")
    expect(page.locator("#cards li")).to_have_count(0)
    assert fake.gone.wait(10)


def test_the_scene_plays(page: Page) -> None:
    say(page, "the shoes")
    page.get_by_role("button", name="Play the scene").click()
    dialog = page.get_by_role("dialog", name="Cobb’s black Oxford")
    expect(dialog).to_be_visible()
    expect(page.locator("#clip-video")).not_to_have_js_property("currentTime", 0)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#clip-video")).not_to_have_attribute("src", re.compile(""))  # when the dialog has closed


def test_a_touch_twice_buys_once(page: Page, fake: FakeKiosk) -> None:
    say(page, "the shoes")
    page.get_by_role("button", name="I’ll take it").dblclick()
    expect(page.locator("#basket-lines li")).to_have_count(1)
    say(page, "show me everything")
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator("#basket-lines li")).to_have_count(1)
    expect(
        page.get_by_role("article", name="Snow fortress boot").get_by_role("button", name="Sold out")
    ).to_be_disabled()
    page.get_by_role("button", name="Remove Cobb’s black Oxford").click()
    expect(page.get_by_text("Nothing in it yet.")).to_be_visible()
    assert [turn.action for turn in fake.turns if turn.action] == ["choose 1 size=42 quantity=1", "remove 1"]


def test_choices_and_pin(page: Page, fake: FakeKiosk) -> None:
    say(page, "which ones are there")
    page.get_by_role("group", name="Please choose").get_by_role("button", name="Rooftop runner").click()
    expect(page.locator("#heard")).to_have_text("Rooftop runner")
    say(page, "I am a customer")
    page.get_by_label("Your name or customer number").fill("Ana")
    for digit in "1234":
        page.locator("#pin-keys").get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#reply")).to_contain_text("Good to see you, Marta.")
    assert (fake.turns[-1].action, fake.turns[-1].text) == ("identify pin=1234", "Ana")
    assert "1234" not in page.content()


def test_languages(page: Page, fake: FakeKiosk) -> None:
    page.get_by_role("button", name="Español").click()
    expect(page.locator("#reply")).to_contain_text("Buenos días")
    expect(page.get_by_role("button", name="Empezar de nuevo")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "es"
    say(page, "los zapatos")
    expect(page.locator(".card")).to_contain_text("151,20")
    page.locator("#language").select_option("hi")
    expect(page.locator(".card")).to_contain_text(word("take_it", "hi"))
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    assert fake.turns[0].language == "es"
    say(page, "in tongues")
    page.locator("#options").get_by_role("button", name="Deutsch").click()
    expect(page.locator("#start-over")).to_have_text(word("start_over", "de"))
    assert page.locator("#language").input_value() == "de"


def test_problems_are_told_and_lost_nothing(page: Page) -> None:
    say(page, "the shoes")
    expect(page.locator(".card")).to_have_count(1)
    say(page, "break")
    expect(page.get_by_role("alert")).to_have_text(word("failed", "en"))
    expect(page.locator(".card")).to_have_count(1)
    say(page, "x" * 2000)
    expect(page.locator("#reply")).to_have_text(TOO_LONG)
    expect(page.locator(".card")).to_have_count(1)


def test_without_a_microphone_the_customer_is_asked_to_type(page: Page) -> None:
    page.locator("#microphone").click()
    expect(page.locator("body")).to_have_attribute("data-microphone", "denied")
    stage(page, "talk")
    expect(page.locator("#reply")).to_contain_text("Good day.")
    say(page, "the shoes")
    expect(page.locator(".card")).to_have_count(1)


def test_the_page_says_what_is_kept(browser: Browser, address: str, fake: FakeKiosk) -> None:
    fake.keeps_conversations = True
    page = browser.new_page()
    page.goto(address)
    expect(page.get_by_text(word("privacy_kept", "en"))).to_be_visible()
    page.close()


def test_the_jingle_is_for_when_nobody_is_there(browser: Browser, address: str, fake: FakeKiosk) -> None:
    fake.jingle = np.zeros(SAMPLE_RATE, np.float32)
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(WATCH_AUDIO)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for shown in opened(page, address):
        expect(shown.locator("body")).to_have_attribute("data-played", "play 0.25")
        say(shown, "the shoes")
        expect(shown.locator("body")).to_have_attribute("data-played", "pause")
        stage(shown, "talk")
        shown.get_by_role("button", name="Start over").click()
        stage(shown, "attract")
        expect(shown.locator("body")).to_have_attribute("data-played", "play 0.25")
    assert f"{address}/jingle.wav" in asked
    context.close()


def test_a_shop_without_a_jingle_is_silent(page: Page) -> None:
    page.add_init_script(WATCH_AUDIO)
    page.reload()
    expect(page.locator("#languages button")).to_have_count(9)
    expect(page.locator("body")).not_to_have_attribute("data-played", re.compile("play"))
