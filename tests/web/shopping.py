"""What tests of the page do in front of it: open it, type, go on by keyboard, and see which screen it shows."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect

from tests.web.words import word

FOCUS_IS_SEEN = """element => [element, element.nextElementSibling, element.parentElement].some(near => near
    && (getComputedStyle(near).outlineStyle !== "none" || (near.matches(".typing") && near.matches(":has(:focus)"))))"""
BEYOND_THE_EDGE = """[...document.querySelectorAll("button, input, p, h1, h2, h3, li, label")].filter(element =>
    element.checkVisibility() && !element.closest(".unseen, .skip, .bar #start-over span")
    && (element.getBoundingClientRect().right > innerWidth + 1 || element.getBoundingClientRect().left < -1))
    .map(element => element.outerHTML.slice(0, 80))"""


def opened(page: Page, address: str) -> Iterator[Page]:
    """The page on its attract screen; errors of the page fail the test that asked for it."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(address)
    expect(page.locator("#languages button")).to_have_count(9)
    yield page
    assert not errors


def say(page: Page, text: str) -> None:
    page.get_by_placeholder(word("type_here", page.locator("html").get_attribute("lang") or "en")).fill(text)
    page.keyboard.press("Enter")


def stage(page: Page, name: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-stage", name)


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until the element has the focus, and checks that the focus can be seen."""
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            assert wanted.evaluate(FOCUS_IS_SEEN)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")
