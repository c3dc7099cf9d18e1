"""axe-core on every screen in every language, in the usual colours, in high contrast and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.web.screens import SCREENS, Stage
from tests.web.words import words

# The script comes by the browser's debugger: the page's policy holds, and binds the page alone.
RUN = """([where, options]) => axe.run(where ?? document, { resultTypes: ["violations"], preload: false, ...options })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => [id, target[0], failureSummary])))"""
EVERY_RULE = {"rules": {"target-size": {"enabled": True}}}
COLOURS = {"runOnly": ["color-contrast"]}  # what another colour can break
# Head and dock are the same on all screens between these.
WHOLE = ("attract", "greeting", "offline")
CHANGING = "main, dialog[open], #notice, #captions, #keyboard"
WEAR = """name => {
    document.documentElement.classList.remove("contrast", "dark");
    if (name) document.documentElement.classList.add(name);
}"""
SMALL = """least => [...document.querySelectorAll("button, input, select, textarea, a")]
    .filter(element => element.checkVisibility({ visibilityProperty: true }) && !element.matches(".skip"))
    .map(element => [(element.closest("label") ?? element).getBoundingClientRect(), element.outerHTML.slice(0, 80)])
    .filter(([box]) => box.width < least || box.height < least)
    .map(([box, html]) => [box.width, box.height, html])"""


@pytest.fixture
def stage(browser: Browser, address: str) -> Iterator[Stage]:
    """A page without motion whose screens a test may choose."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield Stage(context.new_page(), address)
    context.close()


def faults(page: Page, options: dict[str, Any], where: str | None = None) -> list[Any]:
    found: list[Any] = page.evaluate(RUN, [where, options])
    return found


@pytest.mark.parametrize("language", words())
def test_no_screen_breaks_a_rule(stage: Stage, language: str) -> None:
    stage.language = language
    stage.open()
    stage.page.evaluate(AXE_SCRIPT)
    found: dict[tuple[str, str], list[Any]] = {}
    for name in SCREENS:
        stage.show(name)
        assert stage.page.locator("html").get_attribute("lang") == language
        found[name, ""] = faults(stage.page, EVERY_RULE)
        for colours in ("contrast", "dark") if language == "en" else ("contrast",):
            stage.page.evaluate(WEAR, colours)
            found[name, colours] = faults(stage.page, COLOURS, None if name in WHOLE else CHANGING)
        stage.page.evaluate(WEAR, "")
    assert {screen: broken for screen, broken in found.items() if broken} == {}


def test_a_fault_would_be_found(stage: Stage) -> None:
    stage.open()
    stage.page.evaluate(AXE_SCRIPT)
    stage.show("found one")
    stage.page.evaluate("document.getElementById('ease').removeAttribute('aria-label')")
    stage.page.evaluate("document.getElementById('ease').title = ''")
    stage.page.evaluate("document.querySelector('.card .details').style.color = '#ccc'")
    broken = {rule for rule, *_ in faults(stage.page, EVERY_RULE)}
    assert broken == {"button-name", "color-contrast"}


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1920, 1080), (800, 480)])
def test_what_a_finger_must_meet_is_large_enough(browser: Browser, address: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    stage = Stage(context.new_page(), address)
    stage.open()
    for name in SCREENS[: SCREENS.index("captions")]:
        stage.show(name)
        assert stage.page.evaluate(SMALL, 44) == [], name
    context.close()
