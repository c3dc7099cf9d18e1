"""Every screen in every window: portrait, landscape, small, zoomed, in large type, long words, from right to left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.screens import SCREENS, Stage
from tests.web.shopping import BEYOND_THE_EDGE

SHOWN = SCREENS[: SCREENS.index("failed")]
# Windows of kiosks and telephones, and what 400% zoom leaves of 1280 x 1024 (WCAG 1.4.10).
WINDOWS = [(1080, 1920), (1920, 1080), (1280, 800), (800, 480), (390, 844), (320, 640), (320, 256)]
NORMAL = [(width, height, "normal") for width, height in WINDOWS]
LARGE = [
    (800, 480, "large"),
    (390, 844, "large"),
    (1280, 800, "largest"),
    (1080, 1920, "largest"),
    (320, 640, "largest"),
]
LONG = [("de", 1080, 1920), ("de", 800, 480), ("de", 320, 640), ("ru", 320, 640), ("hi", 800, 480), ("fr", 390, 844)]
LOW = "document.documentElement.scrollHeight <= innerHeight"
UNDER_THE_DOCK = """() => {
    const dock = document.querySelector(".dock").getBoundingClientRect();
    return [...document.querySelectorAll("main button, main input, main textarea")].filter(element => {
        if (!element.checkVisibility({ visibilityProperty: true })) return false;
        element.focus();
        const box = (element.closest("label") ?? element).getBoundingClientRect();
        return document.activeElement === element && (box.top >= dock.top || box.bottom <= 0);
    }).map(element => element.outerHTML.slice(0, 80));
}"""
CROSSED = """[...document.querySelectorAll("button, .dock p, .bar h1, legend, label")].filter(element =>
    element.checkVisibility() && !element.closest(".unseen, .skip, [aria-hidden=true], #start-over span, .microphone")
    && (element.scrollWidth > element.clientWidth + 2) && getComputedStyle(element).overflowX === "visible"
    && element.clientWidth > 0).map(element => element.outerHTML.slice(0, 90))"""

Opened = Callable[..., Stage]


@pytest.fixture
def window(browser: Browser, address: str) -> Iterator[Opened]:
    """Opens a page without motion in a window of a size."""
    contexts = []

    def opened(width: int, height: int, language: str = "en") -> Stage:
        size: Any = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=size, reduced_motion="reduce"))
        stage = Stage(contexts[-1].new_page(), address, language)
        stage.open()
        return stage

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "height", "size"), [*NORMAL, *LARGE])
def test_nothing_is_cut_off_sideways(window: Opened, width: int, height: int, size: str) -> None:
    stage = window(width, height)
    stage.settle("size", size)
    for name in SHOWN:
        stage.show(name)
        assert stage.page.evaluate(BEYOND_THE_EDGE) == [], name
        assert stage.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1920, 1080), (1280, 800), (800, 480)])
def test_a_kiosk_keeps_head_and_dock_in_sight(window: Opened, width: int, height: int) -> None:
    stage = window(width, height)
    for name in SHOWN:
        stage.show(name)
        assert stage.page.evaluate(LOW), name


@pytest.mark.parametrize(("language", "width", "height"), LONG)
def test_long_words_have_room(window: Opened, language: str, width: int, height: int) -> None:
    stage = window(width, height, language)
    for name in SHOWN:
        stage.show(name)
        assert stage.page.evaluate(BEYOND_THE_EDGE) == [], name
        assert stage.page.evaluate(CROSSED) == [], name


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_right_to_left_is_the_mirror_image(window: Opened, width: int, height: int) -> None:
    stage = window(width, height)
    for name in ("attract", "found one", "checkout"):
        stage.show(name)
        places = []
        for direction in ("ltr", "rtl"):
            stage.page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
            assert stage.page.evaluate(BEYOND_THE_EDGE) == [], (name, direction)
            head, field = (stage.page.locator(part).bounding_box() for part in ("#ease", ".typing"))
            assert head and field
            places.append([head["x"] + head["width"] / 2, field["x"] + field["width"] / 2])
        assert [one + other for one, other in zip(*places, strict=True)] == pytest.approx([width, width], abs=2), name
        stage.page.evaluate("document.documentElement.dir = 'ltr'")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (800, 480), (390, 844)])
def test_what_has_the_focus_is_not_hidden(window: Opened, width: int, height: int) -> None:
    stage = window(width, height)
    for name in ("found many", "basket", "pin", "checkout", "thanks"):
        stage.show(name)
        assert stage.page.evaluate(UNDER_THE_DOCK) == [], name
