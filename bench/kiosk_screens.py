"""Photographs the demo shop's kiosk, upright and lying, for the pages under docs/.

    python bench/kiosk_screens.py [--out docs/screens] [--store stores/demo]

Starts `walkiosk serve` on a database of its own, with the real weights, and buys in Debian's Chromium what the demo's
sentence asks for; each screen is written smaller, with a palette, as `NAME-portrait.png` or `NAME-landscape.png`.
Fails, with exit status 1, where a screen does not come or a picture has more than 150 kB. Needs `walkiosk[dev]`.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.browser_purchase import CHROMIUM, FLAGS
from bench.served import served
from bench.spoken_sentence import SENTENCES

SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
SHARE = 2  # a picture has half the letters' size
COLOURS = 200
MOST = 150_000  # bytes


@dataclass(frozen=True)
class Photographer:
    """One customer's page in one format, and where its pictures go."""

    page: Page
    format: str
    out: Path

    def shoot(self, name: str) -> None:
        """Writes the screen as it stands, from its top."""
        self.page.evaluate("document.getElementById('main').scrollTo(0, 0)")
        taken = Image.open(io.BytesIO(self.page.screenshot(animations="disabled"))).convert("RGB")
        small = taken.resize((taken.width // SHARE, taken.height // SHARE), Image.Resampling.LANCZOS)
        path = self.out / f"{name}-{self.format}.png"
        small.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        print(f"{path} {path.stat().st_size:7} bytes", flush=True)
        if path.stat().st_size > MOST:
            raise ValueError(f"{path}: {path.stat().st_size} bytes are more than {MOST}")

    def say(self, text: str) -> None:
        """Types, and waits until the reply stands there unspoken."""
        self.page.locator("#text").fill(text)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#heard")).to_have_text(text)
        self.quiet()

    def quiet(self) -> None:
        """Ends the speaking, and takes the focus from where it would be seen."""
        expect(self.page.locator("body")).to_have_attribute("data-state", "speaking")
        self.page.keyboard.press("Escape")
        expect(self.page.locator("body")).to_have_attribute("data-state", "listening")
        self.page.evaluate("document.activeElement.blur()")

    def settle(self, *settings: str) -> None:
        """Chooses settings in the dialog, each by the value or the name of its control."""
        self.page.locator("#ease").click()
        for each in settings:
            self.page.locator(f"#ease-groups [value={each}], #ease-groups [name={each}]").first.click(force=True)

    def walk(self) -> None:
        """From the attract screen to the thanks."""
        page = self.page
        expect(page.locator("#shelf li")).to_have_count(6)
        page.evaluate("Promise.all([...document.querySelectorAll('#shelf img')].map(image => image.decode()))")
        self.shoot("attract")
        page.locator("#languages button").first.click()
        self.quiet()
        self.say("Show me mugs")
        self.shoot("found-many")
        self.say(SENTENCES["en"])
        page.locator(".card input[value='42']").first.check(force=True)
        self.shoot("answer")
        page.locator(".card .take").first.click()
        self.quiet()
        self.settle("contrast", "captions")
        page.locator("#ease-close").click()
        self.shoot("contrast")
        self.settle("dark", "captions")
        self.shoot("ease")
        page.locator("#ease-groups [value=standard]").click(force=True)
        page.locator("#ease-close").click()
        page.locator("#checkout").click()
        self.quiet()
        self.shoot("checkout")
        page.locator("#pay").click()
        expect(page.locator("#feedback")).to_be_visible()
        self.quiet()
        page.locator("#stars input").nth(4).check(force=True)
        page.evaluate("document.activeElement.blur()")
        self.shoot("thanks")
        page.locator("#start-over").click()


def opened(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    """A page that stands still."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(address)
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path("docs/screens"))
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with served(options.store, Path(folder)) as kiosk, chromium:
            for name, size in SIZES.items():
                Photographer(opened(chromium, kiosk.address, size), name, options.out).walk()
    sys.exit(0)


if __name__ == "__main__":
    main()
