"""What was changed in the shop's files, by whom, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from walkiosk.store.editing import Cells, Change, Edit
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.row_form import carry_out, notice
from walkiosk.web.office.visit import Visit

LISTED, SHOWN_CHANGES = 40, 20


@page("/history")
async def history(visit: Visit) -> None:
    """The edits, the latest first, each with its rows before and after."""
    words, start = visit.words, visit.number("before", 0) or None
    may_edit = await notice(visit)
    edits = await visit.office.read(lambda: visit.office.editor.history(start, LISTED + 1))
    if not edits:
        parts.note(words("no_edits"))
        return
    taken_back = {edit.undoes for edit in edits}
    with parts.card():
        for edit in edits[:LISTED]:
            _edit(visit, edit, may_edit, edit.id in taken_back)
    if len(edits) > LISTED:
        parts.link(words("later"), f"/history?before={edits[LISTED - 1].id}")


def _edit(visit: Visit, edit: Edit, may_edit: bool, taken_back: bool) -> None:
    words = visit.words
    with parts.box("entry", "article"):
        with parts.box("entry-head"):
            parts.text(f"{words.time(edit.at_ms, 'd MMM y, HH:mm')} · {edit.who}", "span").classes("soft small")
            if taken_back:
                parts.badge(words("taken_back"))
        parts.text(edit.words)
        with parts.box("row-of-acts"):
            if edit.changes:
                with ui.element("details"):
                    parts.text(words("rows_before_after"), "summary")
                    for change in edit.changes[:SHOWN_CHANGES]:
                        _change(visit, change)
                    if len(edit.changes) > SHOWN_CHANGES:
                        parts.text(f"… +{len(edit.changes) - SHOWN_CHANGES}").classes("soft")
            if may_edit and edit.changes and not taken_back:
                parts.button(words("redo" if edit.undoes else "undo"), _undoing(visit, edit), icon="undo")


def _change(visit: Visit, change: Change) -> None:
    before, after = change.before or {}, change.after or {}
    columns = [column for column in dict.fromkeys([*before, *after])]
    rows: list[list[parts.Cell]] = [[column, _cell(before, column), _cell(after, column)] for column in columns]
    parts.text(f"{change.file} · {' '.join(filter(None, change.key))}").classes("small soft")
    parts.table([visit.words(key) for key in ("column", "before", "after")], rows)


def _cell(cells: Cells, column: str) -> str:
    return cells.get(column) or "–"


def _undoing(visit: Visit, edit: Edit) -> Callable[[], object]:
    async def undo() -> None:
        if await carry_out(visit, lambda: visit.office.editor.undo(visit.account.name, edit.id)):
            ui.navigate.reload()

    return undo
