"""A whole purchase in a real browser against the real weights, from the customer's first word to their feedback.

    python bench/browser_purchase.py [--typed | --wake] [--language es] [--screenshots DIR] [--store stores/demo]

Starts `walkiosk serve` on a database of its own and buys on its page, in Debian's Chromium, the shoes of the demo's
sentence. The microphone is a recording of it: hibari-tts's voice in English where it is installed, else espeak-ng's.
The customer presses the microphone's button; with --wake they touch nothing and say the wake phrase, with --typed they
type. Prints each stage of the page with the seconds since the customer began; fails, with exit status 1, at a stage
that does not come, a wrong product, a sale that is not in the books, and beyond two minutes. The customer neither reads
nor hesitates: the time is the kiosk's, the recording's and the screenshots' own. Needs `walkiosk[bench,train,dev]`.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from playwright.sync_api import Error, Page, Playwright, sync_playwright

from bench.served import served
from bench.spoken_sentence import SENTENCES, VOICES, WORDS_A_MINUTE, right_skus, write_wav
from training.speech_recognition import espeak, hibari
from walkiosk.modality import audio
from walkiosk.store import Store
from walkiosk.store.sale_book import Sale

BOUND = 120.0  # s for the whole purchase
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
QUIET = 1.5  # s before and after the recorded sentence
STARS, WORDS = 5, "Quick and kind."
# Some stages are over before we look: the page keeps the names of all it went through. What we wait for are functions,
# since the page's policy forbids to evaluate anything else.
REMEMBER = """window.seen = []; new MutationObserver(() => window.seen.push(...Object.values(document.body.dataset)))
    .observe(document, { attributes: true, subtree: true, attributeFilter: ["data-stage", "data-state"] })"""
OPEN = "() => document.querySelectorAll('#languages button').length > 0"
LISTENS = "() => document.body.dataset.microphone === 'on'"
CAPTION = "() => !['', '…'].includes(document.getElementById('heard').textContent)"
HEARD = f"() => ['hearing', 'thinking'].some(name => window.seen.includes(name)) || ({CAPTION})()"
CARD = "names => [...document.querySelectorAll('.card h3')].some(name => names.includes(name.textContent))"
SIZE = "size => [...document.querySelectorAll('.card input:checked')].some(input => input.value === size)"
BASKET = "() => document.querySelectorAll('#basket-lines li').length === 1"
TOTAL = "() => document.getElementById('pay').checkVisibility()"
PAID = "() => window.seen.includes('dispensing')"
DISPENSED = "() => window.seen.includes('thanks') && document.getElementById('doing').checkVisibility()"
THANKS = "() => ['reply', 'feedback'].every(part => document.getElementById(part).checkVisibility())"
SENT = "() => document.getElementById('feedback').classList.contains('sent')"


class Purchase:
    """One customer at the page: each stage that it reaches is timed, told and photographed."""

    def __init__(self, page: Page, options: argparse.Namespace) -> None:
        self._page, self._options = page, options
        self._start = time.perf_counter()
        self.seconds = 0.0  # from the start to the last stage reached
        self.under_way = ""

    def reach(self, stage: str, shown: str, act: Callable[[], object] = lambda: None, wanted: object = None) -> None:
        """The customer does something, and waits until the page shows the stage."""
        self.under_way = stage
        act()
        self._page.wait_for_function(shown, arg=wanted)
        self.seconds = time.perf_counter() - self._start
        print(f"{stage:10} {self.seconds:7.2f} s", flush=True)
        self.photograph(stage)

    def photograph(self, name: str) -> None:
        if self._options.screenshots:
            path = self._options.screenshots / f"{self.seconds:06.2f}-{name}.png"
            self._page.screenshot(path=path, animations="disabled")

    def buy(self, names: list[str]) -> None:
        """From the customer's first word to the words of feedback."""
        if not self._options.wake:  # else the recording runs since the page was opened
            self._start = time.perf_counter()
        self.reach("heard", HEARD, self._ask)
        self.reach("caption", CAPTION)
        self.reach("card", CARD, wanted=names)
        print(f"{'':10} heard: {self._page.locator('#heard').inner_text()}", flush=True)
        called = next(name for name in self._page.locator(".card h3").all_text_contents() if name in names)
        card = self._page.get_by_role("article", name=called, exact=True).first
        self.reach("size", SIZE, card.locator(f"input[value='{self._options.size}']").check, self._options.size)
        self.reach("basket", BASKET, card.locator("button.take").click)
        self.reach("total", TOTAL, self._page.locator("#checkout").click)
        self.reach("paid", PAID, self._page.locator("#pay").click)
        self.reach("dispensed", DISPENSED)
        self.reach("thanks", THANKS)
        self.reach("feedback", SENT, self._remark)

    def _ask(self) -> None:
        if self._options.typed:
            self._page.locator("#text").fill(SENTENCES[self._options.language])
            self._page.keyboard.press("Enter")
        elif not self._options.wake:
            self._page.locator("#microphone").click()

    def _remark(self) -> None:
        self._page.locator(f"#stars input[value='{STARS}']").check(force=True)
        self._page.locator("#feedback-words").fill(WORDS)
        self._page.locator("#feedback button[type=submit]").click()


def names_of_the_right(store: Path) -> list[str]:
    """What the right product is called, in every language of the shop."""
    right = right_skus(store)
    with (store / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["sku"] in right]
    return sorted({row[key] for row in rows for key in row if key.partition(":")[0] == "name" and row[key]})


def recording(options: argparse.Namespace, path: Path) -> Path:
    """The customer's sentence between silences, as a file for Chromium's pretended microphone."""
    language, said = options.language, SENTENCES[options.language].replace("Walmrt", "Walmart")
    natural = language == "en" and find_spec("hibari") is not None
    samples = hibari(said, 1.0) if natural else espeak(said, f"{VOICES[language]}+f2", WORDS_A_MINUTE)
    write_wav(path, np.pad(samples, int(QUIET * audio.SAMPLE_RATE)))
    return path


def faults_of_the_books(database: str) -> list[str]:
    """What the books lack of one sale that was paid, given out and remarked upon."""
    store = Store.open(database)
    found = [(each.stars, each.words, store.sales.sale(each.sale_id or "")) for each in store.feedback.remarks()]
    good = [isinstance(sale, Sale) and sale.captured_cents > 0 for *said, sale in found if said == [STARS, WORDS]]
    return [] if good == [True] and len(found) == 1 else [f"the books have {found}"]


def purchase(playwright: Playwright, options: argparse.Namespace, folder: Path) -> list[str]:
    """Buys; returns what was wrong."""
    names = names_of_the_right(options.store)
    microphone = "" if options.typed else f"{recording(options, folder / 'microphone.wav')}%noloop"
    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"] if microphone else FLAGS
    faults: list[str] = []
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    with served(options.store, folder) as kiosk, chromium:
        context = chromium.new_context(permissions=["microphone"] if options.wake else None)
        context.set_default_timeout(1000 * options.patience)
        context.add_init_script(REMEMBER)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"the page: {error}"))
        walk = Purchase(page, options)
        try:
            page.goto(kiosk.address)
            walk.reach("attract", LISTENS if options.wake else OPEN)
            walk.buy(names)
        except Error as error:
            walk.photograph("failed")
            heard, reply = (page.locator(element).text_content() for element in ("#heard", "#reply"))
            return [*faults, f"at {walk.under_way!r}: {error.message.splitlines()[0]} {heard=} {reply=}"]
    print(f"{'together':10} {walk.seconds:7.2f} s of {BOUND:g} s")
    faults += faults_of_the_books(kiosk.books)
    return [*faults, f"more than {BOUND:g} s"] if walk.seconds > BOUND else faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    parser.add_argument("--language", choices=SENTENCES, default="en")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--typed", action="store_true", help="type the sentence")
    way.add_argument("--wake", action="store_true", help="say the wake phrase, touch nothing")
    parser.add_argument("--size", default="42")
    parser.add_argument("--screenshots", type=Path, metavar="DIR", help="save a picture of every stage")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for a stage")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        faults = purchase(playwright, options, Path(folder))
    print(f"FAIL {'; '.join(faults)}" if faults else "PASS")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
