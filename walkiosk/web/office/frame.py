"""What all pages share: the way around, the name on the door, language and look; and how a page is made.

A page is a function of a `Visit`, registered by `page(path)`; the way around is the table PLACES.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import Request
from nicegui import ui

from walkiosk.skill import Untrained
from walkiosk.store.accounts import Role
from walkiosk.web.office import parts
from walkiosk.web.office.door import form_token
from walkiosk.web.office.visit import Visit
from walkiosk.web.office.wording import languages, own_name

Build = Callable[[Visit], Awaitable[None] | None]
Loaded = TypeVar("Loaded")
PATIENCE_SECONDS = 60  # for a page, while customers and the model have the machine
QUASAR_LANGUAGES = {"en": "en-US", "zh": "zh-CN", "hi": "en-US"}  # its own words, where they are called differently
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """A page in the way around: its address, the key of its name, its icon, and who may see it."""

    path: str
    key: str
    icon: str
    role: Role = "clerk"


PLACES = (
    Place("/", "morning", "wb_sunny"),
    Place("/forecasts", "forecasts", "show_chart"),
    Place("/reorder", "reorder", "inventory"),
    Place("/orders", "orders", "local_shipping"),
    Place("/remarks", "remarks", "forum"),
    Place("/reports", "reports", "bar_chart"),
    Place("/sales", "sales", "receipt_long"),
    Place("/customers", "customers", "people"),
    Place("/catalogue", "catalogue", "sell"),
    Place("/offers", "offers", "percent"),
    Place("/graph", "graph", "hub"),
    Place("/history", "changes", "history"),
    Place("/settings", "settings", "tune"),
    Place("/accounts", "accounts", "key", "owner"),
    Place("/health", "health", "monitor_heart"),
)
BUILT: dict[str, Build] = {}  # address → page; the way around leads only to those


def page(path: str, role: Role = "clerk", title: str = "") -> Callable[[Build], Build]:
    """Registers a page at an address (`{name}` in it becomes `visit.path["name"]`) for that role and above.

    `title` is the key of its heading; without one it is that of the page's place.
    """
    place = next((place for place in PLACES if place.path == path), None)
    key, wanted = title or (place.key if place else "morning"), place.role if place else role

    def register(build: Build) -> Build:
        async def shown(request: Request) -> None:
            visit = Visit.of(request)
            ui.context.client.on_connect(_only_for(visit))
            _dress(visit, key)
            with _frame(visit, path):
                parts.heading(visit.words(key), 1)
                if not visit.may(wanted):
                    ui.context.client.status_code = 403
                    parts.note(visit.words("owners_only"))
                    return
                made = build(visit)
                if inspect.isawaitable(made):
                    await made

        ui.page(path, response_timeout=PATIENCE_SECONDS)(shown)
        BUILT[path] = build
        return build

    return register


def _only_for(visit: Visit) -> Callable[[], None]:
    """What is done when a socket comes to a page: one of another login finds it empty, and asks for its own.

    A page that was left open waits a while for its browser; whoever logs in there next must not act in its name.
    """
    client = ui.context.client

    def come() -> None:
        token = (client.environ or {})["asgi.scope"]["state"]["token"]
        if form_token(token) != visit.form_token:
            client.remove_all_elements()
            client.run_javascript("location.reload()")

    return come


@dataclass(frozen=True)
class Section(Generic[Loaded]):
    """A part of a page that is worked out after the page has come: what for, how it is drawn, and where.

    What is `quick` is looked up in the books; anything else is done in the office's own thread.
    """

    job: Callable[[], Loaded]
    draw: Callable[[Loaded], object]
    quick: bool = False

    async def fill(self, visit: Visit, place: ui.element) -> None:
        """Draws what the job finds when it has found it, or says why there is nothing."""
        words = visit.words
        try:
            found = await (visit.office.read(self.job) if self.quick else visit.office.work(self.job))
        except Untrained as error:
            missing = words("untrained", what=str(error))
            _draw(place, lambda: parts.note(missing))
        except Exception:
            log.exception("the page %s", ui.context.client.page.path)
            _draw(place, lambda: parts.note(words("went_wrong"), "bad"))
        else:
            _draw(place, lambda: self.draw(found))


async def loaded(visit: Visit, job: Callable[[], Loaded], draw: Callable[[Loaded], object]) -> None:
    """Works out one part of a page in the office's own thread, and draws it where this was called."""
    place = waiting_place(visit)
    await ui.context.client.connected()
    await Section(job, draw).fill(visit, place)


def waiting_place(visit: Visit) -> ui.element:
    """A place that says it is being worked on."""
    with parts.box("load").props("aria-live=polite aria-busy=true") as place:
        parts.waiting(visit.words("working"))
    return place


def _draw(place: ui.element, draw: Callable[[], object]) -> None:
    if place.is_deleted:  # the operator is on another page already
        return
    place.clear()
    place.props(remove="aria-busy")
    with place:
        draw()


def _dress(visit: Visit, key: str) -> None:
    """Title, language and look, which NiceGUI knows by the page, and we by the visit."""
    client = ui.context.client
    code = visit.words.language
    client.page = copy(client.page)
    client.page.language = QUASAR_LANGUAGES.get(code, code)  # type: ignore[assignment]
    client.page.dark = visit.look
    client.title = f"{visit.words(key)} · {visit.store.settings.name}"
    ui.add_head_html('<link rel="stylesheet" href="/office/office.css"><script src="/office/office.js" defer></script>')
    ui.run_javascript(f'document.documentElement.lang = "{code}"')
    ui.colors(primary="#1f6f54", secondary="#5b6770", accent="#8a5a00", negative="#b3261e", positive="#1f6f54")


@contextmanager
def _frame(visit: Visit, path: str) -> Iterator[None]:
    words = visit.words
    with ui.header().classes("bar"):
        menu = ui.button(icon="menu", color=None).props(f'flat round aria-label="{words("menu")}"')
        parts.text(visit.store.settings.name, "span").classes("shop")
        look = ui.button(icon="contrast", color=None).props(f'flat round aria-label="{words("look")}"')
        look.classes("look").on("click", js_handler="() => window.office.turnLook()")
    with ui.left_drawer(value=False).classes("side").props("width=232 breakpoint=960 show-if-above") as drawer:
        with parts.box("ways", "nav").props(f'aria-label="{words("menu")}"'):
            for place in PLACES:
                if place.path in BUILT and visit.may(place.role):
                    _way(visit, place, path)
        with parts.box("who"):
            parts.text(f"{visit.account.name} · {words(visit.account.role)}")
            _languages(visit)
            with parts.form("/logout", visit.form_token):
                parts.submit(words("log_out"), "logout")
    menu.on_click(drawer.toggle)
    skip = parts.link(words("skip"), "#content").classes("skip")
    skip.move(ui.context.client.layout, target_index=0)  # what the keyboard comes to first
    with parts.box("page").props("id=content tabindex=-1"):
        yield


def _way(visit: Visit, place: Place, path: str) -> None:
    here = path == place.path or (place.path != "/" and path.startswith(place.path + "/"))
    with ui.element("a").props(f"href={place.path}").classes("way") as way:
        if here:
            way.props("aria-current=page")
        ui.icon(place.icon).props("aria-hidden=true")
        parts.text(visit.words(place.key), "span")


def _languages(visit: Visit) -> None:
    with parts.form("/language", visit.form_token).classes("languages"):
        choice = ui.element("select").props(f'name=language aria-label="{visit.words("language")}"')
        choice.on("change", js_handler="event => event.target.form.submit()")
        with choice:
            for code in languages():
                option = parts.text(own_name(code), "option").props(f"value={code}")
                if code == visit.words.language:
                    option.props("selected")
