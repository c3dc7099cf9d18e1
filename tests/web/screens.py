"""Every screen of the page in any language, shown by the messages that a kiosk would send for it; no kiosk is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.web.fake_kiosk import GOODS, OXFORD, REASON
from tests.web.words import word, words
from walkiosk.kiosk import Line, Reply
from walkiosk.store.receipt_text import RULE, Row
from walkiosk.web import messages
from walkiosk.web.messages import Answer, Problem, ReceiptShown, Shop, State, StateName

BASKET = (Line("Cobb’s black Oxford", 1, 15120), Line("Rooftop runner", 2, 9950))
SIZES = OXFORD.sizes
CHECKED = {"basket": BASKET, "total_cents": 35020}
# What a reply of each screen has beside its words.
REPLIES: dict[str, dict[str, object]] = {
    "greeting": {"event": "greeting"},
    "found one": {"event": "found_product", "cards": (OXFORD,), "trace": REASON},
    "found many": {"event": "found_products", "cards": GOODS},
    "comparison": {"event": "compare", "cards": (OXFORD, replace(GOODS[1], image=""))},
    "size asked": {"event": "ask_size", "cards": (replace(OXFORD, size=""),), "asks": "size", "options": SIZES},
    "which one": {"event": "which_one", "asks": "which", "options": ("Cobb’s black Oxford", "Rooftop runner")},
    "basket": {"event": "added", "cards": (OXFORD,), **CHECKED},
    "pin": {"event": "identify_ask", "asks": "pin"},
    "wrong pin": {"event": "identify_failed", "asks": "pin"},
    "checkout": {"event": "checkout", "stage": "checkout", **CHECKED},
    "paying": {"event": "paying", "stage": "paying", **CHECKED},
    "dispensing": {"event": "dispensing", "stage": "dispensing", **CHECKED},
    "thanks": {"event": "thanks", "stage": "thanks", "asks": "stars"},
}
ROWS = (Row("plain", "Cobb’s black Oxford", "€151.20"), RULE, Row("total", "Total", "€151.20"))
CODE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h2v2H1z"/></svg>'
MORE = ("feedback missing", "receipt", "captions", "keyboard", "ease", "time-out", "failed", "offline")
SCREENS = ("attract", *REPLIES, *MORE)


@dataclass
class Stage:
    """A page whose socket is ours: `show` brings it to a screen, whatever it showed before."""

    page: Page
    address: str
    language: str = "en"

    def open(self, stands: bool = False) -> None:
        """Opens the page at the attract screen of a shop whose first language is ours; its clock may stand."""
        self._number = 0
        self._sockets: list[WebSocketRoute] = []
        self._heard: list[dict[str, Any]] = []
        if stands:
            self.page.clock.install(time="2026-01-05T12:00:00")
            self.page.clock.pause_at("2026-01-05T12:00:01")
        else:
            self.page.clock.install()
        self.page.route_web_socket("**/kiosk", self._welcome)
        self.page.goto(self.address)
        expect(self.page.locator("#languages button")).to_have_count(9)
        expect(self.page.locator("#shelf li").first).to_be_visible()

    def show(self, name: str) -> None:
        """Brings the page to a screen of `SCREENS`."""
        if name in REPLIES:
            self.reply(name)
        else:
            getattr(self, "_" + name.replace(" ", "_").replace("-", "_"))()

    def reply(self, name: str, text: str = "") -> None:
        """Answers as on the screen of that name, and listens again."""
        self._number += 1
        said = f"{text or word('privacy', self.language)} {self._number}."
        plain = Reply("", said, self.language, heard=word("type_here", self.language))
        self._send(Answer(self._number, replace(plain, **REPLIES[name]), ()))  # type: ignore[arg-type]
        self._send(State("listening"))
        expect(self.page.locator("#reply")).to_have_text(said)

    def says(self, name: StateName) -> None:
        """The kiosk says what it does now."""
        self._send(State(name))
        if name != "attract":
            expect(self.page.locator("body")).to_have_attribute("data-state", name)

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """The messages of a kind that the page has sent."""
        return [message for message in self._heard if message["kind"] == kind]

    def _keep(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self._heard.append(json.loads(message))

    def _welcome(self, socket: WebSocketRoute) -> None:
        self._sockets.append(socket)
        socket.on_message(self._keep)
        codes = (self.language, *(code for code in words() if code != self.language))
        self._send(Shop("The Film Shop", "OK Walmrt", "EUR", codes, jingle=False, keeps=True, hearing_loop=True))

    def _send(self, message: messages.ToPage) -> None:
        self._sockets[-1].send(messages.write(message))

    def _attract(self) -> None:
        self._send(State("attract"))
        expect(self.page.locator("#attract")).to_be_visible()

    def _feedback_missing(self) -> None:
        self.reply("thanks")
        self.page.locator("#feedback [type=submit]").click()
        expect(self.page.locator("#feedback-error")).to_be_visible()

    def _receipt(self) -> None:
        self._send(ReceiptShown(self.language, ROWS, CODE, prints=True))
        expect(self.page.locator("#slip")).to_be_visible()

    def _captions(self) -> None:
        self.reply("found one")
        self.settle("captions")
        expect(self.page.locator("#captions")).to_be_visible()

    def _keyboard(self) -> None:
        self.page.locator("#keyboard-toggle").click()
        expect(self.page.locator("#keyboard button").first).to_be_visible()

    def _ease(self) -> None:
        self.page.locator("#keyboard-toggle").click()
        self.page.locator("#ease").click()
        expect(self.page.locator("#ease-dialog")).to_be_visible()

    def _time_out(self) -> None:
        self.page.clock.fast_forward(61_000)
        expect(self.page.locator("#still")).to_be_visible()

    def _failed(self) -> None:
        self.page.locator("#still-yes").click()
        self._send(Problem("failed", "RuntimeError"))
        expect(self.page.locator("#notice")).to_be_visible()

    def _offline(self) -> None:
        self._sockets[-1].close()
        expect(self.page.locator("#notice")).to_have_text(word("offline", self.language))

    def settle(self, name: str, value: str | bool = True) -> None:
        """Sets one of the settings that make the page easier, by a click in its dialog."""
        chosen = f"#ease-groups [name={name}]" + ("" if isinstance(value, bool) else f"[value={value}]")
        self.page.locator("#ease").click()
        self.page.locator(chosen).set_checked(bool(value), force=True)
        self.page.locator("#ease-close").click()
