"""The page with a WAV file as its microphone: one turn, a whole purchase without a touch, and who speaks over whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.web.conftest import CHROMIUM, FLAGS
from tests.web.fake_kiosk import FakeKiosk
from tests.web.shopping import say, stage
from tests.web.sound import said, silence, write_wav

PRETENDED = [
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",  # as on a kiosk: it speaks before anybody has touched it
]  # fmt: skip
# When the microphone sends sound that is no silence, and when something that is being played is stopped.
WATCH = """window.loud = []; window.stopped = [];
const send = WebSocket.prototype.send, stop = AudioBufferSourceNode.prototype.stop;
WebSocket.prototype.send = function (data) {
    if (data instanceof Int16Array && data.some(sample => Math.abs(sample) > 1000)) window.loud.push(performance.now());
    return send.call(this, data);
};
AudioBufferSourceNode.prototype.stop = function () {
    window.stopped.push(performance.now());
    return stop.call(this);
};"""


@pytest.fixture
def speaking(playwright: Playwright, address: str, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page in a Chromium whose microphone is a WAV file: `before` seconds of silence, then sentences, once."""
    browsers: list[Browser] = []

    def opened(*texts: str, before: float = 1.5) -> Page:
        parts = [part for text in texts for part in (said(text), silence(1.6))]
        file = write_wav(tmp_path / "microphone.wav", np.concatenate([silence(before), *parts]))
        flags = [*FLAGS, *PRETENDED, f"--use-file-for-fake-audio-capture={file}%noloop"]
        browsers.append(playwright.chromium.launch(executable_path=CHROMIUM, args=flags))
        return browsers[-1].new_context(viewport={"width": 1280, "height": 800}).new_page()

    yield opened
    for browser in browsers:
        browser.close()


def test_a_spoken_turn_after_a_tap(speaking: Callable[..., Page], address: str, fake: FakeKiosk) -> None:
    fake.hears = "I want the slow shoes of the first scene."
    fake.gate.clear()
    page = speaking("I want the shoes of the first scene.")
    page.goto(address)
    page.locator("#microphone").click()
    expect(page.locator("body")).to_have_attribute("data-microphone", "on")
    expect(page.locator("#microphone-is")).to_have_text("Microphone on")
    expect(page.locator("#microphone-is")).to_have_text("Microphone hears you", timeout=20_000)
    expect(page.locator("#heard")).to_have_text(fake.hears, timeout=20_000)
    expect(page.locator("body")).to_have_attribute("data-state", "thinking")
    fake.gate.set()
    expect(page.locator(".card")).to_have_count(1)
    turn = next(turn for turn in fake.turns if turn.audio is not None)
    assert turn.text is None and turn.audio is not None
    assert 1.2 < len(turn.audio) / 16_000 < 4
    assert np.abs(turn.audio).max() > 0.05


def test_the_wake_phrase_without_a_touch(speaking: Callable[..., Page], address: str, fake: FakeKiosk) -> None:
    fake.hears = "Okay, Walmart, I want the slow shoes."
    fake.gate.clear()
    page = speaking("OK Walmart, I want the shoes.")
    page.context.grant_permissions(["microphone"])
    page.goto(address)
    stage(page, "attract")
    expect(page.get_by_text("say “OK Walmrt”")).to_be_visible()
    expect(page.locator("#heard")).to_have_text(fake.hears, timeout=20_000)
    expect(page.locator("#heard")).to_be_visible()
    expect(page.locator("#reply")).to_be_empty()
    stage(page, "talk")
    fake.gate.set()
    expect(page.locator(".card")).to_have_count(1)


def test_a_purchase_by_voice_alone(speaking: Callable[..., Page], address: str, fake: FakeKiosk) -> None:
    fake.script = ["OK Walmart, I want the shoes.", "I take it.", "I want to check out.", "I pay.", "Five stars."]
    page = speaking(
        "OK Walmart, I want the shoes.", "I will take it.", "I want to check out.", "Yes, I pay.", "Five stars."
    )
    page.context.grant_permissions(["microphone"])
    page.goto(address)
    expect(page.locator(".card")).to_have_count(1, timeout=20_000)
    expect(page.locator("#basket-lines li")).to_have_count(1, timeout=20_000)
    expect(page.locator("#reply")).to_contain_text("that helps us", timeout=30_000)
    assert fake.sold.is_set()
    assert not [turn for turn in fake.turns if turn.action or turn.text]


def test_the_kiosk_falls_silent_for_who_speaks(speaking: Callable[..., Page], address: str, fake: FakeKiosk) -> None:
    page = speaking("Wait, please, I would rather have the red ones, or the green ones if you have them.", before=4)
    page.context.grant_permissions(["microphone"])
    page.add_init_script(WATCH)
    page.goto(address)
    say(page, "the shoes")
    expect(page.locator("body")).to_have_attribute("data-state", "speaking")
    expect(page.locator("body")).to_have_attribute("data-state", "hearing", timeout=20_000)
    expect(page.locator(".reply .now")).to_have_count(0)
    assert len(fake.turns) == 1  # they are still talking
    expect(page.locator("#heard")).to_have_text(fake.hears, timeout=20_000)
    loud, stopped = page.evaluate("[window.loud, window.stopped]")
    assert loud[0] < stopped[0] < loud[-1]
    print(f"silent {stopped[0] - loud[0]:.0f} ms after the first sound of the customer's sentence")
