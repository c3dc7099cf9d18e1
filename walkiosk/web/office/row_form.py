"""A form of one row of a store folder's file, and the keeping of what was changed in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from walkiosk.store import FolderError, Problem
from walkiosk.store.editing import CannotUndo, Cells, Change, ChangedMeanwhile, Edit, NotEditable, removal
from walkiosk.web.office import parts
from walkiosk.web.office.visit import Visit

SHOWN_PROBLEMS = 8
MOST_WAITING = 100
_TOLD_NEXT: dict[str, str] = {}  # by login: what the page that follows an edit says


class RowForm:
    """The fields of one row: what was in the file when it was drawn, and what is to be there."""

    def __init__(self, visit: Visit, file: str, row: Cells | None = None) -> None:
        self.visit = visit
        self.file = file
        self.row = row
        self.fields: dict[str, parts.Field] = {}
        with parts.box("told") as self._told:
            pass

    def ask(self, columns: Sequence[str], rows: int = 0) -> None:
        """Draws fields for these columns."""
        for column in columns:
            value = (self.row or {}).get(column, "")
            self.fields[column] = parts.Field(label(self.visit, column), value, rows=rows)

    def after(self) -> dict[str, str]:
        """The row as it is to be; columns without a field stay."""
        return {**(self.row or {}), **{column: field.value for column, field in self.fields.items()}}

    async def keep(self, go: Callable[[dict[str, str]], str]) -> None:
        """Makes the change and goes to the address that `go` gives for the row, or says what is wrong."""
        after = self.after()
        if await keep(self.visit, [Change(self.file, self.row, after)], self.show):
            ui.navigate.to(go(after))

    def show(self, problems: Sequence[Problem]) -> None:
        """Says what is wrong, at the fields where they are here."""
        for column, field in self.fields.items():
            field.complain("; ".join(p.reason for p in problems if (p.file, p.column) == (self.file, column)))
        self._told.clear()
        with self._told:
            told(problems)


def label(visit: Visit, column: str) -> str:
    """What a column is called; one of a language says which."""
    kind, colon, language = column.partition(":")
    name = visit.words(f"column_{kind}") if visit.words.has(f"column_{kind}") else kind
    return f"{name} · {visit.words.name_of(language)}" if colon else name


def told(problems: Sequence[Problem]) -> None:
    """What is wrong with an edit, as `walkiosk store check` would say it."""
    with ui.element("div").classes("note bad").props("role=alert"):
        for problem in problems[:SHOWN_PROBLEMS]:
            parts.text(str(problem))
        if len(problems) > SHOWN_PROBLEMS:
            parts.text(f"… +{len(problems) - SHOWN_PROBLEMS}")


async def keep(
    visit: Visit, changes: Sequence[Change], show: Callable[[Sequence[Problem]], object] | None = None
) -> bool:
    """Makes an edit of the shop's files if this account may, says what came of it, and whether it was made."""
    return await carry_out(visit, lambda: visit.office.editor.edit(visit.account.name, changes), show)


async def carry_out(
    visit: Visit, edit: Callable[[], Edit | None], show: Callable[[Sequence[Problem]], object] | None = None
) -> bool:
    """Does something to the shop's files if this account may, says what came of it, and whether it was done."""
    if not visit.may("owner"):
        parts.say(visit.words("owners_only"), "negative")
        return False
    try:
        made = await visit.office.write(edit)
    except FolderError as error:
        if show is None:
            parts.say("\n".join(map(str, error.problems[:SHOWN_PROBLEMS])), "negative")
        else:
            show(error.problems)
        return False
    except (ChangedMeanwhile, NotEditable, CannotUndo) as error:
        parts.say(str(error), "negative")
        return False
    if made is not None:
        tell_next(visit, visit.words("kept", what=made.words))
    return True


def tell_next(visit: Visit, message: str) -> None:
    """Keeps a message for the page that this login opens next."""
    while len(_TOLD_NEXT) >= MOST_WAITING:
        _TOLD_NEXT.pop(next(iter(_TOLD_NEXT)), None)
    _TOLD_NEXT[visit.form_token] = message


def tell_kept(visit: Visit) -> None:
    """Shows the message that was kept for this page, which has had it when the browser has opened it."""
    if message := _TOLD_NEXT.get(visit.form_token, ""):
        parts.text(message, "p").classes("note good").props("role=status")
        ui.context.client.on_connect(lambda: _forget(visit.form_token, message))


def _forget(form_token: str, message: str) -> None:
    if _TOLD_NEXT.get(form_token) == message:
        del _TOLD_NEXT[form_token]


def rows_of(visit: Visit, file: str) -> tuple[dict[str, str], ...]:
    """The rows of a file; none where it cannot be read, which `notice` tells of."""
    try:
        return visit.office.editor.rows(file)
    except (ChangedMeanwhile, NotEditable):
        return ()


async def row_of(visit: Visit, file: str, column: str, value: str) -> dict[str, str] | None:
    """The row of a file with this in a column; None where there is none."""
    rows = await visit.office.read(lambda: rows_of(visit, file))
    return next((row for row in rows if row.get(column) == value), None)


def shown(visit: Visit, row: Cells) -> None:
    """A row for who does not edit it."""
    with parts.card():
        cells = [[label(visit, column), cell] for column, cell in row.items()]
        parts.table([visit.words("column"), visit.words("value")], cells)


async def remove(visit: Visit, file: str, row: Cells, to: str, body: str) -> None:
    """Asks, removes a row with those that name it, and goes to an address."""
    words = visit.words
    if await parts.confirmed(visit, words("remove_ask", name=row["name"]), body, words("remove"), bad=True):
        changes = await visit.office.read(lambda: removal(visit.office.editor, file, row))
        if await keep(visit, changes):
            ui.navigate.to(to)


async def notice(visit: Visit) -> bool:
    """Says why the files cannot be edited, or that somebody changed them outside; whether this page may edit them."""
    tell_kept(visit)
    words, editor = visit.words, visit.office.editor
    if not visit.may("owner") and editor.folder is not None:
        return False
    if reason := await visit.office.read(lambda: editor.why_not):
        parts.note(words("not_editable", why=reason))
        return False
    if await visit.office.read(editor.changed_outside):
        with parts.box("note warn").props("role=note"), parts.box("row-of-acts"):
            parts.text(words("changed_outside"), "span")
            parts.button(words("load_files"), lambda: _load(visit))
        return False
    return True


async def _load(visit: Visit) -> None:
    if await carry_out(visit, lambda: visit.office.editor.load(visit.account.name)):
        ui.navigate.reload()


def thumbnail(path: str | None, name: str = "", large: bool = False) -> TextElement | None:
    """A picture of the shop's, small or large; None where there is none."""
    if not path:
        return None
    made = parts.text("", "img").classes("picture large" if large else "picture")
    made.props["src"], made.props["alt"] = f"/picture/{quote(path)}", name
    return made.props("loading=lazy")
