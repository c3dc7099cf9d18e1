"""The pieces that pages are made of. Texts are always text: nothing that a customer wrote becomes markup."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from nicegui import events, ui
from nicegui.elements.mixins.text_element import TextElement

from walkiosk.web.office.visit import Visit

Kind = Literal["plain", "good", "warn", "bad"]


def text(words: str, tag: str = "p") -> TextElement:
    """A piece of text in an element of its own."""
    return TextElement(tag=tag, text=words)


def heading(words: str, level: int = 2) -> TextElement:
    """A heading."""
    return text(words, f"h{level}")


def link(words: str, to: str) -> TextElement:
    """A link within the office."""
    made = text(words, "a")
    made.props["href"] = to
    return made


def said(words: str, language: str | None, tag: str = "p") -> TextElement:
    """What a customer said, word for word, in their language."""
    made = text(words, tag)
    made.props["lang"] = language or ""  # set, not parsed: it came from outside
    return made


def note(words: str, kind: Kind = "plain") -> TextElement:
    """A remark of the page itself: what is missing, what went wrong."""
    return text(words, "p").classes(f"note {kind}").props("role=alert" if kind == "bad" else "role=note")


def badge(words: str, kind: Kind = "plain") -> TextElement:
    """A word that stands out."""
    return text(words, "span").classes(f"badge {kind}")


def waiting(words: str) -> None:
    """Says that something is being worked out."""
    with ui.element("p").classes("waiting"):
        ui.element("span").classes("turning").props("aria-hidden=true")
        text(words, "span")


def card(title: str = "", more: tuple[str, str] | None = None) -> ui.element:
    """A part of a page with a heading, and a link (words, address) to more of it; `with` puts things in it."""
    made = ui.element("section").classes("card")
    if title:
        with made, ui.element("div").classes("card-head"):
            heading(title)
            if more:
                link(*more)
    return made


def box(kind: str, tag: str = "div") -> ui.element:
    """An element with a class of the style sheet, such as `grid` or `figures`; `with` puts things in it."""
    return ui.element(tag).classes(kind)


def figure(label: str, value: str, beside: str = "", kind: Kind = "plain") -> None:
    """One number with its name, and what it is measured against."""
    with ui.element("div").classes("figure"):
        text(label, "div").classes("figure-name")
        text(value, "div").classes("figure-value")
        if beside:
            text(beside, "div").classes(f"figure-beside {kind}")


def button(words: str, act: Callable[..., object] | None = None, kind: str = "plain", icon: str = "") -> ui.button:
    """A button; `kind` is plain, main or bad."""
    made = ui.button(words, on_click=act, icon=icon or None, color=None)
    return made.props("no-caps unelevated").classes(f"act {kind}")


def form(action: str, token: str) -> ui.element:
    """A form that is posted, with the token that shows it is ours."""
    made = ui.element("form").props(f"method=post action={action}")
    with made:
        hidden("form_token", token)
    return made


def hidden(name: str, value: str) -> None:
    """A field that nobody sees."""
    field = ui.element("input").props("type=hidden")
    field.props["name"], field.props["value"] = name, value


def submit(words: str, icon: str = "") -> ui.button:
    """Posts the form around it."""
    return ui.button(words, icon=icon or None, color=None).props("no-caps unelevated type=submit").classes("act plain")


def asking(action: str, act: str) -> ui.element:
    """A form of choices that is an address: what was asked for can be kept and sent. `act` is on its button."""
    made = ui.element("form").props(f"method=get action={action}").classes("filters")
    made.on("change", js_handler="event => event.currentTarget.requestSubmit()")
    with made, ui.element("noscript"):
        submit(act)
    return made


def asked(name: str, label: str, options: Mapping[str, str], value: str) -> None:
    """One choice of such a form; `options` are value → what is shown."""
    with ui.element("label").classes("field"):
        text(label, "span")
        with ui.element("select") as made:
            made.props["name"] = name
            _options(options, value)


def asked_for(name: str, label: str, value: str, kind: str = "search") -> None:
    """One field of such a form."""
    with ui.element("label").classes("field"):
        text(label, "span")
        made = ui.element("input").props(f"type={kind}")
        made.props["name"], made.props["defaultValue"] = name, value


def _options(options: Mapping[str, str], value: str) -> None:
    for each, shown in options.items():
        option = text(shown, "option")
        option.props["value"] = each
        if each == value:
            option.props["selected"] = True


class Field:
    """A field with its label and room for what is wrong with it; `value` is what is in it now."""

    def __init__(self, label: str, value: str = "", kind: str = "text", rows: int = 0) -> None:
        self.value = value
        with box("field"):
            with ui.element("label"):
                text(label, "span")
                made = ui.element("textarea" if rows else "input")
            self._wrong = text("", "span").classes("wrong")
        made.props(
            f"rows={rows}" if rows else f"type={kind} autocomplete={'new-password' if kind == 'password' else 'off'}"
        )
        typed(made, value, self._changed)

    def complain(self, reason: str) -> None:
        """Says what is wrong with it; "" takes that back."""
        self._wrong.text = reason

    def _changed(self, value: str) -> None:
        self.value = value


def typed(field: ui.element, value: str, changed: Callable[[str], object]) -> None:
    """Puts a value into a field, and tells of what is typed over it.

    What is put in is the field's default: a bound value would be put back whenever the page is drawn anew.
    """
    field.props["defaultValue"] = value
    field.on("input", lambda told: changed(str(told.args)), js_handler=_VALUE)


def choice(label: str, options: Mapping[str, str]) -> Callable[[], str]:
    """A choice with its label, the first at the beginning; what is returned says which was chosen."""
    given = next(iter(options), "")

    def changed(value: str) -> None:
        nonlocal given
        given = value

    with ui.element("label").classes("field"):
        text(label, "span")
        chooser("", options, given, changed)
    return lambda: given


def chooser(label: str, options: Mapping[str, str], value: str, act: Callable[[str], object]) -> ui.element:
    """A choice that acts as soon as another is chosen; `label` is for those who cannot see what is around it."""
    with ui.element("select") as made:
        _options(options, value)
    if label:
        made.props["aria-label"] = label

    async def changed(event: events.GenericEventArguments) -> None:
        done = act(str(event.args))
        if isinstance(done, Awaitable):
            await done

    made.on("change", changed, js_handler=_VALUE)
    return made


_VALUE = "event => emit(event.target.value)"
Cell = str | Callable[[], object]  # a text, or what draws it


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    numbers: Sequence[int] = (),
    spare: Sequence[int] = (),
    long: Sequence[int] = (),
) -> None:
    """Rows under headings; `numbers` are the columns set to the right.

    On a phone every row becomes a small card, without the `spare` columns; `long` ones get lines of their own.
    """
    kinds = [
        " ".join(("number",) * (n in numbers) + ("spare",) * (n in spare) + ("long",) * (n in long))
        for n in range(len(columns))
    ]
    with ui.element("table").classes("rows"):
        with ui.element("thead"), ui.element("tr"):
            for place, name in enumerate(columns):
                text(name, "th").props("scope=col").classes(kinds[place])
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr"):
                    for place, cell in enumerate(row):
                        _cell(cell, columns[place], kinds[place])


def _cell(cell: Cell, column: str, kind: str) -> None:
    with ui.element("td").classes(kind) as made:
        made.props["data-label"] = column
        if callable(cell):
            cell()
        else:
            text(cell, "span")


def say(words: str, kind: Literal["positive", "negative", "info"] = "info") -> None:
    """Says for a moment what has happened."""
    ui.notify(words, type=kind, position="bottom", timeout=6000, close_button=True)


async def confirmed(visit: Visit, title: str, body: str, act: str, bad: bool = False) -> bool:
    """Asks whether to go on; Escape and a click beside it say no."""
    with ui.dialog() as dialog, ui.card().classes("ask"):
        heading(title)
        text(body)
        with ui.element("div").classes("row-of-acts"):
            button(visit.words("cancel"), lambda: dialog.submit(False))
            button(act, lambda: dialog.submit(True), "bad" if bad else "main").props("autofocus")
    answer = await dialog
    dialog.delete()
    return bool(answer)


def pages(visit: Visit, number: int, of: int, address: Callable[[int], str]) -> None:
    """The way from one page of a long list to the next; pages are counted from 1."""
    if of <= 1:
        return
    with ui.element("nav").classes("pages").props(f'aria-label="{visit.words("pages")}"'):
        if number > 1:
            link(visit.words("earlier"), address(number - 1)).props("rel=prev")
        text(visit.words("page_of", page=number, pages=of), "span")
        if number < of:
            link(visit.words("later"), address(number + 1)).props("rel=next")
