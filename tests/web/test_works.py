"""What generate made, on the attract screen: served from the folder alone, shown one by one, at rest where asked to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from tests.store.works import VALUES, WORDS, generate
from tests.web.conftest import vitals
from tests.web.fake_kiosk import FakeKiosk
from tests.web.screens import Stage
from tests.web.shopping import BEYOND_THE_EDGE, stage
from tests.web.test_accessibility import COLOURS, EVERY_RULE, WEAR, faults
from tests.web.test_page import WATCH_AUDIO
from tests.web.words import word, words
from walkiosk.kiosk import Kiosk
from walkiosk.store.works import FORMS
from walkiosk.web.app import create_app

SHOWN = 12_000  # ms: works.js
AGAIN = 600_000  # ms: jingle.js
SAYS = {
    "text": "made_text",
    "trend": "made_curve",
    "image": "made_picture",
    "video": "made_film",
    "audio": "made_sound",
}
EVERY = ("1.txt", "2.csv", "3.png", "4.webm", "5.wav")  # a work of every kind, in this order
KINDS = [FORMS[Path(name).suffix].kind for name in EVERY]
FADES = "getComputedStyle(document.querySelector('#made-thing > *')).animationName"

Opened = Callable[..., Stage]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store folder of the test's own, with a work of every kind."""
    for name in EVERY:
        generate(tmp_path / "attract" / name)
    (tmp_path / "customers.csv").write_text("id,name,pin\n1,Marta,1234\n", "utf-8")
    return tmp_path


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, client=("127.0.0.1", 50_000)) as opened:
        yield opened


@pytest.fixture
def shown(browser: Browser, address: str) -> Iterator[Opened]:
    """Opens a page in a context as asked for; its clock stands until the test moves it, unless told otherwise."""
    contexts = []

    def opened(language: str = "en", script: str = "", stands: bool = True, lost: str = "", **asked: Any) -> Stage:
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **asked}))
        if lost:  # a file that has gone since the page was told of it
            contexts[-1].route(f"**/attract/{lost}", lambda route: route.fulfill(status=404))
        contexts[-1].add_init_script(script or "undefined")
        made = Stage(contexts[-1].new_page(), address, language)
        made.open(stands)
        return made

    yield opened
    for context in contexts:
        context.close()


def is_shown(page: Page, kind: str, language: str = "en") -> None:
    made = page.get_by_role("figure", name=word(SAYS[kind], language))
    expect(made).to_be_visible()
    expect(made).to_have_attribute("data-kind", kind)


def go_on(page: Page, *kinds: str) -> None:
    """Waits while one work after the other is shown, of these kinds."""
    for kind in kinds:
        page.clock.run_for(SHOWN)
        is_shown(page, kind)


def paused(page: Page, is_so: bool) -> None:
    expect(page.locator("#made video")).to_have_js_property("paused", is_so)


def test_the_list_has_texts_and_values_and_the_files_their_types(client: TestClient) -> None:
    listed = client.get("/attract").json()
    assert [(each["kind"], each["file"]) for each in listed] == list(zip(KINDS, EVERY, strict=True))
    assert (listed[0]["text"], tuple(listed[1]["values"])) == (WORDS, VALUES)
    for name, media_type in (("3.png", "image/png"), ("4.webm", "video/webm"), ("5.wav", "audio/wav")):
        served = client.get(f"/attract/{name}")
        assert served.headers["content-type"] == media_type and served.headers["x-content-type-options"] == "nosniff"
    assert client.get("/attract/4.webm", headers={"range": "bytes=0-9"}).status_code == 206


@pytest.mark.parametrize(
    "path",
    ["1.txt", "2.csv", "../customers.csv", "..%2fcustomers.csv", "%2e%2e%2fcustomers.csv", "..%5ccustomers.csv",
     "6.png", "%00", "3.png%00", "/etc/passwd", "%2fetc%2fpasswd", "a" * 5_000],
)  # fmt: skip
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/attract/{path}").status_code == 404


def test_links_and_faulty_files_are_left_out_and_logged_once(
    folder: Path, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "attract/out.png").symlink_to(generate(folder / "secret.png"))
    (folder / "attract/in.png").symlink_to("3.png")
    (folder / "attract/notes.docx").write_text("x")
    with caplog.at_level(logging.WARNING, "walkiosk.web.works"):
        for _ in range(3):
            assert [each["file"] for each in client.get("/attract").json()] == list(EVERY)
    assert sum("notes.docx" in line for line in caplog.messages) == 1
    for name in ("out.png", "in.png", "notes.docx"):
        assert client.get(f"/attract/{name}").status_code == 404


def test_what_comes_and_goes_is_noticed(folder: Path, client: TestClient) -> None:
    assert client.get("/attract/3.png").status_code == 200
    (folder / "attract/3.png").unlink()
    (folder / "attract/3.png").symlink_to(generate(folder / "secret.png"))
    assert client.get("/attract/3.png").status_code == 404
    generate(folder / "attract/7.png")
    assert client.get("/attract/7.png").status_code == 200


def test_a_shop_without_works(tmp_path: Path) -> None:
    fake = FakeKiosk(tmp_path / "none")
    with TestClient(create_app(cast(Kiosk, fake), shown=vitals(fake)), client=("127.0.0.1", 50_000)) as client:
        assert client.get("/attract").json() == []
        assert client.get("/attract/3.png").status_code == 404


def test_they_come_one_after_the_other_and_begin_anew(shown: Opened, folder: Path) -> None:
    page = shown().page
    is_shown(page, "text")
    assert page.evaluate(FADES) == "appear"
    go_on(page, *KINDS[1:], "text")
    expect(page.locator("#made p")).to_have_text(WORDS)
    generate(folder / "attract/0.png")  # the operator's, and nobody touches the kiosk
    go_on(page, *KINDS[1:], "image")
    expect(page.locator("#made img")).to_have_attribute("src", "/attract/0.png")


def test_a_text_is_text(shown: Opened, folder: Path) -> None:
    written = "<img src=x onerror=alert(1)> & <b>bold</b>"
    (folder / "attract/1.txt").write_text(written, "utf-8")
    page = shown().page
    expect(page.locator("#made p")).to_have_text(written)
    assert page.locator("#made-thing p *").count() == 0


def test_a_curve_is_a_line_and_a_film_plays_without_sound(shown: Opened) -> None:
    page = shown().page
    is_shown(page, "text")
    go_on(page, "trend")
    points = page.locator("#made path").get_attribute("d") or ""
    assert points.startswith("M") and points.count("L") == len(VALUES) - 1
    go_on(page, "image", "video")
    expect(page.locator("#made video")).to_have_js_property("muted", True)
    paused(page, False)
    page.get_by_role("button", name=word("still")).click()
    paused(page, True)
    page.clock.run_for(3 * SHOWN)
    is_shown(page, "video")


def test_a_touch_leaves_at_once_and_the_next_comes_with_the_next_visit(shown: Opened) -> None:
    made = shown()
    is_shown(made.page, "text")
    go_on(made.page, "trend", "image", "video")
    made.page.locator("#made").click()
    assert made.sent("wake") == [{"kind": "wake", "language": None}]
    made.show("greeting")
    expect(made.page.locator("#made")).to_be_hidden()
    paused(made.page, True)
    made.page.clock.run_for(5 * SHOWN)
    made.show("attract")
    is_shown(made.page, "audio")


def test_who_asked_for_less_motion_gets_none(shown: Opened) -> None:
    made = shown(reduced_motion="reduce")
    for kind in KINDS:
        is_shown(made.page, kind)
        assert made.page.evaluate(FADES) == "none"
        if kind == "video":
            paused(made.page, True)
            assert made.page.locator("#made video").evaluate("video => video.readyState") >= 2  # its first picture
        made.page.clock.run_for(3 * SHOWN)
        is_shown(made.page, kind)
        made.show("greeting")
        made.show("attract")


def test_what_does_not_load_is_passed_over(shown: Opened, folder: Path) -> None:
    for name in EVERY:
        (folder / "attract" / name).unlink()
    for name in ("1.png", "2.png"):
        generate(folder / "attract" / name)
    page = shown(lost="1.png").page
    is_shown(page, "image")
    expect(page.locator("#made img")).to_have_attribute("src", "/attract/2.png")


def test_sounds_are_played_where_the_jingle_is(shown: Opened, fake: FakeKiosk, folder: Path) -> None:
    generate(folder / "attract/6.opus")
    (folder / "attract/4.webm").unlink()  # a film's playing would be told in the sound's place
    made = shown(script=WATCH_AUDIO.replace("${this.volume}", "${this.volume} ${new URL(this.src).pathname}"))
    body = made.page.locator("body")
    expect(body).to_have_attribute("data-played", "play 0.25 /attract/5.wav")
    made.page.clock.run_for(AGAIN)
    expect(body).to_have_attribute("data-played", "play 0.25 /attract/6.opus")
    made.show("found one")
    expect(body).to_have_attribute("data-played", "pause")
    made.page.clock.run_for(AGAIN)
    expect(body).to_have_attribute("data-played", "pause")


def test_without_works_nothing_is_different(shown: Opened, folder: Path) -> None:
    for name in EVERY:
        (folder / "attract" / name).unlink()
    page = shown().page
    expect(page.locator("body")).to_have_attribute("data-works", "empty")
    expect(page.locator("#made")).to_be_hidden()


def test_a_shop_without_goods_shows_works(browser: Browser, address: str, fake: FakeKiosk) -> None:
    fake.shop.store.goods = ()
    page = browser.new_page()
    page.goto(address)
    is_shown(page, "text")
    expect(page.get_by_role("heading", name=word("shelf"))).to_be_hidden()
    stage(page, "attract")
    page.close()


@pytest.mark.parametrize(
    ("width", "height"), [(1080, 1920), (1920, 1080), (1280, 800), (800, 480), (390, 844), (320, 640)]
)
def test_every_work_has_room(shown: Opened, width: int, height: int) -> None:
    made = shown("de", viewport={"width": width, "height": height}, reduced_motion="reduce")
    for kind in KINDS:
        expect(made.page.locator("#made")).to_have_attribute("data-kind", kind)
        assert made.page.evaluate(BEYOND_THE_EDGE) == []
        assert made.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert width < 760 or made.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        made.show("greeting")
        made.show("attract")


@pytest.mark.parametrize("language", words())
def test_no_work_breaks_a_rule(shown: Opened, language: str) -> None:
    made = shown(language, stands=False, reduced_motion="reduce")  # axe waits for its own timers
    made.page.evaluate(AXE_SCRIPT)
    for kind in KINDS:
        is_shown(made.page, kind, language)
        assert faults(made.page, EVERY_RULE) == []
        for colours in ("contrast", "dark"):
            made.page.evaluate(WEAR, colours)
            assert faults(made.page, COLOURS, "#made") == []
        made.page.evaluate(WEAR, "")
        made.show("greeting")
        made.show("attract")
